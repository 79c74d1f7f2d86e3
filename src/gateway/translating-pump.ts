import type { ToolgateError } from '../core/error.ts'
import type { Loss } from '../core/loss.ts'
import type { ModelResponse } from '../core/response.ts'
import { disassemble, type StreamPart } from '../core/stream.ts'
import { CallStage } from '../emulation/index.ts'
import type { Back, EncodeContext, Front, StreamDecoder } from '../protocols/protocol.ts'
import { EventStreamParser } from '../wire/event-stream.ts'
import { SseParser } from '../wire/sse.ts'
import type { Again } from './ask-again.ts'
import { CallGate } from './call-gate.ts'
import { StreamLower } from './call-state.ts'
import { DirectPump } from './direct-pump.ts'
import type { Plan } from './exchange.ts'
import { GuardStage } from './guard-stage.ts'
import { newId } from './ids.ts'
import { inBand } from './in-band.ts'
import { lossOfUsage } from './losses.ts'
import { PauseStage } from './pause.ts'
import type { Pump, StreamFacts } from './pump.ts'
import { StreamKeeper } from './recall.ts'
import { RescueStage } from './rescue.ts'
import { StreamRestore } from './restore.ts'

/** The pump for a plan: bytes as they are, or decoded and encoded. */
export function createPump(plan: Plan, front: Front, context: EncodeContext): Pump {
  return plan.direct
    ? new DirectPump(front.streamTap(context.request), front, context)
    : new TranslatingPump(plan, front, context)
}

/** What reads the events of a vendor's stream, as they are framed. */
function parserFor(back: Back): SseParser | EventStreamParser {
  return back.framing === 'event-stream' ? new EventStreamParser() : new SseParser()
}

/** Decodes events to parts and encodes parts to the client's events, all at once and synchronously. */
class TranslatingPump implements Pump {
  readonly facts: StreamFacts = { usage: undefined, finish: undefined, calls: 0 }
  error: ToolgateError | undefined
  readonly #front: Front
  readonly #context: EncodeContext
  readonly #plan: Plan
  #rescue: RescueStage | undefined
  #calls: CallStage | undefined
  readonly #restore: StreamRestore
  readonly #pause: PauseStage | undefined
  readonly #gate: CallGate | undefined
  readonly #guard: GuardStage | undefined
  /** Takes parts that are restored and right. */
  readonly #checked: (part: StreamPart) => void
  readonly #lower: StreamLower
  readonly #keeper: StreamKeeper | undefined
  readonly #encoder
  #parser: SseParser | EventStreamParser
  #decoder: StreamDecoder
  #out = ''
  #started = false

  constructor(plan: Plan, front: Front, context: EncodeContext) {
    this.#front = front
    this.#context = context
    this.#plan = plan
    this.#parser = parserFor(plan.back)
    this.#decoder = plan.back.streamDecoder(plan.target.quirks)
    this.#rescue = plan.rescue && new RescueStage(plan.rescue)
    this.#calls = plan.reading && new CallStage(plan.reading)
    this.#pause = plan.pauses ? new PauseStage() : undefined
    this.#gate = plan.validation && new CallGate(plan.validation)
    const guard = plan.guard && new GuardStage(plan.guard)
    this.#guard = guard
    this.#checked = guard ? part => guard.push(part, this.#onPart) : this.#onPart
    this.#restore = new StreamRestore(plan.undo, () => newId('call_', 29), plan.request)
    this.#lower = new StreamLower(front)
    this.#keeper = plan.recall && new StreamKeeper(plan.recall)
    this.#encoder = front.streamEncoder(context)
  }

  push(chunk: Buffer): string {
    this.#parser.push(chunk, this.#onEvent)
    return this.over ? this.#closed() : this.#taken()
  }

  end(): string {
    this.#parser.end(this.#onEvent)
    this.#decoder.end(this.#onDecoded)
    return this.#closed()
  }

  get again(): Again | undefined {
    return this.#pause?.again ?? this.#gate?.again
  }

  get losses(): readonly Loss[] {
    return [
      ...(this.facts.finish && !this.facts.usage && !this.over ? [lossOfUsage(this.#front)] : []),
      ...(this.#rescue?.losses ?? []),
      ...(this.#pause?.losses ?? []),
      ...(this.#gate?.losses ?? []),
      ...(this.#plan.guard?.losses ?? []),
    ]
  }

  get over(): boolean {
    return this.#guard?.refused !== undefined
  }

  resume(): void {
    if (this.#pause?.again) this.#pause.goOn()
    else {
      this.#pause?.restart()
      this.#gate?.resume()
    }
    this.#parser = parserFor(this.#plan.back)
    const { back, target, reading, rescue } = this.#plan
    this.#decoder = back.streamDecoder(target.quirks)
    this.#rescue = rescue && new RescueStage(rescue)
    this.#calls = reading && new CallStage(reading)
  }

  give(response: ModelResponse): string {
    for (const part of disassemble(response)) this.#onJoined(part)
    return this.#closed()
  }

  #closed(): string {
    if (!this.error && !this.again) this.#encoder.end(this.#onText)
    return this.#taken()
  }

  fail(error: ToolgateError): string {
    // An answer that was given out whole cannot fail any more.
    if (this.error || (this.facts.finish && !this.again)) return this.#closed()
    if (this.#started && !this.#gate) {
      // It may lack no more than its last word: the decoder knows, and fails by itself if not.
      this.#decoder.end(part => this.#onDecoded(part.type === 'error' ? { ...part, error } : part))
      return this.#closed()
    }
    this.error = error
    if (!this.#started) return inBand(error, this.#front, this.#context)
    this.#encoder.push({ type: 'error', error }, this.#onText)
    return this.#taken()
  }

  #taken(): string {
    const out = this.#out
    this.#out = ''
    return out
  }

  readonly #onText = (text: string) => {
    this.#out += text
  }
  readonly #onEvent = (event: { event: string; data: string }) => {
    if (!this.error) this.#decoder.push(event, this.#onDecoded)
  }
  readonly #onDecoded = (part: StreamPart) => {
    if (this.#rescue) this.#rescue.push(part, this.#onWhole)
    else this.#onWhole(part)
  }
  readonly #onWhole = (part: StreamPart) => {
    if (this.#calls) this.#calls.push(part, this.#onJoined)
    else this.#onJoined(part)
  }
  readonly #onJoined = (part: StreamPart) => {
    if (this.#pause) this.#pause.push(part, this.#onRead)
    else this.#onRead(part)
  }
  readonly #onRead = (part: StreamPart) => {
    this.#gate?.hear(part)
    this.#restore.push(part, this.#gate ? this.#onRestored : this.#checked)
  }
  readonly #onRestored = (part: StreamPart) => this.#gate?.push(part, this.#checked)
  readonly #onPart = (part: StreamPart) => {
    if (this.error) return
    note(part, this.facts)
    if (part.type === 'error') {
      this.error = part.error
      // Before the first part nothing was written: the error can still be a plain one.
      if (!this.#started) return
    }
    this.#started = true
    this.#keeper?.push(part)
    this.#lower.push(part, this.#onLowered)
  }
  readonly #onLowered = (part: StreamPart) => this.#encoder.push(part, this.#onText)
}

/** Writes a whole answer as the stream it would have been, for a vendor that would not stream. */
export function streamWhole(response: ModelResponse, front: Front, context: EncodeContext): string {
  let out = ''
  const emit = (text: string) => {
    out += text
  }
  const encoder = front.streamEncoder(context)
  for (const part of disassemble(response)) encoder.push(part, emit)
  encoder.end(emit)
  return out
}

function note(part: StreamPart, facts: StreamFacts): void {
  if (part.type === 'tool-call-start') facts.calls++
  else if (part.type === 'usage') facts.usage = part.usage
  else if (part.type === 'message-end') facts.finish = part.finish.kind
}

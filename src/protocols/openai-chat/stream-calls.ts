import { ToolgateError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { ReasoningState } from '../../core/message.ts'
import type { Emit, StreamPart } from '../../core/stream.ts'
import { tryParseJson } from '../../wire/json.ts'
import { callSignature, signatureState } from '../thought-signature.ts'
import { argumentText, callExtras, mintedId } from './tool-call.ts'
import { filledLeftover, NAME, objectAt, textAt } from './wire.ts'

/** A call while its pieces come in. */
interface PartialCall {
  readonly order: number
  /** The vendor's own index, where it gives one. */
  readonly key: number | undefined
  id: string
  name: string
  kind: 'function' | 'custom'
  text: string
  /** Index of the block; -1 until the call has a name. */
  block: number
  closed: boolean
  state: ReasoningState | undefined
  extras: JsonObject | undefined
}

/** Gives out block indices; shared by all that opens blocks in one stream. */
export interface BlockCounter {
  next: number
}

const NOTHING: JsonObject = {}

/**
 * Puts the fragments of tool calls together. Compatible vendors leave the index out, keep it at 0,
 * repeat the name on each fragment, or send `id: ""`; so a fragment opens a new call when it has an
 * index not seen before, another name, another id with a name, or when it names the same function
 * while the arguments before it are complete.
 *
 * An open call is closed when another one goes on and its own arguments are complete or there are
 * none; if they are not complete the vendor interleaves, and it stays open until the end.
 */
export class StreamCalls {
  readonly #counter: BlockCounter
  readonly #calls: PartialCall[] = []
  #open = 0
  /** The id of the answer, from which missing call ids are made. */
  responseId = ''

  constructor(counter: BlockCounter) {
    this.#counter = counter
  }

  /** Whether there is any call at all. */
  get any(): boolean {
    return this.#calls.length > 0
  }

  /** Reads one entry of `delta.tool_calls`. Gives an error if it contradicts what came before. */
  read(entry: JsonObject, root: JsonObject, emit: Emit<StreamPart>): ToolgateError | undefined {
    const custom = objectAt(entry, 'custom')
    const inner = custom ?? objectAt(entry, 'function') ?? NOTHING
    const given = inner[custom ? 'input' : 'arguments']
    const text = typeof given === 'string' ? given : argumentText(given, root)
    const key = typeof entry['index'] === 'number' ? entry['index'] : undefined
    const id = textAt(entry, 'id')
    const name = textAt(inner, 'name')
    let call = this.#match(key, id, name, text)
    if (call === 'repeated') return undefined
    if (call === undefined) {
      if (key === undefined && id === '' && name === '' && text === '') return undefined
      if (id === '' && name === '' && text.trim() !== '')
        return contradiction('The vendor sent arguments for a tool call that it never began.')
      this.#beginAll(emit)
      call = this.#add(key, custom || entry['type'] === 'custom' ? 'custom' : 'function')
    }
    if (name !== '' || isMarked(entry)) this.#mark(call, entry)
    if (call.id === '' && id !== '') call.id = id
    if (call.name === '') call.name = name
    return this.#append(call, text, emit)
  }

  #match(
    key: number | undefined,
    id: string,
    name: string,
    text: string,
  ): PartialCall | 'repeated' | undefined {
    const found = this.#find(key, id, name)
    if (!found || name === '' || found.name === '') return found
    if (name !== found.name) return undefined
    if (id !== '' && id !== found.id) return undefined
    if (text.trim() === '' || !isComplete(found)) return found
    // The same call all over again, as some vendors send it with the finish.
    return id !== '' && text === found.text ? 'repeated' : undefined
  }

  /** The call that a fragment may belong to. */
  #find(key: number | undefined, id: string, name: string): PartialCall | undefined {
    const calls = this.#calls
    if (key !== undefined)
      for (let i = calls.length - 1; i >= 0; i--) if (calls[i]?.key === key) return calls[i]
    if (id !== '' && (key === undefined || name === '')) {
      const same = calls.find(call => call.id === id)
      if (same) return same
    }
    if (key !== undefined && calls.some(call => call.key !== undefined)) return undefined
    return name !== '' && id !== '' ? undefined : calls.at(-1)
  }

  #add(key: number | undefined, kind: 'function' | 'custom'): PartialCall {
    const call: PartialCall = {
      order: this.#calls.length,
      key,
      id: '',
      name: '',
      kind,
      text: '',
      block: -1,
      closed: false,
      state: undefined,
      extras: undefined,
    }
    this.#calls.push(call)
    return call
  }

  /** Notes what stands on a call beside its name and arguments. */
  #mark(call: PartialCall, entry: JsonObject): void {
    const signature = callSignature(entry)
    if (signature !== '') call.state = signatureState(signature)
    call.extras = callExtras(entry, filledLeftover) ?? call.extras
  }

  #append(call: PartialCall, text: string, emit: Emit<StreamPart>): ToolgateError | undefined {
    const blank = text === '' || text.trim() === ''
    if (call.closed) {
      if (blank) return undefined
      return contradiction(
        `The vendor sent more arguments for the tool call ${call.id} after they were complete.`,
      )
    }
    if (call.block === -1) {
      call.text += text
      if (call.name === '' || (call.id === '' && blank)) return undefined
      this.#closeBefore(call, !blank, emit)
      this.#begin(call, emit)
    } else if (text !== '') {
      if (this.#open > 1 && !blank) this.#closeBefore(call, true, emit)
      call.text += text
      emit({ type: 'tool-call-delta', index: call.block, text })
    }
    return undefined
  }

  /** Opens a call's block, with the arguments that came before its name. */
  #begin(call: PartialCall, emit: Emit<StreamPart>): void {
    if (call.id === '') call.id = mintedId(this.responseId, call.order)
    call.block = this.#counter.next++
    this.#open++
    emit(
      call.state
        ? {
            type: 'tool-call-start',
            index: call.block,
            id: call.id,
            name: call.name,
            kind: call.kind,
            state: call.state,
          }
        : {
            type: 'tool-call-start',
            index: call.block,
            id: call.id,
            name: call.name,
            kind: call.kind,
          },
    )
    if (call.text !== '') emit({ type: 'tool-call-delta', index: call.block, text: call.text })
  }

  /** Opens what only waited for an id: none will come any more. */
  #beginAll(emit: Emit<StreamPart>): void {
    for (const call of this.#calls)
      if (call.block === -1 && call.name !== '') this.#begin(call, emit)
  }

  /** Closes the calls before `current` that are complete, and with `empty` those without arguments. */
  #closeBefore(current: PartialCall | undefined, empty: boolean, emit: Emit<StreamPart>): void {
    if (this.#open === 0) return
    for (const call of this.#calls) {
      if (call === current || call.closed || call.block === -1) continue
      const passed = empty && current !== undefined && call.order < current.order
      if (isComplete(call) || (passed && call.text.trim() === '')) this.#close(call, emit)
    }
  }

  #close(call: PartialCall, emit: Emit<StreamPart>): void {
    call.closed = true
    this.#open--
    const end: {
      type: 'tool-call-end'
      index: number
      state?: ReasoningState
      extras?: { [NAME]: JsonObject }
    } = { type: 'tool-call-end', index: call.block }
    if (call.state) end.state = call.state
    if (call.extras) end.extras = { [NAME]: call.extras }
    emit(end)
  }

  /** Closes what is complete, because text goes on. Tells whether a call is still in the middle. */
  settle(emit: Emit<StreamPart>): boolean {
    this.#closeBefore(undefined, false, emit)
    return this.#open > 0
  }

  /** Ends all calls. Gives an error if one never got a name. */
  finish(emit: Emit<StreamPart>): ToolgateError | undefined {
    this.#beginAll(emit)
    const nameless = this.#calls.some(call => call.block === -1 && (call.id || call.text) !== '')
    if (nameless)
      return new ToolgateError('malformed_call', 'The vendor sent a tool call without a name.', {
        origin: 'vendor',
      })
    for (const call of this.#calls) if (call.block !== -1 && !call.closed) this.#close(call, emit)
    return undefined
  }
}

/** Whether no more can follow: the text is a whole JSON object, or free text was said. */
function isComplete(call: PartialCall): boolean {
  if (call.kind === 'custom') return call.text !== ''
  const text = call.text.trimEnd()
  return text.charCodeAt(text.length - 1) === 125 && isObject(tryParseJson(text))
}

/** Whether something stands beside the call, which may come alone and late. */
function isMarked(entry: JsonObject): boolean {
  return (
    entry['extra_content'] !== undefined ||
    entry['thought_signature'] !== undefined ||
    entry['provider_specific_fields'] !== undefined
  )
}

function contradiction(message: string): ToolgateError {
  return new ToolgateError('vendor_contradiction', message, { origin: 'vendor' })
}

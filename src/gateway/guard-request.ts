import type { WirePath } from '../core/error.ts'
import type { Extras } from '../core/extras.ts'
import type { Json } from '../core/json.ts'
import type {
  CacheMark,
  DocumentPart,
  MediaSource,
  Message,
  ResultPart,
  TextPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
} from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import type { GuardPoint } from '../guardrails/index.ts'
import { UNCHECKED_MESSAGE } from '../guardrails/verdict.ts'
import { MAX_DEPTH, tryParseJson } from '../wire/json.ts'
import { isDeeper } from '../wire/json-scan.ts'
import { type ExchangeGuard, type OfTool, refusalIn } from './exchange-guard.ts'
import { TurnTrail } from './turn-trail.ts'

/** Where something of a request stands, and what it is held to. */
interface Spot {
  readonly point: GuardPoint
  readonly path: WirePath
  readonly of: OfTool
}

/** A text that rules which need time have to see. */
interface Question {
  readonly text: string
  readonly key: string
  readonly spot: Spot
}

/**
 * Holds a request to the guardrails: all that users say in it, and all that tools answered, from the
 * first turn to the last. Earlier turns too, because a client sends its own history again: what was
 * rewritten for the vendor once stands there as it was. Not looked at: instructions and tools, which
 * are the application's own, what the model said, and the bytes of media. The same request if
 * nothing is rewritten; a promise only if a rule needs time.
 *
 * @throws ToolgateError `guardrail_refused` with the place of what is refused.
 */
export function guardRequest(
  request: ModelRequest,
  guard: ExchangeGuard,
): ModelRequest | Promise<ModelRequest> {
  const check = new RequestCheck(guard, request.messages)
  check.beside(request)
  const messages = mapped(request.messages, (message, turn) => check.message(message, turn))
  const checked = messages === request.messages ? request : { ...request, messages }
  const { questions } = check
  if (questions.length === 0) return checked
  return Promise.all(questions.map(question => check.ask(question))).then(() => checked)
}

/** An answer as the user expects it, and what is filled into a prompt that the vendor keeps. */
const SPOKEN = ['prediction', 'prompt'] as const

class RequestCheck {
  readonly questions: Question[] = []
  readonly #guard: ExchangeGuard
  /** The tools of the calls so far, by the ids of the calls. */
  readonly #tools = new Map<string, string>()
  readonly #trail: TurnTrail
  /** The place of the message that is looked at. */
  #turn = 0

  constructor(guard: ExchangeGuard, messages: readonly Message[]) {
    this.#guard = guard
    this.#trail = new TurnTrail(messages, guard.client, guard.rules.passed)
  }

  message(message: Message, turn: number): Message {
    this.#turn = turn
    switch (message.role) {
      case 'user':
        return this.#user(message)
      case 'tool':
        return this.#results(message)
      case 'assistant':
        for (const part of message.content)
          if (part.type === 'tool-call') this.#tools.set(part.id, part.name)
        return message
      case 'system':
        return message
    }
  }

  /** Texts of a request that stand outside of its messages and are read as if they did not. */
  beside({ extras }: ModelRequest): void {
    for (const fields of Object.values(extras ?? {}))
      for (const name of SPOKEN) {
        const value = fields[name]
        if (value !== undefined) this.#hold(value, { point: 'input', path: [name], of: {} })
      }
  }

  async ask({ text, key, spot }: Question): Promise<void> {
    const { point, path, of } = spot
    const told = refusalIn(await this.#guard.later(point, text, placeOf(path), of))
    if (told !== undefined) throw this.#guard.refusal(told, path)
    this.#guard.rules.passed.add(key)
  }

  #user(message: UserMessage): UserMessage {
    const spot: Spot = { point: 'input', path: ['messages', message.at], of: {} }
    if (message.extras) this.#hold(jsonOf(message.extras), spot)
    const content = mapped(this.#joined(message.content, spot), part => {
      // What only its protocol understands may be what a tool answered as well.
      if (part.type === 'opaque') this.#hold(part.value, { ...spot, point: 'tool-result' })
      return this.#part(part, spot)
    })
    return content === message.content ? message : { ...message, content }
  }

  #results(message: ToolMessage): ToolMessage {
    const content = mapped(message.content, result => this.#result(result))
    return content === message.content ? message : { ...message, content }
  }

  #result(result: ToolResultPart): ToolResultPart {
    const { at, atPart, callId, extras } = result
    const tool = result.name ?? this.#tools.get(callId)
    const path = atPart === undefined ? ['messages', at] : ['messages', at, 'content', atPart]
    const of = tool === undefined ? { callId } : { tool, callId }
    const spot: Spot = { point: 'tool-result', path, of }
    if (extras) this.#hold(jsonOf(extras), spot)
    const content = mapped(this.#joined(result.content, spot), part => this.#part(part, spot))
    return content === result.content ? result : { ...result, content }
  }

  /**
   * Texts that follow each other are read as one first: a model does not see where one ends. If
   * that is rewritten, it is one text from there on.
   */
  #joined<P extends ResultPart>(parts: readonly P[], spot: Spot): readonly (P | TextPart)[] {
    if (!parts.some((part, at) => part.type === 'text' && parts[at + 1]?.type === 'text'))
      return parts
    const joined: (P | TextPart)[] = []
    for (let at = 0; at < parts.length; ) {
      const run = textsFrom(parts, at)
      const texts = run.length > 1 ? ['', '\n'].map(between => run.join(between)) : []
      const changed = texts.map(text => [text, this.#text(text, spot)] as const)
      const rewritten = changed.find(([before, after]) => after !== before)?.[1]
      if (rewritten === undefined) joined.push(...parts.slice(at, at + Math.max(1, run.length)))
      else joined.push({ type: 'text', text: rewritten })
      at += Math.max(1, run.length)
    }
    return joined.every((part, at) => part === parts[at]) ? parts : joined
  }

  /** What stood beside a text that is rewritten, such as a signature, belonged to the old one. */
  #part<P extends ResultPart>(part: P, spot: Spot): P | TextPart | DocumentPart {
    if (part.type === 'opaque') {
      this.#hold(part.value, spot)
      return part
    }
    const { type, cache, name, text, source }: Shown = part
    const shown = text === undefined ? undefined : this.#text(text, spot)
    if (type === 'text' && shown !== text)
      return { type, text: shown ?? '', ...(cache && { cache }) }
    if (name !== undefined) this.#hold(name, spot)
    const next = source && this.#source(source, spot)
    if (next !== source) {
      if (type !== 'document' || !next) throw this.#guard.refusal(UNCHECKED_MESSAGE, spot.path)
      return {
        type,
        source: next,
        ...(name === undefined ? {} : { name }),
        ...(cache && { cache }),
      }
    }
    if (part.extras) this.#hold(jsonOf(part.extras), spot)
    return part
  }

  /** The texts of media. An address is refused if a rule objects: nothing can stand in its place. */
  #source(source: MediaSource, spot: Spot): MediaSource {
    if (source.kind === 'url') this.#hold(source.url, spot)
    if (source.kind !== 'text') return source
    const text = this.#text(source.text, spot)
    return text === source.text ? source : { ...source, text }
  }

  #text(given: string, spot: Spot): string {
    if (given === '') return given
    const { rules } = this.#guard
    const { point, of } = spot
    const asks = rules.later.points.has(point)
    if (!asks && !rules.now.points.has(point)) return given
    const key = rules.passed.key(`${point}\0${of.tool ?? ''}`, given)
    if (rules.passed.has(key)) return given
    const shown = this.#now(given, spot)
    const text = point === 'tool-result' ? this.#insideJson(shown, spot) : shown
    if (asks) this.questions.push({ text, key, spot })
    else if (text === given) rules.passed.add(key)
    return text
  }

  /** In a result that is JSON, an escape may hide what the vendor reads all the same. */
  #insideJson(text: string, spot: Spot): string {
    if (!text.includes('\\') || isDeeper(text, MAX_DEPTH)) return text
    const value = tryParseJson(text)
    if (typeof value !== 'object' || value === null) return text
    const checked = this.#now(value, spot)
    return checked === value ? text : JSON.stringify(checked)
  }

  #now<T extends Json>(value: T, { point, path, of }: Spot): T {
    const written = this.#trail.written(this.#turn)
    const decision = this.#guard.now(point, value, placeOf(path), { ...of, written })
    const told = refusalIn(decision.verdict)
    if (told !== undefined) throw this.#guard.refusal(told, path)
    if (!isLike(decision.value, value)) throw this.#guard.refusal(UNCHECKED_MESSAGE, path)
    return decision.value
  }

  /** Refuses what a rule on texts objects to, where it cannot be rewritten. */
  #hold(value: Json, { point, path }: Spot): void {
    if (!this.#guard.isClean(point, value, placeOf(path)))
      throw this.#guard.refusal(UNCHECKED_MESSAGE, path)
  }
}

/** The texts that stand in a row from a place on. */
function textsFrom(parts: readonly ResultPart[], from: number): string[] {
  const texts: string[] = []
  for (let at = from; at < parts.length; at++) {
    const part = parts[at]
    if (part?.type !== 'text') break
    texts.push(part.text)
  }
  return texts
}

/** What a part may have, of which kind it may be. */
interface Shown {
  readonly type: string
  readonly cache?: CacheMark
  readonly name?: string
  readonly text?: string
  readonly source?: MediaSource
}

function jsonOf(extras: Extras): Json {
  return JSON.parse(JSON.stringify(extras))
}

function isLike<T extends Json>(value: Json, other: T): value is T {
  return typeof value === typeof other
}

/** A list with each of its items changed; the same list if none was. */
function mapped<T>(list: readonly T[], change: (item: T, index: number) => T): readonly T[] {
  let changed: T[] | undefined
  for (const [index, item] of list.entries()) {
    const next = change(item, index)
    if (next !== item) changed ??= list.slice(0, index)
    changed?.push(next)
  }
  return changed ?? list
}

function placeOf(path: WirePath): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`,
    '',
  )
}

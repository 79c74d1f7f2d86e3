import type { Json, JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  Message,
  ReasoningPart,
  SystemMessage,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../core/message.ts'
import { asObject, optionalString, type Place, place, wrongValue } from '../../wire/read.ts'
import { decodeResponsePart } from './function-response.ts'
import { decodeModelPart, decodeText, decodeUserPart, holds } from './part-decode.ts'
import { isOwnState } from './reasoning.ts'
import { historyCallId, isMinted } from './tool-call.ts'
import { type Building, camel, leftover, listAt, NAME, type Reading } from './wire.ts'

const CONTENT_FIELDS: ReadonlySet<string> = new Set(['role', 'parts'])
const INSTRUCTION_FIELDS: ReadonlySet<string> = new Set(['parts'])

/** Reads `systemInstruction`: texts; what is no text is kept with its index, under `$parts`. */
export function decodeSystem(wire: JsonObject, reading: Reading): SystemMessage {
  const at = place('systemInstruction')
  const content: TextPart[] = []
  const others: Json[] = []
  for (const [i, entry] of (listAt(wire, 'parts', at) ?? []).entries()) {
    const partPlace = place(i, place('parts', at))
    const part = camel(asObject(entry, partPlace))
    if (holds(part, 'text')) content.push(decodeText(part, partPlace, reading))
    else {
      others.push([i, part])
      const path = `systemInstruction.parts[${i}]`
      reading.bound.push({ path, what: 'instructions that are no text', weight: 'meaning' })
    }
  }
  let kept = leftover(wire, INSTRUCTION_FIELDS, at, reading, () => 'hint')
  if (others.length > 0) kept = { ...kept, $parts: others }
  return {
    role: 'system',
    voice: 'system',
    at: -1,
    content,
    ...(kept && { extras: { [NAME]: kept } }),
  }
}

/**
 * Reads `contents`. The results of a user's content come first, as one message, its other parts
 * after them with the same `at`; results that stand together, even across contents, are one message.
 * Neighbouring contents of the model's are one turn: the vendor's own packages keep each chunk of a
 * stream as a content. Where such a turn has calls, or where their results came as a content each
 * (@langchain/google-genai 2.3), the vendor refuses it as it stands: `mustEncode` says so
 * (go-genai issue #692, 2026-02; langchain-google issue #275, 2024-11).
 */
export function decodeContents(
  list: readonly Json[],
  reading: Reading,
): { messages: Message[]; mustEncode?: true } {
  const reader = new ContentReader(reading)
  const messages = reader.read(list)
  return { messages, ...(reader.isSplit && { mustEncode: true }) }
}

/** A call that waits for its result. */
interface OpenCall {
  readonly id: string
  readonly name: string
  isAnswered: boolean
}

class ContentReader {
  readonly #reading: Reading
  readonly #messages: Message[] = []
  /** The content of the last message, while it is one of results. */
  #results: ToolResultPart[] | undefined
  /** The content of the last message, while it is the model's and more may join it. */
  #run: AssistantPart[] | undefined
  #calls: OpenCall[] = []
  /** Whether a turn with calls, or their results, came in more than one content. */
  isSplit = false

  constructor(reading: Reading) {
    this.#reading = reading
  }

  read(list: readonly Json[]): Message[] {
    const root = place('contents')
    for (let i = 0; i < list.length; i++) {
      const at = place(i, root)
      const wire = camel(asObject(list[i], at))
      const role = optionalString(wire, 'role', at)
      const parts = listAt(wire, 'parts', at) ?? []
      if (parts.length === 0) {
        throw wrongValue(place('parts', at), 'contents.parts must not be empty.')
      }
      if (role === 'model') this.#model(wire, parts, i, at)
      else if (role === 'user' || role === 'function' || (!role && list.length === 1)) {
        this.#user(wire, parts, i, at)
      } else {
        throw wrongValue(undefined, 'Please use a valid role: user, model.', {
          value: role ?? null,
        })
      }
    }
    return this.#messages
  }

  #add(message: Building<Message>, extras: JsonObject | undefined): void {
    if (extras) message.extras = { [NAME]: extras }
    this.#messages.push(message)
    this.#results = undefined
    this.#run = undefined
  }

  #user(wire: JsonObject, entries: readonly Json[], index: number, at: Place): void {
    let extras = leftover(wire, CONTENT_FIELDS, at, this.#reading, () => 'meaning')
    const partsPlace = place('parts', at)
    const results: ToolResultPart[] = []
    const parts: UserPart[] = []
    for (let i = 0; i < entries.length; i++) {
      const partPlace = place(i, partsPlace)
      const part = camel(asObject(entries[i], partPlace))
      if (holds(part, 'functionResponse')) results.push(this.#result(part, index, i, partPlace))
      else parts.push(decodeUserPart(part, partPlace, this.#reading))
    }
    if (results.length > 0) {
      if (this.#results && !extras) {
        this.#results.push(...results)
        this.isSplit = true
      } else {
        this.#add({ role: 'tool', at: index, content: results }, extras)
        this.#results = results
        extras = undefined
      }
    }
    if (parts.length > 0) this.#add({ role: 'user', at: index, content: parts }, extras)
  }

  #result(part: JsonObject, index: number, indexInside: number, at: Place): ToolResultPart {
    const {
      id,
      name,
      part: result,
    } = decodeResponsePart(part, index, indexInside, at, this.#reading)
    const call = this.#callOf(id, name)
    if (call) call.isAnswered = true
    result.callId = call?.id ?? (id || historyCallId(index, indexInside))
    return result
  }

  /** The call that a result answers: by its id, else by name and then by order. */
  #callOf(id: string, name: string): OpenCall | undefined {
    if (id !== '') {
      const named = this.#calls.find(call => call.id === id)
      if (named) return named
    }
    return this.#calls.find(
      call => !call.isAnswered && call.name === name && (id === '' || isMinted(call.id)),
    )
  }

  #model(wire: JsonObject, entries: readonly Json[], index: number, at: Place): void {
    const extras = leftover(wire, CONTENT_FIELDS, at, this.#reading, () => 'meaning')
    const partsPlace = place('parts', at)
    const run = extras ? undefined : this.#run
    const content: AssistantPart[] = run ?? []
    if (!run) this.#calls = []
    for (let i = 0; i < entries.length; i++) {
      const partPlace = place(i, partsPlace)
      const wirePart = camel(asObject(entries[i], partPlace))
      const part = decodeModelPart(wirePart, index, i, partPlace, this.#reading)
      content.push(part.type === 'reasoning' ? wholeThought(content, part) : part)
      if (part.type === 'tool-call') {
        this.#calls.push({ id: part.id, name: part.name, isAnswered: false })
      }
    }
    if (run) {
      if (this.#calls.length > 0) this.isSplit = true
      return
    }
    this.#add({ role: 'assistant', at: index, content }, extras)
    if (!extras) this.#run = content
  }
}

/**
 * A thought of another family's model, made whole. It was streamed in pieces, its state came with
 * the last one, and a client that keeps parts apart, as it must, sends the pieces back; but the
 * state is that of all their text.
 */
function wholeThought(content: AssistantPart[], part: ReasoningPart): ReasoningPart {
  if (!part.state || isOwnState(part.state)) return part
  let { text } = part
  for (;;) {
    const before = content.at(-1)
    if (before?.type !== 'reasoning' || before.state || before.extras) break
    text = before.text + text
    content.pop()
  }
  return { ...part, text }
}

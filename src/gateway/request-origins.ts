import { isObject, type Json } from '../core/json.ts'
import type {
  AssistantPart,
  Message,
  OpaquePart,
  ResultPart,
  ToolResultPart,
} from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import { stringsIn } from '../core/strings.ts'
import type { Origins, Unseen } from '../guardrails/index.ts'
import type { Back } from '../protocols/protocol.ts'
import { MAX_DEPTH, tryParseJson } from '../wire/json.ts'
import { isDeeper } from '../wire/json-scan.ts'

type Result = Origins['results'][number]

/** A conversation, by whose words it is made of. */
interface Conversation {
  readonly said: string[]
  readonly results: Result[]
  readonly unseen: Unseen[]
}

/**
 * Whose words the conversation of one request is made of. Said is what stands in the turns of users
 * and in instructions, which are the application's own; files beside a user's words are not. Nothing
 * is read before it is asked for: few answers hold a call that needs it.
 */
export class RequestOrigins implements Origins {
  readonly #request: ModelRequest
  readonly #back: Back
  readonly #whole: (() => ModelRequest) | undefined
  #read: Conversation | undefined
  /** What the answer holds that cannot be read. */
  readonly #met: Unseen[] = []

  /**
   * @param request as the vendor gets it
   * @param whole gives the request with all that the vendor holds of the conversation
   */
  constructor(request: ModelRequest, back: Back, whole?: () => ModelRequest) {
    this.#request = request
    this.#back = back
    this.#whole = whole
  }

  get said(): readonly string[] {
    return this.#conversation.said
  }

  get results(): readonly Result[] {
    return this.#conversation.results
  }

  get unseen(): readonly Unseen[] {
    const { unseen } = this.#conversation
    return this.#met.length === 0 ? unseen : [...unseen, ...this.#met]
  }

  /** Takes a part of the answer that only its own protocol understands, such as a search's result. */
  meet(part: OpaquePart): void {
    this.#met.push(unreadable(part))
  }

  get #conversation(): Conversation {
    this.#read ??= readConversation(this.#wholeRequest(), this.#back)
    return this.#read
  }

  #wholeRequest(): ModelRequest {
    try {
      return this.#whole?.() ?? this.#request
    } catch {
      // What was held cannot be read any more: then it is the vendor's alone, as the request says.
      return this.#request
    }
  }
}

/** Fields for contents that the vendor keeps, and for searches of its own that it does not show. */
const BRINGING = [
  'cachedContent',
  'continuationToken',
  'enable_search',
  'plugins',
  'search_parameters',
  'web_search_options',
] as const

/** An empty object is given as well: a search without settings is one all the same. */
function isGiven(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function readConversation(request: ModelRequest, back: Back): Conversation {
  const read: Conversation = { said: [], results: [], unseen: [] }
  if (request.continues)
    read.unseen.push({ tools: [], why: 'the vendor alone holds what came before' })
  for (const fields of Object.values(request.extras ?? {}))
    for (const name of BRINGING)
      if (isGiven(fields[name])) {
        const why = `'${name}' adds what does not stand in the request`
        read.unseen.push({ tools: [name], why })
      }
  for (const tool of request.tools)
    if (tool.kind === 'server' && !back.tellsOwnTools) {
      const why = `the vendor does not tell what '${tool.name}' finds`
      read.unseen.push({ tools: [tool.name, tool.type], why })
    }
  const tools = new Map<string, string>()
  for (const message of request.messages) readMessage(message, read, tools)
  Object.freeze(read.said)
  Object.freeze(read.results)
  return read
}

/** @param tools the tools of the calls so far, by the ids of the calls */
function readMessage(message: Message, read: Conversation, tools: Map<string, string>): void {
  if (message.role === 'tool') {
    for (const result of message.content)
      readResult(result, result.name ?? tools.get(result.callId), read)
    return
  }
  const parts: readonly (ResultPart | AssistantPart)[] = message.content
  for (const part of parts) {
    if (part.type === 'opaque') read.unseen.push(unreadable(part))
    else if (part.type === 'tool-call') tools.set(part.id, part.name)
    else if (part.type === 'text' && message.role !== 'assistant') read.said.push(part.text)
  }
}

function readResult(result: ToolResultPart, tool: string | undefined, read: Conversation): void {
  const texts = result.content.flatMap(textsIn)
  if (result.extras) texts.push(...stringsIn(JSON.parse(JSON.stringify(result.extras))))
  const hidden = texts.flatMap(behindEscapes)
  const asOne = texts.length > 1 ? [texts.join('')] : []
  read.results.push({ tool, text: [...texts, ...asOne, ...hidden].join('\n') })
  const named = tool === undefined ? [] : [tool]
  const from = tool === undefined ? 'a tool' : `'${tool}'`
  for (const part of result.content) {
    if (part.type === 'text' || ('source' in part && part.source.kind === 'text')) continue
    read.unseen.push(
      part.type === 'opaque'
        ? { ...unreadable(part), tools: [...namesOf(part), ...named] }
        : { tools: named, why: `a result of ${from} holds ${NAMES[part.type]}` },
    )
  }
}

const NAMES = { image: 'a picture', document: 'a file', audio: 'a sound' } as const

function textsIn(part: ResultPart): string[] {
  if (part.type === 'text') return [part.text]
  if (part.type !== 'document') return []
  const { name, source } = part
  return [...(name === undefined ? [] : [name]), ...(source.kind === 'text' ? [source.text] : [])]
}

/** What the escapes of JSON stand for. */
function behindEscapes(text: string): string[] {
  if (!text.includes('\\') || isDeeper(text, MAX_DEPTH)) return []
  return stringsIn(tryParseJson(text) ?? null)
}

function unreadable(part: OpaquePart): Unseen {
  return { tools: namesOf(part), why: `'${part.kind}' cannot be read here` }
}

/**
 * The names that a tool of the vendor's goes by in the part that tells of it. Of a server with tools
 * it is the server's, which the application has chosen, and not that of the tool.
 */
function namesOf({ kind, value }: OpaquePart): string[] {
  const fields = isObject(value) ? value : {}
  const name = fields['server_label'] ?? fields['server_name'] ?? fields['name']
  const ofKind = [kind, kind.replace(/_(?:call|tool_result)(?:_output)?$/, '')]
  return typeof name === 'string' ? [...ofKind, name] : ofKind
}

/** The protocols that a client and a vendor can speak; every pair of them is a cell of the matrix. */
export const DIALECTS = ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const
/** One of the four protocols. */
export type Dialect = (typeof DIALECTS)[number]

/** Something for each protocol that has it. */
export type ByDialect<T> = { readonly [D in Dialect]?: T }

/** Where a gateway is, and how a client is let in. */
export interface Door {
  /** Such as `http://127.0.0.1:8665`. */
  readonly base: string
  /** The key that is sent in the protocol's own header. */
  readonly key: string
  /** What stands before each protocol's own path, such as `/anthropic`. Default: nothing. */
  readonly prefixes?: ByDialect<string>
  /** Milliseconds for one exchange. Default 60,000. */
  readonly timeoutMs?: number
}

/** A tool, before it is put into a protocol's words. */
export interface AskTool {
  readonly name: string
  readonly description?: string
  readonly parameters?: object
  readonly strict?: boolean
  /** A free-text tool. */
  readonly custom?: true
}

/** What the model may, must or must not call. */
export type AskChoice =
  | { readonly mode: 'auto' | 'none' | 'required'; readonly allowed?: readonly string[] }
  | { readonly mode: 'tool'; readonly name: string }

/** What came of a call. */
export interface AskResult {
  readonly callId: string
  readonly text?: string
  /** A picture as base64 PNG. */
  readonly image?: string
  readonly isError?: true
}

/** One step of a conversation. */
export type AskMessage =
  | { readonly role: 'system'; readonly text: string }
  | {
      readonly role: 'user'
      readonly text: string
      readonly image?: string
      readonly document?: string
    }
  /** What the model answered before, sent back as the client got it. */
  | {
      readonly role: 'echo'
      readonly answer: Answer
      /** As a simple client does it: only what every version of the protocol knows. */
      readonly stripped?: true
    }
  | { readonly role: 'results'; readonly results: readonly AskResult[] }

/** What a client asks, before it is put into a protocol's words. */
export interface Ask {
  readonly messages: readonly AskMessage[]
  readonly tools?: readonly AskTool[]
  readonly choice?: AskChoice
  readonly parallel?: false
  /** Asks for thinking, and to see what can be seen of it. */
  readonly thinking?: true
  readonly maxTokens?: number
  readonly stop?: readonly string[]
  readonly schema?: object
  /** Fields of the body in a protocol's own words; they replace what stands there. */
  readonly more?: ByDialect<object>
  /** Tools in a protocol's own words, after the others. */
  readonly moreTools?: ByDialect<readonly object[]>
  readonly headers?: { readonly [name: string]: string }
}

/** One thing that an answer holds. */
export type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | {
      readonly type: 'call'
      readonly id: string
      readonly name: string
      /** The source text of the arguments, also where the protocol has an object. */
      readonly arguments: string
    }

/** What a client got, out of its protocol's words. */
export interface Answer {
  readonly blocks: readonly Block[]
  /** The protocol's own word for how it ended. */
  readonly end: string | null
  /** Tokens; input with what was cached, output with what was thought. */
  readonly usage: { readonly input: number; readonly output: number }
  /** What the model said as the protocol has it in a history. */
  readonly raw: unknown
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** A refusal by HTTP status. */
export class Refused extends Error {
  readonly status: number
  readonly body: unknown
  constructor(status: number, body: unknown) {
    super(`${status} ${JSON.stringify(body)}`)
    this.name = 'Refused'
    this.status = status
    this.body = body
  }
}

/** An error that came inside a stream, after the status was out. */
export class InBandError extends Error {
  override readonly name = 'InBandError'
}

/** One protocol spoken as its clients speak it; written from its documents, not from our codecs. */
export interface Client {
  readonly dialect: Dialect
  /** @throws Refused, or an Error for an answer that breaks a rule of the protocol. */
  ask(door: Door, model: string, ask: Ask, stream: boolean): Promise<Answer>
  /** The message in a refusal, if it has the protocol's own envelope. */
  errorText(body: unknown): string | undefined
}

/** The ends that every protocol has a word for. */
export type End = 'stop' | 'calls' | 'length' | 'filter'

/** The words of each protocol for how an answer ends. */
export const ENDS: { readonly [D in Dialect]: { readonly [E in End]: string } } = {
  'openai-chat': { stop: 'stop', calls: 'tool_calls', length: 'length', filter: 'content_filter' },
  'openai-responses': {
    stop: 'completed',
    calls: 'completed',
    length: 'incomplete: max_output_tokens',
    filter: 'incomplete: content_filter',
  },
  anthropic: { stop: 'end_turn', calls: 'tool_use', length: 'max_tokens', filter: 'refusal' },
  gemini: { stop: 'STOP', calls: 'STOP', length: 'MAX_TOKENS', filter: 'SAFETY' },
}

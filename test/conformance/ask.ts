import type { TwinPrompt } from '../../src/twins/model.ts'

/** The protocols a client can speak, and a vendor: every pair of them is a cell of the matrix. */
export const FRONTS = ['openai-chat', 'anthropic'] as const
export type Front = (typeof FRONTS)[number]
export const BACKS = ['openai-chat', 'anthropic', 'gemini'] as const
export type Back = (typeof BACKS)[number]

/** The model that stands for a vendor's protocol. */
export const MODELS: Record<Back, string> = {
  'openai-chat': 'gpt-4o',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-3-flash-preview',
}

export interface AskTool {
  readonly name: string
  readonly description?: string
  readonly parameters?: object
  readonly strict?: boolean
  readonly custom?: true
}

export type AskChoice =
  | { readonly mode: 'auto' | 'none' | 'required'; readonly allowed?: readonly string[] }
  | { readonly mode: 'tool'; readonly name: string }

export interface AskResult {
  readonly callId: string
  readonly text?: string
  /** A picture as base64 PNG. */
  readonly image?: string
  readonly isError?: true
}

export type AskMessage =
  | { readonly role: 'system'; readonly text: string }
  | {
      readonly role: 'user'
      readonly text: string
      readonly image?: string
      readonly document?: string
    }
  /** What the model answered before, sent back as the client got it. */
  | { readonly role: 'echo'; readonly answer: Answer }
  | { readonly role: 'results'; readonly results: readonly AskResult[] }

/** What a client asks, before it is put into a protocol's words. */
export interface Ask {
  readonly messages: readonly AskMessage[]
  readonly tools?: readonly AskTool[]
  readonly choice?: AskChoice
  readonly parallel?: false
  readonly thinking?: true
  readonly maxTokens?: number
  readonly stop?: readonly string[]
  readonly schema?: object
}

export type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | {
      readonly type: 'call'
      readonly id: string
      readonly name: string
      readonly arguments: string
    }

/** What a client got, out of its protocol's words. */
export interface Answer {
  readonly blocks: readonly Block[]
  /** The protocol's own word for how it ended. */
  readonly end: string | null
  /** Tokens; input with what was cached. */
  readonly usage: { readonly input: number; readonly output: number }
  /** The assistant message as the protocol has it in a history. */
  readonly raw: unknown
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** A refusal by HTTP status. */
export class Refused extends Error {
  readonly status: number
  readonly body: unknown
  constructor(status: number, body: unknown) {
    super(`${status} ${JSON.stringify(body)}`)
    this.status = status
    this.body = body
  }
}

/** One protocol spoken as its clients speak it; written from its documents, not from our codecs. */
export interface Client {
  readonly front: Front
  /** @throws Refused, or an Error for an answer that breaks a rule of the protocol. */
  ask(base: string, model: string, ask: Ask, stream: boolean): Promise<Answer>
}

/** What a vendor's twin understood of a request. */
export type Seen = TwinPrompt

import type { TwinPrompt } from '../model.ts'
import type { Random } from '../random.ts'
import type { AnswerChoice, ChatAnswer } from './answer.ts'
import type { Refusal, Report, RuleName } from './refusal.ts'
import type { Body, ChatRequest } from './request.ts'
import type { Fields, Reading } from './shapes.ts'
import type { StreamStyle } from './stream.ts'

/**
 * How a vendor says what a rule found: new words, or `undefined` if it lets such a request pass.
 * A rule without an entry is told in OpenAI's words. `body` is empty while it is unread.
 */
export type Reword = (found: Refusal, body: Body, text: string) => Refusal | undefined

/** What a vendor says by rule. */
export type Words = { readonly [rule in RuleName]?: Reword }

/** Lets a request pass. */
export const tolerate: Reword = () => undefined

/** What a vendor says when it fails. */
export interface FailureWords {
  readonly message: string
  readonly type?: string
  readonly code?: string | number | null
}

/** What a vendor's list of models holds. */
export interface ModelList {
  /** Some of the models that are served; the twin answers for others too. */
  readonly listed: readonly string[]
  readonly ownedBy: string
  /** The body of the list; default OpenAI's `{object:"list",data}`. */
  list?(entries: readonly Body[]): unknown
}

/** How a vendor dresses an answer. */
export interface Dress {
  responseId(random: Random, now: number): string
  callId(random: Random, name: string, index: number, request: ChatRequest): string
  /** The model as the answer names it; default the request's. */
  model?(requested: string): string
  /** The body of an answer that is not streamed. */
  whole(answer: ChatAnswer, random: Random): Body
  readonly stream: StreamStyle
}

/**
 * One vendor's ways on Chat Completions, as data and small functions. What is not said here is as
 * at OpenAI.
 */
export interface Manners {
  readonly name: string
  /** What comes before `/chat/completions` and `/models`; the first is the vendor's own. */
  readonly prefixes: readonly string[]
  /** Whether a bearer token must be sent; which one is never checked. */
  readonly needsKey: boolean
  readonly models: ModelList
  readonly fields: Fields
  readonly reading: Reading
  /** Whether `functions` and `function_call` are understood. */
  readonly functions: boolean
  /** The rules beyond types, in the order in which the vendor finds them broken. */
  check(request: ChatRequest, report: Report): void
  readonly words: Words
  /** The body of an error; a text is sent as plain text. */
  envelope(refusal: Refusal, random: Random): Body | string
  /** Failures by status; what is missing is told in general words. */
  readonly failures: { readonly [status: number]: FailureWords }
  /** The event of a failure in the middle of a stream; default `data:` and the envelope. */
  streamFailure?(refusal: Refusal, random: Random, now: number): string
  /** Whether the answer shows its reasoning. */
  thinks(request: ChatRequest): boolean
  /** Whether reasoning that is not shown is counted all the same; default no. */
  countsUnseen?(request: ChatRequest): boolean
  /** Changes what the model is told, for a vendor that ignores part of a request. */
  adapt?(prompt: TwinPrompt, request: ChatRequest): TwinPrompt
  /** Finds fault with what the model said, for a vendor that checks it. */
  inspect?(choice: AnswerChoice, request: ChatRequest): Refusal | undefined
  readonly dress: Dress
  /** Headers beside `content-type`. */
  headers(kind: 'answer' | 'early-error' | 'error', random: Random): Record<string, string>
  readonly streamType: string
  /** Spaces by which JSON bodies are indented; 0 for none. */
  readonly indent: number
}

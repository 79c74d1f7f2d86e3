import type { Extras, ProtocolName } from './extras.ts'
import type { Json } from './json.ts'

/** A cache breakpoint: everything up to here may be cached by the vendor. */
export interface CacheMark {
  /** How long, in the vendor's own words (`5m`, `1h`, `30m`); the vendor's default if absent. */
  readonly ttl?: string
}

/**
 * State of the model's reasoning that must come back untouched. It is worth something only to the
 * family of models that made it.
 */
export interface ReasoningState {
  /** Who made it: `anthropic`, `google`, `openai`, or a compatible vendor's own name. */
  readonly family: string
  /** `signature` of a visible text, `redacted` text that nobody may read, or an `encrypted` item. */
  readonly kind: 'signature' | 'redacted' | 'encrypted'
  /** Opaque; never parsed, cut or re-encoded. */
  readonly data: string
  /** The vendor's own id of the item, where it has one. */
  readonly id?: string
}

/** Words, of any side. */
export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly cache?: CacheMark
  /** A signature that the vendor put on this text (Gemini). */
  readonly state?: ReasoningState
  readonly extras?: Extras
}

/** Where the bytes of a picture, document or sound are. `base64` data is standard base64. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  | { readonly kind: 'file'; readonly id: string }
  | { readonly kind: 'text'; readonly mediaType: string; readonly text: string }

/** A picture. */
export interface ImagePart {
  readonly type: 'image'
  readonly source: MediaSource
  readonly cache?: CacheMark
  readonly extras?: Extras
}

/** A file that the model reads, such as a PDF or plain text. */
export interface DocumentPart {
  readonly type: 'document'
  readonly source: MediaSource
  readonly name?: string
  readonly cache?: CacheMark
  readonly extras?: Extras
}

/** A sound. */
export interface AudioPart {
  readonly type: 'audio'
  readonly source: MediaSource
  readonly extras?: Extras
}

/** What the model thought, or the state that stands for it. `text` may be empty beside a state. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
  readonly state?: ReasoningState
  readonly extras?: Extras
}

/** The model's own words for declining. */
export interface RefusalPart {
  readonly type: 'refusal'
  readonly text: string
  readonly extras?: Extras
}

/** A call that the model makes. */
export interface ToolCallPart {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /**
   * The exact text the model produced: JSON for a function, free text for a `custom` tool. Empty
   * means no arguments. It may be broken JSON: the model wrote it.
   */
  readonly arguments: string
  readonly kind: 'function' | 'custom'
  readonly state?: ReasoningState
  readonly cache?: CacheMark
  readonly extras?: Extras
}

/** What came of a call. */
export interface ToolResultPart {
  readonly type: 'tool-result'
  readonly callId: string
  /** The tool's name, where the protocol says it. */
  readonly name?: string
  readonly content: readonly ResultPart[]
  readonly isError?: boolean
  readonly cache?: CacheMark
  /** Index of the wire message that held it. */
  readonly at: number
  /** Index inside that message's content, where it has parts. */
  readonly atPart?: number
  readonly extras?: Extras
}

/** A part that only its own protocol understands, such as the call of a vendor's server tool. */
export interface OpaquePart {
  readonly type: 'opaque'
  readonly protocol: ProtocolName
  /** The protocol's own name of the part's type. */
  readonly kind: string
  readonly value: Json
}

/** What a user may say. */
export type UserPart = TextPart | ImagePart | DocumentPart | AudioPart | OpaquePart
/** What a tool may answer. */
export type ResultPart = TextPart | ImagePart | DocumentPart | AudioPart | OpaquePart
/** What a model may produce. */
export type AssistantPart =
  | TextPart
  | ReasoningPart
  | RefusalPart
  | ToolCallPart
  | ImagePart
  | AudioPart
  | OpaquePart

interface MessageBase {
  /** Index of the (first) wire message it came from; -1 for a place outside the message list. */
  readonly at: number
  readonly extras?: Extras
}

/** Instructions, at the head of the conversation or in the middle of it. */
export interface SystemMessage extends MessageBase {
  readonly role: 'system'
  /** Which of OpenAI's two words was used; other protocols know only `system`. */
  readonly voice: 'system' | 'developer'
  readonly content: readonly TextPart[]
}

/** What the user says. */
export interface UserMessage extends MessageBase {
  readonly role: 'user'
  readonly content: readonly UserPart[]
}

/** What the model said in an earlier turn. */
export interface AssistantMessage extends MessageBase {
  readonly role: 'assistant'
  readonly content: readonly AssistantPart[]
  /** Whether the vendor paused this turn, which goes back as it is and is gone on with. */
  readonly paused?: true
}

/** All results that stand together: neighbours on the wire are one message here. */
export interface ToolMessage extends MessageBase {
  readonly role: 'tool'
  readonly content: readonly ToolResultPart[]
}

/** One step of a conversation. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

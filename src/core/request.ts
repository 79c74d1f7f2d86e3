import type { Extras, ProtocolName } from './extras.ts'
import type { Json, JsonObject } from './json.ts'
import type { BoundField } from './loss.ts'
import type { CacheMark, Message } from './message.ts'

/** A tool whose input is a JSON object. */
export interface FunctionTool {
  readonly kind: 'function'
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments; absent means that the tool takes none. */
  readonly parameters?: JsonObject
  /** Whether the vendor must hold the arguments to the schema; absent leaves the vendor's default. */
  readonly strict?: boolean
  readonly cache?: CacheMark
  readonly extras?: Extras
}

/** A tool whose input is free text, perhaps held to a grammar. */
export interface CustomTool {
  readonly kind: 'custom'
  readonly name: string
  readonly description?: string
  readonly grammar?: { readonly syntax: string; readonly definition: string }
  readonly extras?: Extras
}

/** A tool that the vendor runs itself; it goes to the protocol that owns it or nowhere. */
export interface ServerTool {
  readonly kind: 'server'
  readonly protocol: ProtocolName
  readonly type: string
  readonly name: string
  readonly value: Json
}

/** What the model may call. */
export type Tool = FunctionTool | CustomTool | ServerTool

/**
 * Whether the model may, must or must not call. `allowed` narrows the tools to a subset by name.
 */
export type ToolChoice =
  | { readonly mode: 'auto' | 'required'; readonly allowed?: readonly string[] }
  | { readonly mode: 'none' }
  | { readonly mode: 'tool'; readonly name: string }

/** What the answer's text must be held to. */
export type OutputFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      readonly schema: JsonObject
      readonly name?: string
      readonly description?: string
      readonly strict?: boolean
      /** Whether it can only be told: the vendor cannot hold an answer to this schema. */
      readonly inWords?: true
    }

/** The words for how hard the model should think, from none to most. */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
/** How hard the model should think. */
export type Effort = (typeof EFFORTS)[number]

/** How much the model should think. Every field may be absent: the vendor's default. */
export interface ReasoningSettings {
  /** `off`, a fixed `budget`, `adaptive` (the model decides) or only `between-tools`. */
  readonly mode?: 'off' | 'budget' | 'adaptive' | 'between-tools'
  readonly effort?: Effort
  /** Tokens, with `mode: 'budget'`. */
  readonly budget?: number
  readonly display?: 'summarized' | 'omitted'
}

/** A question to a model, in the words of the house. */
export interface ModelRequest {
  /** The protocol it was decoded from. */
  readonly protocol: ProtocolName
  /** The model's name as the client wrote it, or the vendor's once it is resolved. */
  readonly model: string
  readonly messages: readonly Message[]
  /** Whether the vendor holds what came before: then `messages` are only the new ones. */
  readonly continues?: true
  /**
   * Whether a client's package is known to write such a request so that its own vendor refuses it,
   * though its meaning is plain: it is then written anew for that vendor as well.
   */
  readonly mustEncode?: true
  /** In the client's order, which vendors' caches depend on. Empty when there are none. */
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** `false`: at most one call a turn. Absent: the vendor's default, which is many. */
  readonly parallel?: boolean
  readonly output?: OutputFormat
  /** Tokens, reasoning included. */
  readonly maxTokens?: number
  readonly stop?: readonly string[]
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly seed?: number
  readonly reasoning?: ReasoningSettings
  readonly verbosity?: string
  /** An opaque name of the end user, for the vendor's abuse checks. */
  readonly user?: string
  readonly metadata?: { readonly [key: string]: string }
  readonly serviceTier?: string
  /** A name for requests that begin alike, so that the vendor looks for them in the same cache. */
  readonly cacheKey?: string
  /** A cache mark on the request as a whole. */
  readonly cache?: CacheMark
  readonly stream: boolean
  /** Whether a Chat Completions client asked for usage at the end of its stream. */
  readonly includeUsage?: boolean
  readonly extras?: Extras
  /** Fields that only `protocol` understands. */
  readonly bound: readonly BoundField[]
}

/** A request that asks nothing: where the real one is not known, or one is only needed as an example. */
export function emptyRequest(protocol: ProtocolName, model: string): ModelRequest {
  return { protocol, model, messages: [], tools: [], stream: false, bound: [] }
}

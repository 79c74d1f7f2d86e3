/** What a twin's model is told: the request, reduced to what any vendor's request says. */
export interface TwinPrompt {
  readonly model: string
  readonly tools: readonly TwinTool[]
  /** `auto` unless the request says otherwise. `tool` with `name` is a forced, named choice. */
  readonly choice: { readonly mode: 'auto' | 'none' | 'required' | 'tool'; readonly name?: string }
  /** Whether more than one call may come back. */
  readonly parallel: boolean
  /** Whether the request asks for visible reasoning. */
  readonly reasoning: boolean
  /** A JSON Schema that the final text must fit, if structured output is asked for. */
  readonly output?: { readonly schema?: unknown }
  /** Tokens that the answer may have; absent means no limit. */
  readonly maxTokens?: number
  readonly stop: readonly string[]
  readonly messages: readonly TwinMessage[]
}

/** A tool as a model is told of it. */
export interface TwinTool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. For a custom (free text) tool: `undefined` and `custom: true`. */
  readonly parameters?: unknown
  readonly custom?: boolean
}

/** One message of a conversation, in the order of the conversation. */
export type TwinMessage =
  | { readonly role: 'system'; readonly text: string }
  | {
      readonly role: 'user'
      readonly text: string
      readonly images: number
      readonly documents: number
    }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly TwinCall[] }
  | {
      readonly role: 'tool'
      readonly callId: string
      /** The result's text; structured parts are joined by new lines. */
      readonly text: string
      readonly images: number
      readonly isError: boolean
    }

/** One call: arguments are the exact text that goes on the wire (JSON, or free text for a custom tool). */
export interface TwinCall {
  /** Only in a script that fixes it, and in history; otherwise the twin mints a vendor-like id. */
  readonly id?: string
  readonly name: string
  readonly arguments: string
}

/** One block of an answer, in order. */
export type TwinBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly redacted?: boolean }
  | ({ readonly type: 'call' } & TwinCall)

/** A call of a tool that the vendor runs itself. */
export interface TwinServerCall {
  readonly name: string
  readonly input: { readonly [name: string]: unknown }
  /** What came of it, in the vendor's own form. Absent: the vendor has not run it yet. */
  readonly result?: unknown
}

/** What a model answers. The twin dresses it in its vendor's clothes. */
export interface TwinTurn {
  readonly blocks: readonly TwinBlock[]
  /**
   * Calls of tools that the vendor runs itself, behind the blocks. A vendor that never shows them
   * leaves them out.
   */
  readonly serverCalls?: readonly TwinServerCall[]
  /**
   * How it ended. Default: `calls` if there is a call, else `stop`. `length` cuts the last block
   * where the text stands (a call's arguments may be broken JSON). `refusal` declines. `pause` is to
   * be gone on with; vendors that have nothing like it just stop.
   */
  readonly end?:
    | 'stop'
    | 'calls'
    | 'length'
    | 'refusal'
    | 'content-filter'
    | 'stop-sequence'
    | 'pause'
  /** With `refusal`: the words, where the vendor gives any. */
  readonly refusal?: string
  readonly stopSequence?: string
  /** Exact token counts; by default the twin estimates (about four characters a token). */
  readonly usage?: {
    readonly input?: number
    readonly output?: number
    readonly cached?: number
    readonly cacheWrite?: number
    readonly reasoning?: number
  }
}

/** What a twin says comes from a model: a script, the rehearsal model, or a test's own function. */
export interface TwinModel {
  readonly name: string
  /**
   * Answers one request. `seed` is a number drawn from the twin's own sequence.
   *
   * @throws ScriptExhausted when a script has no turn left.
   */
  answer(prompt: TwinPrompt, seed: number): TwinTurn | Promise<TwinTurn>
  /** Throws if something that was planned did not happen, such as a turn of a script left over. */
  finish?(): void
}

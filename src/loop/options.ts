import type { ProtocolName } from '../core/extras.ts'
import type { Message } from '../core/message.ts'
import type { ToolChoice } from '../core/request.ts'
import type { FinishReason } from '../core/response.ts'
import type { Quirks } from '../protocols/quirks.ts'
import type { Budget, TokenPrice } from './budget.ts'
import type { ModelSettings } from './entry.ts'
import type { Guard } from './guard.ts'
import type { MessageInput } from './history.ts'
import type { CallSandbox } from './sandbox-call.ts'
import type { CallRecord, Totals } from './state.ts'
import type { Tool } from './tool.ts'
import type { TraceOptions } from './trace-api.ts'

/** A run as hooks and choices see it. Not to be changed. */
export interface RunView {
  /** Of the last question, counted from 1; 0 before the first. */
  readonly turn: number
  readonly messages: readonly Message[]
  readonly totals: Readonly<Totals>
  /** The calls that are answered. */
  readonly records: readonly CallRecord[]
  /** Why the last answer ended. */
  readonly finish?: FinishReason | undefined
}

/** What a hook may want. Everything may be absent. */
export interface TurnChange {
  /** Words to the model, as a message of the user's. */
  readonly note?: string
  /** Ends the run, with this as its reason. */
  readonly end?: string
}

/** What is known of a model at an address, from outside: prices, quirks, a key. */
export interface ModelFacts {
  readonly protocol?: ProtocolName
  /** The protocol that the model's own maker speaks. */
  readonly native?: ProtocolName
  /** Whose reasoning state the model can read. */
  readonly family?: string
  /** How the model differs, when it is reached over this protocol. */
  quirks?(protocol: ProtocolName): Quirks | undefined
  readonly price?: TokenPrice
  readonly key?: string
  /** What traces call whoever serves it. */
  readonly traced?: string
}

/** What may differ between the process that began a run and one that goes on with it. */
export interface RunnerOptions<T extends Tool = Tool> {
  /** What the model may call: a list, or a function of the run so far, asked before each turn. */
  readonly tools?: readonly T[] | ((run: RunView) => readonly T[] | Promise<readonly T[]>)
  /**
   * Default `auto`. A call that is demanded (`required`, `tool`) is demanded in the first turn alone;
   * a function is asked before each turn.
   */
  readonly toolChoice?: ToolChoice | ((run: RunView) => ToolChoice | undefined)
  /** Sent as the protocol's vendor wants it. */
  readonly key?: string
  /** Sent with every request. */
  readonly headers?: { readonly [name: string]: string }
  /** Ends the run, as `run.abort()` does. */
  readonly signal?: AbortSignal
  readonly budget?: Budget
  /** Calls that run side by side. Default 8. */
  readonly maxParallelCalls?: number
  /** Milliseconds that a call may take where its tool does not say. Default 60,000. */
  readonly callTimeoutMs?: number
  /** Bytes of text that the model is given of a result. Default 65,536. */
  readonly maxResultBytes?: number
  /**
   * How often a call may come to the same result, with nothing new between, before it is no progress.
   * Default 3; 0: ever.
   */
  readonly maxRepeats?: number
  /** Tries after the first, before a byte of an answer has come. Default 2. */
  readonly retries?: number
  /** Milliseconds; the longest pause between tries, and `retry-after` that is obeyed. Default 30 s. */
  readonly maxRetryMs?: number
  /** Milliseconds of the model's silence after which the run fails. Default 5 minutes. */
  readonly silenceMs?: number
  /** What the model is told of an error that a tool throws. Default: its message, cut to a line. */
  readonly describeError?: (error: unknown, tool: string) => string
  /** Default: from the catalog, where there is one. */
  readonly price?: TokenPrice
  /** Before each question. */
  readonly beforeTurn?: (run: RunView) => TurnChange | undefined | Promise<TurnChange | undefined>
  /** After each turn's calls are answered. */
  readonly afterTurn?: (run: RunView) => TurnChange | undefined | Promise<TurnChange | undefined>
  readonly guard?: Guard
  readonly sandbox?: CallSandbox
  /** File that everything is written to, so that `resume` can go on after a crash. */
  readonly journal?: string
  /** Signs a paused run. Default: a random key, with which only this process can go on. */
  readonly signingKey?: string
  /**
   * What becomes of an irreversible call that was running when the process died. `tell` (default):
   * the model is told that it may have happened. `ask`: a person is.
   */
  readonly unfinished?: 'tell' | 'ask'
  /**
   * How the run is traced with OpenTelemetry. Default: to the provider that the program has
   * registered, if it has one, without content. `false`: not at all.
   */
  readonly trace?: TraceOptions | false
  /** Looks a model up. The package's own `runTools` asks the catalog. */
  readonly facts?: (model: string, baseUrl: string) => ModelFacts | undefined
}

/** The context that tools want, all of them together. */
export type ContextOf<T extends Tool> = (
  T extends { readonly types?: infer Types }
    ? NonNullable<Types> extends { readonly context: infer Context }
      ? (context: Context) => void
      : never
    : never
) extends (context: infer All) => void
  ? All
  : unknown

/** `context` as an option: wanted if a tool wants it. */
export type ContextOption<T extends Tool> =
  unknown extends ContextOf<T> ? { readonly context?: unknown } : { readonly context: ContextOf<T> }

/** The options of `runTools`. */
export interface RunOptions<T extends Tool = Tool> extends RunnerOptions<T>, ModelSettings {
  readonly model: string
  /** A vendor's, a gateway's or a twin's address, as the protocol's own clients take it. */
  readonly baseUrl: string
  /** Default: told by the address, else by the model. */
  readonly protocol?: ProtocolName
  /** Default true. */
  readonly stream?: boolean
  /** Instructions, before everything else; not said again where `messages` begin with them. */
  readonly instructions?: string
  /** The user's words; after `messages`, if both are given. */
  readonly prompt?: string
  readonly messages?: readonly MessageInput[]
  /** How the model differs from its protocol. Default: from the catalog, where there is one. */
  readonly quirks?: Quirks
}

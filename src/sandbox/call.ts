import type { Json } from '../core/json.ts'

/** Where code runs, from the least to the most confined by the operating system; see the guide. */
export type Tier = 'inline' | 'worker' | 'wasm' | 'process'

/** What code gets beside its input; in `wasm` and `process` it also gets what the call allows. */
export interface SandboxContext {
  /** Aborted when the call's time is over or its caller gave up; only in `inline`. */
  readonly signal?: AbortSignal
  /** Tells the caller how far the work is; what is told counts as output. */
  progress(value: Json): void
  /** Only in `wasm` and `process`, and only for the hosts of the call's `network`. */
  fetch?(url: string, options?: FetchOptions): Promise<FetchAnswer>
  /** Only in `wasm` and `process`: text of a file that the call's `files` allow. */
  readFile?(path: string): Promise<string>
}

/** What `context.fetch` takes; redirects are followed only to hosts of the list. */
export interface FetchOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What `context.fetch` answers, whole. */
export interface FetchAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * What to run. A function runs only `inline`. A module's `export` is `default` unless named. Source
 * text is one function expression, or an ES module whose default export is a function.
 */
export type SandboxCode =
  | {
      readonly kind: 'function'
      run(input: Json, context: SandboxContext): Json | undefined | Promise<Json | undefined>
    }
  | { readonly kind: 'module'; readonly path: string; readonly export?: string }
  | { readonly kind: 'source'; readonly text: string }

/** What one call may use up. */
export interface Limits {
  /** Milliseconds from the moment the code gets its input. */
  readonly timeMs: number
  /** Bytes; what they bound differs by tier (nothing in `inline`). */
  readonly memoryBytes: number
  /** UTF-8 bytes of result, progress, what is printed and what is asked of the host, together. */
  readonly outputBytes: number
}

/** One call. */
export interface SandboxCall {
  readonly code: SandboxCode
  /** By default `inline` for a function, `worker` for a module, `wasm` for source text. */
  readonly tier?: Tier
  readonly input: Json
  readonly limits?: Partial<Limits>
  /** Hosts (`host` or `host:port`) it may reach; `[]` demands that it reaches none. */
  readonly network?: readonly string[]
  /** Files and folders it may read; `[]` demands that it reads none. */
  readonly files?: readonly string[]
  readonly signal?: AbortSignal
  progress?(value: Json): void
}

/** How a call ended. */
export type Ending =
  | 'returned'
  | 'threw'
  | 'timeout'
  | 'memory'
  | 'output'
  | 'aborted'
  | 'crashed'
  | 'refused'

/** A wall that stood between the code and the machine. */
export type Wall = 'thread' | 'wasm' | 'permission' | 'namespaces'

/** What a call really got. */
export interface Receipt {
  /** The tier it ran in; of a refused call, the one that was asked for. */
  readonly tier: Tier
  /** The walls that really stood; `[]` for `inline` and for a refused call. */
  readonly walls: readonly Wall[]
  readonly limits: Limits
  /** Milliseconds of running, without the wait for a thread. */
  readonly ms: number
  /** Bytes it held: at its end in `wasm`, the highest seen in `process`. */
  readonly memoryBytes?: number
  readonly ended: Ending
}

/** A call's value or its error, and its receipt. It never rejects. */
export type SandboxOutcome =
  | { readonly ok: true; readonly value: Json; readonly receipt: Receipt }
  | {
      readonly ok: false
      readonly error: { readonly name: string; readonly message: string }
      readonly receipt: Receipt
    }

/** The limits of a call that names none: 10 s, 64 MiB, 1 MiB. */
export const DEFAULT_LIMITS: Limits = {
  timeMs: 10_000,
  memoryBytes: 64 * 2 ** 20,
  outputBytes: 2 ** 20,
}

/** What a tier reports of one call: strings and numbers only, whatever the code did. */
export interface Report {
  readonly ended: Ending
  /** The result as JSON text. */
  readonly text?: string
  readonly name?: string
  readonly message?: string
  readonly ms?: number
  readonly memoryBytes?: number
  readonly walls: readonly Wall[]
}

/** A call as a tier gets it: everything settled. */
export interface Task {
  readonly code: SandboxCode
  readonly input: string
  readonly limits: Limits
  readonly network?: readonly string[]
  readonly files?: readonly string[]
  readonly signal?: AbortSignal
  /** Takes JSON text. */
  progress(text: string): void
}

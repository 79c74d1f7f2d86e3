import type { Json } from '../core/json.ts'

/** Where a tool's code is run, from no wall to the thickest. */
export type SandboxTier = 'inline' | 'worker' | 'wasm' | 'process'

/** Code that a sandbox can run: a module on disk, or source text. */
export type SandboxCode =
  | { readonly kind: 'module'; readonly path: string; readonly export?: string }
  | { readonly kind: 'source'; readonly text: string }

/** How much a sandboxed call may use. */
export interface SandboxLimits {
  readonly timeMs?: number
  readonly memoryBytes?: number
  readonly outputBytes?: number
}

/** How a tool is shut in. */
export interface SandboxSettings {
  readonly tier?: SandboxTier
  readonly limits?: SandboxLimits
  /** Hosts that it may reach. Default: none. */
  readonly network?: readonly string[]
  /** Paths that it may read. Default: none. */
  readonly files?: readonly string[]
}

/** One call for a sandbox. */
export interface SandboxCall extends SandboxSettings {
  readonly code:
    | SandboxCode
    | { readonly kind: 'function'; run(input: Json, context: unknown): unknown }
  readonly input: Json
  readonly signal?: AbortSignal
  progress?(value: Json): void
}

/** What isolation a call really got, and how it ended. */
export interface SandboxReceipt {
  readonly tier: SandboxTier
  readonly ms: number
  readonly ended: string
  readonly memoryBytes?: number
}

/** What came of a sandboxed call. */
export type SandboxOutcome =
  | { readonly ok: true; readonly value: Json; readonly receipt: SandboxReceipt }
  | {
      readonly ok: false
      readonly error: { readonly name: string; readonly message: string }
      readonly receipt: SandboxReceipt
    }

/** Runs calls behind a wall: as much of a sandbox as a run needs. */
export interface CallSandbox {
  run(call: SandboxCall): Promise<SandboxOutcome>
}

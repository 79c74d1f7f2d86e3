import type { Sandbox, SandboxCall, SandboxCode } from '../sandbox/index.ts'

/** Code that a tool hands to a sandbox: a module on disk, or source text. */
export type ToolCode = Exclude<SandboxCode, { readonly kind: 'function' }>

/** How a tool's code is shut in. The tier's default is `worker` for a module, `wasm` for source. */
export type SandboxSettings = Pick<SandboxCall, 'tier' | 'limits' | 'network' | 'files'>

/** As much of a sandbox as a run needs; who made it closes it. */
export type CallSandbox = Pick<Sandbox, 'run'>

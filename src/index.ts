/**
 * Toolgate as a library: the tool loop, its sandbox and its guardrails.
 *
 * @module
 */
export { ERROR_CODES, type ErrorCode, isToolgateError, ToolgateError } from './core/error.ts'
export type { Loss, LossAction } from './core/loss.ts'
export * from './guardrails/index.ts'
export {
  type ApprovalPolicy,
  type Budget,
  type CallEnd,
  type CallOutcome,
  type CallRecord,
  type CallSandbox,
  type CallStart,
  type Decision,
  type Effect,
  type Ended,
  file,
  type Guard,
  type GuardVerdict,
  image,
  type MessageInput,
  output,
  type PausedRun,
  type Replay,
  type ResumeOptions,
  type Run,
  type RunEvent,
  RunFailed,
  type RunOptions,
  type RunResult,
  type RunSubject,
  type RunView,
  replay,
  retryHint,
  type TokenPrice,
  type Tool,
  type ToolContext,
  type ToolOptions,
  type TraceOptions,
  type Tracer,
  type TraceSpan,
  type TraceValue,
  type TurnChange,
  tool,
} from './loop/index.ts'
export { type McpServer, type McpTools, mcpTools } from './mcp/client.ts'
export { resume, runTools } from './run.ts'
export {
  createSandbox,
  type Receipt,
  type Sandbox,
  type SandboxCall,
  type SandboxCode,
  type SandboxContext,
  type SandboxOptions,
  type SandboxOutcome,
} from './sandbox/index.ts'

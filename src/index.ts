/**
 * Toolgate as a library: the tool loop, its sandbox and its guardrails.
 *
 * @module
 */
export { ERROR_CODES, type ErrorCode, isToolgateError, ToolgateError } from './core/error.ts'
export type { ProtocolName } from './core/extras.ts'
export type { Json, JsonObject } from './core/json.ts'
export type { Loss, LossAction } from './core/loss.ts'
export type { AssistantPart, Message, ResultPart, UserPart } from './core/message.ts'
export type { ToolChoice } from './core/request.ts'
export type { FinishReason, Usage } from './core/response.ts'
export * from './guardrails/index.ts'
export {
  type ApprovalPolicy,
  type Budget,
  type CallEnd,
  type CallOutcome,
  type CallRecord,
  type CallSandbox,
  type CallStart,
  type ContextOf,
  type ContextOption,
  type Decision,
  type Effect,
  type Ended,
  file,
  type Guard,
  type GuardVerdict,
  type InputOf,
  image,
  type JsonSchema,
  type MessageInput,
  output,
  type PausedRun,
  type PlainMessage,
  type Replay,
  type ReplayedRequest,
  type ResumeOptions,
  RetryHint,
  type Run,
  type RunEvent,
  RunFailed,
  type RunnerOptions,
  type RunOptions,
  type RunResult,
  type RunSubject,
  type RunView,
  replay,
  retryHint,
  type SandboxSettings,
  type StandardSchema,
  type TokenPrice,
  type Tool,
  type ToolCode,
  type ToolContext,
  type ToolInput,
  type ToolOptions,
  type ToolOutput,
  type Totals,
  type TraceOptions,
  type Tracer,
  type TraceSpan,
  type TraceValue,
  type TurnChange,
  tool,
  type WaitingCall,
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

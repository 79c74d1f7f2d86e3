export type { Budget, TokenPrice } from './budget.ts'
export type { CallOutcome, Ended } from './entry.ts'
export type { CallEnd, CallStart, RunEvent, RunResult, ToolInput } from './event.ts'
export type { Guard, GuardVerdict, RunSubject } from './guard.ts'
export type { MessageInput, PlainMessage } from './history.ts'
export type {
  ContextOf,
  ContextOption,
  ModelFacts,
  RunnerOptions,
  RunOptions,
  RunView,
  TurnChange,
} from './options.ts'
export { file, image, output, type ToolOutput } from './output.ts'
export type { Decision, PausedRun, WaitingCall } from './pause.ts'
export { type Replay, type ReplayedRequest, replay } from './replay.ts'
export { type ResumeOptions, resume } from './resume.ts'
export { type Run, RunFailed, runTools } from './run.ts'
export type { CallSandbox, SandboxSettings, ToolCode } from './sandbox-call.ts'
export type { FromJsonSchema, InputOf, JsonSchema, StandardSchema } from './standard.ts'
export type { CallRecord, Totals } from './state.ts'
export {
  type ApprovalPolicy,
  type Effect,
  RetryHint,
  retryHint,
  type Tool,
  type ToolContext,
  type ToolOptions,
  tool,
} from './tool.ts'
export type { TraceOptions, Tracer, TraceSpan, TraceValue } from './trace-api.ts'

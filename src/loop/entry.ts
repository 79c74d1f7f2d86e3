import type { ProtocolName } from '../core/extras.ts'
import type { Json } from '../core/json.ts'
import type { AssistantMessage, Message, ToolCallPart, ToolResultPart } from '../core/message.ts'
import type { Tool as DeclaredTool, ModelRequest, ToolChoice } from '../core/request.ts'
import type { FinishReason, Usage } from '../core/response.ts'
import type { Quirks } from '../protocols/quirks.ts'
import type { Receipt } from '../sandbox/index.ts'
import type { Budget } from './budget.ts'
import type { RunState } from './state.ts'
import type { Effect } from './tool.ts'

/** Settings of a run that go to the model as they are. */
export type ModelSettings = Partial<
  Pick<
    ModelRequest,
    'maxTokens' | 'temperature' | 'topP' | 'stop' | 'seed' | 'reasoning' | 'output' | 'parallel'
  >
>

/** How a run ended. */
export type Ended = 'answered' | 'refused' | 'paused' | 'budget' | 'aborted' | 'failed'

/** What came of one call. */
export type CallOutcome =
  /** It ran, and returned or said an error itself. */
  | 'returned'
  | 'threw'
  /** It ran, and did not settle in time, or the run ended first: what it does is not waited for. */
  | 'timeout'
  | 'aborted'
  /** It was not run. */
  | 'invalid'
  | 'unknown-tool'
  | 'rejected'
  | 'refused'
  | 'skipped'
  /** It was running when the process died; whether it finished is not known. */
  | 'unfinished'

/** The kind and the cause of the first entry, from which a run can be begun again. */
export interface StartEntry {
  readonly type: 'start'
  readonly version: 1
  readonly run: string
  /** Unix milliseconds. */
  readonly at: number
  readonly model: string
  readonly baseUrl: string
  readonly protocol: ProtocolName
  readonly stream: boolean
  readonly quirks: Quirks
  readonly settings: ModelSettings
  readonly budget: Budget
  readonly messages: readonly Message[]
}

/** A question that is about to be sent. */
export interface AskEntry {
  readonly type: 'ask'
  readonly turn: number
  /** Only where they are not those of the question before. */
  readonly tools?: readonly DeclaredTool[]
  readonly choice?: ToolChoice
  readonly maxTokens?: number
  /** Of the body's exact text. */
  readonly sha256: string
  readonly bytes: number
}

/** What the model said, as it stands in the history. */
export interface AnswerEntry {
  readonly type: 'answer'
  readonly turn: number
  /** Absent if it said nothing that a vendor would take back. */
  readonly message?: AssistantMessage
  /** As the model wrote them, where the history holds a mended form. */
  readonly calls: readonly ToolCallPart[]
  readonly finish: FinishReason
  readonly usage?: Usage
  /** US dollars, where the price is known. */
  readonly cost?: number
}

/** A call that is about to be run. */
export interface CallEntry {
  readonly type: 'call'
  readonly turn: number
  readonly callId: string
  readonly tool: string
  readonly effect: Effect
  readonly key: string
  /** What a guard put in the place of the model's arguments, as JSON text. */
  readonly arguments?: string
}

/** A call that is answered. */
export interface ResultEntry {
  readonly type: 'result'
  readonly turn: number
  readonly callId: string
  readonly outcome: CallOutcome
  readonly result: ToolResultPart
  /** Milliseconds that it ran. */
  readonly ms: number
  readonly receipt?: Receipt
  /** Names the call and its result: the same again is no progress. */
  readonly print?: string
}

/** A question to a person about a call, or the person's answer. */
export interface ApprovalEntry {
  readonly type: 'approval'
  readonly turn: number
  readonly callId: string
  readonly step: 'asked' | 'approved' | 'rejected'
  readonly reason?: string
  /** The arguments in the place of the model's, as JSON text: a guard's if `asked`, else a person's. */
  readonly arguments?: string
}

/** Everything that happens to a run, in the order in which it happened: its journal, and its state. */
export type Entry =
  | StartEntry
  /** A run that began elsewhere, as it stood. */
  | { readonly type: 'state'; readonly state: RunState }
  | AskEntry
  | AnswerEntry
  | CallEntry
  | ResultEntry
  | ApprovalEntry
  /** Words of the loop's own to the model. */
  | { readonly type: 'note'; readonly text: string }
  /** A result that came after its call had been given up. */
  | { readonly type: 'late'; readonly turn: number; readonly callId: string; readonly value: Json }
  | { readonly type: 'resume'; readonly at: number; readonly spentMs: number }
  | {
      readonly type: 'end'
      readonly ended: Ended
      readonly reason: string
      readonly spentMs: number
    }

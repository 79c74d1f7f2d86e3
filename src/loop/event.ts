import type { ToolgateError } from '../core/error.ts'
import type { Json } from '../core/json.ts'
import type { Message } from '../core/message.ts'
import type { FinishReason, Usage } from '../core/response.ts'
import type { GuardPoint } from '../guardrails/index.ts'
import type { Receipt } from '../sandbox/index.ts'
import type { CallOutcome, Ended } from './entry.ts'
import type { GuardVerdict } from './guard.ts'
import type { PausedRun } from './pause.ts'
import type { CallRecord, Totals } from './state.ts'
import type { Tool } from './tool.ts'

/** The arguments that a tool's function gets. */
export type ToolInput<T extends Tool> = T extends { readonly types?: infer Types }
  ? NonNullable<Types> extends { readonly input: infer Input }
    ? Input
    : unknown
  : unknown

interface CallPlace<Name> {
  readonly turn: number
  readonly callId: string
  readonly tool: Name
}

/** A call is run, with arguments that keep its schema. `tool` tells the type of `input`. */
export type CallStart<T extends Tool> = T extends Tool
  ? CallPlace<T['name']> & {
      readonly type: 'call-start'
      readonly input: ToolInput<T>
      readonly idempotencyKey: string
    }
  : never

/** A call has a result, which may be that it was not run. */
export interface CallEnd extends CallPlace<string> {
  readonly type: 'call-end'
  readonly outcome: CallOutcome
  /** The text that the model is given, pictures and files left out. */
  readonly text: string
  readonly isError: boolean
  /** What of the result the model is not given, if it was too large. */
  readonly cut?: string
  readonly ms: number
  readonly receipt?: Receipt
}

/** One thing that happens in a run. */
export type RunEvent<T extends Tool = Tool> =
  /** `last`: why the model is asked to finish without tools. */
  | { readonly type: 'turn-start'; readonly turn: number; readonly last?: string }
  | { readonly type: 'text-delta'; readonly turn: number; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly turn: number; readonly text: string }
  /** `text` is what has come so far: the beginning of a JSON object, and not checked. */
  | (CallPlace<string> & {
      readonly type: 'arguments-delta'
      readonly delta: string
      readonly text: string
    })
  | {
      readonly type: 'model-retry'
      readonly turn: number
      readonly attempt: number
      readonly waitMs: number
      readonly error: ToolgateError
    }
  | CallStart<T>
  | (CallPlace<string> & { readonly type: 'call-progress'; readonly value: Json })
  | CallEnd
  /** A call that had been given up has settled after all; the model is not told. */
  | (CallPlace<string> & { readonly type: 'call-late'; readonly value: Json })
  | (CallPlace<string> & {
      readonly type: 'approval-needed'
      readonly input: Json
      readonly reason: string
    })
  | {
      readonly type: 'guardrail'
      readonly turn: number
      readonly point: GuardPoint
      readonly tool?: string
      readonly callId?: string
      readonly verdict: GuardVerdict
    }
  /** Something that was not as asked for: a mend, a loss, a limit that was lowered. */
  | { readonly type: 'notice'; readonly turn: number; readonly what: string }
  | {
      readonly type: 'turn-end'
      readonly turn: number
      readonly finish: FinishReason
      readonly usage?: Usage
      readonly cost?: number
    }
  | { readonly type: 'end'; readonly result: RunResult }

/** How a run came out. */
export interface RunResult {
  readonly run: string
  readonly ended: Ended
  /** Why, in words for a person. */
  readonly reason: string
  /** The final answer, or the words of a refusal; empty if there is neither. */
  readonly text: string
  /** The whole conversation, every call answered: it can be handed to another run as it is. */
  readonly messages: readonly Message[]
  readonly calls: readonly CallRecord[]
  readonly totals: Readonly<Totals>
  /** With `paused`: what `resume` goes on from. Plain JSON. */
  readonly paused?: PausedRun
  /** With `failed`: what went wrong. */
  readonly error?: Error
}

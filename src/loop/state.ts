import type { Message, ToolCallPart, ToolMessage, ToolResultPart } from '../core/message.ts'
import type { Tool as DeclaredTool, ModelRequest, ToolChoice } from '../core/request.ts'
import type { FinishReason, Usage } from '../core/response.ts'
import type { Receipt } from '../sandbox/index.ts'
import type { AskEntry, CallOutcome, Ended, Entry, ResultEntry, StartEntry } from './entry.ts'

/** What a run has used so far. */
export interface Totals {
  /** Questions that were answered. */
  turns: number
  /** Calls that were run. */
  calls: number
  /** Tokens; `cached` is part of `input`, `reasoning` of `output`. */
  input: number
  output: number
  cached: number
  reasoning: number
  /** UTF-8 bytes of text in the results. */
  resultBytes: number
  /** US dollars; `undefined` as soon as one turn's price is not known. */
  cost: number | undefined
  /** Milliseconds, in all processes that ran it. */
  ms: number
}

/** What is remembered of a call that has been answered. */
export interface CallRecord {
  readonly turn: number
  readonly callId: string
  readonly tool: string
  /** The text that it was run with. */
  readonly arguments: string
  readonly outcome: CallOutcome
  readonly isError: boolean
  readonly ms: number
  readonly receipt?: Receipt
}

/** A call of the last answer, on its way to a result. */
export interface PendingCall {
  /** As the model wrote it. */
  readonly call: ToolCallPart
  /** What a guard put in the place of its arguments, and then what a person did; as JSON text. */
  rewritten?: string | undefined
  edited?: string | undefined
  /** The key that it was started with, if it was. */
  started?: string | undefined
  /** Why a person is asked; and what the person said. */
  question?: string | undefined
  decision?: 'approved' | 'rejected' | undefined
  reason?: string | undefined
  result?: ToolResultPart | undefined
  /** Names the call and its result; and whether the result is one to go on with. */
  print?: string | undefined
  isGood?: boolean | undefined
}

/** All that a run is between two steps: plain JSON, made by its entries alone. */
export interface RunState {
  readonly start: StartEntry
  turn: number
  messages: Message[]
  /** What the last question declared, and what it let the model choose. */
  tools: readonly DeclaredTool[]
  choice?: ToolChoice | undefined
  pending: PendingCall[]
  records: CallRecord[]
  totals: Totals
  /** How often each call came to each result since a turn brought something new. */
  prints: Record<string, number>
  /** The last answer's finish, and what its question weighed. */
  finish?: FinishReason | undefined
  asked?: { bytes: number; tokens?: number } | undefined
  ended?: { ended: Ended; reason: string } | undefined
}

/** A run that has only begun. All is there from the start: objects of one shape are read faster. */
export function startState(start: StartEntry): RunState {
  return {
    start,
    turn: 0,
    messages: [...start.messages],
    tools: [],
    choice: undefined,
    pending: [],
    records: [],
    totals: noTotals(0),
    prints: {},
    finish: undefined,
    asked: undefined,
    ended: undefined,
  }
}

/** What a run has used that used nothing. */
export function noTotals(cost: number | undefined): Totals {
  return {
    turns: 0,
    calls: 0,
    input: 0,
    output: 0,
    cached: 0,
    reasoning: 0,
    resultBytes: 0,
    cost,
    ms: 0,
  }
}

const RAN: readonly CallOutcome[] = ['returned', 'threw', 'timeout', 'aborted', 'unfinished']

/** Takes one step, unless it is a beginning: the only place that changes a run's state. */
export function apply(state: RunState, entry: Entry): void {
  switch (entry.type) {
    case 'ask':
      state.turn = entry.turn
      state.tools = entry.tools ?? state.tools
      state.choice = entry.choice
      state.asked = { bytes: entry.bytes }
      return
    case 'answer':
      state.finish = entry.finish
      addUsage(state, entry.usage, entry.cost)
      if (entry.message) state.messages.push({ ...entry.message, at: state.messages.length })
      state.pending = entry.calls.map(pendingCall)
      return
    case 'call': {
      const pending = find(state, entry.callId)
      if (!pending) return
      pending.started = entry.key
      if (entry.arguments !== undefined) pending.rewritten = entry.arguments
      // A person agreed to this start, and not to another one after a crash.
      pending.question = undefined
      pending.decision = undefined
      return
    }
    case 'result':
      applyResult(state, entry)
      return
    case 'approval': {
      const pending = find(state, entry.callId)
      if (!pending) return
      if (entry.step === 'asked') {
        pending.question = entry.reason ?? ''
        if (entry.arguments !== undefined) pending.rewritten = entry.arguments
      } else {
        pending.decision = entry.step
        if (entry.reason !== undefined) pending.reason = entry.reason
        if (entry.arguments !== undefined) pending.edited = entry.arguments
      }
      return
    }
    case 'note':
      state.messages.push({
        role: 'user',
        at: state.messages.length,
        content: [{ type: 'text', text: entry.text }],
      })
      return
    case 'resume':
      state.totals.ms = entry.spentMs
      state.ended = undefined
      return
    case 'end':
      state.totals.ms = entry.spentMs
      state.ended = { ended: entry.ended, reason: entry.reason }
      return
    case 'start':
    case 'state':
    case 'late':
      return
  }
}

function pendingCall(call: ToolCallPart): PendingCall {
  return {
    call,
    rewritten: undefined,
    edited: undefined,
    started: undefined,
    question: undefined,
    decision: undefined,
    reason: undefined,
    result: undefined,
    print: undefined,
    isGood: undefined,
  }
}

/** The text that a call is run with: the model's, unless a guard or a person changed it. */
export function argumentsOf({ call, rewritten, edited }: PendingCall): string {
  return edited ?? rewritten ?? call.arguments
}

function find(state: RunState, callId: string): PendingCall | undefined {
  return state.pending.find(({ call }) => call.id === callId)
}

function addUsage(state: RunState, usage: Usage | undefined, cost: number | undefined): void {
  const { totals } = state
  totals.turns++
  totals.input += usage?.input ?? 0
  totals.output += usage?.output ?? 0
  totals.cached += usage?.cached ?? 0
  totals.reasoning += usage?.reasoning ?? 0
  totals.cost = totals.cost === undefined || cost === undefined ? undefined : totals.cost + cost
  if (state.asked && usage) state.asked.tokens = usage.input
}

function applyResult(state: RunState, entry: ResultEntry): void {
  const pending = find(state, entry.callId)
  if (!pending || pending.result) return
  pending.result = entry.result
  if (RAN.includes(entry.outcome)) state.totals.calls++
  for (const part of entry.result.content)
    if (part.type === 'text') state.totals.resultBytes += Buffer.byteLength(part.text)
  if (entry.print !== undefined) pending.print = entry.print
  pending.isGood = entry.outcome === 'returned' && !entry.result.isError
  state.records.push({
    turn: entry.turn,
    callId: entry.callId,
    tool: pending.call.name,
    arguments: argumentsOf(pending),
    outcome: entry.outcome,
    isError: entry.result.isError ?? false,
    ms: entry.ms,
    ...(entry.receipt ? { receipt: entry.receipt } : {}),
  })
  if (state.pending.some(({ result }) => !result)) return
  state.messages.push(resultsOf(state, () => undefined))
  countPrints(state)
  state.pending = []
}

/** To ask again after something new came, as tests after a change, is no lack of progress. */
function countPrints({ pending, prints }: RunState): void {
  const isNew = pending.some(
    ({ print, isGood }) => isGood && print !== undefined && !(print in prints),
  )
  if (isNew) for (const print of Object.keys(prints)) prints[print] = 0
  for (const { print } of pending) if (print !== undefined) prints[print] = (prints[print] ?? 0) + 1
}

/** The results of the last answer's calls, in the order of the calls; others from `otherwise`. */
function resultsOf(
  state: RunState,
  otherwise: (pending: PendingCall) => ToolResultPart | undefined,
): ToolMessage {
  const at = state.messages.length
  const content = state.pending.flatMap(pending => pending.result ?? otherwise(pending) ?? [])
  return { role: 'tool', at, content: content.map(part => ({ ...part, at })) }
}

/** The conversation as any vendor takes it: calls without a result are answered that they have none. */
export function closedMessages(state: RunState): Message[] {
  if (state.pending.length === 0) return state.messages
  const results = resultsOf(state, ({ call, question }) =>
    errorResult(
      call,
      question === undefined
        ? 'Not finished: the run ended before this call had a result.'
        : 'Not run yet: a person has to agree to this call.',
    ),
  )
  return [...state.messages, results]
}

/** The result that tells the model why there is none. */
export function errorResult(call: ToolCallPart, text: string): ToolResultPart {
  const content = [{ type: 'text', text }] as const
  return { type: 'tool-result', callId: call.id, name: call.name, content, isError: true, at: 0 }
}

/** The request that an `ask` of this state stands for. */
export function requestOf(
  state: RunState,
  ask: Pick<AskEntry, 'tools' | 'choice' | 'maxTokens'>,
): ModelRequest {
  const { protocol, model, stream, settings } = state.start
  const tools = ask.tools ?? state.tools
  const { parallel, ...others } = settings
  return {
    protocol,
    model,
    messages: state.messages,
    tools,
    ...others,
    ...(ask.choice && tools.length > 0 ? { toolChoice: ask.choice } : {}),
    ...(parallel !== undefined && tools.length > 0 ? { parallel } : {}),
    ...(ask.maxTokens === undefined ? {} : { maxTokens: ask.maxTokens }),
    stream,
    ...(stream ? { includeUsage: true } : {}),
    bound: [],
  }
}

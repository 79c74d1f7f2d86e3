import type { ToolResultPart } from '../core/message.ts'
import { breathe } from './breath.ts'
import { DEFAULT_BUDGET } from './budget.ts'
import { answer, describe, settle } from './call-answer.ts'
import { prepareCall, type ReadyCall } from './call-prepare.ts'
import { runCall, type Settled } from './call-run.ts'
import { endingOf, RunEnding } from './ending.ts'
import type { CallOutcome, ResultEntry } from './entry.ts'
import type { GuardVerdict } from './guard.ts'
import { type Answer, answerOf, cutAnswer } from './output.ts'
import { sortedJson } from './pause.ts'
import { readingsOf, wordsIn } from './result-readings.ts'
import { holdLock, isFree, runJobs } from './schedule.ts'
import { printOf, type Session } from './session.ts'
import type { PendingCall } from './state.ts'
import type { Tool } from './tool.ts'

/**
 * Brings every open call of the last answer to a result, except those that a person has to decide
 * on.
 *
 * @returns whether calls are waiting for a person
 * @throws RunEnding when the run ends first, or a guardrail refuses
 */
export async function settleCalls(session: Session): Promise<boolean> {
  const { state, options } = session
  const ready: ReadyCall[] = []
  for (const pending of [...state.pending]) {
    if (pending.result) continue
    const rest = breathe()
    if (rest) await rest
    if (session.signal.aborted) throw endingOf(session.signal)
    const call = await prepareCall(session, pending)
    if (call) ready.push(call)
  }
  const left = (session.budget.calls ?? DEFAULT_BUDGET.calls) - state.totals.calls
  for (const { pending } of ready.slice(Math.max(0, left)))
    await answer(session, pending, 'skipped', 'Not run: the budget of calls is used up.')
  await runJobs(
    ready
      .slice(0, Math.max(0, left))
      .map(call => ({ lock: call.lock, run: () => run(session, call) })),
    Math.max(1, options.maxParallelCalls ?? 8),
  )
  if (session.signal.aborted) throw endingOf(session.signal)
  return state.pending.some(({ result }) => !result)
}

async function run(session: Session, call: ReadyCall): Promise<void> {
  const { pending, tool, input, json, rewritten, lock } = call
  const { options, signal, turn } = session
  const callId = pending.call.id
  const rest = breathe()
  if (rest) await rest
  if (signal.aborted) return answer(session, pending, 'skipped', 'Not run: the run ended first.')
  if (bytesLeft(session) === 0) {
    const text = 'Not run: the budget of bytes of results is used up.'
    return answer(session, pending, 'skipped', text)
  }
  const timeoutMs = tool.timeoutMs ?? options.callTimeoutMs ?? 60_000
  if (lock !== undefined && !(await isFree(session.heldLocks, lock, timeoutMs, signal))) {
    const text = `Not run: an earlier call that was given up still holds '${lock}'.`
    return answer(session, pending, 'skipped', text)
  }
  const idempotencyKey =
    pending.started ?? `tg_${printOf(session.state.start.run, String(turn), callId)}`
  const place = { turn, callId, tool: tool.name }
  const { effect } = tool
  const changed = rewritten === undefined ? {} : { arguments: rewritten }
  const entry = { type: 'call', ...place, effect, key: idempotencyKey, ...changed } as const
  await session.record(entry, effect !== 'read')
  session.emit({ type: 'call-start', ...place, input, idempotencyKey })
  const { trace } = session
  if (!trace) await runAndFinish(session, call, timeoutMs, idempotencyKey)
  else
    await trace.call(pending, tool, json, ran =>
      runAndFinish(session, call, timeoutMs, idempotencyKey, ran),
    )
}

/** Runs a call and takes its result. `ran` is told when the tool is done, before anything is checked. */
async function runAndFinish(
  session: Session,
  call: ReadyCall,
  timeoutMs: number,
  idempotencyKey: string,
  ran?: () => void,
): Promise<ResultEntry> {
  const { pending, tool, input, json, lock } = call
  const { options, watch, turn } = session
  const callId = pending.call.id
  const place = { turn, callId, tool: tool.name }
  const began = performance.now()
  const settled = await runCall({
    tool,
    input,
    json,
    facts: { context: options.context, callId, idempotencyKey, turn },
    timeoutMs,
    watch,
    sandbox: options.sandbox,
    progress: value => session.emit({ type: 'call-progress', ...place, value }),
    late(value) {
      session.recordLate({ type: 'late', turn, callId, value })
      session.emit({ type: 'call-late', ...place, value })
    },
  })
  if ('work' in settled && lock !== undefined) holdLock(session.heldLocks, lock, settled.work)
  ran?.()
  return finish(session, call, settled, performance.now() - began)
}

async function finish(
  session: Session,
  { pending, tool, json }: ReadyCall,
  settled: Settled,
  ms: number,
): Promise<ResultEntry> {
  const rest = breathe()
  if (rest) await rest
  const said = say(session, tool, settled)
  let given: Answer = said.answer
  const edited =
    pending.edited === undefined ? '' : `[A person changed the arguments to ${pending.edited}]\n`
  if (edited !== '')
    given = { ...given, content: [{ type: 'text', text: edited }, ...given.content] }
  const isGuarded = session.options.guard !== undefined && !session.signal.aborted
  const guarded = isGuarded ? await guardResult(session, pending, tool, given) : given
  const most = tool.maxResultBytes ?? session.options.maxResultBytes ?? 65_536
  const cut = cutAnswer(guarded, Math.min(most, bytesLeft(session)))
  const { id: callId, name } = pending.call
  const result: ToolResultPart = {
    type: 'tool-result',
    callId,
    name,
    content: cut.content,
    ...(cut.isError ? { isError: true } : {}),
    at: 0,
  }
  const print = tool.polls
    ? undefined
    : printOf(name, sortedJson(json), JSON.stringify(result.content))
  const receipt = 'receipt' in settled && settled.receipt ? { receipt: settled.receipt } : {}
  const entry: ResultEntry = {
    type: 'result',
    turn: session.turn,
    callId,
    outcome: said.outcome,
    result,
    ms: Math.round(ms),
    ...receipt,
    ...(print === undefined ? {} : { print }),
  }
  await settle(session, entry, tool.effect !== 'read', cut.cut)
  return entry
}

/** Bytes of text that results may still have; `Infinity` without a budget of them. */
function bytesLeft({ budget, state }: Session): number {
  return Math.max(0, (budget.resultBytes ?? Number.POSITIVE_INFINITY) - state.totals.resultBytes)
}

function say(
  session: Session,
  tool: Tool,
  settled: Settled,
): { outcome: CallOutcome; answer: Answer } {
  const wrong = (outcome: CallOutcome, text: string) => ({
    outcome,
    answer: { content: [{ type: 'text', text }] as const, isError: true },
  })
  switch (settled.kind) {
    case 'value':
      return { outcome: 'returned', answer: answerOf(settled.value) }
    case 'error':
      return wrong(
        settled.receipt?.ended === 'timeout' ? 'timeout' : 'threw',
        describe(session, settled.error, tool.name),
      )
    case 'timeout': {
      const limit = tool.timeoutMs ?? session.options.callTimeoutMs ?? 60_000
      const doubt = tool.effect === 'read' ? '' : ' It may still happen.'
      return wrong(
        'timeout',
        `'${tool.name}' did not finish within ${limit} ms and was given up.${doubt}`,
      )
    }
    case 'aborted':
      return wrong('aborted', `'${tool.name}' was interrupted: the run ended before it finished.`)
  }
}

/** The guard's word on a result: its texts only, for pictures and files cannot be rewritten. */
async function guardResult(
  session: Session,
  pending: PendingCall,
  tool: Tool,
  given: Answer,
): Promise<Answer> {
  const subject = { point: 'tool-result', tool: tool.name, callId: pending.call.id } as const
  let passed = given
  // What a rewrite has left is read on, in the ways that are still to come.
  for (let way = 0; ; way++) {
    const reading = readingsOf(passed.content)[way]
    if (!reading) return passed
    const verdict = await session.guard({ ...subject, value: reading.text })
    if (verdict.type === 'rewrite' && reading.isWhole) {
      const others = passed.content.filter(part => wordsIn(part) === undefined)
      passed = { ...passed, content: [...answerOf(verdict.value).content, ...others] }
    } else if (verdict.type !== 'allow') return withheld(verdict)
  }
}

/** What the model is told in place of a result. @throws RunEnding if the run ends with it */
function withheld(verdict: Exclude<GuardVerdict, { readonly type: 'allow' }>): Answer {
  switch (verdict.type) {
    case 'rewrite':
    case 'ask-again':
      return { ...answerOf(`The result is withheld: ${verdict.reason}`), isError: true }
    case 'refuse':
      throw new RunEnding('refused', verdict.reason, { text: verdict.message })
    case 'require-approval':
      return {
        ...answerOf(`The result is withheld, for nobody can approve it: ${verdict.reason}`),
        isError: true,
      }
  }
}

import type { Json, JsonObject } from '../core/json.ts'
import type { ToolResultPart } from '../core/message.ts'
import { DEFAULT_BUDGET } from './budget.ts'
import { runCall, type Settled } from './call.ts'
import { endingOf, RunEnding, within } from './ending.ts'
import type { CallOutcome, ResultEntry } from './entry.ts'
import { type Answer, answerOf, cutAnswer } from './output.ts'
import { canonicalJson } from './pause.ts'
import { holdLock, isFree, runJobs } from './schedule.ts'
import { sayProblems } from './schema-source.ts'
import { printOf, type Session } from './session.ts'
import { errorResult, type PendingCall } from './state.ts'
import { RetryHint, type Tool } from './tool.ts'

/** A call that may be run. */
interface ReadyCall {
  readonly pending: PendingCall
  readonly tool: Tool
  readonly input: unknown
  readonly json: JsonObject
  readonly lock: string | undefined
}

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
    const call = await prepare(session, pending)
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

/** Everything that comes before a call is run; `undefined` if it is answered or waits. */
async function prepare(session: Session, pending: PendingCall): Promise<ReadyCall | undefined> {
  const { call } = pending
  const tool = session.tools.get(call.name)
  if (!tool) {
    const names = [...session.tools.keys()]
    const known = names.length === 0 ? 'There are no tools now.' : `There are: ${names.join(', ')}.`
    await answer(session, pending, 'unknown-tool', `There is no tool '${call.name}'. ${known}`)
    return undefined
  }
  if (isCut(session, pending)) {
    const text = 'Not run: your answer was cut at its limit of tokens, and this call with it.'
    await answer(session, pending, 'invalid', text)
    return undefined
  }
  const checked = await check(session, pending, tool)
  if (!checked) return undefined
  const { value, json } = checked
  if (!(await survived(session, pending, tool))) return undefined
  if (!(await agreed(session, pending, tool, value, json))) return undefined
  const lock = await attempt(() => tool.lockOf(value))
  if (lock.ok) return { pending, tool, input: value, json, lock: lock.value }
  await answer(session, pending, 'threw', describe(session, lock.error, call.name))
  return undefined
}

/** In an answer that was cut the last call may be cut as well, even if it can be read. */
function isCut({ state }: Session, pending: PendingCall): boolean {
  return (
    state.finish?.kind === 'length' &&
    state.pending.at(-1) === pending &&
    pending.edited === undefined
  )
}

async function check(session: Session, pending: PendingCall, tool: Tool) {
  const text = pending.edited ?? pending.call.arguments
  const tried = await attempt(() => within(session.signal, () => tool.check(text)))
  if (!tried.ok) {
    if (tried.error instanceof RunEnding) throw tried.error
    await answer(session, pending, 'invalid', describe(session, tried.error, tool.name))
    return undefined
  }
  const checked = tried.value
  if (!checked.ok) {
    await answer(session, pending, 'invalid', sayProblems(tool.name, checked.problems))
    return undefined
  }
  if (pending.decision) return checked
  const subject = { point: 'tool-arguments', value: checked.json, tool: tool.name } as const
  const verdict = await session.guard({ ...subject, callId: pending.call.id })
  switch (verdict.type) {
    case 'allow':
      return checked
    case 'rewrite': {
      const again = await tool.check(JSON.stringify(verdict.value))
      if (again.ok) return again
      await answer(session, pending, 'refused', 'Not run: a guardrail made its arguments invalid.')
      return undefined
    }
    case 'ask-again':
      await answer(session, pending, 'refused', `Not run: ${verdict.reason}`)
      return undefined
    case 'refuse':
      throw new RunEnding('refused', verdict.reason, { text: verdict.message })
    case 'require-approval':
      return askPerson(session, pending, verdict.reason, checked.json)
  }
}

async function askPerson(session: Session, pending: PendingCall, reason: string, input: Json) {
  const { turn } = session
  const { id: callId, name: tool } = pending.call
  if (pending.question === undefined)
    await session.record({ type: 'approval', turn, callId, step: 'asked', reason })
  session.emit({ type: 'approval-needed', turn, callId, tool, input, reason })
  return undefined
}

/** Whether a call that was running when the process died may be run now. */
async function survived(session: Session, pending: PendingCall, tool: Tool): Promise<boolean> {
  if (pending.started === undefined || pending.decision === 'approved') return true
  const { name } = pending.call
  if (tool.effect !== 'irreversible') {
    session.notice(`'${name}' was interrupted, and is run again with the same idempotency key`)
    return true
  }
  if (session.options.unfinished === 'ask' && pending.decision === undefined) {
    const reason = `'${name}' was running when the process died, and may have happened: run it again?`
    await askPerson(session, pending, reason, pending.call.arguments)
    return false
  }
  if (pending.decision === 'rejected') return true
  session.notice(
    `'${name}' was interrupted: whether it happened is not known, and it is not run again`,
  )
  const text = `'${name}' was interrupted, and it is not known whether it happened. It was not run again. Find out before anything else is done, or tell the user.`
  await answer(session, pending, 'unfinished', text)
  return false
}

/** Whether nobody has to agree to a call, or somebody has. */
async function agreed(
  session: Session,
  pending: PendingCall,
  tool: Tool,
  input: unknown,
  json: JsonObject,
): Promise<boolean> {
  if (pending.decision === 'approved') return true
  if (pending.decision === 'rejected') {
    const why = pending.reason ? `: ${pending.reason}` : '.'
    await answer(session, pending, 'rejected', `Not run: a person declined this call${why}`)
    return false
  }
  const asked = await attempt(() => within(session.signal, () => tool.approvalFor(input)))
  if (!asked.ok && asked.error instanceof RunEnding) throw asked.error
  // A policy that fails asks.
  const reason = asked.ok ? asked.value : `whether '${tool.name}' needs approval could not be told`
  if (reason === undefined && pending.question === undefined) return true
  await askPerson(session, pending, reason ?? pending.question ?? '', json)
  return false
}

async function run(session: Session, call: ReadyCall): Promise<void> {
  const { pending, tool, input, json, lock } = call
  const { options, signal, turn } = session
  const callId = pending.call.id
  if (signal.aborted) return answer(session, pending, 'skipped', 'Not run: the run ended first.')
  const timeoutMs = tool.timeoutMs ?? options.callTimeoutMs ?? 60_000
  if (lock !== undefined && !(await isFree(session.heldLocks, lock, timeoutMs, signal))) {
    const text = `Not run: an earlier call that was given up still holds '${lock}'.`
    return answer(session, pending, 'skipped', text)
  }
  const idempotencyKey =
    pending.started ?? `tg_${printOf(session.state.start.run, String(turn), callId)}`
  const place = { turn, callId, tool: tool.name }
  const { effect } = tool
  await session.record({ type: 'call', ...place, effect, key: idempotencyKey }, effect !== 'read')
  session.emit({ type: 'call-start', ...place, input, idempotencyKey })
  const began = performance.now()
  const settled = await runCall({
    tool,
    input,
    json,
    context: { context: options.context, callId, idempotencyKey, turn },
    timeoutMs,
    signal,
    sandbox: options.sandbox,
    progress: value => session.emit({ type: 'call-progress', ...place, value }),
    late(value) {
      session.recordLate({ type: 'late', turn, callId, value })
      session.emit({ type: 'call-late', ...place, value })
    },
  })
  if ('work' in settled && lock !== undefined) holdLock(session.heldLocks, lock, settled.work)
  await finish(session, call, settled, performance.now() - began)
}

async function finish(
  session: Session,
  { pending, tool, json }: ReadyCall,
  settled: Settled,
  ms: number,
): Promise<void> {
  const said = say(session, tool, settled)
  let given: Answer = said.answer
  const edited =
    pending.edited === undefined ? '' : `[A person changed the arguments to ${pending.edited}]\n`
  if (edited !== '')
    given = { ...given, content: [{ type: 'text', text: edited }, ...given.content] }
  const guarded = await guardResult(session, pending, tool, given)
  const cut = cutAnswer(guarded, tool.maxResultBytes ?? session.options.maxResultBytes ?? 65_536)
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
    : printOf(name, canonicalJson(json), JSON.stringify(result.content))
  const receipt = 'receipt' in settled && settled.receipt ? { receipt: settled.receipt } : {}
  await settle(
    session,
    {
      type: 'result',
      turn: session.turn,
      callId,
      outcome: said.outcome,
      result,
      ms: Math.round(ms),
      ...receipt,
      ...(print === undefined ? {} : { print }),
    },
    tool.effect !== 'read',
    cut.cut,
  )
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

/** The guard's word on a result: its text only, for pictures and files cannot be rewritten. */
async function guardResult(
  session: Session,
  pending: PendingCall,
  tool: Tool,
  given: Answer,
): Promise<Answer> {
  if (!session.options.guard || session.signal.aborted) return given
  const text = given.content.flatMap(part => (part.type === 'text' ? part.text : [])).join('\n')
  const verdict = await session.guard({
    point: 'tool-result',
    value: text,
    tool: tool.name,
    callId: pending.call.id,
  })
  switch (verdict.type) {
    case 'allow':
      return given
    case 'rewrite': {
      const others = given.content.filter(part => part.type !== 'text')
      return { ...given, content: [...answerOf(verdict.value).content, ...others] }
    }
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

/** What the model is told of something that was thrown. */
function describe(session: Session, error: unknown, tool: string): string {
  if (error instanceof RetryHint) return error.message
  const { describeError } = session.options
  if (describeError) {
    try {
      return describeError(error, tool)
    } catch {
      return 'The tool failed.'
    }
  }
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1)
  return `Error: ${line.slice(0, 500) || 'the tool failed'}`
}

/** Answers a call that is not run. */
function answer(
  session: Session,
  pending: PendingCall,
  outcome: CallOutcome,
  text: string,
): Promise<void> {
  const { call } = pending
  return settle(session, {
    type: 'result',
    turn: session.turn,
    callId: call.id,
    outcome,
    result: errorResult(call, text),
    ms: 0,
    print: printOf(call.name, call.arguments, text),
  })
}

async function settle(
  session: Session,
  entry: ResultEntry,
  durable = false,
  cut?: string,
): Promise<void> {
  const { turn, callId, outcome, result, ms, receipt } = entry
  await session.record(entry, durable)
  session.emit({
    type: 'call-end',
    turn,
    callId,
    tool: result.name ?? '',
    outcome,
    text: result.content.flatMap(part => (part.type === 'text' ? part.text : [])).join('\n'),
    isError: result.isError ?? false,
    ...(cut === undefined ? {} : { cut }),
    ms,
    ...(receipt ? { receipt } : {}),
  })
}

async function attempt<T>(
  work: () => T | Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; error: unknown }> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, error }
  }
}

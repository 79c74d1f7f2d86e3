import type { Json, JsonObject } from '../core/json.ts'
import { answer, attempt, describe } from './call-answer.ts'
import { RunEnding, within } from './ending.ts'
import { sayProblems } from './schema-source.ts'
import type { Session } from './session.ts'
import { argumentsOf, type PendingCall } from './state.ts'
import { isThrown } from './thrown.ts'
import type { Tool } from './tool.ts'

/** A call that may be run. */
export interface ReadyCall {
  readonly pending: PendingCall
  readonly tool: Tool
  readonly input: unknown
  readonly json: JsonObject
  /** The arguments as JSON text, if a guard changed them. */
  readonly rewritten: string | undefined
  readonly lock: string | undefined
}

/** Everything that comes before a call is run; `undefined` if it is answered or waits. */
export async function prepareCall(
  session: Session,
  pending: PendingCall,
): Promise<ReadyCall | undefined> {
  const { call } = pending
  const { choice } = session.state
  const allowed = choice && 'allowed' in choice ? choice.allowed : undefined
  const tool = session.tools.get(call.name)
  // Not every vendor holds its model to the choice, and some cannot be told of it.
  if (tool && choice?.mode === 'none') {
    await answer(session, pending, 'skipped', 'Not run: no tool may be called in this turn.')
    return undefined
  }
  if (!tool || allowed?.includes(tool.name) === false) {
    const names = [...session.tools.keys()].filter(name => allowed?.includes(name) !== false)
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
  const { value, json, rewritten } = checked
  if (pending.started !== undefined && !(await survived(session, pending, tool))) return undefined
  if (!(await agreed(session, pending, tool, checked))) return undefined
  const lock = await attempt(() => tool.lockOf(value))
  if (lock.ok) return { pending, tool, input: value, json, rewritten, lock: lock.value }
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

/** Arguments that may be run, if nobody has to agree to them. */
interface Passed {
  readonly value: unknown
  readonly json: JsonObject
  /** As JSON text, if the guard changed them just now. */
  readonly rewritten?: string
}

async function check(
  session: Session,
  pending: PendingCall,
  tool: Tool,
): Promise<Passed | undefined> {
  const text = argumentsOf(pending)
  const tried = await attempt(() => within(session.signal, () => tool.check(text)))
  if (!tried.ok) {
    if (isThrown(tried.error, RunEnding)) throw tried.error
    await answer(session, pending, 'invalid', describe(session, tried.error, tool.name))
    return undefined
  }
  const checked = tried.value
  if (!checked.ok) {
    await answer(session, pending, 'invalid', sayProblems(tool.name, checked.problems))
    return undefined
  }
  if (pending.decision || !session.options.guard) return checked
  const subject = { point: 'tool-arguments', value: checked.json, tool: tool.name } as const
  const verdict = await session.guard({ ...subject, callId: pending.call.id })
  switch (verdict.type) {
    case 'allow':
      return checked
    case 'rewrite': {
      const rewritten = JSON.stringify(verdict.value)
      const again = await within(session.signal, () => tool.check(rewritten))
      if (again.ok) return { ...again, rewritten }
      await answer(session, pending, 'refused', 'Not run: a guardrail made its arguments invalid.')
      return undefined
    }
    case 'ask-again':
      await answer(session, pending, 'refused', `Not run: ${verdict.reason}`)
      return undefined
    case 'refuse':
      throw new RunEnding('refused', verdict.reason, { text: verdict.message })
    case 'require-approval':
      return askPerson(session, pending, verdict.reason, checked)
  }
}

async function askPerson(
  session: Session,
  pending: PendingCall,
  reason: string,
  { json: input, rewritten }: { readonly json: Json; readonly rewritten?: string },
) {
  const { turn } = session
  const { id: callId, name: tool } = pending.call
  if (pending.question === undefined)
    await session.record({
      type: 'approval',
      turn,
      callId,
      step: 'asked',
      reason,
      ...(rewritten === undefined ? {} : { arguments: rewritten }),
    })
  session.emit({ type: 'approval-needed', turn, callId, tool, input, reason })
  return undefined
}

/** Whether a call that was running when the process died may be run now. */
async function survived(session: Session, pending: PendingCall, tool: Tool): Promise<boolean> {
  if (pending.decision === 'approved') return true
  const { name } = pending.call
  if (tool.effect !== 'irreversible') {
    session.notice(`'${name}' was interrupted, and is run again with the same idempotency key`)
    return true
  }
  if (session.options.unfinished === 'ask' && pending.decision === undefined) {
    const reason = `'${name}' was running when the process died, and may have happened: run it again?`
    await askPerson(session, pending, reason, { json: argumentsOf(pending) })
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
  passed: Passed,
): Promise<boolean> {
  if (pending.decision === 'approved') return true
  if (pending.decision === 'rejected') {
    const why = pending.reason ? `: ${pending.reason}` : '.'
    await answer(session, pending, 'rejected', `Not run: a person declined this call${why}`)
    return false
  }
  const asked = await attempt(() => within(session.signal, () => tool.approvalFor(passed.value)))
  if (!asked.ok && isThrown(asked.error, RunEnding)) throw asked.error
  // A policy that fails asks.
  const reason = asked.ok ? asked.value : `whether '${tool.name}' needs approval could not be told`
  if (reason === undefined && pending.question === undefined) return true
  await askPerson(session, pending, reason ?? pending.question ?? '', passed)
  return false
}

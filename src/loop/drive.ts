import { RunEnding } from './ending.ts'
import type { Session } from './session.ts'
import type { PendingCall } from './state.ts'
import { askTurn, callHook } from './turn.ts'
import { settleCalls } from './turn-calls.ts'

/** How often in a row an answer that cannot stand is asked for again. */
const MOST_AGAIN = 2

/**
 * The loop: settles the open calls, asks the model, and so on until the run ends.
 *
 * @throws RunEnding always: it is the way a run ends
 */
export async function drive(session: Session): Promise<never> {
  const { state } = session
  let again = 0
  // A resumed run may stand between an answer and its results.
  if (state.pending.length > 0) {
    session.trace?.startTurn(state.turn)
    await finishTurn(session, undefined)
    session.trace?.endTurn()
  }
  for (;;) {
    await callHook(session, 'beforeTurn')
    const { finish, text, last, again: reason } = await askTurn(session)
    const { kind } = finish
    if (reason !== undefined) {
      session.trace?.endTurn()
      if (++again > MOST_AGAIN)
        throw new RunEnding(
          kind === 'malformed-call' ? 'failed' : 'refused',
          `the answer did not pass after ${again} tries: ${reason}`,
        )
      await session.record({
        type: 'note',
        text: `That answer cannot stand: ${reason}. Answer again.`,
      })
      continue
    }
    if (kind === 'refusal' || kind === 'content-filter') {
      const why =
        kind === 'refusal' ? 'the model declined' : "the vendor's filter stopped the answer"
      throw new RunEnding('refused', why, { text })
    }
    again = 0
    if (state.pending.length > 0) await finishTurn(session, last)
    else if (kind !== 'pause') throw endOf(session, kind, text, last)
    session.trace?.endTurn()
  }
}

function endOf(session: Session, kind: string, text: string, last: string | undefined): RunEnding {
  if (kind === 'length')
    return new RunEnding('budget', 'the answer was cut at its limit of tokens', { text })
  if (last !== undefined && session.turn > 1 && session.tools.size > 0)
    return new RunEnding('budget', `the model was asked to finish: ${last}`, { text })
  return new RunEnding(
    'answered',
    text === '' ? 'the model said nothing more' : 'the model answered',
    {
      text,
    },
  )
}

/** Settles the calls of a turn, and sees whether the run gets anywhere. */
async function finishTurn(session: Session, last: string | undefined): Promise<void> {
  const { state } = session
  if (session.tools.size === 0) await session.chooseTools()
  const { pending } = state
  if (await settleCalls(session)) {
    const count = state.pending.filter(({ result }) => !result).length
    throw new RunEnding(
      'paused',
      `${count} ${count === 1 ? 'call waits' : 'calls wait'} for a person`,
    )
  }
  await callHook(session, 'afterTurn')
  if (last !== undefined)
    throw new RunEnding('budget', `the model went on calling in the last turn: ${last}`)
  const most = session.options.maxRepeats ?? 3
  if (most <= 0) return
  const now = countsOf(pending)
  let highest = 0
  for (const [print, count] of now) {
    const all = state.prints[print] ?? 0
    const told = all - count
    // Calls of one turn are made before the model can be told of any: none of them ends the run.
    if (told >= most)
      throw new RunEnding('failed', `no progress: a call came to the same result ${all} times`)
    highest = Math.max(highest, all)
  }
  if (highest >= most) {
    session.notice(
      `no progress: a call came to the same result ${highest} times, and the model was told`,
    )
    await session.record({
      type: 'note',
      text: `You have made the same call ${highest} times with the same result. Calling it again will not help: try something else, or answer with what is known.`,
    })
  }
}

/** How many of a turn's calls came to each result. */
function countsOf(pending: readonly PendingCall[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { print } of pending)
    if (print !== undefined) counts.set(print, (counts.get(print) ?? 0) + 1)
  return counts
}

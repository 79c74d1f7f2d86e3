import { createHash } from 'node:crypto'
import { writeRequest } from './ask.ts'
import { readJournal } from './journal.ts'
import { apply, type RunState, requestOf, startState } from './state.ts'

/** One question of a run as it was sent. */
export interface ReplayedRequest {
  readonly turn: number
  /** The body's exact text. */
  readonly body: string
  /** Whether it is, byte for byte, what was sent then. */
  readonly same: boolean
}

/** A run played again from its journal. */
export interface Replay {
  readonly requests: readonly ReplayedRequest[]
  /** Whether all requests are the same. */
  readonly same: boolean
}

/**
 * Plays a run again from its journal: no network, no tools, no clock. Every request is written anew
 * from what is in the journal and held against the print of the one that was sent.
 *
 * @throws ToolgateError `invalid_value` if the file is no journal
 */
export async function replay(path: string): Promise<Replay> {
  const { entries } = await readJournal(path)
  const requests: ReplayedRequest[] = []
  let state: RunState | undefined
  for (const entry of entries) {
    if (entry.type === 'start') state = startState(entry)
    else if (entry.type === 'state') state = structuredClone(entry.state)
    else if (state) {
      if (entry.type === 'ask') {
        const body = writeRequest(requestOf(state, entry), state.start.quirks).text
        const sha256 = createHash('sha256').update(body).digest('hex')
        requests.push({ turn: entry.turn, body, same: sha256 === entry.sha256 })
      }
      apply(state, entry)
    }
  }
  return { requests, same: requests.every(({ same }) => same) }
}

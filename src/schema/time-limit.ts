import { createContext, Script } from 'node:vm'

/** What `withinTime` throws when the time is over. */
export class TimeLimitError extends Error {
  constructor(milliseconds: number) {
    super(`not done within ${milliseconds} ms`)
    this.name = 'TimeLimitError'
  }
}

const sandbox = createContext({ run: undefined })
const script = new Script('run()')

/** How often work is begun again, if the machine gave its time to others. */
const MOST_TRIES = 8

/**
 * Runs synchronous work that may take for ever, such as a regular expression of a stranger's, and
 * stops it when its time is over: V8 ends even a match that backtracks. Costs about 70 µs a call.
 * What it throws comes through. The time is that of the clock; where this process was given less than
 * half of it, as on a machine that is busy or throttled, the work is begun again.
 *
 * @throws TimeLimitError
 */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  for (let tried = 1; ; tried++) {
    const before = process.cpuUsage()
    try {
      return runOnce(milliseconds, work)
    } catch (thrown) {
      if (!(thrown instanceof TimeLimitError) || tried === MOST_TRIES) throw thrown
      const { user, system } = process.cpuUsage(before)
      if ((user + system) / 1000 >= milliseconds / 2) throw thrown
    }
  }
}

function runOnce<T>(milliseconds: number, work: () => T): T {
  let result: { readonly value: T } | undefined
  sandbox.run = () => {
    result = { value: work() }
  }
  try {
    script.runInContext(sandbox, { timeout: milliseconds })
  } catch (thrown) {
    throw isTimeout(thrown) ? new TimeLimitError(milliseconds) : thrown
  } finally {
    sandbox.run = undefined
  }
  if (result === undefined) throw new TimeLimitError(milliseconds)
  return result.value
}

/** The stop is an error of the other context: not an instance of our `Error`. */
function isTimeout(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false
  return thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

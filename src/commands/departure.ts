/** What asks a command to leave: a signal, or an output that nobody reads any more. */
export type Cause = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE'

/** How a shell tells that a signal ended a program: 128 and the signal's number. */
export const CAUSE_CODES: Readonly<Record<Cause, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGPIPE: 141,
  SIGTERM: 143,
}

/** What a person is told of it. */
export const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  SIGHUP: 'the terminal was closed',
  SIGINT: 'Ctrl-C',
  SIGPIPE: 'nobody reads the output any more',
  SIGTERM: 'SIGTERM',
}

/** Milliseconds that what a tool has begun may take to end after the command has. */
const GRACE_MS = 2000

/** Takes the place of what signals and closed pipes do by themselves, for the rest of the process. */
export function hearCauses(take: (cause: Cause) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => take(signal))
  process.stdout.once('error', () => take('SIGPIPE'))
  // Each write fails again. Without anybody who reads it, a word to a person is lost; the work is not.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

/** Ends the process now. What it started in other threads and processes ends with it. */
export function leaveNow(cause: Cause): never {
  if (process.stderr.isTTY) process.stderr.write('\n')
  process.exit(CAUSE_CODES[cause])
}

/**
 * Ends the process when nothing is under way any more, and a little later in any case: a tool that
 * was given up may hold it open for ever.
 *
 * @param wait whether what is still under way is given that time
 */
export async function leave(code: number, wait: boolean): Promise<void> {
  process.exitCode = code
  // Not only for what is still to be written: that a pipe is closed is heard after the write.
  await new Promise<void>(resolve => process.stdout.write('', () => resolve()))
  if (!wait) process.exit()
  setTimeout(() => {
    process.stderr.write('! something that a tool began is still under way, and is ended\n')
    process.exit()
  }, GRACE_MS).unref()
}

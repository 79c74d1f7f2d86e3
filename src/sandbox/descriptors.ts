import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'

/** The flag of a descriptor that no program started from here gets (`O_CLOEXEC`, Linux). */
const CLOSED = 0o2000000

/** What `spawn` puts at a descriptor of a child. */
type Stdio = 'pipe' | 'ignore' | number | undefined

/**
 * The descriptors that every program started from here would get: what whoever started this program
 * left open. Node closes those up to 15 by itself. None on a machine without Linux's `/proc`.
 */
export function inheritedDescriptors(): readonly number[] {
  return entriesOf('/proc/self/fdinfo')
    .map(Number)
    .filter(descriptor => descriptor > 2 && isOpenToChildren(descriptor))
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isOpenToChildren(descriptor: number): boolean {
  try {
    const about = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
    const flags = /^flags:\s*([0-7]+)$/m.exec(about)?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED) === 0
  } catch {
    // It was open for the look at the folder alone.
    return false
  }
}

/**
 * Starts a child with `/dev/null` at each of `inherited` that `stdio` says nothing of: to leave one
 * out of `stdio` would hand it on.
 */
export function withNothingElse<Child>(
  stdio: readonly Stdio[],
  inherited: readonly number[],
  start: (stdio: Stdio[]) => Child,
): Child {
  const all = [...stdio]
  const others = inherited.filter(descriptor => descriptor >= stdio.length)
  if (others.length === 0) return start(all)
  const nothing = openSync('/dev/null', 'r')
  try {
    for (const descriptor of others) all[descriptor] = nothing
    return start(Array.from(all, one => one ?? 'ignore'))
  } finally {
    closeSync(nothing)
  }
}

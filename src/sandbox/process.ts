import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Duplex } from 'node:stream'
import type { Report, Task, Wall } from './call.ts'
import { withNothingElse } from './descriptors.ts'
import { Exchange } from './exchange.ts'
import { describeThrown } from './result.ts'
import { Slots } from './slots.ts'
import { isTooLittle, type Runner } from './threads.ts'
import { commandOf, findWalls, giveFilter, type Walls } from './walls.ts'

/** Milliseconds that a child may take to start, on a machine under load. */
const START_MS = 30_000

/** How often a child's memory is read, in milliseconds. */
const WEIGH_MS = 50

/** Makes the tier of child processes: one per call, with what walls the machine gives. */
export function createProcessTier(concurrency: number, requireNamespaces: boolean): Runner {
  const slots = new Slots(concurrency)
  let found: Promise<Walls | string> | undefined

  const wallsOf = async () => {
    try {
      found ??= findWalls()
      return await found
    } catch (error) {
      // What could not be found out now may be known at the next call.
      found = undefined
      throw error
    }
  }

  const run = async (task: Task): Promise<Report> => {
    if (!(await slots.take(task.signal))) return { ended: 'aborted', walls: [] }
    try {
      const walls = await wallsOf()
      if (task.signal?.aborted) return { ended: 'aborted', walls: [] }
      const why = objection(walls, task, requireNamespaces)
      if (why !== undefined || typeof walls === 'string')
        return { ended: 'refused', name: 'Refused', message: why ?? '', walls: [] }
      if (isTooLittle(task)) return { ended: 'memory', walls: [] }
      return await runChild(walls, task)
    } finally {
      slots.give()
    }
  }
  return { run, close: async () => {} }
}

/** Why the machine cannot give what a call demands; fails closed. */
function objection(
  walls: Walls | string,
  task: Task,
  requireNamespaces: boolean,
): string | undefined {
  if (typeof walls === 'string') return walls
  if (walls.bubblewrap !== undefined) return undefined
  if (task.network) return `process cannot limit the network here: ${walls.without}`
  if (requireNamespaces) return `process cannot have namespaces here: ${walls.without}`
  return undefined
}

async function runChild(walls: Walls, task: Task): Promise<Report> {
  const { code, limits } = task
  const module = code.kind === 'module' ? [dirname(code.path)] : []
  const paths = [...module, ...(task.files ?? [])]
  const { file, args } = commandOf(walls, paths, limits)
  const stands: Wall[] = walls.bubblewrap ? ['permission', 'namespaces'] : ['permission']
  const filter = walls.bubblewrap ? ['pipe' as const] : []
  const child = withNothingElse(
    ['ignore', 'pipe', 'pipe', 'pipe', ...filter],
    walls.inherited,
    stdio => spawn(file, args, { env: {}, cwd: '/', stdio, detached: true }),
  )
  if (child.pid === undefined) return unstarted(child)
  if (walls.bubblewrap) giveFilter(child)
  const line = child.stdio[3]
  if (!(line instanceof Duplex)) throw new Error('the child has no line to this process')
  // Writing to a child that has died is no news: its end is heard anyway.
  line.on('error', () => {})
  const closed = new Promise<void>(resolve => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  try {
    return await converse(child, line, task, stands)
  } finally {
    killGroup(child)
    for (const stream of child.stdio) stream?.destroy()
    await closed
  }
}

/** What is told of a child that this machine could not start; it may have no streams. */
async function unstarted(child: ChildProcess): Promise<Report> {
  const [error]: unknown[] = await once(child, 'error')
  for (const stream of child.stdio ?? []) stream?.destroy()
  return { ended: 'crashed', ...describeThrown(error), walls: [] }
}

/**
 * Ends a child and what it has begun: bubblewrap's own child does not yet die with it while it waits
 * to be set up, and would wait for ever. It has a group of its own for this.
 */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // They are gone already; where there are no groups, the child alone is meant.
    child.kill('SIGKILL')
  }
}

function converse(child: ChildProcess, line: Duplex, task: Task, stands: Wall[]): Promise<Report> {
  return new Promise(resolve => {
    let exchange: Exchange | undefined
    let weigher: NodeJS.Timeout | undefined
    let printed = ''
    let memory = false
    const finish = (report: Report) => {
      clearTimeout(starting)
      clearInterval(weigher)
      task.signal?.removeEventListener('abort', abort)
      resolve(report)
    }
    const abort = () => {
      if (!exchange) finish({ ended: 'aborted', walls: stands })
    }
    const fail = (message: string) => {
      if (exchange) exchange.end(memory ? 'memory' : 'crashed', memory ? {} : { message })
      else if (memory) finish({ ended: 'memory', walls: stands })
      else finish({ ended: 'crashed', message: `${message}: ${printed.trim()}`, walls: stands })
    }
    const starting = setTimeout(() => fail('the child did not start'), START_MS)
    task.signal?.addEventListener('abort', abort, { once: true })
    if (task.signal?.aborted) abort()
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        // A trace of native code may follow that is longer than what is kept.
        memory ||= /heap out of memory|heap limit|javascript (oom|out of memory)/i.test(printed)
        printed = printed.slice(-2000)
        exchange?.spend(chunk.length)
      })
    child.on('error', error => fail(error.message))
    child.on('close', (status, signal) => {
      if (exchange && status === OVERFLOW) exchange.end('output')
      else fail(`the code ended its process with ${signal ?? status}`)
    })
    readLines(line, 2 * task.limits.outputBytes + 65_536, text => {
      if (text === undefined) return exchange ? exchange.end('output') : fail('it said too much')
      if (exchange) return exchange.hear(parse(text))
      clearTimeout(starting)
      const started = new Exchange(task, stands, (told, read) => say(line, told, read))
      exchange = started
      started.ended.then(finish)
      const first = memoryOf(child.pid)
      weigher = setInterval(() => started.weigh(Math.max(0, memoryOf(child.pid) - first)), WEIGH_MS)
      say(line, {
        code: task.code,
        input: task.input,
        network: (task.network?.length ?? 0) > 0,
        files: (task.files?.length ?? 0) > 0,
        outputBytes: task.limits.outputBytes,
      })
    })
  })
}

/** How a child ends itself that holds more than its call may put out. */
const OVERFLOW = 97

function say(line: Duplex, message: unknown, read?: () => void): void {
  if (line.writable) line.write(`${JSON.stringify(message)}\n`, read)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Cuts a stream into lines; answers `undefined`, and no more, once all of them together are over the
 * limit: what the code writes on the line by itself is counted, whatever it says.
 */
function readLines(line: Duplex, limit: number, take: (text: string | undefined) => void): void {
  let parts: Buffer[] = []
  let size = 0
  line.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) {
      line.removeAllListeners('data')
      take(undefined)
      return
    }
    let rest = chunk
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      parts.push(rest.subarray(0, end))
      take(Buffer.concat(parts).toString('utf8'))
      parts = []
      rest = rest.subarray(end + 1)
    }
    parts.push(rest)
  })
}

/** Bytes that a process and its descendants hold; 0 where there is no `/proc` to read it from. */
function memoryOf(pid: number | undefined): number {
  if (pid === undefined) return 0
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const below = children === '' ? [] : children.split(' ').map(Number)
    return below.reduce((sum, child) => sum + memoryOf(child), pages * 4096)
  } catch {
    return 0
  }
}

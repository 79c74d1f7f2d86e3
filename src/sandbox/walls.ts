import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { delimiter, join, sep } from 'node:path'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Limits } from './call.ts'
import { inheritedDescriptors } from './descriptors.ts'
import { socketFilter } from './socket-filter.ts'

/** What stands between a child and this machine. */
export interface Walls {
  /** Node's own flag, whose name depends on its version. */
  readonly permission: string
  /** The path of bubblewrap, if namespaces can really be made here. */
  readonly bubblewrap?: string
  /** Why there is none, for who demands it. */
  readonly without?: string
  /** Descriptors of this program that a child would get unless something else is put there. */
  readonly inherited: readonly number[]
}

/** What a child is started with. */
export interface ChildCommand {
  readonly file: string
  readonly args: readonly string[]
}

const NODE = realpathSync(process.execPath)
const GUEST = fileURLToPath(new URL('./guest', import.meta.url))
const CHILD = join(GUEST, 'process-child.mjs')
/** What else some versions of Node must be told. */
const OTHER_FLAGS = [
  // The line to this process is a socket; the network is for namespaces to close.
  ['--allow-net', '--allow-net'],
  // Databases are files for which Node asks no permission (as of version 26.12).
  ['--experimental-sqlite', '--no-experimental-sqlite'],
].flatMap(([known = '', flag = '']) =>
  process.allowedNodeEnvironmentFlags.has(known) ? [flag] : [],
)
const PROBE_MS = 10_000
const FILTER = socketFilter()
/** Where bubblewrap reads the filter of system calls. */
const FILTER_FD = 4

/** Seconds of processor time that a child may take to start, with all its threads. */
const START_CPU = 30

/**
 * The command that runs the child with read access to `paths` and no other. Bubblewrap ends it with
 * its parent; without it, one that loops when its parent was killed has only so much processor time.
 */
export function commandOf(
  walls: Walls,
  paths: readonly string[],
  { memoryBytes, timeMs }: Limits,
): ChildCommand {
  const readable = [GUEST, ...paths]
  const args = [
    walls.permission,
    ...OTHER_FLAGS,
    ...outermost(readable).map(
      path => `--allow-fs-read=${isFolder(path) ? join(path, '*') : path}`,
    ),
    '--no-warnings',
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${Math.ceil(memoryBytes / 2 ** 20)}`,
    CHILD,
  ]
  if (walls.bubblewrap === undefined) {
    if (process.platform === 'win32') return { file: NODE, args }
    const seconds = String(START_CPU + Math.ceil(timeMs / 500))
    const script = 'ulimit -c 0; ulimit -t "$0"; exec "$@"'
    return { file: '/bin/sh', args: ['-c', script, seconds, NODE, ...args] }
  }
  return { file: walls.bubblewrap, args: [...namespacesFor(readable), NODE, ...args] }
}

/** Gives bubblewrap the filter of system calls, on the descriptor that its command names. */
export function giveFilter(child: ChildProcess): void {
  const end = child.stdio[FILTER_FD]
  if (!(end instanceof Duplex)) return
  // It may have ended before it read it: that is heard anyway.
  end.on('error', () => {})
  end.end(FILTER)
}

/** Paths without those inside another: Node 20 aborts when it is given one of them twice. */
function outermost(paths: readonly string[]): string[] {
  const inside = (path: string, folder: string) =>
    path !== folder && path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
  return [...new Set(paths)].filter(path => !paths.some(other => inside(path, other)))
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/**
 * No network, no sockets, no other process, no file but what Node needs to start and what may be read,
 * and none that can be written: it would be memory that nobody weighs.
 */
function namespacesFor(readable: readonly string[]): string[] {
  const libraries = ['/lib', '/lib64', '/usr/lib', '/usr/lib64']
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ...libraries.flatMap(path => ['--ro-bind-try', path, path]),
    ...['--ro-bind', NODE, NODE, '--proc', '/proc', '--dev', '/dev'],
    ...outermost(readable).flatMap(path => ['--ro-bind', path, path]),
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', '/', ...(FILTER ? ['--seccomp', String(FILTER_FD)] : [])],
  ]
}

/**
 * Finds out what this machine gives, by trying it: bubblewrap may be there and namespaces forbidden
 * (containers, hardened kernels). Answers why, as text, where not even Node's permissions exist.
 * Rejects where it could not be tried: fewer walls than the machine has would be given in silence.
 */
export async function findWalls(): Promise<Walls | string> {
  const flags = process.allowedNodeEnvironmentFlags
  const permission = ['--permission', '--experimental-permission'].find(flag => flags.has(flag))
  if (permission === undefined) return 'this Node has no permission model'
  const inherited = inheritedDescriptors()
  if (process.platform !== 'linux')
    return {
      permission,
      inherited,
      without: `namespaces are Linux's, and this is ${process.platform}`,
    }
  const bubblewrap = (process.env['PATH'] ?? '/usr/bin')
    .split(delimiter)
    .map(folder => join(folder, 'bwrap'))
    .find(isExecutable)
  if (bubblewrap === undefined)
    return { permission, inherited, without: 'bubblewrap (bwrap) is not installed' }
  const failure = await probe(bubblewrap)
  return failure === undefined
    ? { permission, inherited, bubblewrap }
    : { permission, inherited, without: `bubblewrap cannot make namespaces here: ${failure}` }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Why bubblewrap cannot make namespaces; rejects where that could not be tried. */
function probe(bubblewrap: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const args = [...namespacesFor([]), NODE, '--version']
    const stdio = ['ignore', 'ignore', 'pipe', 'ignore', 'pipe'] as const
    const child = spawn(bubblewrap, args, { env: {}, stdio: [...stdio] })
    // A machine out of descriptors or processes is no machine without namespaces.
    child.on('error', error => {
      const lasts = 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')
      if (lasts) resolve(error.message)
      else reject(error)
    })
    if (child.pid === undefined) return
    giveFilter(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), PROBE_MS)
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(0, 500)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') reject(new Error('bubblewrap did not come to an end'))
      resolve(code === 0 ? undefined : text.trim() || `it ended with ${code}`)
    })
  })
}

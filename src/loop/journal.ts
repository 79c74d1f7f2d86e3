import {
  access,
  type FileHandle,
  open,
  readFile,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname } from 'node:path'
import { ToolgateError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { Entry } from './entry.ts'
import { apply, type RunState, startState } from './state.ts'

/** What is written of a run as it happens. */
export interface Journal {
  /**
   * Adds an entry. `durable`: the promise waits until it is on the disk, with everything before it.
   *
   * @throws ToolgateError `internal` if it, or an entry before it, could not be written.
   */
  append(entry: Entry, durable: boolean): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a journal for writing, and holds it: a second process that tries gets an error.
 *
 * @throws ToolgateError `conflict` if another process that lives holds it, or `create` is set and
 * the file holds something.
 */
export async function openJournal(path: string, create: boolean): Promise<Journal> {
  if (!create) await access(path)
  await hold(path)
  let file: FileHandle
  try {
    file = await open(path, 'a', 0o600)
    if (create && (await file.stat()).size > 0) {
      if (!isUnbegun(await readFile(path, 'utf8'))) {
        await file.close()
        throw conflict(
          `${path} holds a run already: go on with it by resume(), or name another file.`,
        )
      }
      await file.truncate()
    }
    if (create) await keepName(path)
  } catch (error) {
    await release(path)
    throw error
  }
  let last = Promise.resolve()
  return {
    append(entry, durable) {
      last = last.then(() => write(file, entry, durable))
      // A failure stays in the chain, and ends the run at the next entry that is waited for.
      last.catch(() => {})
      return last
    },
    async close() {
      await last.catch(() => {})
      await file.close()
      await release(path)
    },
  }
}

const BEGINNINGS = ['{"type":"start",', '{"type":"state",']

/** Whether a crash cut the first line of a journal: nothing is asked or run before it is whole. */
function isUnbegun(text: string): boolean {
  if (text.includes('\n')) return false
  return BEGINNINGS.some(beginning => text.startsWith(beginning) || beginning.startsWith(text))
}

/** Sees that the name of a new file is on the disk too, where the system can; else it can be lost. */
async function keepName(path: string): Promise<void> {
  try {
    const folder = await open(dirname(path))
    await folder.sync().finally(() => folder.close())
  } catch {
    // Windows opens no folders, and keeps names by itself.
  }
}

async function write(file: FileHandle, entry: Entry, durable: boolean): Promise<void> {
  try {
    await file.appendFile(`${JSON.stringify(entry)}\n`)
    if (durable) await file.datasync()
  } catch (cause) {
    throw new ToolgateError('internal', 'The journal cannot be written.', { cause })
  }
}

/** When this process began, in Unix milliseconds: all its threads come to the same. */
const BEGAN = Math.round(Date.now() - process.uptime() * 1000)

/** Milliseconds that two readings of it may be apart. */
const JITTER = 500

async function hold(path: string): Promise<void> {
  const lock = `${path}.lock`
  for (let tried = 0; tried < 2; tried++) {
    try {
      await writeFile(lock, `${process.pid} ${BEGAN}`, { flag: 'wx' })
      return
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
      const text = await readFile(lock, 'utf8').catch(() => '')
      const [holder = 0, began = 0] = text.split(' ').map(Number)
      // In a container that was started anew, an earlier process had the number of this one.
      const isBefore = holder === process.pid && Math.abs(began - BEGAN) > JITTER
      if (isAlive(holder) && !isBefore) {
        throw conflict(
          `${path} is written by process ${holder}; if that is something else, delete ${lock}.`,
        )
      }
      // Its holder died without letting go.
      await unlink(lock).catch(() => {})
    }
  }
  throw conflict(`${path} is being opened by another process.`)
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function release(path: string): Promise<void> {
  await unlink(`${path}.lock`).catch(() => {})
}

function conflict(message: string): ToolgateError {
  return new ToolgateError('conflict', message, { retryable: false })
}

/** A journal as it was read. */
export interface ReadJournal {
  readonly entries: readonly Entry[]
  /** Bytes of whole lines; what stands after them was cut by a crash. */
  readonly wholeBytes: number
  readonly cut: boolean
}

/**
 * Reads a journal. A last line without its end was cut by a crash, and is passed over.
 *
 * @throws ToolgateError `invalid_value` that names the line, if the file is not a journal.
 */
export async function readJournal(path: string): Promise<ReadJournal> {
  const text = await readFile(path, 'utf8')
  const end = text.lastIndexOf('\n') + 1
  const lines = text.slice(0, end).split('\n').slice(0, -1)
  const entries = lines.map((line, index) => readEntry(line, path, index + 1))
  const [first] = entries
  if (!first && isUnbegun(text))
    throw broken(path, 1, 'a crash cut it before the run had begun; begin it anew with this file')
  if (first?.type !== 'start' && first?.type !== 'state')
    throw broken(path, 1, 'a journal begins with a start')
  return { entries, wholeBytes: Buffer.byteLength(text.slice(0, end)), cut: end < text.length }
}

/** Cuts off what a crash left after the last whole line. */
export async function mendJournal(path: string, read: ReadJournal): Promise<void> {
  if (read.cut) await truncate(path, read.wholeBytes)
}

function readEntry(line: string, path: string, number: number): Entry {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw broken(path, number, 'it is not JSON')
  }
  if (isEntry(value)) return value
  throw broken(path, number, 'it is no entry')
}

const TYPES: readonly string[] = [
  ...['start', 'state', 'ask', 'answer', 'call', 'result'],
  ...['approval', 'note', 'late', 'resume', 'end'],
]

/** The file is the program's own: that a line is an entry of the right type is taken on trust. */
function isEntry(value: unknown): value is Entry {
  if (!isObject(value) || typeof value.type !== 'string' || !TYPES.includes(value.type))
    return false
  return value.type !== 'start' || value['version'] === 1
}

function broken(path: string, line: number, why: string): ToolgateError {
  return new ToolgateError('invalid_value', `${path}, line ${line}: ${why}.`)
}

/** The state that entries lead to. @throws Error if they have no beginning. */
export function foldEntries(entries: readonly Entry[]): RunState {
  const [first, ...rest] = entries
  if (first?.type !== 'start' && first?.type !== 'state') throw new Error('entries without a start')
  const state = first.type === 'start' ? startState(first) : structuredClone(first.state)
  for (const entry of rest) apply(state, entry)
  return state
}

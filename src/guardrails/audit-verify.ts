import { createReadStream } from 'node:fs'
import { isObject, type Json } from '../core/json.ts'
import { FIRST_HASH, sha256 } from './audit-log.ts'

/** What came of a verification. */
export interface AuditReport {
  /** Lines that are as they were written. */
  readonly entries: number
  /** The hash of the last of them: keep it elsewhere, and lines cut off the end are found too. */
  readonly head: string
  /** The first thing that is wrong. */
  readonly problem?: { readonly line: number; readonly why: string }
}

/**
 * Follows the chain of an audit log from its first line. `head`: a hash that was kept, which one of
 * the lines must have.
 *
 * @throws Error if the file cannot be read
 */
export async function verifyAuditLog(file: string, head?: string): Promise<AuditReport> {
  let hash = FIRST_HASH
  let entries = 0
  let kept = head === undefined
  for await (const line of linesOf(file)) {
    const number = entries + 1
    const found = readEntry(line)
    const why = found ? objection(found, number, hash) : 'it is no entry of an audit log'
    if (!found || why !== undefined)
      return { entries, head: hash, problem: { line: number, why: why ?? '' } }
    hash = found.hash
    kept ||= hash === head
    entries = number
  }
  if (kept) return { entries, head: hash }
  const why = 'no line has the hash that was kept: lines were cut off, or all were written anew'
  return { entries, head: hash, problem: { line: entries, why } }
}

/** The lines of a file, as they were written: other characters than `\n` end none. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let parts: string[] = []
  for await (const chunk of createReadStream(file, 'utf8')) {
    const [first = '', ...more] = String(chunk).split('\n')
    parts.push(first)
    for (const next of more) {
      yield parts.join('')
      parts = [next]
    }
  }
  const last = parts.join('')
  if (last !== '') yield last
}

interface ReadEntry {
  readonly sequence: Json | undefined
  readonly previous: Json | undefined
  readonly hash: string
  /** The line as its hash was made of. */
  readonly body: string
}

function readEntry(line: string): ReadEntry | undefined {
  try {
    const json: Json = JSON.parse(line)
    if (!isObject(json)) return undefined
    const { hash, ...rest } = json
    if (typeof hash !== 'string') return undefined
    const body = JSON.stringify(rest)
    // A line that says the same in other bytes was not written by the log.
    if (JSON.stringify({ ...rest, hash }) !== line) return undefined
    return { sequence: rest.sequence, previous: rest.previous, hash, body }
  } catch {
    return undefined
  }
}

function objection(entry: ReadEntry, number: number, previous: string): string | undefined {
  if (sha256(entry.body) !== entry.hash)
    return 'it was changed: its hash is not that of its content'
  if (entry.previous !== previous) return 'the line before it is not the one it was written after'
  if (entry.sequence !== number) return `its number is ${JSON.stringify(entry.sequence)}`
  return undefined
}

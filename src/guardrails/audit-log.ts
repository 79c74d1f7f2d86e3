import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { Json } from '../core/json.ts'
import type { GuardSubject } from './guardrail.ts'
import type { Finding } from './verdict.ts'

/** What is written of one finding, one line of JSON each. */
export interface AuditEntry {
  /** Counts up from 1. */
  readonly sequence: number
  /** When, as ISO 8601. */
  readonly time: string
  readonly guardrail: string
  readonly point: string
  readonly verdict: string
  readonly reason: string
  readonly tool?: string
  readonly callId?: string
  /** What the caller says of the exchange or run. */
  readonly about?: string
  /** SHA-256 of what was checked, in hex. */
  readonly sha256: string
  /** What was checked, only if asked for. */
  readonly content?: Json
  /** The hash of the line before; 64 zeros for the first. */
  readonly previous: string
  /** SHA-256 of this line without this field, in hex. */
  readonly hash: string
}

/** Takes findings, and must have written them when it returns. */
export interface AuditLog {
  write(subject: GuardSubject, findings: readonly Finding[], about?: string): void
  close(): void
}

/** What `openAuditLog()` can be told. */
export interface AuditLogOptions {
  /** Whether what was checked is written too. Default false: only its hash. */
  readonly content?: boolean
}

/** The hash before the first line. */
export const FIRST_HASH = '0'.repeat(64)

/**
 * Opens a log that is only ever added to, and goes on from its last line. Each line holds the hash
 * of the one before, so that a line changed, left out or put in is found by `verifyAuditLog`. One
 * process may write to a file.
 *
 * @throws Error if the file cannot be opened, or its last line is no entry
 */
export function openAuditLog(file: string, options: AuditLogOptions = {}): AuditLog {
  const descriptor = openSync(file, 'a+', 0o600)
  let { sequence, hash } = lastOf(descriptor, file)
  endLine(descriptor)
  let length = fstatSync(descriptor).size
  let isClosed = false
  /** Writes all of a line, or nobody writes any more: half a line would be gone on with. */
  const append = (line: string) => {
    const bytes = Buffer.from(line)
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(descriptor, bytes, at)
      at += written
      if (at === bytes.length) length += bytes.length
    }
  }
  return {
    write(subject, findings, about) {
      // Its number may be another file's by now, or a connection's.
      if (isClosed) throw new Error(`${file}: the audit log is closed`)
      const { size, nlink } = fstatSync(descriptor)
      if (nlink === 0) throw new Error(`${file}: the audit log was removed`)
      if (size !== length) throw new Error(`${file}: someone else has written to the audit log`)
      for (const { guardrail, verdict } of findings) {
        const { point, tool, callId, value } = subject
        const body = {
          sequence: sequence + 1,
          time: new Date().toISOString(),
          guardrail,
          point,
          verdict: verdict.type,
          reason: verdict.reason,
          ...(tool === undefined ? {} : { tool }),
          ...(callId === undefined ? {} : { callId }),
          ...(about === undefined ? {} : { about }),
          sha256: sha256(typeof value === 'string' ? value : JSON.stringify(value)),
          ...(options.content ? { content: value } : {}),
          previous: hash,
        }
        const next = sha256(JSON.stringify(body))
        append(`${JSON.stringify({ ...body, hash: next })}\n`)
        sequence++
        hash = next
      }
    },
    close() {
      if (!isClosed) closeSync(descriptor)
      isClosed = true
    },
  }
}

/** SHA-256 of a text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function lastOf(descriptor: number, file: string): { sequence: number; hash: string } {
  const line = lastLine(descriptor)
  if (line === '') return { sequence: 0, hash: FIRST_HASH }
  try {
    const entry: { sequence?: unknown; hash?: unknown } = JSON.parse(line)
    if (typeof entry.sequence === 'number' && typeof entry.hash === 'string')
      return { sequence: entry.sequence, hash: entry.hash }
  } catch {
    // Said below: a line that is cut and a line that is foreign are the same to us.
  }
  closeSync(descriptor)
  throw new Error(`${file}: its last line is no entry of an audit log; it is not gone on with`)
}

/** A machine that stopped may have left out the end of the last line, and nothing else. */
function endLine(descriptor: number): void {
  const { size } = fstatSync(descriptor)
  const last = Buffer.alloc(1)
  if (size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 10)
    writeSync(descriptor, '\n')
}

function lastLine(descriptor: number): string {
  let text = Buffer.alloc(0)
  for (let at = fstatSync(descriptor).size; at > 0; ) {
    const chunk = Buffer.alloc(Math.min(at, 65_536))
    at -= chunk.length
    readSync(descriptor, chunk, 0, chunk.length, at)
    text = Buffer.concat([chunk, text])
    const begin = text.lastIndexOf(10, text.length - 2)
    if (begin >= 0)
      return text
        .subarray(begin + 1)
        .toString('utf8')
        .trim()
  }
  return text.toString('utf8').trim()
}

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
  let length = fstatSync(descriptor).size
  return {
    write(subject, findings, about) {
      if (fstatSync(descriptor).size !== length)
        throw new Error(`${file}: someone else has written to the audit log`)
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
        length += writeSync(descriptor, `${JSON.stringify({ ...body, hash: next })}\n`)
        sequence++
        hash = next
      }
    },
    close: () => closeSync(descriptor),
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

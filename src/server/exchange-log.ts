import { pino } from 'pino'
import { LOG_LEVELS, type LogLevel } from '../config/config.ts'
import type { ExchangeRecord } from '../gateway/record.ts'

/** Where the log goes: anything with a `write`, such as a stream. */
export interface LogTarget {
  write(line: string): unknown
}

/**
 * Records wait this long, in milliseconds, or until there are so many of them. Not more: what waits
 * longer than the garbage collector's young generation lives costs more than the batch saves.
 */
const WAIT_MS = 100
const MOST = 64

/**
 * One JSON line for each exchange: failures of ours and of vendors at level `error`, those of
 * clients at `warn`, the rest at `info`.
 *
 * Records are kept for a moment and written many at a time. Between two exchanges the code that
 * writes a line is cold, and costs ten times what it does in a row; and a client does not wait for
 * it. With a target of one's own each line is written at once.
 */
export class ExchangeLog {
  readonly #most: number
  readonly #target: LogTarget
  readonly #flush: () => void
  readonly #atOnce: boolean
  #waiting: ExchangeRecord[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(level: LogLevel, target?: LogTarget) {
    this.#most = LOG_LEVELS.indexOf(level)
    this.#atOnce = target !== undefined
    if (target) {
      this.#target = target
      this.#flush = () => {}
    } else {
      const destination = pino.destination({ fd: 1, sync: false })
      this.#target = destination
      this.#flush = () => destination.flushSync()
    }
  }

  add(record: ExchangeRecord): void {
    if (LOG_LEVELS.indexOf(levelOf(record)) > this.#most) return
    this.#waiting.push(record)
    if (this.#atOnce || this.#waiting.length >= MOST) this.#write()
    else this.#timer ??= setTimeout(() => this.#write(), WAIT_MS)
  }

  /** A line about the house itself. It must hold no key and no content. */
  warn(message: string): void {
    if (LOG_LEVELS.indexOf('warn') > this.#most) return
    const line = { level: 'warn', time: new Date().toISOString(), message }
    this.#target.write(`${JSON.stringify(line)}\n`)
  }

  /** Writes what waits, and waits for it to be written. */
  close(): void {
    this.#write()
    this.#flush()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const records = this.#waiting
    if (records.length === 0) return
    this.#waiting = []
    let lines = ''
    for (const record of records) lines += `${JSON.stringify(lineOf(record))}\n`
    this.#target.write(lines)
  }
}

function levelOf(record: ExchangeRecord): LogLevel {
  if (record.error === undefined) return 'info'
  return (record.status ?? 500) >= 500 ? 'error' : 'warn'
}

/** The line of a record, field by field: nothing gets into the log that is not named here. */
function lineOf(record: ExchangeRecord): object {
  record.readAnswer?.()
  const { usage, firstByteMs } = record
  return {
    level: levelOf(record),
    time: new Date(record.time).toISOString(),
    requestId: record.requestId,
    client: record.client,
    front: record.front,
    operation: record.operation,
    model: record.model,
    account: record.account,
    vendor: record.vendor,
    vendorModel: record.vendorModel,
    back: record.back,
    vendorRequestId: record.vendorRequestId,
    stream: record.stream,
    mode: record.mode,
    tools: record.tools,
    tries: record.tries,
    status: record.status,
    finish: record.finish,
    calls: record.calls,
    usage: usage && {
      input: usage.input,
      output: usage.output,
      cached: usage.cached,
      cacheWrite: usage.cacheWrite,
      reasoning: usage.reasoning,
    },
    losses: record.losses,
    state: stateOf(record),
    guardrails: guardrailsOf(record),
    error: record.error,
    firstByteMs: firstByteMs && tenths(firstByteMs),
    ms: tenths(record.ms),
  }
}

/** What the vault did, where it did anything. */
function stateOf({ state }: ExchangeRecord): ExchangeRecord['state'] {
  if (!state || state.found + state.missing + state.kept === 0) return undefined
  return { found: state.found, missing: state.missing, kept: state.kept }
}

/** What guardrails did, where they did anything. */
function guardrailsOf({ guardrails }: ExchangeRecord): ExchangeRecord['guardrails'] {
  if (!guardrails || guardrails.rewrote.length + guardrails.refused.length === 0) return undefined
  return guardrails
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

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
    for (const record of records) lines += `${lineOf(record)}\n`
    this.#target.write(lines)
  }
}

function levelOf(record: ExchangeRecord): LogLevel {
  if (record.error === undefined) return 'info'
  return (record.status ?? 500) >= 500 ? 'error' : 'warn'
}

/**
 * The line of a record, field by field: nothing gets into the log that is not named here. Written
 * by hand, because every exchange pays for it: `JSON.stringify` takes twice as long.
 */
function lineOf(record: ExchangeRecord): string {
  record.readAnswer?.()
  const { usage, state, firstByteMs } = record
  let line = `{"level":"${levelOf(record)}","time":"${new Date(record.time).toISOString()}"`
  line += text('requestId', record.requestId) + text('client', record.client)
  line += text('front', record.front) + text('operation', record.operation)
  line += text('model', record.model) + text('account', record.account)
  line += text('vendor', record.vendor) + text('vendorModel', record.vendorModel)
  line += text('back', record.back) + text('vendorRequestId', record.vendorRequestId)
  if (record.stream !== undefined) line += `,"stream":${record.stream}`
  line += text('mode', record.mode) + number('tools', record.tools)
  line += number('tries', record.tries) + number('status', record.status)
  line += text('finish', record.finish) + number('calls', record.calls)
  if (usage) {
    const counts =
      number('input', usage.input) +
      number('output', usage.output) +
      number('cached', usage.cached) +
      number('cacheWrite', usage.cacheWrite) +
      number('reasoning', usage.reasoning)
    line += `,"usage":{${counts.slice(1)}}`
  }
  line += number('losses', record.losses)
  // What the vault did, where it did anything.
  if (state && state.found + state.missing + state.kept > 0)
    line += `,"state":{"found":${state.found},"missing":${state.missing},"kept":${state.kept}}`
  line += text('error', record.error)
  if (firstByteMs) line += number('firstByteMs', tenths(firstByteMs))
  return `${line}${number('ms', tenths(record.ms))}}`
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`
}

/** A number that a vendor made up may be one that JSON has no words for. */
function number(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${Number.isFinite(value) ? value : null}`
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

import type { ExchangeRecord } from '../gateway/record.ts'
import type { VaultFigures } from '../store/vault.ts'

/** What metrics ask of the house when they are read. */
export interface MetricsOptions {
  /** Exchanges under way. */
  running(): number
  vault(): VaultFigures
}

/** The media type of the text: Prometheus' format, version 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Upper ends of the classes that times fall into, in seconds. */
const CLASSES = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const

/** Exchanges of one kind that ended alike. */
interface Series {
  readonly labels: string
  count: number
}

/**
 * Counts what the gateway does, and says it in the text format of Prometheus. An exchange costs a few
 * additions; all text is made when it is asked for. Labels are words of the house and names of
 * vendors, never of models, clients or keys: so there are few, and they tell nothing.
 */
export class Metrics {
  readonly #options: MetricsOptions
  readonly #exchanges = new Map<string, Series>()
  readonly #errors = new Map<string, number>()
  readonly #refused = new Map<number, number>()
  readonly #seconds = new Times()
  readonly #firstByte = new Times()
  #tries = 0
  #losses = 0

  constructor(options: MetricsOptions) {
    this.#options = options
  }

  /** Counts an exchange that is over. */
  count(record: ExchangeRecord): void {
    const { front, operation, vendor = '', status = 0, error, firstByteMs } = record
    const key = `${front} ${operation} ${vendor} ${status}`
    const series = this.#exchanges.get(key)
    if (series) series.count++
    else {
      const labels = `front="${front}",operation="${operation}",vendor="${vendor}",status="${status}"`
      this.#exchanges.set(key, { labels, count: 1 })
    }
    this.#tries += record.tries
    this.#losses += record.losses ?? 0
    this.#seconds.add(record.ms / 1000)
    if (firstByteMs !== undefined) this.#firstByte.add(firstByteMs / 1000)
    if (error !== undefined) this.#errors.set(error, (this.#errors.get(error) ?? 0) + 1)
  }

  /** Counts a request that never became an exchange: no key, no such path, too large a body. */
  refuse(status: number): void {
    this.#refused.set(status, (this.#refused.get(status) ?? 0) + 1)
  }

  /** All figures as they are now. */
  text(): string {
    const page = new Page()
    page.begin('exchanges_total', 'counter', 'Exchanges that are over.')
    for (const { labels, count } of this.#exchanges.values()) page.line(`{${labels}}`, count)
    page.begin('exchange_errors_total', 'counter', 'Exchanges that failed, by what went wrong.')
    for (const [code, count] of this.#errors) page.line(`{code="${code}"}`, count)
    page.begin('refused_total', 'counter', 'Requests that never became an exchange.')
    for (const [status, count] of this.#refused) page.line(`{status="${status}"}`, count)
    page.one('exchanges_running', 'gauge', 'Exchanges under way.', this.#options.running())
    page.one('tries_total', 'counter', 'Calls to vendors, further tries included.', this.#tries)
    page.one('losses_total', 'counter', 'What could not be carried as it was.', this.#losses)
    page.times('exchange_seconds', 'Time of an exchange as a whole.', this.#seconds)
    page.times('first_byte_seconds', 'Time to the first byte of a stream.', this.#firstByte)
    this.#vault(page)
    return page.text + processText()
  }

  #vault(page: Page): void {
    const figures = this.#options.vault()
    page.one('vault_hits_total', 'counter', 'Turns whose state was put back.', figures.hits)
    page.one('vault_misses_total', 'counter', 'Turns whose state was lost.', figures.misses)
    page.one('vault_stores_total', 'counter', 'Entries that were written.', figures.stores)
    page.one('vault_oversize_total', 'counter', 'Entries too large to keep.', figures.oversize)
    const evicted = 'Entries pushed out before their time.'
    page.one('vault_evictions_total', 'counter', evicted, figures.evictions)
    const failed = 'Failures of the shared store.'
    page.one('vault_failures_total', 'counter', failed, figures.failures)
    page.one('vault_entries', 'gauge', 'Entries in memory.', figures.entries)
    page.one('vault_bytes', 'gauge', 'Bytes in memory.', figures.bytes)
  }
}

/** How many times fell into each class; the last class has no end. */
class Times {
  readonly counts: number[] = [...CLASSES, 0].fill(0)
  sum = 0

  add(seconds: number): void {
    this.sum += seconds
    let at = 0
    while (at < CLASSES.length && seconds > (CLASSES[at] ?? 0)) at++
    this.counts[at] = (this.counts[at] ?? 0) + 1
  }
}

/** The text in the making. */
class Page {
  text = ''
  #name = ''

  begin(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): void {
    this.#name = `toolgate_${name}`
    this.text += `# HELP ${this.#name} ${help}\n# TYPE ${this.#name} ${type}\n`
  }

  /** `more` is what stands between the name and the value: a suffix, labels, or nothing. */
  line(more: string, value: number): void {
    this.text += `${this.#name}${more} ${value}\n`
  }

  one(name: string, type: 'counter' | 'gauge', help: string, value: number): void {
    this.begin(name, type, help)
    this.line('', value)
  }

  times(name: string, help: string, times: Times): void {
    this.begin(name, 'histogram', help)
    let count = 0
    for (const [index, one] of times.counts.entries()) {
      count += one
      this.line(`_bucket{le="${CLASSES[index] ?? '+Inf'}"}`, count)
    }
    this.line('_sum', times.sum)
    this.line('_count', count)
  }
}

/** What all exporters tell of their process, under the names that all use. */
function processText(): string {
  const { user, system } = process.cpuUsage()
  const started = Date.now() / 1000 - process.uptime()
  return `# HELP process_cpu_seconds_total CPU time of the process.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total ${(user + system) / 1e6}
# HELP process_resident_memory_bytes Memory of the process.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes ${process.memoryUsage.rss()}
# HELP process_start_time_seconds When the process began, in Unix seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds ${started}
`
}

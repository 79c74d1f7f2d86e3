import type { ToolgateError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { FinishKind, Usage } from '../../core/response.ts'
import { tryParseJson } from '../../wire/json.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { EncodeContext, StreamTap } from '../protocol.ts'
import { decodeFinish } from './finish.ts'
import { kindOf } from './output-item.ts'
import { ResponsesStreamEncoder } from './stream-encoder.ts'
import { encodeStreamError, frameEvent } from './stream-error.ts'
import { decodeUsage } from './usage.ts'
import { objectAt } from './wire.ts'

/** The events that end a stream. */
const LAST: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
])

/** The events that tell what a failure must repeat. */
const TOLD: ReadonlySet<string> = new Set(['response.created', 'response.output_item.done'])

/**
 * Watches a stream that passes as bytes. Everything that matters stands in the last event, which is
 * parsed when it is asked for; the types of others are only looked at. For a stream that breaks off,
 * the first event, the latest and those of finished items are kept as they came.
 */
export class ResponsesStreamTap implements StreamTap {
  #last = ''
  #failed = false
  #read: JsonObject | undefined
  #created = ''
  #latest = ''
  #count = 0
  readonly #items: string[] = []

  push(event: SseEvent): void {
    const type = event.event || typeIn(event.data)
    this.#latest = event.data
    this.#count++
    if (TOLD.has(type)) {
      if (type === 'response.created') this.#created = event.data
      else this.#items.push(event.data)
    } else if (LAST.has(type)) this.#last = event.data
    else if (type === 'error') this.#failed = true
  }

  get complete(): boolean {
    return this.#failed || this.#last !== ''
  }

  get failed(): boolean {
    return this.#failed || this.#response()?.['status'] === 'failed'
  }

  get usage(): Usage | undefined {
    const usage = objectAt(this.#response() ?? {}, 'usage')
    return usage && decodeUsage(usage)
  }

  get finish(): FinishKind | undefined {
    const response = this.#response()
    if (!response || response['status'] === 'failed') return undefined
    const output = Array.isArray(response['output']) ? response['output'].filter(isObject) : []
    const hasCalls = output.some(item => {
      const kind = kindOf(item)
      return kind === 'function' || kind === 'custom'
    })
    return decodeFinish(response, hasCalls, output.some(isRefusal)).kind
  }

  /** Goes on from the vendor's last number, and fails the response that the vendor began. */
  fail(error: ToolgateError, context: EncodeContext): string {
    const begun = objectIn(this.#created, 'response')
    if (!begun) return failedAtOnce(error, context)
    const { flat, told } = encodeStreamError(error)
    const last = asObject(this.#latest)?.['sequence_number']
    const next = typeof last === 'number' ? last + 1 : this.#count
    const output = this.#items.flatMap(data => objectIn(data, 'item') ?? [])
    const response = { ...begun, status: 'failed', error: told, output }
    return (
      frameEvent('error', flat, next) +
      frameEvent('response.failed', `"response":${JSON.stringify(response)}`, next + 1)
    )
  }

  #response(): JsonObject | undefined {
    if (this.#read || this.#last === '') return this.#read
    this.#read = objectIn(this.#last, 'response')
    return this.#read
  }
}

/** For a vendor that never said which response it had begun. */
function failedAtOnce(error: ToolgateError, context: EncodeContext): string {
  let out = ''
  new ResponsesStreamEncoder(context).push({ type: 'error', error }, text => {
    out += text
  })
  return out
}

function asObject(data: string): JsonObject | undefined {
  const wire = data === '' ? undefined : tryParseJson(data)
  return isObject(wire) ? wire : undefined
}

function objectIn(data: string, key: string): JsonObject | undefined {
  const wire = asObject(data)
  return wire && objectAt(wire, key)
}

function isRefusal(item: JsonObject): boolean {
  const { content } = item
  return (
    Array.isArray(content) && content.some(part => isObject(part) && part['type'] === 'refusal')
  )
}

/**
 * The type of an event that is not named. Items have types of their own, so of all that stand there
 * only one of the events that are watched for counts; a string could hold it only with its quotes escaped.
 */
function typeIn(data: string): string {
  for (let at = data.indexOf('type":'); at !== -1; at = data.indexOf('type":', at + 6)) {
    let from = at + 6
    if (data.charCodeAt(from) === 32) from++
    if (data.charCodeAt(from) !== 34) continue
    const type = data.slice(from + 1, data.indexOf('"', from + 1))
    if (LAST.has(type) || TOLD.has(type) || (type === 'error' && isTopLevel(data))) return type
  }
  return ''
}

function isTopLevel(data: string): boolean {
  const wire = tryParseJson(data)
  return isObject(wire) && wire['type'] === 'error'
}

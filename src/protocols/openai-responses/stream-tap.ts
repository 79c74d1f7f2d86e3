import { isObject, type JsonObject } from '../../core/json.ts'
import type { FinishKind, Usage } from '../../core/response.ts'
import { tryParseJson } from '../../wire/json.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamTap } from '../protocol.ts'
import { decodeFinish } from './finish.ts'
import { kindOf } from './output-item.ts'
import { decodeUsage } from './usage.ts'
import { objectAt } from './wire.ts'

/** The events that end a stream. */
const LAST: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
])

/**
 * Watches a stream that passes as bytes. Everything that matters stands in the last event, which is
 * parsed when it is asked for; the types of others are only looked at.
 */
export class ResponsesStreamTap implements StreamTap {
  #last = ''
  #failed = false
  #read: JsonObject | undefined

  push(event: SseEvent): void {
    const type = event.event || typeIn(event.data)
    if (LAST.has(type)) this.#last = event.data
    else if (type === 'error') this.#failed = true
  }

  get complete(): boolean {
    return this.#failed || this.#last !== ''
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

  #response(): JsonObject | undefined {
    if (this.#read || this.#last === '') return this.#read
    const wire = tryParseJson(this.#last)
    this.#read = isObject(wire) ? objectAt(wire, 'response') : undefined
    return this.#read
  }
}

function isRefusal(item: JsonObject): boolean {
  const { content } = item
  return (
    Array.isArray(content) && content.some(part => isObject(part) && part['type'] === 'refusal')
  )
}

/**
 * The type of an event that is not named. Items have types of their own, so of all that stand there
 * only one of the last events counts; a string could hold it only with its quotes escaped.
 */
function typeIn(data: string): string {
  for (let at = data.indexOf('type":'); at !== -1; at = data.indexOf('type":', at + 6)) {
    let from = at + 6
    if (data.charCodeAt(from) === 32) from++
    if (data.charCodeAt(from) !== 34) continue
    const type = data.slice(from + 1, data.indexOf('"', from + 1))
    if (LAST.has(type) || (type === 'error' && isTopLevel(data))) return type
  }
  return ''
}

function isTopLevel(data: string): boolean {
  const wire = tryParseJson(data)
  return isObject(wire) && wire['type'] === 'error'
}

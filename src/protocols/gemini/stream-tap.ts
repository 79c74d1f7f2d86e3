import { isObject, type JsonObject } from '../../core/json.ts'
import type { FinishKind, Usage } from '../../core/response.ts'
import { tryParseJson } from '../../wire/json.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { StreamTap } from '../protocol.ts'
import { isErrorBody } from './error-decode.ts'
import { blockOf, finishWord, kindOfWord } from './finish.ts'
import { isFirst, partsOf } from './response.ts'
import { decodeUsage, mergeUsage } from './usage.ts'

/** Watches a stream that passes as bytes: its usage, how it finished, whether it is whole. */
export class ContentStreamTap implements StreamTap {
  complete = false
  failed = false
  usage: Usage | undefined
  finish: FinishKind | undefined
  readonly #counts: JsonObject = {}
  #hasCalls = false
  #word = ''

  push(event: SseEvent): void {
    const wire = tryParseJson(event.data)
    if (wire === undefined) return
    if (isErrorBody(wire)) {
      this.failed = true
      this.complete = true
      return
    }
    for (const chunk of Array.isArray(wire) ? wire : [wire]) if (isObject(chunk)) this.#read(chunk)
  }

  #read(chunk: JsonObject): void {
    const usage = chunk['usageMetadata']
    if (isObject(usage)) {
      mergeUsage(this.#counts, usage)
      this.usage = decodeUsage(this.#counts)
    }
    const candidates = chunk['candidates']
    for (const candidate of Array.isArray(candidates) ? candidates : []) {
      if (!isObject(candidate) || !isFirst(candidate)) continue
      this.#hasCalls ||= partsOf(candidate).some(
        part => isObject(part) && isObject(part['functionCall']),
      )
      this.#word = finishWord(candidate) || this.#word
    }
    if (this.#word !== '') {
      this.complete = true
      this.finish = kindOfWord(this.#word, this.#hasCalls)
    } else if (blockOf(chunk['promptFeedback'])) {
      this.complete = true
      this.finish = 'content-filter'
    }
  }
}

import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { MAX_DEPTH, parseJson, tryParseJson } from '../../wire/json.ts'
import { isDeeper } from '../../wire/json-scan.ts'
import { blockExtras } from './response.ts'
import { inputText } from './tool-call.ts'
import { NAME, textAt } from './wire.ts'

/** The block that is open. The protocol has one at a time. */
export interface OpenBlock {
  readonly kind: 'text' | 'reasoning' | 'tool-call' | 'opaque'
  readonly index: number
  /** Its index on the wire, where it need not count from 0 and may be missing. */
  readonly wireIndex: Json | undefined
  /** The block as it began; what is not given out piece by piece gathers in it. */
  readonly block: JsonObject
  /** The text of the event that began it, which exact numbers are cut from. */
  readonly source: string
  /** The text of its input: all of it for an opaque block, for a call the sign that some came. */
  input: string
}

/** What a block is to the house. */
export function kindOf(block: JsonObject): OpenBlock['kind'] {
  switch (block['type']) {
    case 'text':
      return 'text'
    case 'thinking':
    case 'redacted_thinking':
      return 'reasoning'
    case 'tool_use':
      return 'tool-call'
    default:
      return 'opaque'
  }
}

/** Whether an event means the open block; one without an index can mean no other. */
export function isSame(index: Json | undefined, open: Json | undefined): boolean {
  return index === open || index === undefined || open === undefined
}

/** The unknown fields of a block, as a stream part carries them. */
export function extrasOf(block: JsonObject): { readonly extras?: { readonly [NAME]: JsonObject } } {
  const extras = blockExtras(block)
  return extras ? { extras: { [NAME]: extras } } : {}
}

/** The input that compatible vendors give whole when the block begins; `{}` where there is none. */
export function wholeInput(open: OpenBlock): string {
  const { input } = open.block
  if (!isObject(input) || Object.keys(input).length === 0) return inputText(input, null)
  // Numbers are kept as they were written, for which the event must be read with its text.
  const root = parseJson(open.source)
  const block = isObject(root) ? root['content_block'] : undefined
  return inputText(isObject(block) ? block['input'] : input, root)
}

/** The input of an opaque block; as text where it is broken, or too deep to be written again. */
export function inputOf(open: OpenBlock): Json {
  const value = tryParseJson(open.input)
  return value === undefined || isDeeper(open.input, MAX_DEPTH) ? open.input : value
}

/**
 * Adds a delta to a block whose content is not given out piece by piece: its input as text, its
 * citations as a list, of any other field what continues it.
 */
export function gather(open: OpenBlock, delta: JsonObject): void {
  switch (delta['type']) {
    case 'input_json_delta':
      open.input += textAt(delta, 'partial_json')
      return
    case 'citations_delta': {
      const citations = open.block['citations']
      const citation = delta['citation'] ?? null
      if (Array.isArray(citations)) citations.push(citation)
      else open.block['citations'] = [citation]
      return
    }
  }
  for (const key in delta) {
    const value = delta[key]
    if (key === 'type' || key === '__proto__' || value === undefined) continue
    const so = open.block[key]
    open.block[key] = typeof so === 'string' && typeof value === 'string' ? so + value : value
  }
}

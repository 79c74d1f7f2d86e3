import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { AssistantPart } from '../../core/message.ts'
import type { ModelResponse } from '../../core/response.ts'
import type { Quirks } from '../quirks.ts'
import { decodeFinish } from './finish.ts'
import { decodeReasoning } from './reasoning.ts'
import { inputText } from './tool-call.ts'
import { decodeUsage } from './usage.ts'
import { type Building, NAME, textAt } from './wire.ts'

/** The type of a call that the vendor answers itself. */
export const SERVER_CALL = 'server_tool_use'

/** What an answer may tell of itself besides, kept for whoever reads extras. */
const KEPT = ['additionalModelResponseFields', 'metrics', 'trace', 'performanceConfig'] as const

/**
 * Reads a vendor's answer. It names neither itself nor its model. Unknown blocks are kept opaque.
 *
 * @throws ToolgateError `vendor_contradiction` if it is no message.
 */
export function decodeResponse(wire: Json, _quirks: Quirks): ModelResponse {
  const output = isObject(wire) ? wire['output'] : undefined
  const message = isObject(output) ? output['message'] : undefined
  if (!isObject(wire) || !isObject(message)) throw contradiction('it holds no `output.message`')
  const blocks = message['content'] ?? []
  if (!Array.isArray(blocks)) throw contradiction('the content of the answer is not a list')
  const content = blocks.flatMap(block => decodeBlock(block, wire))
  const hasCalls = content.some(part => part.type === 'tool-call')
  const response: Building<ModelResponse> = {
    id: '',
    model: '',
    content,
    finish: decodeFinish(textAt(wire, 'stopReason'), hasCalls),
  }
  if (isObject(wire['usage'])) response.usage = decodeUsage(wire['usage'])
  const extras = extrasOf(wire)
  if (extras) response.extras = { [NAME]: extras }
  return response
}

/** `vendor_contradiction`: the vendor's answer contradicts its own protocol. */
export function contradiction(what: string): ToolgateError {
  return new ToolgateError('vendor_contradiction', `The vendor's answer cannot be read: ${what}.`, {
    origin: 'vendor',
  })
}

/** What an answer, or the end of a stream, tells besides; `undefined` if it is nothing. */
export function extrasOf(wire: JsonObject): JsonObject | undefined {
  const kept: JsonObject = {}
  for (const key of KEPT) {
    const value = wire[key]
    if (value !== undefined && value !== null) kept[key] = value
  }
  return Object.keys(kept).length > 0 ? kept : undefined
}

function decodeBlock(block: Json, root: Json): AssistantPart[] {
  if (!isObject(block)) return []
  if (typeof block['text'] === 'string') return [{ type: 'text', text: block['text'] }]
  const { toolUse, reasoningContent, citationsContent } = block
  // A call of the vendor's own tool is no call of the client's.
  if (isObject(toolUse) && toolUse['type'] !== SERVER_CALL) {
    return [
      {
        type: 'tool-call',
        id: textAt(toolUse, 'toolUseId'),
        name: textAt(toolUse, 'name'),
        arguments: inputText(toolUse['input'], root),
        kind: 'function',
      },
    ]
  }
  if (isObject(reasoningContent)) return [decodeReasoning(reasoningContent)]
  if (isObject(citationsContent)) return [decodeCited(citationsContent)]
  const kind = Object.keys(block)[0] ?? 'block'
  return [{ type: 'opaque', protocol: NAME, kind, value: block }]
}

/** A text with the passages that it rests on. */
function decodeCited(wire: JsonObject): AssistantPart {
  const pieces = Array.isArray(wire['content']) ? wire['content'] : []
  const text = pieces.map(piece => (isObject(piece) ? textAt(piece, 'text') : '')).join('')
  return { type: 'text', text, extras: { [NAME]: { citations: wire['citations'] ?? [] } } }
}

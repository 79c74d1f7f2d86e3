import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ToolCallPart } from '../../core/message.ts'
import { embed, sourceText, tryParseJson } from '../../wire/json.ts'
import { cachePoint, lose, type Writing } from './wire.ts'

/**
 * Writes a call. Its input must be an object: text that is none is handed on as `{"_raw": text}`, and
 * reported; empty text means `{}`.
 */
export function encodeCall(part: ToolCallPart, path: string, writing: Writing): JsonObject[] {
  const { id, name } = part
  const input = part.kind === 'custom' ? { input: part.arguments } : inputOf(part, path, writing)
  return [{ toolUse: { toolUseId: id, name, input } }, ...cachePoint(part.cache, path, writing)]
}

function inputOf(part: ToolCallPart, path: string, writing: Writing): Json {
  const text = part.arguments.trim()
  if (text === '' || text === '{}') return {}
  if (isObject(tryParseJson(text))) return embed(text)
  lose(writing, `${path}.arguments`, 'the arguments were no JSON object', 'repaired', false)
  const value = tryParseJson(text)
  return value === null || value === '' ? {} : { _raw: part.arguments }
}

/** The text of a call's input in an answer; `root` is the body that exact texts are cut from. */
export function inputText(input: Json | undefined, root: Json): string {
  if (isObject(input)) return sourceText(root, input)
  if (typeof input === 'string') return input.trim() === '' ? '{}' : input
  return input === undefined || input === null ? '{}' : JSON.stringify(input)
}

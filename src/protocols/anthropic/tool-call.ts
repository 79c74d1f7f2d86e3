import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ToolCallPart } from '../../core/message.ts'
import { embed, sourceText, tryParseJson } from '../../wire/json.ts'
import { ownExtras, restore } from './wire.ts'

/** The arguments of a call as the object that this wire wants. */
export interface ObjectArguments {
  readonly input: Json
  /**
   * `whole`: what the model wrote. `repaired`: it wrote JSON that stands for nothing (`null`,
   * `""`). `wrapped`: it wrote no JSON object, and its text stands under `_raw`.
   */
  readonly form: 'whole' | 'repaired' | 'wrapped'
}

/**
 * Turns the text of a call's arguments into an object, numbers and key order kept. Nothing is
 * invented and nothing dropped: text that is no JSON object is handed on as `{"_raw": text}`, so
 * that whoever validates the call sees what the model wrote. Empty or blank text means `{}`.
 */
export function objectArguments(text: string): ObjectArguments {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === '{}') return { input: {}, form: 'whole' }
  if (trimmed.charCodeAt(0) === 123) {
    try {
      return { input: embed(trimmed), form: 'whole' }
    } catch {
      return { input: { _raw: text }, form: 'wrapped' }
    }
  }
  const value = tryParseJson(trimmed)
  return value === null || value === ''
    ? { input: {}, form: 'repaired' }
    : { input: { _raw: text }, form: 'wrapped' }
}

/** A `tool_use` block around an input. */
export function callBlock(part: ToolCallPart, input: Json): JsonObject {
  const block: JsonObject = { type: 'tool_use', id: part.id, name: part.name, input }
  return restore(block, ownExtras(part.extras))
}

/**
 * The text of a call's `input`, which compatible vendors also send as text or leave out. `root` is
 * the body that exact texts are cut from.
 */
export function inputText(input: Json | undefined, root: Json): string {
  if (isObject(input)) return sourceText(root, input)
  if (typeof input === 'string') return input.trim() === '' ? '{}' : input
  return input === undefined || input === null ? '{}' : JSON.stringify(input)
}

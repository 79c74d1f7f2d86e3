import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ToolCallPart } from '../../core/message.ts'
import { embed, sourceText, tryParseJson } from '../../wire/json.ts'
import { objectAt, ownExtras, restore } from './wire.ts'

/** What every id begins with that stands for a call which the wire gave none. */
const MINTED = 'call_gem_'

/**
 * An id for a call of an answer that has none: the same whether it came whole or streamed. Without
 * an id of the answer it stays empty, for the gateway to fill.
 */
export function answerCallId(responseId: string, position: number): string {
  const tail = responseId.replace(/[^A-Za-z0-9]/g, '').slice(-22)
  return tail === '' ? '' : `${MINTED}${tail}_${position}`
}

/** An id for a call of the history that has none, made from its place: contents only grow. */
export function historyCallId(content: number, part: number): string {
  return `${MINTED}at_${content}_${part}`
}

/** Whether an id was made here, so that the vendor does not know it. */
export function isMinted(id: string): boolean {
  return id.startsWith(MINTED)
}

/** The arguments of a call as the object that this wire wants. */
export interface ObjectArguments {
  readonly args: Json
  /**
   * `whole`: what the model wrote. `repaired`: it wrote JSON that stands for nothing (`null`,
   * `""`). `wrapped`: it wrote no JSON object, and its text stands under `_raw`.
   */
  readonly form: 'whole' | 'repaired' | 'wrapped'
}

/**
 * Turns the text of a call's arguments into an object, numbers and key order kept. Nothing is
 * invented and nothing dropped: text that is no JSON object is handed on as `{"_raw": text}`.
 * Empty or blank text means `{}`.
 */
export function objectArguments(text: string): ObjectArguments {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === '{}') return { args: {}, form: 'whole' }
  if (trimmed.charCodeAt(0) === 123) {
    try {
      return { args: embed(trimmed), form: 'whole' }
    } catch {
      return { args: { _raw: text }, form: 'wrapped' }
    }
  }
  const value = tryParseJson(trimmed)
  return value === null || value === ''
    ? { args: {}, form: 'repaired' }
    : { args: { _raw: text }, form: 'wrapped' }
}

/** The text of a call's `args`, which may be left out. `root` is what exact texts are cut from. */
export function argumentsText(args: Json | undefined, root: Json): string {
  if (isObject(args)) return sourceText(root, args)
  if (typeof args === 'string') return args.trim() === '' ? '{}' : args
  return args === undefined || args === null ? '{}' : JSON.stringify(args)
}

/** A part with a `functionCall`; `id` is empty where none is told. */
export function callPart(part: ToolCallPart, args: Json, id: string): JsonObject {
  const own = ownExtras(part.extras)
  const functionCall: JsonObject = { name: part.name, args }
  if (id !== '') functionCall['id'] = id
  if (own) restore(functionCall, objectAt(own, '$functionCall'))
  return restore({ functionCall }, own)
}

import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { BoundField, Loss } from '../../core/loss.ts'
import type { CacheMark, TextPart } from '../../core/message.ts'
import { type Place, pathOf } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import { BETWEEN, isNote, isReport, objectAt, ownExtras, parameter, restore } from './wire.ts'

/** What a decoder of requests collects on its way. */
export interface Reading {
  readonly bound: BoundField[]
  /** Whether something was left out that says nothing, and that the vendor refuses. */
  mustEncode?: true
}

/** What an encoder of requests needs at every place. */
export interface Writing {
  readonly quirks: Quirks
  readonly losses: Loss[]
  /** Whether the request came over this protocol, so that item and file ids mean the same here. */
  readonly own: boolean
}

/** The cache mark on a part: OpenAI's `prompt_cache_breakpoint`. */
export function readCache(from: JsonObject): CacheMark | undefined {
  return isObject(from['prompt_cache_breakpoint']) ? {} : undefined
}

/** Lists what only this protocol's vendors understand of an item, a part or a tool. */
export function bind(kept: JsonObject | undefined, at: Place, reading: Reading): void {
  if (!kept) return
  for (const key in kept) {
    if (isNote(key)) continue
    const path = `${parameter(pathOf(at))}.${key}`
    reading.bound.push({ path, what: key, weight: isReport(key) ? 'hint' : 'meaning' })
  }
}

/** The losses' word for the place of an item. */
export function placeOf(at: number): string {
  return at < 0 ? 'system' : `messages[${at}]`
}

/** All texts as one. */
export function joined(parts: readonly TextPart[]): string {
  const [first] = parts
  return parts.length === 1 && first ? first.text : parts.map(part => part.text).join(BETWEEN)
}

/** What this protocol kept of a part itself; the notes about its item stay out. */
export function partFields(part: { readonly extras?: TextPart['extras'] }): JsonObject {
  const fields: JsonObject = {}
  restore(fields, ownExtras(part.extras))
  return fields
}

/** What was kept of the message item that begins with a part; nothing if the part goes on with one. */
export function itemFields(part: { readonly extras?: TextPart['extras'] }): JsonObject | undefined {
  const kept = ownExtras(part.extras)
  return kept && objectAt(kept, '$message')
}

/** Whether content is one plain text, which a string can hold. */
export function asString(parts: readonly JsonObject[], type: string): Json | undefined {
  const [first] = parts
  if (parts.length !== 1 || first?.['type'] !== type) return undefined
  for (const key in first) if (key !== 'type' && key !== 'text') return undefined
  return first['text']
}

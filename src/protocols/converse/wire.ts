import type { JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { CacheMark, Message, ToolResultPart } from '../../core/message.ts'
import type { ModelRequest } from '../../core/request.ts'
import type { Quirks } from '../quirks.ts'

/** The protocol's name, and its key in `extras`. */
export const NAME = 'converse'

/** A value under construction: the same fields, still writable. */
export type Building<T> = { -readonly [K in keyof T]: T[K] }

/** What the writers of one request share. */
export interface Writing {
  readonly request: ModelRequest
  readonly quirks: Quirks
  readonly losses: Loss[]
}

/** Notes a loss. */
export function lose(
  writing: Writing,
  path: string,
  what: string,
  action: Loss['action'],
  meaning: boolean,
): void {
  writing.losses.push({ path, what, action, meaning })
}

/** A string under `key`, or the empty one; for answers, where a wrong type is passed over. */
export function textAt(from: JsonObject, key: string): string {
  const value = from[key]
  return typeof value === 'string' ? value : ''
}

/** Where a message stood, for losses. Messages from outside the list are the instructions. */
export function messagePath(message: Message): string {
  return message.at < 0 ? 'system' : `messages[${message.at}]`
}

/** Where a tool's result stood, for losses. */
export function resultPath(part: ToolResultPart): string {
  return part.atPart === undefined
    ? `messages[${part.at}]`
    : `messages[${part.at}].content[${part.atPart}]`
}

/**
 * The block that stands behind one with a cache mark. None where the model knows no cache: it is a
 * hint. There is only one life, of five minutes.
 */
export function cachePoint(
  mark: CacheMark | undefined,
  path: string,
  writing: Writing,
): JsonObject[] {
  if (!mark || writing.quirks.cachePoints !== true) return []
  if (mark.ttl !== undefined && mark.ttl !== '5m') {
    lose(writing, path, 'the cache lives for five minutes here', 'approximated', false)
  }
  return [{ cachePoint: { type: 'default' } }]
}

import type { Made } from './history.ts'
import type { Parameter } from './profile.ts'
import { isJson } from './schema.ts'
import { fitValue } from './shape.ts'
import { identifierWords, stem } from './stem.ts'

/** One plain value of a result, with the keys that lead to it. */
export interface Leaf {
  readonly path: readonly string[]
  readonly value: string | number | boolean | null
}

const MOST_LEAVES = 400
const DEEPEST = 12

/** Reads a result's text as JSON where it is an object, a list or a text in quotation marks; else as it is. */
export function readResult(text: string): unknown {
  const trimmed = text.trim()
  if (!/^[[{"]/.test(trimmed)) return text
  try {
    return JSON.parse(trimmed)
  } catch {
    return text
  }
}

/** The plain values of a JSON value, in order; at most a few hundred. */
export function leavesOf(value: unknown, path: readonly string[] = [], out: Leaf[] = []): Leaf[] {
  if (out.length >= MOST_LEAVES || path.length > DEEPEST) return out
  if (Array.isArray(value))
    value.forEach((one, index) => {
      leavesOf(one, [...path, String(index + 1)], out)
    })
  else if (isJson(value))
    for (const [key, one] of Object.entries(value)) leavesOf(one, [...path, key], out)
  else if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  )
    out.push({ path, value })
  return out
}

/** What a result says went wrong, or `undefined` if it went well. */
export function errorIn(result: {
  readonly text: string
  readonly isError: boolean
}): string | undefined {
  const value = readResult(result.text)
  const said = isJson(value) ? saidError(value) : undefined
  if (said !== undefined) return said
  const text = typeof value === 'string' ? value.trim() : result.text.trim()
  if (result.isError) return text === '' ? 'no reason was given' : text
  return /^(?:error|exception|failed|failure)\b/i.test(text)
    ? text.replace(/^error\s*:\s*/i, '')
    : undefined
}

function saidError(value: { readonly [key: string]: unknown }): string | undefined {
  const failed =
    value['success'] === false ||
    value['ok'] === false ||
    /^(?:error|failed|failure)$/i.test(String(value['status'] ?? ''))
  const error =
    value['error'] ??
    value['errors'] ??
    (failed ? (value['message'] ?? value['reason'] ?? value['detail']) : undefined)
  if (error === undefined || error === null || error === false || error === '')
    return failed ? plain(value) : undefined
  if (Array.isArray(error) && error.length === 0) return undefined
  return plain(error)
}

function plain(value: unknown): string {
  if (isJson(value) && typeof value['message'] === 'string') return value['message']
  return leavesOf(value)
    .map(leaf => String(leaf.value))
    .join(', ')
}

/** The value that earlier results give to a parameter: the leaf whose keys name it best. */
export function fromResults(parameter: Parameter, made: readonly Made[]): unknown {
  let best: { value: unknown; score: number } | undefined
  for (const one of made) {
    if (one.result === undefined || errorIn(one.result) !== undefined) continue
    const tool = identifierWords(one.call.name).map(stem)
    const told = readResult(one.result.text)
    if (typeof told === 'string') {
      // A bare word from a tool that is named for just this: `get_user_city` answers `Oslo`.
      const value =
        told.length <= 80 && parameter.stems.some(word => tool.includes(word))
          ? fitValue(told.trim(), parameter.schema)
          : undefined
      if (value !== undefined && best === undefined) best = { value, score: 0.5 }
      continue
    }
    for (const leaf of leavesOf(told)) {
      const keys = leaf.path.flatMap(identifierWords).map(stem)
      const last = identifierWords(leaf.path.at(-1) ?? '').map(stem)
      if (!parameter.stems.some(word => last.includes(word))) continue
      const score =
        parameter.stems.filter(word => keys.includes(word) || tool.includes(word)).length /
        parameter.stems.length
      const value = score > (best?.score ?? 0) ? fitValue(leaf.value, parameter.schema) : undefined
      if (value !== undefined) best = { value, score }
    }
  }
  return best !== undefined && best.score >= 0.5 ? best.value : undefined
}

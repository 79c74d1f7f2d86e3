import { isObject, type Json } from '../core/json.ts'
import { UNCHECKED_MESSAGE } from '../guardrails/verdict.ts'
import { MAX_DEPTH, tryParseJson } from '../wire/json.ts'
import { isDeeper } from '../wire/json-scan.ts'
import { type ExchangeGuard, type OfTool, refusalIn } from './exchange-guard.ts'

/** A whole call of the model's. */
export interface GivenCall {
  readonly id: string
  readonly name: string
  readonly kind: 'function' | 'custom'
  /** The exact text. */
  readonly arguments: string
}

/** The arguments as they may go on, or what the client is told in their place. */
export type GuardedCall = { readonly arguments: string } | { readonly refused: string }

const POINT = 'tool-arguments'

/**
 * Holds a call to the guardrails: its name, and the values of its arguments. Their text stays as it
 * is unless a value is rewritten, or says more than a check of the values can see.
 */
export function guardCall(call: GivenCall, place: string, guard: ExchangeGuard): GuardedCall {
  const { name, kind, arguments: text } = call
  if (!guard.rules.now.points.has(POINT)) return { arguments: text }
  if (!guard.isClean(POINT, name, place)) return { refused: UNCHECKED_MESSAGE }
  const of: OfTool = { tool: name, callId: call.id }
  if (kind === 'custom') {
    const { verdict, value } = guard.now(POINT, text, place, of)
    const refused = refusalIn(verdict)
    return refused === undefined ? { arguments: textOf(value) } : { refused }
  }
  const value = argumentsOf(text)
  return value === undefined
    ? guardBroken(text, place, guard, of)
    : guardValue(text, value, place, guard, of)
}

/** The arguments of a call as a value; `undefined` if their text is no JSON. */
export function argumentsOf(text: string): Json | undefined {
  if (text.trim() === '') return {}
  const value = tryParseJson(text)
  return value === undefined || isDeeper(text, MAX_DEPTH) ? undefined : value
}

function guardValue(
  text: string,
  value: Json,
  place: string,
  guard: ExchangeGuard,
  of: OfTool,
): GuardedCall {
  const { numbers, count } = tokensOf(text)
  const decision = guard.now(POINT, value, place, { ...of, numbers })
  const refused = refusalIn(decision.verdict)
  if (refused !== undefined) return { refused }
  // Parsed, a long number has lost the digits by which it would be known.
  if (numbers.length > 0 && !guard.isClean(POINT, numbers, place))
    return { refused: UNCHECKED_MESSAGE }
  if (decision.value !== value) return { arguments: JSON.stringify(decision.value) }
  // A key written twice: readers do not agree on which value counts, and only one was checked.
  return { arguments: count === countOf(value) ? text : JSON.stringify(value) }
}

/** Text that is no JSON may be mended by its reader, who will also undo its escapes. */
function guardBroken(text: string, place: string, guard: ExchangeGuard, of: OfTool): GuardedCall {
  for (const shown of new Set([text, unescaped(text)])) {
    const { verdict } = guard.now(POINT, shown, place, of)
    if (verdict.type !== 'allow') return { refused: refusalIn(verdict) ?? UNCHECKED_MESSAGE }
  }
  return { arguments: text }
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/g,
    (_, code: string | undefined, other: string) =>
      code === undefined
        ? (ESCAPES[other] ?? other)
        : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

const ESCAPES: { readonly [letter: string]: string } = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
/** From here on a number may have more digits than a parsed one keeps. */
const LONG_NUMBER = 16

/** How many strings and numbers JSON text holds, and those of its numbers that are long. */
function tokensOf(text: string): { numbers: string[]; count: number } {
  const numbers: string[] = []
  let count = 0
  for (const [token] of text.matchAll(TOKEN)) {
    count++
    if (token.length >= LONG_NUMBER && !token.startsWith('"')) numbers.push(token)
  }
  return { numbers, count }
}

/** How many strings, keys and numbers a value holds. */
function countOf(value: Json): number {
  if (typeof value === 'string' || typeof value === 'number') return 1
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countOf(item), 0)
  if (!isObject(value)) return 0
  return Object.values(value).reduce<number>((sum, item) => sum + 1 + countOf(item ?? null), 0)
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

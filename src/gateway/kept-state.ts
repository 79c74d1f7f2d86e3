import { createHash } from 'node:crypto'
import { isObject, type Json } from '../core/json.ts'
import type {
  AssistantPart,
  ReasoningPart,
  ReasoningState,
  TextPart,
  ToolCallPart,
} from '../core/message.ts'
import { MAX_DEPTH, tryParseJson } from '../wire/json.ts'
import { isDeeper } from '../wire/json-scan.ts'

/** What of a model's answer is worth nothing to the client, and all to the model's next turn. */
export interface KeptState {
  /** Reasoning that stood before the call: in front of the text there, and behind it. */
  readonly head: readonly StatePart[]
  readonly near: readonly StatePart[]
  /** The call's own. */
  readonly state?: ReasoningState
  /** What stood behind the last call. */
  readonly after: readonly StatePart[]
  /** The account it was made with: encrypted state is bound to it. */
  readonly account: string
}

/** Reasoning, or a text that is empty but for its signature. */
export type StatePart = ReasoningPart | TextPart

/** A call and what is kept for it. */
export interface KeptCall {
  readonly call: ToolCallPart
  readonly kept: KeptState
}

type Growing = { -readonly [K in keyof KeptState]: KeptState[K] } & {
  head: StatePart[]
  near: StatePart[]
  after: StatePart[]
}

/**
 * What is to be kept of an answer, call by call; nothing for a call that has nothing of its own.
 * `plain`: reasoning without a state is wanted back, too.
 */
export function keptStates(
  content: readonly AssistantPart[],
  account: string,
  plain: boolean,
): KeptCall[] {
  const found: { call: ToolCallPart; kept: Growing }[] = []
  let next: Growing = { head: [], near: [], after: [], account }
  let hasText = false
  for (const part of content) {
    if (part.type === 'tool-call') {
      if (part.state) next.state = part.state
      found.push({ call: part, kept: next })
      next = { head: [], near: [], after: [], account }
      hasText = false
      continue
    }
    if (part.type === 'text' && part.text !== '') hasText = true
    const wanted = stateIn(part, plain)
    if (wanted) (hasText ? next.near : next.head).push(wanted)
  }
  found.at(-1)?.kept.after.push(...next.head, ...next.near)
  return found.filter(({ kept }) => kept.state || kept.head[0] || kept.near[0] || kept.after[0])
}

/** What of a part is kept, without what only the wire that it came over can use. */
function stateIn(part: AssistantPart, plain: boolean): StatePart | undefined {
  if (part.type !== 'reasoning' && part.type !== 'text') return undefined
  const { type, text, state } = part
  if (state && (type === 'reasoning' || text === '')) return { type, text, state }
  return plain && type === 'reasoning' && text !== '' ? { type, text } : undefined
}

/** Whether a kept thing may go to an account: what is encrypted may only to the one that got it. */
export function suits(kept: KeptState, account: string): boolean {
  if (kept.account === account) return true
  const parts = [...kept.head, ...kept.near, ...kept.after]
  return parts.every(part => part.state?.kind !== 'encrypted')
}

/** Whose call it is: nobody else's state is ever found under its key. */
export interface KeyScope {
  /** The client's name, or the empty text where no key is asked for. */
  readonly tenant: string
  readonly provider: string
  readonly model: string
}

/**
 * The key of a call. Ids alone will not do: some vendors give the same ones in every conversation.
 * So it is made of the whole call, and of whose it is; a call that was changed is not found.
 */
export function stateKey(scope: KeyScope, { id, name, arguments: text }: ToolCallPart): string {
  const subject = JSON.stringify([
    scope.tenant,
    scope.provider,
    scope.model,
    id,
    name,
    plainArguments(text),
  ])
  return createHash('sha256').update(subject).digest('base64url')
}

/** Arguments by their meaning: clients parse them and write them anew in their own manner. */
function plainArguments(text: string): Json {
  if (text.trim() === '') return {}
  if (isDeeper(text, MAX_DEPTH)) return text
  const value = tryParseJson(text)
  return value === undefined ? text : sorted(value)
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const keys = Object.keys(value).sort()
  return keys.map(key => [key, sorted(value[key] ?? null)])
}

/** A kept state as a text. */
export function writeKept({ head, near, state, after, account }: KeptState): string {
  return JSON.stringify({
    v: 1,
    c: account,
    ...(head.length > 0 && { h: head }),
    ...(near.length > 0 && { n: near }),
    ...(state && { s: state }),
    ...(after.length > 0 && { a: after }),
  })
}

/** The kept state that a text stands for; `undefined` if another version wrote it. */
export function readKept(text: string): KeptState | undefined {
  const value = tryParseJson(text)
  if (!isObject(value) || value['v'] !== 1 || typeof value['c'] !== 'string') return undefined
  const state = readState(value['s'])
  return {
    account: value['c'],
    head: readParts(value['h']),
    near: readParts(value['n']),
    after: readParts(value['a']),
    ...(state && { state }),
  }
}

function readParts(list: Json | undefined): StatePart[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((part): StatePart[] => {
    if (!isObject(part) || typeof part['text'] !== 'string') return []
    const { type, text } = part
    if (type !== 'reasoning' && type !== 'text') return []
    const state = readState(part['state'])
    return [{ type, text, ...(state && { state }) }]
  })
}

function readState(value: Json | undefined): ReasoningState | undefined {
  if (!isObject(value)) return undefined
  const { family, kind, data, id } = value
  if (typeof family !== 'string' || typeof data !== 'string') return undefined
  if (kind !== 'signature' && kind !== 'redacted' && kind !== 'encrypted') return undefined
  return typeof id === 'string' ? { family, kind, data, id } : { family, kind, data }
}

import { isObject, type Json, type JsonObject } from '../core/json.ts'
import type { ReasoningState } from '../core/message.ts'

/** The family of models that sign their calls. */
export const FAMILY = 'google'

/** A documented value that switches the check off. Source: Gemini API docs, "thought signatures". */
export const DUMMY_SIGNATURE = 'skip_thought_signature_validator'

/** Where clients of LangChain keep the signatures of a message's calls, by call id. */
const MAP = '__gemini_function_call_thought_signatures__'

const THOUGHT = '__thought__'
const TS = '_ts_'
/** A signature is a long text of base64 or base64url; the shortest stand-in has 32 letters. */
const SIGNATURE = /^[A-Za-z0-9+/_-]{24,}={0,2}$/
/** No id with a signature in it is shorter; most vendors' own are. */
const SHORTEST = 30

/** The state that a thought signature is. */
export function signatureState(data: string): ReasoningState {
  return { family: FAMILY, kind: 'signature', data }
}

/** Whether a state is a thought signature. */
export function isSignature(state: ReasoningState | undefined): state is ReasoningState {
  return state?.family === FAMILY
}

/** The documented values, as texts and as the base64 of them, without padding. */
const DUMMIES: ReadonlySet<string> = new Set([
  DUMMY_SIGNATURE,
  'context_engineering_is_the_way_to_go',
  'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I',
  'Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv',
])

/** Whether a state is only a value that switches the check off. */
export function isDummy({ family, data }: ReasoningState): boolean {
  return family === FAMILY && data.length < 64 && DUMMIES.has(data.replace(/=+$/, ''))
}

/**
 * The thought signature that hangs on a call, or the empty text: in `extra_content.google` (Google's
 * OpenAI-compatible endpoint), on the call itself or its function, or in `provider_specific_fields`
 * of either (LiteLLM).
 */
export function callSignature(call: JsonObject): string {
  const inner = call['function']
  return (
    textAt(at(call['extra_content'], 'google'), 'thought_signature') ||
    textAt(call, 'thought_signature') ||
    textAt(call['provider_specific_fields'], 'thought_signature') ||
    textAt(inner, 'thought_signature') ||
    textAt(at(inner, 'provider_specific_fields'), 'thought_signature') ||
    textAt(at(at(inner, 'extra_content'), 'google'), 'thought_signature')
  )
}

/** The fields of a call that say its signature, as Google's OpenAI-compatible endpoint does. */
export function signatureContent(data: string): JsonObject {
  return { google: { thought_signature: data } }
}

/** The fields of a message that may hold signatures of its calls, beside those of other vendors. */
export const MAP_FIELDS = [MAP, 'additional_kwargs'] as const

/** The signatures of calls that stand on their message. */
export interface MessageSignatures {
  /** The signature of a call, or the empty text. */
  of(id: string, isFirst: boolean): string
}

/**
 * Finds the signatures that stand on a message: LangChain's map by call id, in a field of its own or
 * in what a client that dumps its own objects sends; and LiteLLM's list. A list of one is that of
 * the first call, which is the only one that is signed; a longer one does not say whose they are.
 */
export function messageSignatures(message: JsonObject): MessageSignatures | undefined {
  const map = message[MAP] ?? at(message['additional_kwargs'], MAP)
  if (isObject(map)) return { of: id => textAt(map, id) }
  const list = at(message['provider_specific_fields'], 'thought_signatures')
  if (!Array.isArray(list) || list.length !== 1) return undefined
  const [only] = list
  return typeof only === 'string' ? { of: (_, isFirst) => (isFirst ? only : '') } : undefined
}

/** An id as it was made, and the signature that another gateway hung on it, or the empty text. */
export interface SplitId {
  readonly id: string
  readonly signature: string
}

/**
 * Parts an id from the signature in it: `<id>__thought__<signature>` (LiteLLM, issue #16895, 2025-11)
 * and `<id>_ts_<signature>` (Bifrost, 2026), where the last mark counts and a signature must follow,
 * because an id may well hold that mark by itself.
 */
export function splitId(id: string): SplitId {
  if (id.length < SHORTEST) return { id, signature: '' }
  const thought = id.indexOf(THOUGHT)
  if (thought > 0)
    return {
      id: id.slice(0, thought),
      signature: id.slice(id.lastIndexOf(THOUGHT) + THOUGHT.length),
    }
  const cut = id.lastIndexOf(TS)
  if (cut <= 0 || !SIGNATURE.test(id.slice(cut + TS.length))) return { id, signature: '' }
  return { id: id.slice(0, cut), signature: id.slice(cut + TS.length) }
}

function at(from: Json | undefined, key: string): Json | undefined {
  return isObject(from) ? from[key] : undefined
}

function textAt(from: Json | undefined, key: string): string {
  const value = at(from, key)
  return typeof value === 'string' ? value : ''
}

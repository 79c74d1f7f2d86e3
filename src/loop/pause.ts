import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ToolgateError } from '../core/error.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { argumentsOf, type RunState } from './state.ts'

/** A call that a person has to decide on. */
export interface WaitingCall {
  readonly callId: string
  readonly tool: string
  /** The arguments, or the model's text if they are no JSON. */
  readonly input: Json
  readonly reason: string
}

/**
 * A run that waits for a person. Plain JSON: store it anywhere, and go on with `resume`, in another
 * process if it was signed with a key of the program's.
 */
export interface PausedRun {
  readonly kind: 'toolgate-paused-run'
  readonly version: 1
  readonly waiting: readonly WaitingCall[]
  readonly state: RunState
  /** `process`: by a random key that dies with the process that made it. */
  readonly signedWith: 'signingKey' | 'process'
  /** HMAC-SHA-256 of everything else, in hex. */
  readonly signature: string
}

/** What a person says of a call: run it, do not, or run it with other arguments. */
export type Decision =
  | 'approve'
  | { readonly reject: string }
  | { readonly edit: { readonly [name: string]: unknown } }

const PROCESS_KEY = randomBytes(32)

/** Makes a paused run out of a state, and signs it. */
export function pauseRun(state: RunState, signingKey: string | undefined): PausedRun {
  const waiting = state.pending.flatMap(pending => {
    const { call, question, decision, result } = pending
    if (question === undefined || decision || result) return []
    const input = readInput(argumentsOf(pending))
    return [{ callId: call.id, tool: call.name, input, reason: question }]
  })
  const unsigned = {
    kind: 'toolgate-paused-run',
    version: 1,
    waiting,
    state: structuredClone(state),
    signedWith: signingKey === undefined ? 'process' : 'signingKey',
  } as const
  return { ...unsigned, signature: sign(unsigned, signingKey) }
}

function readInput(text: string): Json {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Reads a paused run that came from outside.
 *
 * @throws ToolgateError `invalid_value` if it is none, `permission` if its signature is not ours.
 */
export function readPaused(value: unknown, signingKey: string | undefined): PausedRun {
  if (!isPaused(value)) throw new ToolgateError('invalid_value', 'This is no paused run.')
  const { signature, ...unsigned } = value
  const key = value.signedWith === 'process' ? undefined : signingKey
  if (value.signedWith === 'signingKey' && signingKey === undefined) {
    throw new ToolgateError(
      'permission',
      'The paused run was signed with a key: give it as signingKey.',
    )
  }
  const expected = Buffer.from(sign(unsigned, key), 'hex')
  const found = Buffer.from(signature, 'hex')
  if (expected.length === found.length && timingSafeEqual(expected, found)) return value
  const why =
    value.signedWith === 'process'
      ? 'it was signed by a process that has ended, or has been changed. Give runTools a signingKey to go on elsewhere'
      : 'it has been changed, or was signed with another key'
  throw new ToolgateError('permission', `The paused run is not accepted: ${why}.`)
}

function isPaused(value: unknown): value is PausedRun {
  return (
    isObject(value) &&
    value['kind'] === 'toolgate-paused-run' &&
    value['version'] === 1 &&
    typeof value['signature'] === 'string' &&
    isObject(value['state'])
  )
}

function sign(unsigned: Omit<PausedRun, 'signature'>, signingKey: string | undefined): string {
  const key = signingKey ?? PROCESS_KEY
  return createHmac('sha256', key).update(canonicalJson(unsigned)).digest('hex')
}

/** JSON text that does not depend on the order of keys, which stores may change. */
export function canonicalJson(value: unknown): string {
  return sortedJson(JSON.parse(JSON.stringify(value) ?? 'null'))
}

/** `canonicalJson` of what is JSON already. */
export function sortedJson(value: Json): string {
  return JSON.stringify(sortKeys(value))
}

function sortKeys(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isObject(value)) return value ?? null
  const sorted: JsonObject = Object.create(null)
  for (const key of Object.keys(value).sort()) sorted[key] = sortKeys(value[key])
  return sorted
}

import { isObject, type Json, type JsonObject } from '../core/json.ts'

/** Fields whose values nobody can read but who sealed them. */
const SEALED = /^(?:data|b64_json|signature|encrypted_.*|thoughtSignature|thought_signature)$/
/** From this length on a text of nothing but base64 is bytes: a picture, a file. */
const FEWEST_BYTES = 1024
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/**
 * A value without what rules on texts cannot look into: sealed fields, and bytes in base64.
 *
 * @throws RangeError if it is nested too deeply
 */
export function readable(value: Json): Json {
  if (typeof value === 'string')
    return value.length >= FEWEST_BYTES && BASE64.test(value) ? '' : value
  if (Array.isArray(value)) return value.map(readable)
  if (!isObject(value)) return value
  const kept: JsonObject = {}
  for (const key in value) {
    const inner = value[key]
    if (inner !== undefined && !(SEALED.test(key) && typeof inner === 'string'))
      kept[key] = readable(inner)
  }
  return kept
}

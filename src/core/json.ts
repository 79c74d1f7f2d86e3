/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | Json[] | JsonObject

/** A JSON object; a missing key reads as `undefined`. */
export interface JsonObject {
  [key: string]: Json | undefined
}

/** Whether a value is a JSON object: neither `null` nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

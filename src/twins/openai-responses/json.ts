/** A JSON object that came over the wire, or is to go over it. */
export type JsonObject = { readonly [name: string]: unknown }

/** Whether a value is an object with keys: neither `null` nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a field was sent with a value: neither left out nor `null`. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** The value as an object, or an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The items of an array, or none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The items of an array as objects; one that is none becomes an empty one, so that indices hold. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return itemsOf(value).map(objectOf)
}

/** The value if it is text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The members of an object whose value is not `undefined`, in their order. */
export function present(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

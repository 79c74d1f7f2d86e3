/** Whether a value is an object with keys: neither `null` nor an array. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The items of an array, or none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The items of an array as records; an item that is none becomes an empty one, so that indices hold. */
export function recordsOf(value: unknown): readonly { readonly [key: string]: unknown }[] {
  return itemsOf(value).map(item => (isRecord(item) ? item : {}))
}

/** The value as a record, or an empty one. */
export function recordOf(value: unknown): { readonly [key: string]: unknown } {
  return isRecord(value) ? value : {}
}

/** The value if it is text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Whether a field was sent with a value: neither left out nor `null`. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

const shared = new WeakSet<object>()

/** Marks a list that many requests hold, so that what follows from it need be worked out only once. */
export function share<T extends object>(list: T): T {
  shared.add(list)
  return list
}

/** Whether a list is held by many requests. */
export function isShared(list: object): boolean {
  return shared.has(list)
}

/**
 * What was worked out from shared lists. It lives as long as the list. From a list that is not
 * shared it is worked out anew each time: remembering it would cost more.
 */
export class Derived<List extends object, Found> {
  readonly #known = new WeakMap<List, Found>()

  of(list: List, make: (list: List) => Found): Found {
    if (!shared.has(list)) return make(list)
    const known = this.#known.get(list)
    if (known !== undefined) return known
    const found = make(list)
    this.#known.set(list, found)
    return found
  }
}

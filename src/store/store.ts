/**
 * Texts by key, each with an end to its life. Several engines keep it; which one is a matter of the
 * configuration. An engine may forget an entry before its time, so that what is read back is a gift
 * and never a promise.
 */
export interface KeyValueStore {
  /** The text, or `undefined` if it was never there, is too old, or was pushed out. */
  get(key: string): Promise<string | undefined>
  /**
   * Puts a text in the place of what was there.
   *
   * @param ttlMs milliseconds from now until it is forgotten; above 0
   */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Forgets a key. No error if it was not there. */
  delete(key: string): Promise<void>
}

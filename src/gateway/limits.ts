/** Time limits and bounds of an exchange. All times in milliseconds. */
export interface Limits {
  /** Until the connection to the vendor stands. Default 10 s. */
  readonly connectMs: number
  /** Until the vendor's status line. Default 10 min: a whole answer of a reasoning model takes long. */
  readonly firstByteMs: number
  /** Between two chunks of the vendor's body. Default 5 min. */
  readonly idleMs: number
  /** For the exchange as a whole, retries and their pauses included. Default 1 h. */
  readonly wholeMs: number
  /** How often a call is tried again at most. Default 2. */
  readonly retries: number
  /** First pause between tries; it doubles each time, with jitter. Default 500 ms. */
  readonly backoffMs: number
  /** Longest pause, and the longest `retry-after` that is waited for. Default 8 s. */
  readonly maxBackoffMs: number
  /**
   * Between two signs of life to a client whose stream is held until its answer is checked. Default
   * 15 s; 0: none.
   */
  readonly heartbeatMs: number
  /** Bytes of a vendor's whole answer. Default 64 MiB. */
  readonly maxResponseBytes: number
}

/** The limits where nobody says otherwise. */
export const DEFAULT_LIMITS: Limits = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 300_000,
  wholeMs: 3_600_000,
  retries: 2,
  backoffMs: 500,
  maxBackoffMs: 8_000,
  heartbeatMs: 15_000,
  maxResponseBytes: 64 * 1024 * 1024,
}

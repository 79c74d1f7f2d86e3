import { randomFillSync } from 'node:crypto'

const LETTERS = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
const random = Buffer.alloc(4096)
/** Random letters, cut off piece by piece: a letter at a time would cost twenty times as much. */
const pool = Buffer.alloc(random.length)
let filled = 0
let used = 0

/** `prefix` and as many random letters and digits as make it `length` characters long, 128 at most. */
export function newId(prefix: string, length: number): string {
  const wanted = length - prefix.length
  if (filled - used < wanted) refill()
  used += wanted
  return prefix + pool.toString('latin1', used - wanted, used)
}

function refill(): void {
  randomFillSync(random)
  filled = 0
  used = 0
  for (const byte of random) {
    // 248 is the largest multiple of 62 in a byte: above it the letters would not be even.
    if (byte < 248) pool[filled++] = LETTERS[byte % 62] ?? 0
  }
}

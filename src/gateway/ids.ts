import { randomFillSync } from 'node:crypto'

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const POOL = Buffer.alloc(4096)
let used = POOL.length

/** `prefix` and as many random letters and digits as make it `length` characters long. */
export function newId(prefix: string, length: number): string {
  let id = prefix
  while (id.length < length) {
    if (used === POOL.length) {
      randomFillSync(POOL)
      used = 0
    }
    const byte = POOL[used++] ?? 0
    // 248 is the largest multiple of 62 in a byte: above it the letters would not be even.
    if (byte < 248) id += LETTERS[byte % 62]
  }
  return id
}

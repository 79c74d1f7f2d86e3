import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '../random.ts'

// One key for all twins, so that a conversation survives a restart, as it does with the vendor.
const KEY = 'the twin of Anthropic Messages signs its thinking with this'
const MAC_BYTES = 32

type Kind = 'thinking' | 'redacted'

/**
 * Signs a thinking block for the model family that thought it. `shown` is the text that the block
 * carries: empty where the thought is omitted.
 */
export function signThinking(
  shown: string,
  thought: string,
  family: string,
  random: Random,
): string {
  return seal('thinking', shown, thought, family, random)
}

/** Mints the opaque data of a redacted thinking block. */
export function redactThinking(thought: string, family: string, random: Random): string {
  return seal('redacted', '', thought, family, random)
}

/** Whether a thinking block is one that this family signed, text unchanged. */
export function isGenuine(shown: string, signature: string, family: string): boolean {
  return opens('thinking', shown, signature, family)
}

/** Whether redacted data is what this family once handed out. */
export function isGenuineRedacted(data: string, family: string): boolean {
  return opens('redacted', '', data, family)
}

/**
 * Lays the parts out as: kind and family in clear (as in the vendor's own signatures), a nonce, a
 * digest of the thought, and the code over all of it and the shown text; in base64.
 */
function seal(kind: Kind, shown: string, thought: string, family: string, random: Random): string {
  const head = `${kind}:${family}`
  const digest = createHash('sha256').update(thought).digest()
  const body = Buffer.concat([
    Buffer.from([0x12, head.length]),
    Buffer.from(head),
    Buffer.from(random.text(24)),
    digest,
  ])
  return Buffer.concat([body, codeOf(body, shown)]).toString('base64')
}

function opens(kind: Kind, shown: string, sealed: string, family: string): boolean {
  const bytes = Buffer.from(sealed, 'base64')
  const head = Buffer.from(`${kind}:${family}`)
  if (bytes.length < 2 + head.length + MAC_BYTES || bytes.toString('base64') !== sealed)
    return false
  if (!bytes.subarray(2, 2 + head.length).equals(head) || bytes[1] !== head.length) return false
  const body = bytes.subarray(0, -MAC_BYTES)
  return timingSafeEqual(bytes.subarray(-MAC_BYTES), codeOf(body, shown))
}

function codeOf(body: Buffer, shown: string): Buffer {
  return createHmac('sha256', KEY).update(body).update('\0').update(shown).digest()
}

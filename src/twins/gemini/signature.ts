import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '../random.ts'
import type { SurfaceName } from './surface.ts'

// One key for all twins of a surface, so that a conversation survives a restart, as it does with
// the vendor. The surfaces do not know each other's keys (gemini-cli issue #13467, 2025-11).
const KEY = 'the twin of Google Gemini signs its thoughts with this'
const MAC_BYTES = 32
const NONCE_BYTES = 24
const DIGEST_BYTES = 8

/** What a signature belongs to: the name of the function that is called, or nothing for a text. */
export type Signed = string | undefined

/**
 * Signs a part: a head that tells the surface, a nonce, a digest of what is signed, a filling whose
 * length varies, and the code over all of it; in base64.
 */
export function signPart(signed: Signed, surface: SurfaceName, random: Random): string {
  const body = Buffer.concat([
    headOf(surface),
    Buffer.from(random.text(NONCE_BYTES)),
    digestOf(signed),
    Buffer.from(random.text(48 + random.below(192))),
  ])
  return Buffer.concat([body, codeOf(body)]).toString('base64')
}

/** Whether a signature is one that this surface's twin made for this part. */
export function isGenuine(signature: string, signed: Signed, surface: SurfaceName): boolean {
  // Node reads both alphabets, as the vendor does.
  const bytes = Buffer.from(signature, 'base64')
  const head = headOf(surface)
  if (bytes.length < head.length + NONCE_BYTES + DIGEST_BYTES + MAC_BYTES) return false
  const body = bytes.subarray(0, -MAC_BYTES)
  const digestAt = head.length + NONCE_BYTES
  return (
    body.subarray(0, head.length).equals(head) &&
    timingSafeEqual(bytes.subarray(-MAC_BYTES), codeOf(body)) &&
    body.subarray(digestAt, digestAt + DIGEST_BYTES).equals(digestOf(signed))
  )
}

/** Texts that stand for a signature. Source: Gemini API docs, "thought signatures", 2026. */
const DUMMIES = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']

/** The same as bytes: the text itself reads as base64, and its base64 was recorded to work, too. */
const DUMMY_BYTES = DUMMIES.flatMap(dummy => [Buffer.from(dummy, 'base64'), Buffer.from(dummy)])

/**
 * The SHA-256 of a signature that Google once gave out, and that @langchain/google-genai (2.3) puts
 * on every call without one. It is the vendor's own, which no twin could tell by itself.
 */
const PUBLISHED = '6e7a63a6f9cccdec755b924cd369ae500c9348c558e074d3a02caf5939b00cf4'

/** Whether a signature is one of the values that stand for any other, documented or well known. */
export function isDummy(signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  if (DUMMY_BYTES.some(dummy => dummy.equals(bytes))) return true
  return createHash('sha256').update(bytes).digest('hex') === PUBLISHED
}

function headOf(surface: SurfaceName): Buffer {
  return Buffer.from([0x0a, 0x01, surface === 'studio' ? 0x11 : 0x8f])
}

function digestOf(signed: Signed): Buffer {
  const subject = signed === undefined ? 'text' : `call ${signed}`
  return createHash('sha256').update(subject).digest().subarray(0, DIGEST_BYTES)
}

function codeOf(body: Buffer): Buffer {
  return createHmac('sha256', KEY).update(body).digest()
}

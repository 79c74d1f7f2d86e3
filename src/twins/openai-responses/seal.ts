import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  timingSafeEqual,
} from 'node:crypto'
import type { Random } from '../random.ts'
import { isObject, textOf } from './json.ts'

// One secret for all twins, so that a conversation survives a restart, as it does with the vendor.
const SECRET = createHash('sha256').update('the twin of OpenAI Responses seals with this').digest()
const SIGNING_KEY = SECRET.subarray(0, 16)
const CIPHER_KEY = SECRET.subarray(16)

const VERSION = 0x80
const HEAD_BYTES = 9
const VECTOR_BYTES = 16
const MAC_BYTES = 32

/** What the encrypted content of a reasoning item says. */
export interface Sealed {
  readonly itemId: string
  readonly organization: string
  readonly thought: string
}

/**
 * Seals a reasoning item as a Fernet token, which is what the vendor's own encrypted content looks
 * like: version, time, initial vector, AES-128-CBC and a code over all of it, in base64url. `now`
 * is in Unix milliseconds.
 */
export function seal(content: Sealed, now: number, random: Random): string {
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = VERSION
  head.writeBigUInt64BE(BigInt(Math.floor(now / 1000)), 1)
  const vector = Buffer.from(random.text(VECTOR_BYTES))
  const cipher = createCipheriv('aes-128-cbc', CIPHER_KEY, vector)
  const hidden = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()])
  const body = Buffer.concat([head, vector, hidden])
  const token = Buffer.concat([body, codeOf(body)]).toString('base64url')
  return token + '='.repeat((4 - (token.length % 4)) % 4)
}

/** Opens what `seal` made; nothing if it is not genuine. */
export function unseal(token: string): Sealed | undefined {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.toString('base64url') !== token.replace(/=+$/, '')) return undefined
  const start = HEAD_BYTES + VECTOR_BYTES
  if (bytes.length <= start + MAC_BYTES || bytes[0] !== VERSION) return undefined
  const body = bytes.subarray(0, -MAC_BYTES)
  if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), codeOf(body))) return undefined
  const decipher = createDecipheriv('aes-128-cbc', CIPHER_KEY, body.subarray(HEAD_BYTES, start))
  const plain = Buffer.concat([decipher.update(body.subarray(start)), decipher.final()])
  const content: unknown = JSON.parse(plain.toString('utf8'))
  if (!isObject(content)) return undefined
  const itemId = textOf(content.itemId) ?? ''
  const organization = textOf(content.organization) ?? ''
  return { itemId, organization, thought: textOf(content.thought) ?? '' }
}

function codeOf(body: Buffer): Buffer {
  return createHmac('sha256', SIGNING_KEY).update(body).digest()
}

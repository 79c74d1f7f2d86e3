import type { Random } from '../random.ts'

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CALL_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Mints a `responseId`: 17 bytes in base64url. */
export function mintResponseId(random: Random): string {
  return random.text(23, ID_ALPHABET)
}

/** Mints the id of a call: eight characters, as in recorded answers of 2026. */
export function mintCallId(random: Random): string {
  return random.text(8, CALL_ALPHABET)
}

/** The headers that every answer has. There is no request id: the body's `responseId` is one. */
export function replyHeaders(contentType: string, random: Random): Record<string, string> {
  return {
    'content-type': contentType,
    vary: 'Origin, X-Origin, Referer',
    'server-timing': `gfet4t7; dur=${200 + random.below(3_000)}`,
    'x-content-type-options': 'nosniff',
  }
}

/** The content type of whole bodies, lists in pieces included. */
export const JSON_TYPE = 'application/json; charset=UTF-8'

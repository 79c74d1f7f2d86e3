import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { ToolgateError } from '../core/error.ts'

/** What undoes an encoding of HTTP; not loaded before an address is met that needs it. */
async function decoderFor(encoding: string) {
  const { createBrotliDecompress, createGunzip, createInflate } = await import('node:zlib')
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      return undefined
  }
}

/**
 * The body of an answer in plain. `identity` is what is asked for, but some proxies pack an answer
 * all the same. What ends one of the two streams ends both.
 *
 * @throws ToolgateError `vendor_contradiction` for an encoding that nobody here can read
 */
export async function decodedBody(answer: IncomingMessage): Promise<Readable> {
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase()
  if (encoding === undefined || encoding === '' || encoding === 'identity') return answer
  const decoder = await decoderFor(encoding)
  if (decoder) return pipeline(answer, decoder, () => {})
  answer.destroy()
  const message = `The model's address answered in an encoding that was not asked for: ${encoding}.`
  throw new ToolgateError('vendor_contradiction', message, { origin: 'vendor' })
}

import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'

const decoders = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  zlib: promisify(inflate),
  raw: promisify(inflateRaw),
}

/** What became of a request's body: its text, a refusal, or nothing because the client left. */
export type ReadBody =
  | { readonly text: string }
  | { readonly refused: { readonly status: 400 | 413 | 415; readonly message: string } }
  | { readonly left: true }

/**
 * Reads a body whole and undoes gzip, br and deflate. `limit` is in bytes and holds before and
 * after decompression. A body that is too long is read to its end and thrown away, because most
 * clients look at an answer only when they have sent everything.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<ReadBody> {
  const bytes = await collect(request, limit)
  if (bytes === 'left') return { left: true }
  if (bytes === 'too-long') return tooLong(limit)
  const codings = (request.headers['content-encoding'] ?? '')
    .split(',')
    .map(coding => coding.trim().toLowerCase())
    .filter(coding => coding !== '' && coding !== 'identity')
  let decoded = bytes
  for (const coding of codings.reverse()) {
    const decode = decoderOf(coding, decoded)
    if (decode === undefined) {
      return { refused: { status: 415, message: `content-encoding "${coding}" is not supported` } }
    }
    try {
      decoded = await decode(decoded, { maxOutputLength: limit })
    } catch (error) {
      if (error instanceof RangeError) return tooLong(limit)
      return { refused: { status: 400, message: `the body is not valid ${coding} data` } }
    }
  }
  return { text: decoded.toString('utf8') }
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer | 'left' | 'too-long'> {
  return new Promise(resolve => {
    let chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limit) chunks = []
      else chunks.push(chunk)
    })
    request.once('end', () => resolve(length > limit ? 'too-long' : Buffer.concat(chunks)))
    request.once('error', () => resolve('left'))
    request.once('close', () => resolve('left'))
  })
}

function decoderOf(coding: string, bytes: Buffer) {
  if (coding === 'gzip' || coding === 'x-gzip') return decoders.gzip
  if (coding === 'br') return decoders.br
  if (coding !== 'deflate') return undefined
  // "deflate" means a zlib wrapper (RFC 9110, 8.4.1.2), but some clients send the bare stream.
  const [first = 0, second = 0] = bytes
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0 ? decoders.zlib : decoders.raw
}

function tooLong(limit: number): ReadBody {
  return { refused: { status: 413, message: `the body is longer than ${limit} bytes` } }
}

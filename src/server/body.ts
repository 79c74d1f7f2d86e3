import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { ToolgateError } from '../core/error.ts'

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
}

/**
 * Reads a request's body, decompressed; the limit in bytes holds before and after.
 *
 * @throws ToolgateError `request_too_large`, `unsupported_media_type`, `client_closed`, or
 * `invalid_value` for a body that is not what its `content-encoding` says.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const raw = collect(request, limit)
  const encoding = request.headers['content-encoding']?.trim().toLowerCase()
  if (encoding === undefined || encoding === '' || encoding === 'identity') return raw
  return raw.then(body => decoded(body, encoding, limit))
}

async function decoded(raw: Buffer, encoding: string, limit: number): Promise<Buffer> {
  if (!isKnown(encoding)) {
    throw new ToolgateError(
      'unsupported_media_type',
      `The content-encoding '${encoding}' is not supported; use gzip, br or deflate.`,
    )
  }
  try {
    return await decoders[encoding](raw, { maxOutputLength: limit })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(limit)
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit)
    throw new ToolgateError('invalid_value', `The body is not valid ${encoding}.`, {
      details: { path: [], why: `the body is not valid ${encoding}` },
      cause,
    })
  }
}

function isKnown(encoding: string): encoding is keyof typeof decoders {
  return Object.hasOwn(decoders, encoding)
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  const told = Number(request.headers['content-length'])
  if (told > limit) return Promise.reject(tooLarge(limit))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        request.removeAllListeners('data')
        request.resume()
        reject(tooLarge(limit))
      } else chunks.push(chunk)
    })
    request.on('end', () => {
      const only = chunks.length === 1 ? chunks[0] : undefined
      resolve(only ?? Buffer.concat(chunks, size))
    })
    request.on('error', cause => reject(gone(cause)))
    request.on('close', () => {
      if (!request.complete) reject(gone(undefined))
    })
  })
}

function gone(cause: unknown): ToolgateError {
  return new ToolgateError('client_closed', 'The client went away before its body was whole.', {
    cause,
  })
}

function tooLarge(limit: number): ToolgateError {
  return new ToolgateError(
    'request_too_large',
    `The body is larger than the limit of ${limit} bytes.`,
    { details: { limit } },
  )
}

import { createHash, createHmac, type Hash } from 'node:crypto'
import { ToolgateError } from '../core/error.ts'
import type { Authority } from './authority.ts'

/** Who signs, and where the signature counts. */
export interface AwsSigner {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Goes with an access key that runs out. */
  readonly sessionToken?: string
  readonly region: string
  /** The name of the service in the signature's scope. */
  readonly service: string
}

type Bytes = string | ArrayBuffer | ArrayBufferView

/** SHA-256 as the signer's library wants it, from Node's own. */
class Sha256 {
  readonly #secret: Buffer | undefined
  #hash: Hash | ReturnType<typeof createHmac>

  constructor(secret?: Bytes) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
    this.#hash = this.#begin()
  }

  update(data: Bytes): void {
    this.#hash.update(bytesOf(data))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    this.#hash = this.#begin()
  }

  #begin() {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytesOf(data: Bytes): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}

/**
 * Signs each call with AWS Signature Version 4, anew for each try, because a signature is good for
 * five minutes. The library, AWS's own, is loaded with the first call.
 */
export function awsSignature(signer: AwsSigner): Authority {
  const { accessKeyId, secretAccessKey, sessionToken, region, service } = signer
  let loaded: ReturnType<typeof load> | undefined
  const load = async () => {
    const { SignatureV4 } = await import('@smithy/signature-v4')
    const credentials = {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    }
    return new SignatureV4({ credentials, region, service, sha256: Sha256 })
  }
  return {
    async prove({ method = 'POST', origin, path, body }) {
      loaded ??= load()
      try {
        const { protocol, hostname, host, pathname, searchParams } = new URL(origin + path)
        const signed = await (await loaded).sign({
          method,
          protocol,
          hostname,
          path: pathname,
          query: Object.fromEntries(searchParams),
          headers: { host },
          body,
        })
        // The connection says the host itself.
        const { host: _, ...proof } = signed.headers
        return proof
      } catch (cause) {
        loaded = undefined
        throw new ToolgateError('vendor_auth', 'The call could not be signed.', {
          origin: 'gateway',
          cause,
        })
      }
    },
  }
}

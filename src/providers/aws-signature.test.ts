import { describe, expect, it } from 'vitest'
import { awsSignature } from './aws-signature.ts'

const signer = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'eu-west-1',
  service: 'bedrock',
}
const call = { origin: 'https://bedrock-runtime.eu-west-1.amazonaws.com', path: '/model/a%3A0/x' }

describe('a signature of AWS', () => {
  it('names the key, the day, the region and the service, and never the secret', async () => {
    const proof = await awsSignature(signer).prove({ ...call, body: '{}' })
    expect(Object.keys(proof).sort()).toEqual([
      'authorization',
      'x-amz-content-sha256',
      'x-amz-date',
    ])
    expect(proof['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    )
    expect(JSON.stringify(proof)).not.toContain(signer.secretAccessKey)
  })

  it('depends on the body, as text or as bytes', async () => {
    const sign = async (body: string | Buffer) =>
      (await awsSignature(signer).prove({ ...call, body }))['x-amz-content-sha256']
    expect(await sign('{"ä":1}')).toBe(await sign(Buffer.from('{"ä":1}')))
    expect(await sign('{}')).not.toBe(await sign('{"a":1}'))
  })
})

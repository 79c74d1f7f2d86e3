import { createHash, createHmac } from 'node:crypto'
import type { TwinRequest } from '../vendor.ts'
import { Rejection } from './error.ts'

/** The one access key that the twin knows: the example of AWS's own documentation. */
export const TEST_ACCESS_KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
} as const

const ALGORITHM = 'AWS4-HMAC-SHA256'
const SHAPE =
  /^AWS4-HMAC-SHA256 Credential=([^/, ]+)\/(\d{8})\/([a-z0-9-]+)\/bedrock\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/** Milliseconds for which a signature is good. */
const GOOD_FOR = 5 * 60_000

/**
 * Checks the Signature Version 4 of a call: its form, who signed, when, and what.
 * Source: AWS IAM user guide, "create a signed request", 2026.
 */
export function checkSignature(request: TwinRequest, authorization: string, now: number): void {
  const [, accessKeyId, day, region, signed = '', signature] = SHAPE.exec(authorization) ?? []
  if (accessKeyId === undefined) {
    const why =
      "Authorization header requires existence of 'Credential', 'SignedHeaders', 'Signature'."
    throw new Rejection(why, 403, 'IncompleteSignatureException')
  }
  const names = signed.split(';')
  const date = request.headers['x-amz-date'] ?? ''
  const tokens =
    request.headers['x-amz-security-token'] === undefined ? [] : ['x-amz-security-token']
  const missing = ['host', 'x-amz-date', ...tokens].find(name => !names.includes(name))
  if (missing !== undefined) {
    throw new Rejection(
      `'${missing}' must be a 'SignedHeader' in the AWS Authorization.`,
      403,
      'InvalidSignatureException',
    )
  }
  if (!date.startsWith(`${day}T`) || Math.abs(now - timeOf(date)) > GOOD_FOR) {
    throw new Rejection(
      `Signature expired: ${date} is now earlier than ${stampOf(now - GOOD_FOR)} (${stampOf(now)} - 5 min.)`,
      403,
      'InvalidSignatureException',
    )
  }
  if (accessKeyId !== TEST_ACCESS_KEY.accessKeyId) {
    const why = 'The security token included in the request is invalid.'
    throw new Rejection(why, 403, 'UnrecognizedClientException')
  }
  const scope = `${day}/${region}/bedrock/aws4_request`
  const canonical = canonicalRequest(request, names)
  const text = [ALGORITHM, date, scope, sha256(canonical)].join('\n')
  let key = Buffer.from(`AWS4${TEST_ACCESS_KEY.secretAccessKey}`)
  for (const step of scope.split('/')) key = hmac(key, step)
  if (hmac(key, text).toString('hex') !== signature) {
    const why =
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
    throw new Rejection(why, 403, 'InvalidSignatureException')
  }
}

function canonicalRequest(request: TwinRequest, names: readonly string[]): string {
  const { method, path, query, headers, body } = request
  // Each step of a path that is encoded already is encoded once more.
  const uri = path.split('/').map(encode).join('/')
  const pairs = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const lines = names.map(name => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`)
  return [method, uri, pairs.join('&'), lines.join(''), names.join(';'), sha256(body)].join('\n')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHmac('sha256', key).update(text).digest())
}

/** `20261128T040000Z` as milliseconds. */
function timeOf(stamp: string): number {
  const plain = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  return Date.parse(plain)
}

function stampOf(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

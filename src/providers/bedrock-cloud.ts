import type { Cloud } from './authority.ts'
import { awsSignature } from './aws-signature.ts'

/**
 * A region of AWS, with an access key that signs each call, or with a key of Bedrock's own. Sources
 * of the variables: AWS SDKs reference guide, "environment variables", 2026.
 */
export const bedrockCloud: Cloud = {
  fields: ['region', 'accessKeyId', 'secretAccessKey', 'sessionToken'],
  keyed: true,
  fromEnvironment(environment) {
    const read = (name: string) => environment[name]?.trim() || undefined
    const key = read('AWS_BEARER_TOKEN_BEDROCK')
    const accessKeyId = read('AWS_ACCESS_KEY_ID')
    const secretAccessKey = read('AWS_SECRET_ACCESS_KEY')
    const sessionToken = read('AWS_SESSION_TOKEN')
    const region = read('AWS_REGION') ?? read('AWS_DEFAULT_REGION')
    const origin = read('AWS_ENDPOINT_URL_BEDROCK_RUNTIME')?.replace(/\/+$/, '')
    // Access keys stand in many a shell of AWS's; it takes all three to mean a live vendor.
    const isSigned = accessKeyId && secretAccessKey && region
    if (!key && !isSigned) return undefined
    return {
      source: key ? 'AWS_BEARER_TOKEN_BEDROCK' : 'AWS_ACCESS_KEY_ID',
      place: {
        ...(region ? { region } : {}),
        ...(isSigned ? { accessKeyId, secretAccessKey } : {}),
        ...(isSigned && sessionToken ? { sessionToken } : {}),
        ...(origin ? { origin } : {}),
      },
    }
  },
  address({ region, origin }) {
    if (region === undefined) throw new Error('Amazon Bedrock needs a region: set AWS_REGION too')
    if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new Error(`'${region}' is no region`)
    const end = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    return origin ?? `https://bedrock-runtime.${region}.${end}`
  },
  authority({ region, accessKeyId, secretAccessKey, sessionToken }) {
    if (!region || !accessKeyId || !secretAccessKey)
      throw new Error('Amazon Bedrock needs a key, or an accessKeyId with its secretAccessKey')
    return awsSignature({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      region,
      service: 'bedrock',
    })
  },
}

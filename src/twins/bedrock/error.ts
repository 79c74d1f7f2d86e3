import type { Random } from '../random.ts'
import type { TwinContext, TwinReply } from '../vendor.ts'
import { frameException } from './frame.ts'

/** The complaint about an id of a model that there is none of. */
export const BAD_MODEL = 'The provided model identifier is invalid.'

/** A request that is refused. */
export class Rejection extends Error {
  readonly status: number
  readonly type: string

  constructor(message: string, status = 400, type = 'ValidationException') {
    super(message)
    this.name = 'Rejection'
    this.status = status
    this.type = type
  }
}

/** The complaint about a member's value. */
export function member(at: string, value: string, why: string): Rejection {
  return new Rejection(
    `1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: ${why}`,
  )
}

const TYPES: { readonly [status: number]: readonly [type: string, message: string] | undefined } = {
  400: ['ValidationException', 'The request is not valid.'],
  403: ['AccessDeniedException', "You don't have access to the model with the specified model ID."],
  404: ['ResourceNotFoundException', 'The resource could not be found.'],
  408: ['ModelTimeoutException', 'The model timed out.'],
  424: ['ModelErrorException', 'The model could not process the request.'],
  429: ['ThrottlingException', 'Too many requests, please wait before trying again.'],
  503: ['ServiceUnavailableException', 'Bedrock is unable to process your request.'],
}
const INTERNAL = ['InternalServerException', 'The system encountered an unexpected error.'] as const

/** The headers that every answer has. */
export function replyHeaders(random: Random, contentType: string): Record<string, string> {
  const hex = (length: number) => random.text(length, '0123456789abcdef')
  const id = [hex(8), hex(4), `4${hex(3)}`, `a${hex(3)}`, hex(12)].join('-')
  return { 'content-type': contentType, 'x-amzn-requestid': id }
}

/** An error as the vendor words it: the message in the body, the type in a header. */
export function errorReply(
  { status, type, message }: Rejection,
  context: TwinContext,
  retryAfter?: number,
): TwinReply {
  const headers = {
    ...replyHeaders(context.random, 'application/json'),
    'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  }
  return { status, headers, body: JSON.stringify({ message }) }
}

/** The vendor's own answer with a status. */
export function failureReply(
  status: number,
  context: TwinContext,
  options: { readonly retryAfter?: number; readonly message?: string } = {},
): TwinReply {
  const [type, message] = TYPES[status] ?? INTERNAL
  const rejection = new Rejection(options.message ?? message, status, type)
  return errorReply(rejection, context, options.retryAfter)
}

/** What the vendor sends when it fails in the middle of a stream. */
export function streamFailure(): string {
  const message = 'The system encountered an unexpected error during processing. Try again.'
  return frameException('internalServerException', JSON.stringify({ message }))
}

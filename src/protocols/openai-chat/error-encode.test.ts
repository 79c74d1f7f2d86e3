import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, type ErrorDetails, ToolgateError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import * as read from '../../wire/read.ts'
import { place } from '../../wire/read.ts'
import { decodeError } from './error-decode.ts'
import { encodeError } from './error-encode.ts'

function envelope(error: ToolgateError): JsonObject {
  const { body } = encodeError(error, 'req_1')
  const inner = isObject(body) ? body['error'] : undefined
  if (!isObject(inner)) throw new Error('no envelope')
  return inner
}

function say(code: ErrorCode, details: ErrorDetails, message = 'house'): JsonObject {
  return envelope(new ToolgateError(code, message, { details }))
}

function thrown(act: () => unknown): JsonObject {
  try {
    act()
  } catch (error) {
    if (error instanceof ToolgateError) return envelope(error)
    throw error
  }
  throw new Error('nothing was thrown')
}

const INVALID = 'invalid_request_error'

describe('faults of a field', () => {
  it('missing', () => {
    expect(
      thrown(() =>
        read.string(
          {},
          'url',
          place('image_url', place(1, place('content', place(0, place('messages'))))),
        ),
      ),
    ).toEqual({
      message: "Missing required parameter: 'messages[0].content[1].image_url.url'.",
      type: INVALID,
      param: 'messages[0].content[1].image_url.url',
      code: 'missing_required_parameter',
    })
    expect(thrown(() => read.string({}, 'model'))).toEqual({
      message: 'you must provide a model parameter',
      type: INVALID,
      param: null,
      code: null,
    })
  })

  it('of a wrong type', () => {
    expect(thrown(() => read.optionalNumber({ temperature: 'hot' }, 'temperature'))).toEqual({
      message: "Invalid type for 'temperature': expected a decimal, but got a string instead.",
      type: INVALID,
      param: 'temperature',
      code: 'invalid_type',
    })
    expect(thrown(() => read.asObject([]))).toMatchObject({
      message: 'Invalid type: expected an object, but got an array instead.',
      param: null,
    })
  })

  it.each([
    [['a'], "'a'"],
    [['a', 'b'], "'a' and 'b'"],
    [['a', 'b', 'c'], "'a', 'b', and 'c'"],
  ])('of a wrong value, with %j allowed', (words, list) => {
    expect(thrown(() => read.optionalWord({ k: 'z' }, 'k', words))).toEqual({
      message: `Invalid value: 'z'. Supported values are: ${list}.`,
      type: INVALID,
      param: 'k',
      code: 'invalid_value',
    })
  })

  it('of a wrong value, with a reason', () => {
    expect(say('invalid_value', { path: ['n'], why: 'is too large' })).toMatchObject({
      message: "Invalid 'n': is too large.",
      param: 'n',
    })
  })

  it('that is not known', () => {
    expect(say('unknown_field', { path: ['foo'] })).toMatchObject({
      message: "Unknown parameter: 'foo'.",
      code: 'unknown_parameter',
    })
  })

  it('in a body that is no JSON', () => {
    expect(say('invalid_json', {})).toMatchObject({
      message: expect.stringMatching(/^We could not parse the JSON body of your request\./),
      param: null,
      code: null,
    })
  })
})

describe('calls and results that do not fit', () => {
  it('unanswered', () => {
    expect(
      say('unanswered_tool_calls', { path: ['messages', 14], callIds: ['call_a', 'call_b'] }),
    ).toEqual({
      message:
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_a, call_b",
      type: INVALID,
      param: 'messages.[14].role',
      code: null,
    })
  })

  it.each(['orphan_tool_result', 'misplaced_tool_result'] as const)('%s', code => {
    expect(say(code, { path: ['messages', 2], callIds: ['call_a'] })).toEqual({
      message:
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      type: INVALID,
      param: 'messages.[2].role',
      code: null,
    })
  })

  it('answered twice', () => {
    expect(
      say('duplicate_tool_result', { path: ['messages', 8], callIds: ['call_a'], first: 7 }),
    ).toEqual({
      message:
        "Invalid parameter: Duplicate value for 'tool_call_id' of 'call_a', in messages[7] and messages[8].",
      type: INVALID,
      param: 'messages.[8].tool_call_id',
      code: null,
    })
    expect(
      say('duplicate_tool_result', { path: ['messages', 8], callIds: ['call_a'] })['message'],
    ).toBe("Invalid parameter: Duplicate value for 'tool_call_id' of 'call_a', in messages[8].")
  })

  it('names and ids', () => {
    expect(say('invalid_tool_name', { path: ['tools', 0], names: ['a b'] })).toEqual({
      message:
        "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
      type: INVALID,
      param: 'tools[0].function.name',
      code: 'invalid_value',
    })
    expect(say('invalid_tool_name', { path: ['tools', 0], names: ['n'.repeat(70)] })).toMatchObject(
      {
        message:
          "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 70 instead.",
        code: 'string_above_max_length',
      },
    )
    expect(
      say('invalid_call_id', {
        path: ['messages', 2, 'tool_calls', 0, 'id'],
        callIds: ['c'.repeat(43)],
      }),
    ).toEqual({
      message:
        "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 43 instead.",
      type: INVALID,
      param: 'messages[2].tool_calls[0].id',
      code: 'string_above_max_length',
    })
  })

  it('a choice of a tool that is not there', () => {
    expect(say('unknown_tool', { path: ['tool_choice'], names: ['f'] })).toMatchObject({
      message:
        "Invalid value for 'tool_choice': no function named 'f' was specified in the 'tools' parameter.",
      param: 'tool_choice',
    })
  })

  it('arguments, with their place', () => {
    expect(
      say('invalid_tool_arguments', { path: ['messages', 3], callIds: ['a'], callIndex: 1 }),
    ).toEqual({
      message: 'house',
      type: INVALID,
      param: 'messages[3].tool_calls[1].function.arguments',
      code: 'invalid_value',
    })
  })
})

describe('every code', () => {
  const isCode = (word: string): word is ErrorCode => word in ERROR_CODES

  it.each(Object.keys(ERROR_CODES).filter(isCode))('%s has an envelope', code => {
    const known = ERROR_CODES[code]
    const error = new ToolgateError(code, 'house')
    const { status, headers, body } = encodeError(error, 'req_1')
    expect(status).toBe(known.status)
    expect(headers['x-request-id']).toBe('req_1')
    expect(headers['x-should-retry']).toBe(String(known.retryable))
    expect(body).toEqual({
      error: {
        message: expect.stringMatching(/./),
        type: expect.stringMatching(/./),
        param: null,
        code:
          code === 'internal' ||
          /^(invalid_json|vendor_error|not_found|invalid_request|.*_tool_(calls|result))$/.test(
            code,
          )
            ? null
            : expect.stringMatching(/./),
      },
    })
  })

  it.each<[ErrorCode, string, string | null]>([
    ['authentication', INVALID, 'invalid_api_key'],
    ['permission', INVALID, 'permission_denied'],
    ['not_found', INVALID, null],
    ['rate_limit', 'requests', 'rate_limit_exceeded'],
    ['quota', 'insufficient_quota', 'insufficient_quota'],
    ['overloaded', 'server_error', 'overloaded'],
    ['vendor_error', 'server_error', null],
    ['timeout', 'server_error', 'timeout'],
    ['stream_cut', 'server_error', 'stream_cut'],
    ['lossy_request', INVALID, 'unsupported_parameter'],
  ])('%s is %s, %s', (code, type, wireCode) => {
    expect(say(code, {})).toEqual({ message: 'house', type, param: null, code: wireCode })
  })

  it('names the nearest models', () => {
    expect(say('model_not_found', { model: 'gpt-9', names: ['gpt-5', 'gpt-6'] })).toEqual({
      message:
        'The model `gpt-9` does not exist or you do not have access to it. Did you mean gpt-5, gpt-6?',
      type: INVALID,
      param: null,
      code: 'model_not_found',
    })
    expect(say('model_not_found', {}, 'No such model.')['message']).toBe('No such model.')
  })

  it('does not tell what went wrong inside', () => {
    expect(say('internal', {}, 'TypeError at line 5')['message']).not.toContain('TypeError')
  })
})

describe('headers and statuses', () => {
  it('says when to come back, rounded up, where it makes sense', () => {
    const wait = { details: { retryAfter: 1.2 } }
    const header = (error: ToolgateError) => encodeError(error, 'r').headers['retry-after']
    expect(header(new ToolgateError('rate_limit', 'x', wait))).toBe('2')
    expect(header(new ToolgateError('overloaded', 'x', wait))).toBe('2')
    expect(header(new ToolgateError('invalid_value', 'x', wait))).toBeUndefined()
  })

  it('has no 529', () => {
    expect(encodeError(new ToolgateError('overloaded', 'x', { status: 529 }), 'r').status).toBe(503)
  })
})

describe('errors of vendors', () => {
  it('of this protocol are said again as they were', () => {
    const body = {
      error: {
        message: "Unsupported value: 'temperature'.",
        type: INVALID,
        param: 'temperature',
        code: 'unsupported_value',
        failed_generation: 'x',
      },
    }
    const again = encodeError(decodeError({ status: 400, headers: {}, body }), 'r')
    expect(again).toMatchObject({ status: 400, body })
  })

  it('of this protocol in another envelope get the usual one', () => {
    const body = {
      object: 'error',
      message: 'bad id',
      type: 'invalid_function_call',
      param: null,
      code: '3280',
    }
    expect(encodeError(decodeError({ status: 400, headers: {}, body }), 'r').body).toEqual({
      error: { message: 'bad id', type: 'invalid_function_call', param: null, code: '3280' },
    })
  })

  it('of another protocol keep their message alone', () => {
    const vendor = {
      type: 'overloaded_error',
      body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    }
    const error = new ToolgateError('overloaded', 'Overloaded', {
      origin: 'vendor',
      status: 529,
      details: { vendor },
    })
    expect(envelope(error)).toEqual({
      message: 'Overloaded',
      type: 'server_error',
      param: null,
      code: 'overloaded',
    })
  })

  it('about the key are the gateway’s own trouble: never a 401 for the client', () => {
    const refusal = decodeError({
      status: 401,
      headers: {},
      body: {
        error: {
          message: 'Incorrect API key provided: sk-proj-abcd****wxyz.',
          type: INVALID,
          param: null,
          code: 'invalid_api_key',
        },
      },
    })
    const { status, body } = encodeError(refusal, 'r')
    expect(status).toBe(502)
    expect(body).toMatchObject({ error: { type: 'server_error', code: 'vendor_auth' } })
    expect(JSON.stringify(body)).not.toContain('wxyz')
    expect(encodeError(new ToolgateError('authentication', 'no key'), 'r').status).toBe(401)
  })
})

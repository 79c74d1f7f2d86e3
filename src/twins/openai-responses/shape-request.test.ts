import { describe, expect, it } from 'vitest'
import { complaint, PLAIN_BODY, refusal, sendOnce, THINKING_BODY } from './trial.ts'

const type = (path: string, expected: string, found: string) =>
  refusal(
    `Invalid type for '${path}': expected ${expected}, but got ${found} instead.`,
    path,
    'invalid_type',
  )
const word = (found: string, path: string, values: string) =>
  refusal(`Invalid value: '${found}'. Supported values are: ${values}.`, path, 'invalid_value')
const missing = (path: string) =>
  refusal(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter')
const unknown = (path: string, more = '') =>
  refusal(`Unknown parameter: '${path}'.${more}`, path, 'unknown_parameter')

const NOTHING = undefined

describe('the body', () => {
  it.each(['', 'no json', '[]', '"text"', 'null'])('must be an object, not %j', async body => {
    const { error } = await sendOnce(body)
    expect(error).toMatchObject({ status: 400, param: null, code: null })
    expect(error.message).toMatch(/^We could not parse the JSON body of your request\./)
  })

  it('has the error in the form of the vendor', async () => {
    const { text, headers } = await sendOnce({ ...PLAIN_BODY, temperature: -1 })
    expect(JSON.parse(text)).toEqual({
      error: {
        message:
          "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
        type: 'invalid_request_error',
        param: 'temperature',
        code: 'decimal_below_min_value',
      },
    })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': expect.stringMatching(/^req_[0-9a-f]{32}$/),
      'openai-version': '2020-10-01',
    })
  })

  it('is turned down in the same way when a stream was asked for', async () => {
    const answer = await sendOnce({ ...PLAIN_BODY, stream: true, temperature: 3 })
    expect(answer.status).toBe(400)
    expect(answer.frames).toEqual([])
  })
})

describe('the model', () => {
  it.each([
    [NOTHING, missing('model')],
    [null, type('model', 'a string', 'an object')],
    [7, type('model', 'a string', 'an integer')],
    ['', refusal("The requested model '' does not exist.", 'model', 'model_not_found')],
    [
      'gpt-5.2-proo',
      refusal("The requested model 'gpt-5.2-proo' does not exist.", 'model', 'model_not_found'),
    ],
  ])('%j', async (model, error) => {
    expect(await complaint({ model })).toEqual(error)
  })
})

describe('unknown fields', () => {
  it.each([
    ['n', 2, unknown('n')],
    ['stop', ['x'], unknown('stop', " Did you mean 'store'?")],
    ['max_tokens', 5, unknown('max_tokens')],
    ['inpu', 1, unknown('inpu')],
  ])('%s', async (name, value, error) => {
    expect(await complaint({ [name]: value })).toEqual(error)
  })

  it.each([
    ['messages', 'input'],
    ['response_format', 'text.format'],
    ['reasoning_effort', 'reasoning.effort'],
  ])('%s has moved', async (name, place) => {
    const said = `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${place}'. Try again with the new parameter. See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create.`
    expect(await complaint({ [name]: 'x', input: NOTHING })).toEqual(
      refusal(said, null, 'unsupported_parameter'),
    )
  })
})

describe('the order of complaints', () => {
  it.each([
    [{ model: NOTHING, input: NOTHING }, missing('model')],
    [{ input: NOTHING, zzz: 1, truncation: 'x' }, missing('input')],
    [{ zzz: 1, input: [{}] }, unknown('zzz')],
    [
      { input: 7, truncation: 'x' },
      type('input', 'one of a string or array of input items', 'an integer'),
    ],
    [{ metadata: 'x', text: 'x' }, type('metadata', 'a metadata object', 'a string')],
    [{ tools: 'x', metadata: 'x' }, type('tools', 'an array of tools', 'a string')],
    [{ stream: 'x', max_output_tokens: 'x' }, type('stream', 'a boolean', 'a string')],
    [{ instructions: 7, store: 'x' }, type('instructions', 'a string', 'an integer')],
  ])('%j', async (fields, error) => {
    expect(await complaint(fields)).toEqual(error)
  })
})

const INCLUDABLE =
  "'file_search_call.results', 'web_search_call.results', 'web_search_call.action.sources', 'message.input_image.image_url', 'computer_call_output.output.image_url', 'code_interpreter_call.outputs', 'reasoning.encrypted_content', and 'message.output_text.logprobs'"

describe('fields', () => {
  it.each([
    [{ input: null }, type('input', 'a string', 'an object')],
    [{ include: ['bogus'] }, word('bogus', 'include[0]', INCLUDABLE)],
    [
      { include: 'x' },
      type(
        'include',
        "an array of one of 'fil...lts', 'web...lts', 'web...ces', 'mes...url', 'com...url', 'cod...uts', 'rea...ent', or 'mes...obs'",
        'a string',
      ),
    ],
    [{ truncation: 'x' }, word('x', 'truncation', "'auto' and 'disabled'")],
    [{ truncation: {} }, type('truncation', "one of 'auto' or 'disabled'", 'an object')],
    [
      { service_tier: 'scale' },
      word('scale', 'service_tier', "'auto', 'default', 'fast', 'flex', and 'priority'"),
    ],
    [{ prompt: 'x' }, type('prompt', 'an object', 'a string')],
    [{ stream_options: { include_usage: true } }, unknown('stream_options.include_usage')],
    [{ stream_options: 'x' }, type('stream_options', 'an object', 'a string')],
    [{ background: 'yes' }, type('background', 'a boolean', 'a string')],
    [{ parallel_tool_calls: 'yes' }, type('parallel_tool_calls', 'a boolean', 'a string')],
    [{ user: {} }, type('user', 'a string', 'an object')],
    [{ context_management: 'x' }, type('context_management', 'an array of objects', 'a string')],
    [{ moderation: {} }, missing('moderation.model')],
    [{ prompt_cache_options: { bogus: 1 } }, unknown('prompt_cache_options.bogus')],
    [{ prompt_cache_retention: 'x' }, word('x', 'prompt_cache_retention', "'in_memory' and '24h'")],
    [{ max_tool_calls: 'x' }, type('max_tool_calls', 'an integer', 'a string')],
    [{ top_logprobs: 1.5 }, type('top_logprobs', 'an integer', 'a decimal')],
    [{ temperature: 'hot' }, type('temperature', 'a decimal', 'a string')],
  ])('%j', async (fields, error) => {
    expect(await complaint(fields)).toEqual(error)
  })

  const range = (name: string, kind: string, side: string, bound: string, found: number) =>
    refusal(
      `Invalid '${name}': ${kind} ${side} value. Expected a value ${bound}, but got ${found} instead.`,
      name,
      `${kind}_${side === 'below minimum' ? 'below_min' : 'above_max'}_value`,
    )

  it.each([
    ['max_output_tokens', 15, 'integer', 'below minimum', '>= 16'],
    ['max_output_tokens', 0, 'integer', 'below minimum', '>= 16'],
    ['max_tool_calls', 0, 'integer', 'below minimum', '>= 1'],
    ['top_logprobs', 21, 'integer', 'above maximum', '<= 20'],
    ['temperature', 2.1, 'decimal', 'above maximum', '<= 2'],
    ['temperature', -1, 'decimal', 'below minimum', '>= 0'],
    ['top_p', 1.1, 'decimal', 'above maximum', '<= 1'],
    ['presence_penalty', -3, 'decimal', 'below minimum', '>= -2'],
  ])('%s must not be %d', async (name, value, kind, side, bound) => {
    expect(await complaint({ [name]: value })).toEqual(range(name, kind, side, bound, value))
  })

  it('take null for nothing', async () => {
    const names = ['truncation', 'store', 'user', 'metadata', 'instructions', 'max_output_tokens']
    const more = ['temperature', 'tools', 'tool_choice', 'text', 'reasoning', 'stream', 'include']
    const fields = Object.fromEntries([...names, ...more].map(name => [name, null]))
    expect(await complaint({ ...fields, previous_response_id: null })).toBeUndefined()
  })

  it('may hold what the vendor’s own agent says of itself', async () => {
    const said = { client_metadata: { session_id: 'a', 'x-codex-window-id': 'a:0' } }
    expect((await sendOnce({ ...PLAIN_BODY, ...said })).status).toBe(200)
  })

  it('have limits on metadata', async () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, place) => [`k${place}`, 'v']))
    expect(await complaint({ metadata: many })).toEqual(
      refusal(
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
        'metadata',
        'object_above_max_properties',
      ),
    )
    const key = 'k'.repeat(65)
    expect(await complaint({ metadata: { [key]: 'v' } })).toEqual(
      refusal(
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
        `metadata.${key}`,
        'property_name_above_max_length',
      ),
    )
    expect(await complaint({ metadata: { k: 'v'.repeat(513) } })).toEqual(
      refusal(
        "Invalid 'metadata.k': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
        'metadata.k',
        'string_above_max_length',
      ),
    )
    expect(await complaint({ metadata: { k: 5 } })).toEqual(
      type('metadata.k', 'a string', 'an integer'),
    )
    expect(await complaint({ metadata: { k: 'v'.repeat(512) } })).toBeUndefined()
  })

  it('have limits on the texts that name a user', async () => {
    const long = 'x'.repeat(65)
    for (const name of ['safety_identifier', 'prompt_cache_key']) {
      expect(await complaint({ [name]: long })).toMatchObject({ code: 'string_above_max_length' })
    }
  })
})

describe('reasoning', () => {
  const EFFORTS = "'none', 'minimal', 'low', 'medium', 'high', 'xhigh', "
  const odd = `one of one of ${EFFORTS}or 'max' or integer`

  it.each([
    ['low', type('reasoning', 'an object', 'a string')],
    [{ effort: 'bogus' }, word('bogus', 'reasoning.effort', `${EFFORTS}and 'max'`)],
    [{ effort: {} }, type('reasoning.effort', odd, 'an object')],
    [
      { effort: 5 },
      type('reasoning.effort', "one of 'minimal', 'low', 'medium', or 'high'", 'an integer'),
    ],
    [{ summary: 'x' }, word('x', 'reasoning.summary', "'concise', 'detailed', and 'auto'")],
    [{ context: 'x' }, word('x', 'reasoning.context', "'auto', 'current_turn', and 'all_turns'")],
    [{ generate_summary: 'concise' }, unknown('reasoning.generate_summary')],
    [{ bogus: 1 }, unknown('reasoning.bogus')],
  ])('%j', async (reasoning, error) => {
    expect(await complaint({ ...THINKING_BODY, reasoning })).toEqual(error)
  })

  it('has its old name for a summary only for the oldest model', async () => {
    const reasoning = { generate_summary: 'concise', effort: null }
    expect(await complaint({ model: 'computer-use-preview', reasoning })).toBeUndefined()
  })
})

describe('text', () => {
  const format = (value: unknown) => ({ text: { format: value } })

  it.each([
    [{ text: 'x' }, type('text', 'an object', 'a string')],
    [{ text: { zzz: 1 } }, unknown('text.zzz')],
    [{ text: { verbosity: 'x' } }, word('x', 'text.verbosity', "'low', 'medium', and 'high'")],
    [format({}), missing('text.format.type')],
    [
      format({ type: 'x' }),
      word('x', 'text.format.type', "'json_object', 'text', and 'json_schema'"),
    ],
    [format({ type: 'json_schema' }), missing('text.format.name')],
    [
      format({ type: 'json_schema', json_schema: { name: 'a', schema: {} } }),
      missing('text.format.name'),
    ],
    [format({ type: 'json_schema', name: 'a' }), missing('text.format.schema')],
    [
      format({ type: 'json_schema', name: 'a b', schema: {} }),
      refusal(
        "Invalid 'text.format.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        'text.format.name',
        'invalid_value',
      ),
    ],
    [format({ type: 'text', name: 'x' }), unknown('text.format.name')],
  ])('%j', async (fields, error) => {
    expect(await complaint(fields)).toEqual(error)
  })
})

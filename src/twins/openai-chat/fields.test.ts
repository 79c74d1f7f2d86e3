import { describe, expect, it } from 'vitest'
import { calling, errorOf, HELLO, tool, trial } from './trial.ts'

const TYPE = 'invalid_request_error'
/** The error for a plain request with these fields changed. */
const complaint = (fields: object) => errorOf({ model: 'gpt-4o', messages: HELLO, ...fields })
const talk = (...messages: readonly object[]) =>
  complaint({ messages: [...HELLO, ...messages], tools: [tool()] })
const refused = (message: string, param: string | null, code: string | null) => ({
  status: 400,
  message,
  type: TYPE,
  param,
  code,
})

describe('what must be there', () => {
  it('wants a model and messages', async () => {
    const noModel = refused('you must provide a model parameter', null, null)
    expect(await errorOf({ messages: HELLO })).toEqual(noModel)
    expect(await complaint({ model: '' })).toEqual(noModel)
    expect(await errorOf({ model: 'gpt-4o' })).toEqual(
      refused("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter'),
    )
    expect(await complaint({ messages: [] })).toEqual(
      refused(
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        'messages',
        'empty_array',
      ),
    )
  })

  it('names what is missing inside', async () => {
    const missing = (path: string) =>
      refused(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter')
    expect(await complaint({ messages: [{ content: 'x' }] })).toEqual(missing('messages[0].role'))
    expect(await complaint({ messages: [{ role: 'user', content: [{ text: 'x' }] }] })).toEqual(
      missing('messages[0].content[0].type'),
    )
    expect(await complaint({ tools: [{ function: { name: 'f' } }] })).toEqual(
      missing('tools[0].type'),
    )
    expect(await complaint({ tools: [{ type: 'function', name: 'f' }] })).toEqual(
      missing('tools[0].function'),
    )
    expect(await complaint({ tools: [{ type: 'function', function: {} }] })).toEqual(
      missing('tools[0].function.name'),
    )
    expect(await complaint({ response_format: { type: 'json_schema' } })).toEqual(
      missing('response_format.json_schema'),
    )
  })
})

describe('types and values', () => {
  const invalid = (path: string, expected: string, found: string) =>
    refused(
      `Invalid type for '${path}': expected ${expected}, but got ${found} instead.`,
      path,
      'invalid_type',
    )

  it.each([
    [
      { messages: [{ role: 'user', content: 5 }] },
      'messages[0].content',
      'one of a string or array of objects',
      'an integer',
    ],
    [
      { messages: [{ role: 'user', content: { text: 'x' } }] },
      'messages[0].content',
      'one of a string or array of objects',
      'an object',
    ],
    [{ messages: 'hi' }, 'messages', 'an array of objects', 'a string'],
    [{ messages: [null] }, 'messages[0]', 'an object', 'null'],
    [{ temperature: '1' }, 'temperature', 'a decimal', 'a string'],
    [{ max_tokens: 1.5 }, 'max_tokens', 'an integer', 'a decimal'],
    [{ stream: 'yes' }, 'stream', 'a boolean', 'a string'],
    [{ tools: {} }, 'tools', 'an array of objects', 'an object'],
    [{ tools: null }, 'tools', 'an array of objects', 'null'],
    [{ stop: [1] }, 'stop[0]', 'a string', 'an integer'],
    [
      { tools: [tool('f', { parameters: 'x' })] },
      'tools[0].function.parameters',
      'an object',
      'a string',
    ],
    [{ metadata: { a: 1 } }, 'metadata.a', 'a string', 'an integer'],
  ])('%j', async (fields, path, expected, found) => {
    expect(await complaint(fields)).toEqual(invalid(path, expected, found))
  })

  it('wants arguments as a text', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: {} } }
    expect(await talk({ role: 'assistant', tool_calls: [call] })).toEqual(
      invalid('messages[1].tool_calls[0].function.arguments', 'a string', 'an object'),
    )
  })

  it('lists the values that it knows', async () => {
    expect(await complaint({ messages: [{ role: 'bot', content: 'x' }] })).toEqual(
      refused(
        "Invalid value: 'bot'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
        'messages[0].role',
        'invalid_value',
      ),
    )
    const parts = [{ type: 'image', source: {} }]
    expect(await complaint({ messages: [{ role: 'user', content: parts }] })).toEqual(
      refused(
        "Invalid value: 'image'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'.",
        'messages[0].content[0].type',
        'invalid_value',
      ),
    )
    expect(await complaint({ tools: [{ type: 'web_search' }] })).toEqual(
      refused(
        "Invalid value: 'web_search'. Supported values are: 'function' and 'custom'.",
        'tools[0].type',
        'invalid_value',
      ),
    )
    expect((await complaint({ service_tier: 'gold' })).message).toMatch(/^Invalid value: 'gold'/)
  })

  it('keeps numbers and counts within limits', async () => {
    expect(await complaint({ temperature: 3 })).toEqual(
      refused(
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        'temperature',
        'decimal_above_max_value',
      ),
    )
    expect(await complaint({ n: 129 })).toEqual(
      refused(
        "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.",
        'n',
        'integer_above_max_value',
      ),
    )
    expect(await complaint({ n: 0 })).toMatchObject({ code: 'integer_below_min_value' })
    expect(await complaint({ stop: ['1', '2', '3', '4', '5'] })).toMatchObject({
      message:
        "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
      code: 'array_above_max_length',
    })
  })

  it('keeps metadata small', async () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v']))
    expect(await complaint({ metadata: many })).toMatchObject({
      param: 'metadata',
      code: 'object_above_max_properties',
    })
    expect(await complaint({ metadata: { a: 'x'.repeat(513) } })).toMatchObject({
      message:
        "Invalid 'metadata.a': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
      code: 'string_above_max_length',
    })
    expect(await complaint({ metadata: { ['k'.repeat(65)]: 'v' } })).toMatchObject({
      param: 'metadata',
      code: 'property_name_above_max_length',
    })
    const fits = { ['k'.repeat(64)]: 'x'.repeat(512) }
    expect((await trial().send({ model: 'gpt-4o', messages: HELLO, metadata: fits })).status).toBe(
      200,
    )
  })

  it('refuses names it does not know, in words that depend on the model', async () => {
    expect(await complaint({ top_k: 5 })).toEqual(
      refused('Unrecognized request argument supplied: top_k', null, null),
    )
    expect(await complaint({ top_k: 5, thinking: {} })).toEqual(
      refused('Unrecognized request arguments supplied: top_k, thinking', null, null),
    )
    const unknown = (path: string) =>
      refused(`Unknown parameter: '${path}'.`, path, 'unknown_parameter')
    expect(await complaint({ model: 'o4-mini', reasoning: {} })).toEqual(unknown('reasoning'))
    const marked = [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }]
    expect(await complaint({ messages: [{ role: 'user', content: marked }] })).toEqual(
      unknown('messages[0].content[0].cache_control'),
    )
    const call = { ...calling('call_1').tool_calls[0], index: 0 }
    expect(await talk({ role: 'assistant', tool_calls: [call] })).toEqual(
      unknown('messages[1].tool_calls[0].index'),
    )
    expect(await complaint({ tools: [tool('f', { cache: 1 })] })).toEqual(
      unknown('tools[0].function.cache'),
    )
    expect(await complaint({ messages: [{ role: 'user', content: 'x', tool_calls: [] }] })).toEqual(
      unknown('messages[0].tool_calls'),
    )
  })
})

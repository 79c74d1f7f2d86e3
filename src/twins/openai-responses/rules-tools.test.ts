import { describe, expect, it } from 'vitest'
import { complaint, refusal, tool, user } from './trial.ts'

const CODE = 'invalid_function_parameters'

describe('the choice of a tool', () => {
  const absent = (type: string) =>
    refusal(`Tool choice '${type}' not found in 'tools' parameter.`, 'tool_choice')
  const needed = refusal(
    "Tool choice 'required' must be specified with 'tools' parameter.",
    'tool_choice',
  )

  it.each([
    [undefined, 'required', needed],
    [[], 'required', needed],
    [undefined, { type: 'function', name: 'f' }, absent('function')],
    [[tool()], { type: 'function', name: 'f' }, absent('function')],
    [[tool('f')], { type: 'custom', name: 'f' }, absent('custom')],
    [[tool('f')], { type: 'web_search_preview' }, absent('web_search_preview')],
    [[{ type: 'mcp', server_label: 'a' }], { type: 'mcp', server_label: 'b' }, absent('mcp')],
    [
      [tool('f')],
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'g' }] },
      absent('function'),
    ],
  ])('%j does not allow %j', async (tools, choice, error) => {
    expect(await complaint({ tools, tool_choice: choice })).toEqual(error)
  })

  it.each([
    [undefined, 'none'],
    [undefined, 'auto'],
    [[], 'none'],
    [[{ type: 'web_search' }], 'required'],
    [[{ type: 'web_search' }], { type: 'web_search' }],
    [[{ type: 'custom', name: 'run' }], { type: 'custom', name: 'run' }],
    [
      [{ type: 'namespace', name: 'crm', description: 'x', tools: [tool('f')] }],
      { type: 'function', name: 'f' },
    ],
  ])('%j allows %j', async (tools, choice) => {
    expect(await complaint({ tools, tool_choice: choice })).toBeUndefined()
  })

  it('may come from a tool that was added on the way', async () => {
    const input = [user('x'), { type: 'additional_tools', role: 'developer', tools: [tool('f')] }]
    const choice = { type: 'function', name: 'f' }
    expect(await complaint({ input, tool_choice: choice })).toBeUndefined()
    expect(await complaint({ input, tool_choice: 'required' })).toBeUndefined()
  })
})

describe('the schema of a function', () => {
  const string = { type: 'string' }

  it('must be an object', async () => {
    const error = (got: string) =>
      refusal(
        `Invalid schema for function 'f': schema must be a JSON Schema of 'type: "object"', got 'type: "${got}"'.`,
        'tools[0].parameters',
        CODE,
      )
    expect(await complaint({ tools: [tool('f', { parameters: {} })] })).toEqual(error('None'))
    const parameters = { type: 'array', items: string }
    expect(await complaint({ tools: [tool('f', { parameters })] })).toEqual(error('array'))
  })

  it.each([
    [
      { type: 'object', properties: { city: string }, required: ['city'] },
      "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      { type: 'object', properties: { city: string }, additionalProperties: false },
      "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'city'.",
    ],
    [
      { type: 'object', properties: {}, required: ['x'], additionalProperties: false },
      "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Extra required key 'x' supplied.",
    ],
  ])('is held to strict mode only when it is asked for: %j', async (parameters, text) => {
    const tools = (strict: unknown) => [
      tool('a'),
      { type: 'function', name: 'x', parameters, ...(strict !== undefined && { strict }) },
    ]
    expect(await complaint({ tools: tools(true) })).toEqual(
      refusal(`Invalid schema for function 'x': ${text}`, 'tools[1].parameters', CODE),
    )
    for (const strict of [false, null, undefined]) {
      expect(await complaint({ tools: tools(strict) })).toBeUndefined()
    }
  })

  it('is held to it inside of a namespace, too', async () => {
    const inner = tool('f', { strict: true })
    const tools = [{ type: 'namespace', name: 'crm', description: 'x', tools: [inner] }]
    expect(await complaint({ tools })).toMatchObject({ param: 'tools[0].tools[0].parameters' })
  })
})

describe('the format of the answer', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
  const format = (more: object) => ({
    text: { format: { type: 'json_schema', name: 'n', ...more } },
  })

  it('is held to strict mode', async () => {
    expect(await complaint(format({ schema, strict: true }))).toEqual(
      refusal(
        "Invalid schema for response_format 'n': In context=(), 'additionalProperties' is required to be supplied and to be false.",
        'text.format.schema',
        'invalid_json_schema',
      ),
    )
    expect(await complaint(format({ schema }))).toBeUndefined()
    const closed = { ...schema, additionalProperties: false }
    expect(await complaint(format({ schema: closed, strict: true }))).toBeUndefined()
  })

  it('of plain JSON wants the word in a message', async () => {
    const text = { format: { type: 'json_object' } }
    const error = refusal(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      'input',
    )
    expect(await complaint({ text })).toEqual(error)
    expect(await complaint({ text, instructions: 'Answer in JSON.' })).toEqual(error)
    expect(await complaint({ text, input: 'Give me JSON.' })).toBeUndefined()
    const input = [{ role: 'system', content: 'Use json.' }, user('Hi')]
    expect(await complaint({ text, input })).toBeUndefined()
  })
})

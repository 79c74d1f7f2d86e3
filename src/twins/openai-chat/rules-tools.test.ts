import { describe, expect, it } from 'vitest'
import { errorOf, HELLO, tool } from './trial.ts'

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
const DOCS = 'https://platform.openai.com/docs/api-reference.'

describe('tools', () => {
  it('counts them', async () => {
    const many = Array.from({ length: 325 }, (_, index) => tool(`f${index}`))
    expect(await complaint({ tools: many })).toEqual(
      refused(
        "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 325 instead.",
        'tools',
        'array_above_max_length',
      ),
    )
    expect((await complaint({ tools: many.slice(0, 128) })).status).toBe(200)
    expect(await complaint({ tools: [] })).toEqual(
      refused(
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        'tools',
        'empty_array',
      ),
    )
  })

  it('lets nothing depend on tools that are not there', async () => {
    const only = (name: string, needed = 'tools') =>
      refused(
        `Invalid value for '${name}': '${name}' is only allowed when '${needed}' are specified.`,
        name,
        null,
      )
    expect(await complaint({ parallel_tool_calls: true })).toEqual(only('parallel_tool_calls'))
    expect(await complaint({ tool_choice: 'auto' })).toEqual(only('tool_choice'))
    expect(await complaint({ tool_choice: 'none' })).toEqual(only('tool_choice'))
    expect(await complaint({ function_call: 'auto' })).toEqual(only('function_call', 'functions'))
  })

  it('reads tool_choice with care', async () => {
    const choose = (choice: unknown) => complaint({ tools: [tool()], tool_choice: choice })
    const malformed = refused(
      `'$.tool_choice' is invalid. Please check the API reference: ${DOCS}`,
      null,
      null,
    )
    expect(await choose({ name: 'get_weather' })).toEqual(malformed)
    expect(await choose(5)).toEqual(malformed)
    expect(await choose('any')).toEqual(
      refused(
        "Invalid value: 'any'. Supported values are: 'none', 'auto', and 'required'.",
        'tool_choice',
        'invalid_value',
      ),
    )
    expect(await choose({ type: 'function', name: 'get_weather' })).toMatchObject({
      message: "Missing required parameter: 'tool_choice.function'.",
      code: 'missing_required_parameter',
    })
    const absent = refused(
      "Invalid value for 'tool_choice': no function named 'other' was specified in the 'tools' parameter.",
      'tool_choice',
      null,
    )
    expect(await choose({ type: 'function', function: { name: 'other' } })).toEqual(absent)
    const group = (mode: string, name: string) => ({
      type: 'allowed_tools',
      allowed_tools: { mode, tools: [{ type: 'function', function: { name } }] },
    })
    expect(await choose(group('auto', 'other'))).toEqual(absent)
    expect(await choose(group('maybe', 'get_weather'))).toMatchObject({
      message: "Invalid value: 'maybe'. Supported values are: 'auto' and 'required'.",
      param: 'tool_choice.allowed_tools.mode',
    })
    expect(
      await choose({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } }),
    ).toMatchObject({ code: 'empty_array' })
    for (const choice of ['auto', 'none', 'required', group('required', 'get_weather')]) {
      expect((await choose(choice)).status).toBe(200)
    }
  })

  it('reads the schemas', async () => {
    const declare = (parameters: unknown, more = {}) =>
      complaint({ tools: [tool(), tool('x', { parameters, ...more })] })
    const wrong = (problem: string) =>
      refused(
        `Invalid schema for function 'x': ${problem}`,
        'tools[1].function.parameters',
        'invalid_function_parameters',
      )
    expect(await declare({})).toEqual(
      wrong(`schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.`),
    )
    const strict = (parameters: unknown) => declare(parameters, { strict: true })
    const properties = { permissions: { type: 'object', properties: {} } }
    const shell = {
      type: 'object',
      properties,
      required: ['permissions'],
      additionalProperties: false,
    }
    expect(await strict(shell)).toEqual(
      wrong(
        "In context=('properties', 'permissions'), 'additionalProperties' is required to be supplied and to be false.",
      ),
    )
    expect(await strict({ ...shell, required: [] })).toEqual(
      wrong(
        "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'permissions'.",
      ),
    )
    expect((await declare(shell)).status).toBe(200)
    expect((await declare(undefined, { strict: true })).status).toBe(200)
  })

  it('reads the old functions too', async () => {
    const functions = [{ name: 'f', parameters: { type: 'array' } }]
    expect(await complaint({ functions })).toMatchObject({
      message: `Invalid schema for function 'f': schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`,
      param: 'functions[0].parameters',
    })
    expect(
      await complaint({ functions: [{ name: 'f' }], function_call: { name: 'g' } }),
    ).toMatchObject({
      message:
        "Invalid value for 'function_call': no function named 'g' was specified in the 'functions' parameter.",
    })
    expect(await talk({ role: 'function', content: 'x' })).toMatchObject({
      message: "Missing parameter 'name': messages with role 'function' must have a 'name'.",
      param: 'messages.[1].name',
    })
  })
})

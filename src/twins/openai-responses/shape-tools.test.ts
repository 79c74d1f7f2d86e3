import { describe, expect, it } from 'vitest'
import { complaint, refusal, tool } from './trial.ts'

const missing = (path: string) =>
  refusal(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter')
const unknown = (path: string) =>
  refusal(`Unknown parameter: '${path}'.`, path, 'unknown_parameter')

const toolsOf = (...tools: unknown[]) => complaint({ tools })

describe('tools', () => {
  const nested = { name: 'f', parameters: { type: 'object', properties: {} } }

  it.each([
    [{}, missing('tools[0].type')],
    [{ type: 'function' }, missing('tools[0].name')],
    [{ type: 'function', function: nested }, missing('tools[0].name')],
    [{ type: 'function', ...nested, function: nested }, unknown('tools[0].function')],
    [{ type: 'custom' }, missing('tools[0].name')],
    [{ type: 'custom', custom: { name: 'run' } }, missing('tools[0].name')],
    [
      { type: 'custom', name: 'run', format: { type: 'grammar', grammar: {} } },
      missing('tools[0].format.definition'),
    ],
    [
      { type: 'custom', name: 'run', format: { type: 'grammar', definition: 'a' } },
      missing('tools[0].format.syntax'),
    ],
    [{ type: 'namespace', name: 'crm', tools: [] }, missing('tools[0].description')],
    [
      { type: 'namespace', name: 'crm', description: 'x', tools: [{ type: 'function' }] },
      missing('tools[0].tools[0].name'),
    ],
    [{ type: 'file_search' }, missing('tools[0].vector_store_ids')],
    [{ type: 'mcp' }, missing('tools[0].server_label')],
  ])('%j', async (declared, error) => {
    expect(await toolsOf(declared)).toEqual(error)
  })

  it('are of known types', async () => {
    const error = await toolsOf({ type: 'bogus' })
    expect(error).toMatchObject({ param: 'tools[0].type', code: 'invalid_value' })
    expect(error?.message).toContain("Supported values are: 'apply_patch', 'code_interpreter',")
  })

  it.each([
    ['get weather', 'string does not match pattern', 'invalid_value'],
    ['a.b', 'string does not match pattern', 'invalid_value'],
    ['', 'empty string', 'empty_string'],
    ['n'.repeat(65), 'string too long', 'string_above_max_length'],
  ])('may not be called %j', async (name, text, code) => {
    const error = await toolsOf(tool(name))
    expect(error).toMatchObject({ param: 'tools[0].name', code })
    expect(error?.message).toMatch(new RegExp(`^Invalid 'tools\\[0\\]\\.name': ${text}\\. `))
  })

  it('are at most 128', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, place) => tool(`f${place}`))
    expect(await toolsOf(...many(129))).toEqual(
      refusal(
        "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 129 instead.",
        'tools',
        'array_above_max_length',
      ),
    )
    expect(await toolsOf(...many(128))).toBeUndefined()
  })

  it('may be none, of the vendor, and of all kinds', async () => {
    expect(await toolsOf()).toBeUndefined()
    const grammar = { type: 'grammar', definition: 'start: "a"', syntax: 'lark' }
    expect(
      await toolsOf(
        tool('a', { description: null, parameters: null, strict: null, output_schema: null }),
        tool('b', { defer_loading: true, allowed_callers: ['direct'] }),
        { type: 'custom', name: 'run', format: grammar },
        { type: 'custom', name: 'say', format: { type: 'text' }, description: 'Says it.' },
        { type: 'namespace', name: 'crm', description: 'People', tools: [tool('c')] },
        { type: 'web_search', user_location: { type: 'approximate', city: 'Utrecht' } },
        { type: 'code_interpreter', container: { type: 'auto' } },
        { type: 'tool_search' },
      ),
    ).toBeUndefined()
  })
})

describe('tool_choice', () => {
  const choose = (choice: unknown) => complaint({ tools: [tool()], tool_choice: choice })
  const MODES = "'none', 'auto', and 'required'"

  it.each([
    [
      7,
      refusal(
        "Invalid type for 'tool_choice': expected one of an object or 'none', 'auto', or 'required', but got an integer instead.",
        'tool_choice',
        'invalid_type',
      ),
    ],
    [
      'any',
      refusal(
        `Invalid value: 'any'. Supported values are: ${MODES}.`,
        'tool_choice',
        'invalid_value',
      ),
    ],
    [{ name: 'get_weather' }, missing('tool_choice.type')],
    [{ type: 'function' }, missing('tool_choice.name')],
    [{ type: 'function', function: { name: 'get_weather' } }, missing('tool_choice.name')],
    [
      { type: 'function', name: 'get_weather', function: { name: 'get_weather' } },
      unknown('tool_choice.function'),
    ],
    [{ type: 'custom', custom: { name: 'run' } }, missing('tool_choice.name')],
    [{ type: 'mcp' }, missing('tool_choice.server_label')],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
      missing('tool_choice.mode'),
    ],
    [{ type: 'allowed_tools', mode: 'auto' }, missing('tool_choice.tools')],
    [
      { type: 'allowed_tools', mode: 'none', tools: [] },
      refusal(
        "Invalid value: 'none'. Supported values are: 'auto' and 'required'.",
        'tool_choice.mode',
        'invalid_value',
      ),
    ],
  ])('%j', async (choice, error) => {
    expect(await choose(choice)).toEqual(error)
  })

  it('is of a known type', async () => {
    expect(await choose({ type: 'any' })).toMatchObject({
      param: 'tool_choice.type',
      code: 'invalid_value',
    })
  })

  it.each([
    'none',
    'auto',
    'required',
    { type: 'function', name: 'get_weather' },
    {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'get_weather' }],
    },
  ])('may be %j', async choice => {
    expect(await choose(choice)).toBeUndefined()
  })
})

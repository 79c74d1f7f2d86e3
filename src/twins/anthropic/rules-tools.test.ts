import { describe, expect, it } from 'vitest'
import { assistant, complaint, tool, toolResult, toolUse, user } from './trial.ts'

const schema = (input_schema: object) => complaint({ tools: [{ name: 'f', input_schema }] })
const INVALID =
  'tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.claude.com/en/docs/tool-use.'

describe('tools', () => {
  it.each([
    [{ input_schema: {} }, 'tools.0.custom.name: Field required'],
    [tool(''), 'tools.0.custom.name: String should have at least 1 character'],
    [tool('a'.repeat(129)), 'tools.0.custom.name: String should have at most 128 characters'],
    [tool('a.b'), "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"],
    [tool('a b'), "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"],
    [{ name: 'f' }, 'tools.0.custom.input_schema: Field required'],
    [{ name: 'f', input_schema: [] }, 'tools.0.custom.input_schema: Input should be an object'],
    [{ name: 'f', input_schema: {} }, 'tools.0.custom.input_schema.type: Field required'],
    [
      { name: 'f', input_schema: { type: 'string' } },
      "tools.0.custom.input_schema.type: Input should be 'object'",
    ],
    [tool('f', { parameters: {} }), 'tools.0.custom.parameters: Extra inputs are not permitted'],
    [tool('f', { strict: 'yes' }), 'tools.0.custom.strict: Input should be a valid boolean'],
    [7, 'tools.0: Input should be an object'],
    [
      { type: 'bash_20250124', name: 'shell' },
      "tools.0.bash_20250124.name: Input should be 'bash'",
    ],
  ])('refuses %j', async (declared, message) => {
    expect(await complaint({ tools: [declared] })).toBe(message)
  })

  it('refuses a tool in the shape of another vendor, and lists the types that it knows', async () => {
    const declared = { type: 'function', function: { name: 'f', parameters: {} } }
    expect(await complaint({ tools: [declared] })).toMatch(
      /^tools\.0: Input tag 'function' found using 'type' does not match any of the expected tags: 'bash_20250124', .*'custom', .*'web_search_20260318'$/,
    )
  })

  it('takes names of 128 characters, and an empty list', async () => {
    expect(await complaint({ tools: [tool('a'.repeat(128))] })).toBeUndefined()
    expect(await complaint({ tools: [] })).toBeUndefined()
    expect(
      await complaint({ tools: [{ name: 'f', input_schema: { type: 'object' } }] }),
    ).toBeUndefined()
  })

  it('wants names to be unique, built-in tools included', async () => {
    expect(await complaint({ tools: [tool('a'), tool('b'), tool('a')] })).toBe(
      'tools: Tool names must be unique.',
    )
    expect(
      await complaint({ tools: [tool('bash'), { type: 'bash_20250124', name: 'bash' }] }),
    ).toBe('tools: Tool names must be unique.')
  })

  it('caches no deferred tools', async () => {
    const more = { defer_loading: true, cache_control: { type: 'ephemeral' } }
    expect(await complaint({ tools: [tool('a', more)] })).toBe(
      'Tools with defer_loading cannot use prompt caching',
    )
  })

  it.each(['oneOf', 'allOf', 'anyOf'])('takes no %s at the top of a schema', async keyword => {
    expect(await schema({ type: 'object', [keyword]: [{}] })).toBe(
      'tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level',
    )
    const nested = { type: 'object', properties: { a: { [keyword]: [{ type: 'string' }] } } }
    expect(await schema(nested)).toBeUndefined()
  })

  it.each([
    { properties: { a: { type: 'dict' } } },
    { properties: { a: { type: 'array', items: [{ type: 'string' }] } } },
    { properties: { a: { type: 'number', exclusiveMinimum: true } } },
    { properties: { a: { type: 'string', required: true } } },
    { properties: { a: { type: 'string', enum: 'x' } } },
    { properties: { a: { type: 'string', pattern: '(' } } },
    { properties: [] },
    { required: ['a', 'a'] },
    { properties: { a: 'string' } },
  ])('holds the schema %j against the draft', async rest => {
    expect(await schema({ type: 'object', ...rest })).toBe(INVALID)
  })

  it('takes the keywords of the draft and unknown ones', async () => {
    const properties = {
      a: { type: ['string', 'null'], default: null, minLength: 1, pattern: '^a', format: 'x' },
      b: { $ref: '#/$defs/b', description: 'b' },
      c: { type: 'array', prefixItems: [{ type: 'string' }], items: false, uniqueItems: true },
      d: true,
      'e.f-g_1': { oneOf: [{ const: 1 }, { not: {} }], 'x-order': 3, nullable: true },
    }
    const $defs = { b: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } } }
    expect(await schema({ type: 'object', properties, $defs, required: null })).toBeUndefined()
  })

  it('limits the names of properties', async () => {
    expect(await schema({ type: 'object', properties: { 'a b': {} } })).toBe(
      "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'",
    )
  })
})

describe('tool_choice', () => {
  it.each([
    [{ type: 'any' }, 'tool_choice.any may only be specified while providing tools'],
    [{ type: 'auto' }, 'tool_choice.auto may only be specified while providing tools'],
    [{ type: 'tool', name: 'x' }, "Tool 'x' not found in provided tools"],
  ])('wants tools for %j', async (tool_choice, message) => {
    expect(await complaint({ tool_choice })).toBe(message)
  })

  it.each([
    ['auto', 'tool_choice: Input should be an object'],
    [{ name: 'x' }, 'tool_choice.type: Field required'],
    [{ type: 'tool' }, 'tool_choice.tool.name: Field required'],
    [{ type: 'tool', name: 'other' }, "Tool 'other' not found in provided tools"],
    [
      { type: 'none', disable_parallel_tool_use: true },
      'tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted',
    ],
    [
      { type: 'required' },
      "tool_choice: Input tag 'required' found using 'type' does not match any of the expected tags: 'any', 'auto', 'none', 'tool'",
    ],
  ])('refuses %j', async (tool_choice, message) => {
    expect(await complaint({ tools: [tool()], tool_choice })).toBe(message)
  })

  it('is never forced on Fable and Mythos', async () => {
    const forced = (model: string, type = 'any') =>
      complaint({
        model,
        tools: [tool()],
        tool_choice: { type, ...(type === 'tool' && { name: 'get_weather' }) },
      })
    const first = 'tool_choice forces tool use is not compatible with this model'
    expect(await forced('claude-fable-5')).toBe(first)
    expect(await forced('claude-mythos-5', 'tool')).toBe(first)
    expect(await forced('claude-mythos-preview')).toBe(first)
    expect(await forced('claude-fable-5-1')).toBe(
      'tool_choice: type "tool" and "any" are not supported for this model.',
    )
    expect(await forced('claude-fable-5', 'none')).toBeUndefined()
    expect(await forced('claude-opus-4-8')).toBeUndefined()
  })
})

describe('strict tools', () => {
  const closed = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  })
  const strict = (input_schema: object, name = 'f') => ({ name, input_schema, strict: true })
  const verdict = (input_schema: object) => complaint({ tools: [strict(input_schema)] })
  const optional = (amount: number) =>
    closed(
      Object.fromEntries(Array.from({ length: amount }, (_, i) => [`p${i}`, { type: 'string' }])),
      [],
    )

  it.each([
    [
      { type: 'object', properties: {} },
      "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    [
      { type: 'object', additionalProperties: true },
      "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    [
      closed({ a: { type: 'object', additionalProperties: { type: 'string' } } }),
      "For 'object' type, 'additionalProperties: object' is not supported. Please set 'additionalProperties' to false",
    ],
    [closed({ a: { oneOf: [{ type: 'string' }] } }), "Schema type 'oneOf' is not supported"],
    [
      closed({ a: { type: 'integer', minimum: 0, maximum: 9 } }),
      "For 'integer' type, properties maximum, minimum are not supported",
    ],
    [
      closed({ a: { type: 'array', items: {}, maxItems: 3 } }),
      "For 'array' type, property 'maxItems' is not supported",
    ],
    [
      closed({ a: { type: 'array', items: {}, minItems: 2 } }),
      "For 'array' type, 'minItems' values other than 0 or 1 are not supported",
    ],
    [
      closed({ a: { type: ['string', 'null'], minLength: 1 } }),
      "For 'string' type, property 'minLength' is not supported",
    ],
    [
      closed({ a: { type: 'string', format: 'uri-template' } }),
      "For 'string' type, format 'uri-template' is not supported",
    ],
    [
      {
        ...closed({ a: { $ref: '#/$defs/n' } }),
        $defs: { n: closed({ next: { anyOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] } }) },
      },
      'Circular reference detected in schema definitions: n -> n. Self-referencing or mutually-referencing definitions are not supported.',
    ],
    [
      closed({ self: { $ref: '#' } }),
      'Circular reference detected in schema definitions: # -> #. Self-referencing or mutually-referencing definitions are not supported.',
    ],
  ])('refuse %j', async (input_schema, fault) => {
    expect(await verdict(input_schema)).toBe(`tools.0.custom: ${fault}`)
    expect(await schema(input_schema)).toBeUndefined()
  })

  it('accept what grammars can say', async () => {
    const $defs = { point: closed({ x: { type: 'number' }, y: { type: 'number' } }) }
    const properties = {
      a: { type: 'string', enum: ['x', 'y'], description: 'd', title: 't', default: 'x' },
      b: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
      c: { type: 'array', items: { $ref: '#/$defs/point' }, minItems: 1 },
      d: { const: 3 },
    }
    expect(await verdict({ ...closed(properties), $defs })).toBeUndefined()
    expect(await verdict(closed({}))).toBeUndefined()
  })

  it('are at most twenty', async () => {
    const many = (amount: number) =>
      Array.from({ length: amount }, (_, index) => strict(closed({}), `f${index}`))
    expect(await complaint({ tools: many(20) })).toBeUndefined()
    expect(await complaint({ tools: [...many(20), tool()] })).toBeUndefined()
    expect(await complaint({ tools: many(21) })).toBe(
      'Too many strict tools (21). The maximum number of strict tools supported is 20. Try reducing the number of tools marked as strict.',
    )
  })

  it('have at most twenty-four optional parameters together', async () => {
    const tools = (second: number) => [strict(optional(20), 'a'), strict(optional(second), 'b')]
    expect(await complaint({ tools: tools(4) })).toBeUndefined()
    expect(await complaint({ tools: tools(5) })).toBe(
      'Schemas contains too many optional parameters (25), which would make grammar compilation inefficient. Reduce the number of optional parameters in your tool schemas (limit: 24).',
    )
    const nested = strict(closed({ list: { type: 'array', items: optional(25) } }))
    expect(await complaint({ tools: [nested] })).toMatch(/too many optional parameters \(25\)/)
  })

  it('have at most sixteen parameters with union types', async () => {
    const nullables = (amount: number) =>
      closed(
        Object.fromEntries(
          Array.from({ length: amount }, (_, i) => [`p${i}`, { type: ['string', 'null'] }]),
        ),
      )
    expect(await verdict(nullables(16))).toBeUndefined()
    expect(await verdict(nullables(17))).toMatch(
      /^Schemas contains too many parameters with union types \(17 parameters with type arrays or anyOf\)/,
    )
  })

  it('cannot be of any size', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 501 }, (_, i) => [`p${i}`, { type: 'string' }]),
    )
    expect(await verdict(closed(properties))).toBe(
      'The compiled grammar is too large, which would cause performance issues. Simplify your tool schemas or reduce the number of strict tools.',
    )
  })

  it('share their rules with structured outputs', async () => {
    const format = { type: 'json_schema', schema: { type: 'object' } }
    expect(await complaint({ output_config: { format } })).toBe(
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    )
    const good = { type: 'json_schema', schema: closed({ a: { type: 'string' } }) }
    expect(await complaint({ output_config: { format: good } })).toBeUndefined()
  })
})

describe('tools in the history', () => {
  it('need not be declared', async () => {
    const messages = [user('a'), assistant(toolUse('x', 'gone')), user(toolResult('x'))]
    expect(await complaint({ tools: [tool()], messages })).toBeUndefined()
  })
})

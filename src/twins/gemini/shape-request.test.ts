import { describe, expect, it } from 'vitest'
import { vertexTwin } from './index.ts'
import {
  call,
  complaint,
  declaration,
  PLAIN_BODY,
  response,
  sendOnce,
  studio,
  trial,
  user,
  vertex,
  withTools,
} from './trial.ts'

const unknown = (name: string, place?: string) =>
  `Invalid JSON payload received. Unknown name "${name}"${place ? ` at '${place}'` : ''}: Cannot find field.`
const noList = (name: string, place: string) =>
  `Invalid JSON payload received. Unknown name "${name}" at '${place}': Proto field is not repeating, cannot start list.`
const schema = (parameters: object) => withTools({ name: 'f', parameters })

describe('spellings', () => {
  it('takes capitals and underscores everywhere, mixed, too', async () => {
    const { send, prompts } = trial()
    const { status } = await send(
      {
        contents: [
          user(
            { text: 'look', thought: false },
            { inline_data: { mime_type: 'image/png', data: 'AA_-' } },
          ),
          {
            role: 'model',
            parts: [{ function_call: { name: 'f', args: { a_b: 1 } }, thought_signature: 'AAAA' }],
          },
          user({ function_response: { name: 'f', response: { output: 'x' } } }),
        ],
        system_instruction: { parts: [{ text: 'Be kind.' }] },
        tools: [
          {
            function_declarations: [
              {
                name: 'f',
                parameters: {
                  type: 'object',
                  any_of: [],
                  property_ordering: [],
                  minProperties: '1',
                },
              },
              { name: 'g', parameters_json_schema: { type: 'object', properties: { a_b: {} } } },
            ],
          },
        ],
        tool_config: { function_calling_config: { mode: 'any', allowed_function_names: ['f'] } },
        generation_config: { max_output_tokens: 50, thinking_config: { include_thoughts: true } },
      },
      {},
    )
    expect(status).toBe(200)
    expect(prompts[0]).toMatchObject({
      choice: { mode: 'tool', name: 'f' },
      maxTokens: 50,
      reasoning: true,
      messages: [
        { role: 'system' },
        { images: 1 },
        { calls: [{ arguments: '{"a_b":1}' }] },
        { text: 'x' },
      ],
    })
  })

  it('does not touch names that are the client’s own', async () => {
    const { send, prompts } = trial()
    const properties = { some_key: { type: 'STRING' }, otherKey: { type: 'STRING' } }
    await send({ ...PLAIN_BODY, ...schema({ type: 'OBJECT', properties }) })
    expect(prompts[0]?.tools[0]?.parameters).toMatchObject({
      properties: { some_key: { type: 'string' }, otherKey: { type: 'string' } },
    })
  })
})

describe('unknown fields', () => {
  it('are named as they were sent, at a place with underscores', async () => {
    expect(await complaint({ maxTokens: 5 })).toBe(unknown('maxTokens'))
    expect(await complaint({ generationConfig: { maxTokens: 5 } })).toBe(
      unknown('maxTokens', 'generation_config'),
    )
    expect(await complaint({ contents: [user({ text: 'x', citation: null })] })).toBe(
      unknown('citation', 'contents[0].parts[0]'),
    )
    const signed = call('f', {}, { thoughtSignature: 'AAAA' })
    expect(await complaint({ contents: [user('x'), { role: 'model', parts: [signed] }] })).toBe(
      unknown('thoughtSignature', 'contents[1].parts[0].function_call'),
    )
  })

  it('are told all at once, with one violation each', async () => {
    const parameters = {
      $schema: 'x',
      type: 'object',
      additionalProperties: false,
      properties: { a: { type: 'string' }, b: { const: 1, anyOf: [{ oneOf: [] }] } },
    }
    const { status, message, details } = await sendOnce({
      ...PLAIN_BODY,
      ...schema(parameters),
      model_: 1,
    })
    const place = 'tools[0].function_declarations[0].parameters'
    const lines = [
      unknown('$schema', place),
      unknown('additionalProperties', place),
      unknown('const', `${place}.properties[1].value`),
      unknown('oneOf', `${place}.properties[1].value.any_of[0]`),
      unknown('model_'),
    ]
    expect(status).toBe(400)
    expect(message).toBe(lines.join('\n'))
    expect(details).toEqual([
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [
          { field: place, description: lines[0] },
          { field: place, description: lines[1] },
          { field: `${place}.properties[1].value`, description: lines[2] },
          { field: `${place}.properties[1].value.any_of[0]`, description: lines[3] },
          { description: lines[4] },
        ],
      },
    ])
  })

  it('are everything outside the schema dialect', async () => {
    const keywords = [
      '$ref',
      '$defs',
      'allOf',
      'not',
      'exclusiveMinimum',
      'multipleOf',
      'uniqueItems',
    ]
    for (const keyword of [
      ...keywords,
      'prefixItems',
      'patternProperties',
      'examples',
      'readOnly',
    ]) {
      expect(await complaint(schema({ type: 'OBJECT', [keyword]: {} }))).toBe(
        unknown(keyword, 'tools[0].function_declarations[0].parameters'),
      )
    }
    const parameters = { type: 'object', properties: {}, $defs: {}, additionalProperties: false }
    expect(
      await complaint(withTools({ name: 'f', parametersJsonSchema: parameters })),
    ).toBeUndefined()
  })
})

describe('types', () => {
  it('are those of protocol buffers', async () => {
    const v1beta = 'type.googleapis.com/google.ai.generativelanguage.v1beta'
    expect(await complaint({ contents: 'Hello' })).toBe(
      `Invalid value at 'contents' (${v1beta}.Content), "Hello"`,
    )
    expect(await complaint({ contents: [{ parts: ['Hello'] }] })).toBe(
      `Invalid value at 'contents[0].parts[0]' (${v1beta}.Part), "Hello"`,
    )
    expect(await complaint({ contents: [user({ text: 5 })] })).toBe(
      "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 5",
    )
    expect(await complaint({ contents: [user({ text: { a: 1 } })] })).toBe(
      "Invalid value at 'contents[0].parts[0]' (text), Starting an object on a scalar field",
    )
    expect(await complaint({ contents: [user({ text: ['a'] })] })).toBe(
      noList('text', 'contents[0].parts[0]'),
    )
    const thinkingConfig = { thinkingBudget: 'high', includeThoughts: 'yes' }
    expect(await complaint({ generationConfig: { thinkingConfig } })).toBe(
      'Invalid value at \'generation_config.thinking_config.thinking_budget\' (TYPE_INT32), "high"\n' +
        'Invalid value at \'generation_config.thinking_config.include_thoughts\' (TYPE_BOOL), "yes"',
    )
    expect(await complaint({ generationConfig: { seed: 1.5, temperature: 'warm' } })).toBe(
      "Invalid value at 'generation_config.seed' (TYPE_INT32), 1.5\n" +
        'Invalid value at \'generation_config.temperature\' (TYPE_FLOAT), "warm"',
    )
  })

  it('of schemas are single words, and enums are texts', async () => {
    const place = 'tools[0].function_declarations[0].parameters.properties[0].value'
    const property = (a: object) => schema({ type: 'OBJECT', properties: { a } })
    expect(await complaint(property({ type: ['string', 'null'] }))).toBe(noList('type', place))
    expect(await complaint(property({ type: 'str' }))).toBe(
      `Invalid value at '${place}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), "str"`,
    )
    expect(await complaint(property({ type: 'STRING', enum: [1, 'b'] }))).toBe(
      `Invalid value at '${place}.enum[0]' (TYPE_STRING), 1`,
    )
    expect(await complaint(property({ type: 'ARRAY', items: [{ type: 'STRING' }] }))).toBe(
      noList('items', place),
    )
    expect(await complaint(property({ type: 6, properties: {} }))).toBeUndefined()
  })

  it('of arguments and results are objects', async () => {
    const struct = 'type.googleapis.com/google.protobuf.Struct'
    const talk = (one: object, other: object) =>
      complaint({ contents: [user('x'), { role: 'model', parts: [one] }, user(other)] })
    expect(await talk(call('f', {}, { args: '{}' }), response('f'))).toBe(
      `Invalid value at 'contents[1].parts[0].function_call.args' (${struct}), "{}"`,
    )
    expect(await talk(call('f'), response('f', { response: 'sunny' }))).toBe(
      `Invalid value at 'contents[2].parts[0].function_response.response' (${struct}), "sunny"`,
    )
    expect(await talk(call('f'), response('f', { response: [1] }))).toBe(
      noList('response', 'contents[2].parts[0].function_response'),
    )
    expect(await talk(call('f', {}, { args: undefined }), response('f'))).toBeUndefined()
  })

  it('of bytes are base64 in either alphabet', async () => {
    const picture = (data: string) =>
      complaint({ contents: [user({ inlineData: { mimeType: 'image/png', data } })] })
    for (const data of ['', 'AAAA', 'AA==', 'AA', 'A_-/'])
      expect(await picture(data)).toBeUndefined()
    for (const data of ['A', 'AA=A', 'a b', 'http://x']) {
      expect(await picture(data)).toBe(
        `Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed for "${data}"`,
      )
    }
  })

  it('take one value for a list of one, null for nothing, and numbers as texts', async () => {
    const { send, prompts } = trial()
    const { status } = await send({
      contents: { role: 'user', parts: { text: 'x' } },
      systemInstruction: { parts: { text: 'Be brief.' } },
      tools: { functionDeclarations: declaration() },
      generationConfig: { maxOutputTokens: '12', temperature: null, stopSequences: 'END' },
      cachedContent: null,
    })
    expect(status).toBe(200)
    expect(prompts[0]).toMatchObject({
      maxTokens: 12,
      stop: ['END'],
      tools: [{ name: 'get_weather' }],
    })
    expect(await complaint({ tools: { functionDeclarations: [{ name: 'f', x: 1 }] } })).toBe(
      unknown('x', 'tools.function_declarations[0]'),
    )
  })

  it('allow one kind of data in a part', async () => {
    expect(await complaint({ contents: [user({ text: 'x', inline_data: { data: '' } })] })).toBe(
      "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. Cannot set 'inline_data'",
    )
  })
})

describe('surfaces', () => {
  it('have fields of their own', async () => {
    const flag = { toolConfig: { includeServerSideToolInvocations: true } }
    const streaming = {
      toolConfig: { functionCallingConfig: { streamFunctionCallArguments: true } },
    }
    expect(await complaint(flag, undefined, vertexTwin())).toBe(
      unknown('includeServerSideToolInvocations', 'tool_config'),
    )
    expect(await complaint({ ...withTools(declaration()), ...streaming })).toBe(
      unknown('streamFunctionCallArguments', 'tool_config.function_calling_config'),
    )
    expect(await complaint({ tools: [{ retrieval: {} }] })).toBe(unknown('retrieval', 'tools[0]'))
    expect(await complaint({ tools: [{ fileSearch: {} }] }, undefined, vertexTwin())).toBe(
      unknown('fileSearch', 'tools[0]'),
    )
    expect(await complaint({ modelArmorConfig: {} })).toBe(unknown('modelArmorConfig'))
    expect(await complaint({ modelArmorConfig: {} }, undefined, vertexTwin())).toBeUndefined()
  })

  it('name their own types', async () => {
    const tools = schema({ type: 'OBJECT', properties: { a: { type: 'str' } } })
    expect(await complaint(tools, vertex('gemini-2.5-flash'), vertexTwin())).toContain(
      '(type.googleapis.com/google.cloud.aiplatform.v1.Type), "str"',
    )
  })

  it('know fewer fields in v1 of AI Studio', async () => {
    const path = studio('gemini-2.5-flash').replace('v1beta', 'v1')
    expect(await complaint({}, path)).toBeUndefined()
    expect(await complaint({ systemInstruction: { parts: [] } }, path)).toBe(
      unknown('systemInstruction'),
    )
    expect(await complaint({ system_instruction: { parts: [] } }, path)).toBe(
      unknown('system_instruction'),
    )
    expect(await complaint(withTools(declaration()), path)).toBe(unknown('tools'))
  })

  it('take ids, unless Vertex is told not to', async () => {
    const contents = [
      user('x'),
      { role: 'model', parts: [call('f', {}, { id: 'a' })] },
      user(response('f', { id: 'a' })),
    ]
    expect(await complaint({ contents })).toBeUndefined()
    expect(await complaint({ contents }, undefined, vertexTwin())).toBeUndefined()
    expect(await complaint({ contents }, undefined, vertexTwin({ rejectsCallIds: true }))).toBe(
      `${unknown('id', 'contents[1].parts[0].function_call')}\n${unknown('id', 'contents[2].parts[0].function_response')}`,
    )
  })
})

import { describe, expect, it } from 'vitest'
import type { TwinPrompt } from '../model.ts'
import { liftSchema } from './schema-lift.ts'
import {
  call,
  declaration,
  model,
  PLAIN_BODY,
  response,
  studio,
  trial,
  user,
  withTools,
} from './trial.ts'

async function promptOf(
  body: object | string,
  name = 'gemini-2.5-flash',
): Promise<TwinPrompt | undefined> {
  const { send, prompts } = trial()
  const { message } = await send(body, { path: studio(name) })
  expect(message).toBeUndefined()
  return prompts[0]
}

describe('a prompt', () => {
  it('says what the request says', async () => {
    const prompt = await promptOf({
      contents: [
        user(
          'one',
          { inlineData: { mimeType: 'image/png', data: '' } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'x' } },
          'two',
        ),
      ],
      systemInstruction: { parts: [{ text: 'Be' }, { text: 'kind.' }] },
      ...withTools(declaration()),
      generationConfig: {
        maxOutputTokens: 9,
        stopSequences: ['END'],
        thinkingConfig: { includeThoughts: true },
      },
    })
    expect(prompt).toEqual({
      model: 'gemini-2.5-flash',
      tools: [
        {
          name: 'get_weather',
          description: '',
          parameters: {
            type: 'object',
            properties: { city: { type: 'string' } },
            required: ['city'],
          },
        },
      ],
      choice: { mode: 'auto' },
      parallel: true,
      reasoning: true,
      maxTokens: 9,
      stop: ['END'],
      messages: [
        { role: 'system', text: 'Be\nkind.' },
        { role: 'user', text: 'one\ntwo', images: 1, documents: 1 },
      ],
    })
  })

  it('keeps the spelling of arguments and results', async () => {
    const args = '{ "n": 1.0, "big": 12345678901234567890 }'
    const body = `{"contents":[
      {"role":"user","parts":[{"text":"x"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":${args}}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output": 22.0}}}]}
    ]}`
    const prompt = await promptOf(body)
    expect(prompt?.messages[1]).toMatchObject({ calls: [{ name: 'f', arguments: args }] })
    expect(prompt?.messages[2]).toMatchObject({ text: '22.0' })
  })

  it('pairs responses with calls by id, by name, then by order', async () => {
    const ids = await promptOf({
      contents: [
        user('x'),
        model('So.', call('f', {}, { id: 'a' }), call('f', {}, { id: 'b' })),
        user(response('f', { id: 'b' }), response('f', { id: 'a' })),
      ],
    })
    expect(ids?.messages[1]).toMatchObject({ text: 'So.', calls: [{ id: 'a' }, { id: 'b' }] })
    expect(ids?.messages.slice(2)).toMatchObject([{ callId: 'b' }, { callId: 'a' }])
    const names = await promptOf({
      contents: [
        user('x'),
        model(call('f'), call('g'), call('f')),
        user(response('g'), response('f'), response('f')),
      ],
    })
    expect(names?.messages[1]).toMatchObject({
      calls: [{ id: 'call_1_0' }, { id: 'call_1_1' }, { id: 'call_1_2' }],
    })
    expect(names?.messages.slice(2)).toMatchObject([
      { callId: 'call_1_1' },
      { callId: 'call_1_0' },
      { callId: 'call_1_2' },
    ])
  })

  it('reads results', async () => {
    const resultOf = async (fields: object) =>
      (await promptOf({ contents: [user('x'), model(call('f')), user(response('f', fields))] }))
        ?.messages[2]
    expect(await resultOf({ response: { output: 'sunny' } })).toMatchObject({
      text: 'sunny',
      isError: false,
    })
    expect(await resultOf({ response: { result: 'sunny' } })).toMatchObject({ text: 'sunny' })
    expect(await resultOf({ response: { error: 'no such city' } })).toMatchObject({
      text: 'no such city',
      isError: true,
    })
    expect(await resultOf({ response: { city: 'Paris', sky: ['blue'] } })).toMatchObject({
      text: '{"city":"Paris","sky":["blue"]}',
    })
    expect(await resultOf({ response: { output: { a: 1 } } })).toMatchObject({ text: '{"a":1}' })
    expect(await resultOf({ response: undefined })).toMatchObject({ text: '{}' })
    const parts = [{ inlineData: { mimeType: 'image/png', data: '' } }]
    expect(await resultOf({ parts })).toMatchObject({ text: 'sunny', images: 1 })
  })

  it('leaves thoughts and server tools out', async () => {
    const contents = [user('x'), model({ text: 'hm', thought: true }, 'Ye', 's.'), user('y')]
    const prompt = await promptOf({ contents, tools: [{ googleSearch: {} }] })
    expect(prompt).toMatchObject({ tools: [], choice: { mode: 'none' } })
    expect(prompt?.messages[1]).toEqual({ role: 'assistant', text: 'Yes.', calls: [] })
  })

  it('parts responses from words beside them', async () => {
    const contents = [user('x'), model(call('f')), user(response('f'), 'And?')]
    expect((await promptOf({ contents }))?.messages.slice(2)).toMatchObject([
      { role: 'tool', text: 'sunny' },
      { role: 'user', text: 'And?' },
    ])
  })
})

describe('the choice among functions', () => {
  const choose = (functionCallingConfig: object) =>
    promptOf({
      ...PLAIN_BODY,
      ...withTools(declaration('f'), declaration('g'), declaration('h')),
      toolConfig: { functionCallingConfig },
    })

  it('follows the mode', async () => {
    expect((await choose({}))?.choice).toEqual({ mode: 'auto' })
    expect((await choose({ mode: 'AUTO' }))?.choice).toEqual({ mode: 'auto' })
    expect((await choose({ mode: 'VALIDATED' }))?.choice).toEqual({ mode: 'auto' })
    expect((await choose({ mode: 'NONE' }))?.choice).toEqual({ mode: 'none' })
    expect((await choose({ mode: 'ANY' }))?.choice).toEqual({ mode: 'required' })
  })

  it('is narrowed by names', async () => {
    const one = await choose({ mode: 'ANY', allowedFunctionNames: ['g'] })
    expect(one).toMatchObject({ choice: { mode: 'tool', name: 'g' }, tools: [{ name: 'g' }] })
    const two = await choose({ mode: 'ANY', allowedFunctionNames: ['h', 'f'] })
    expect(two).toMatchObject({
      choice: { mode: 'required' },
      tools: [{ name: 'f' }, { name: 'h' }],
    })
    const may = await choose({ mode: 'VALIDATED', allowedFunctionNames: ['f'] })
    expect(may).toMatchObject({ choice: { mode: 'auto' }, tools: [{ name: 'f' }] })
  })
})

describe('structured output', () => {
  it('is said in JSON Schema', async () => {
    const responseMimeType = 'application/json'
    const of = async (generationConfig: object) =>
      (await promptOf({ ...PLAIN_BODY, generationConfig }))?.output
    expect(await of({})).toBeUndefined()
    expect(await of({ responseMimeType })).toEqual({ schema: undefined })
    const responseSchema = { type: 'ARRAY', items: { type: 'INTEGER' } }
    expect(await of({ responseMimeType, responseSchema })).toEqual({
      schema: { type: 'array', items: { type: 'integer' } },
    })
    const responseJsonSchema = { type: 'object', $defs: {} }
    expect(await of({ responseMimeType, responseJsonSchema })).toEqual({
      schema: responseJsonSchema,
    })
  })
})

describe('a lifted schema', () => {
  it('means the same', () => {
    expect(
      liftSchema({
        type: 'OBJECT',
        properties: {
          b: { type: 'STRING', nullable: true, enum: ['x'], format: 'enum' },
          a: { anyOf: [{ type: 'NUMBER' }, { type: 'NULL' }], nullable: true },
          when: { type: 'STRING', format: 'date-time', description: 'd', minLength: 3 },
        },
        propertyOrdering: ['a', 'nope', 'b'],
        required: ['a'],
        title: 't',
      }),
    ).toEqual({
      type: 'object',
      title: 't',
      required: ['a'],
      properties: {
        a: { anyOf: [{ type: 'number' }, { type: 'null' }, { type: 'null' }] },
        b: { type: ['string', 'null'], enum: ['x', null] },
        when: { type: 'string', format: 'date-time', description: 'd', minLength: 3 },
      },
    })
  })
})

import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anthropic } from '../../src/protocols/anthropic/index.ts'
import { gemini } from '../../src/protocols/gemini/index.ts'
import { openaiResponses } from '../../src/protocols/openai-responses/index.ts'
import { buildHouse, type House } from './house.ts'

let house: House
beforeAll(async () => {
  const text = { type: 'text' as const, text: 'Hi.' }
  house = await buildHouse({ model: { name: 'one', answer: () => ({ blocks: [text] }) } })
})
afterAll(() => house.close())

async function losses(path: string, body: object, headers = {}) {
  const answer = await request(`${house.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await answer.body.text()
  return { status: answer.statusCode, text, told: String(answer.headers['toolgate-losses']) }
}

const TURN = [
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
  { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'of-another-vendor' },
  { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"city":"Bonn"}' },
  { type: 'function_call_output', call_id: 'call_1', output: 'It rains.' },
]
const WEATHER = { type: 'object', properties: { city: { type: 'string' } } }

describe('[G8.1] a loss names its place in the body of the client', () => {
  it('of Responses', async () => {
    const body = {
      model: 'claude-sonnet-4-5',
      input: TURN,
      tools: [{ type: 'function', name: 'look', parameters: WEATHER, strict: false }],
      text: { verbosity: 'low' },
    }
    const { status, told } = await losses('/v1/responses', body)
    expect(status).toBe(200)
    expect(told).toContain('input[1] dropped')
    expect(told).toContain('text.verbosity dropped')
    expect(told).not.toMatch(/messages/)
  })

  it('of generateContent', async () => {
    const schema = { ...WEATHER, required: ['city'] }
    const body = {
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        {
          role: 'model',
          parts: [
            { text: 'Hm.' },
            { functionCall: { name: 'look', args: {} }, thoughtSignature: 'bm90IHRoZWlycw==' },
          ],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'look', response: { output: 1 } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: schema }] }],
      generationConfig: { seed: 7, topK: 5 },
    }
    const { status, told, text } = await losses(
      '/v1beta/models/claude-sonnet-4-5:generateContent',
      body,
    )
    expect(status, text).toBe(200)
    expect(told).toContain('generationConfig.seed dropped')
    expect(told).not.toMatch(/messages/)
  })

  it('of Messages', async () => {
    const body = {
      model: 'gpt-4o',
      max_tokens: 100,
      top_k: 5,
      messages: [{ role: 'user', content: 'Hi' }],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    }
    const { told } = await losses('/v1/messages', { ...body, max_tokens: 2000 }, VERSION)
    expect(told).toMatch(/thinking (dropped|approximated)/)
  })

  it('also in strict mode, where it is the error', async () => {
    const image = {
      type: 'input_file',
      filename: 'x.bin',
      file_data: 'data:application/zip;base64,AA==',
    }
    const input = [{ role: 'user', content: [{ type: 'input_text', text: 'Look' }, image] }]
    const strict = { 'toolgate-strict': 'true' }
    const { status, text } = await losses(
      '/v1/responses',
      { model: 'claude-sonnet-4-5', input },
      strict,
    )
    expect(status).toBe(400)
    expect(JSON.parse(text).error).toMatchObject({
      message: expect.stringMatching(/input\[0\]\.content\[1\]/),
      param: 'input[0].content[1]',
    })
  })

  it('also in a refusal', async () => {
    const input = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'It is' },
    ]
    const { status, text } = await losses('/v1/responses', { model: 'claude-opus-4-8', input })
    expect([status, JSON.parse(text).error.param]).toEqual([400, 'input[1]'])
  })
})

const VERSION = { 'anthropic-version': '2023-06-01' }

describe('places', () => {
  const input = [
    ...TURN.slice(0, 3),
    {
      role: 'assistant',
      content: [
        { type: 'output_text', text: 'a' },
        { type: 'output_text', text: 'b' },
      ],
    },
    { role: 'assistant', content: 'c' },
    { type: 'function_call_output', call_id: 'call_1', output: [{}, {}] },
  ]
  it.each([
    ['messages[1]', 'input[1]'],
    ['messages[0].content[0]', 'input[0].content[0]'],
    ['messages[1].content[1].arguments', 'input[2].arguments'],
    ['messages[1].content[3]', 'input[3].content[1]'],
    ['messages[1].content[4]', 'input[4].content'],
    ['messages[5].content[1]', 'input[5].output[1]'],
    ['messages[5].is_error', 'input[5].is_error'],
    ['system', 'instructions'],
    ['system.content[0]', 'instructions.content[0]'],
    ['max_tokens', 'max_output_tokens'],
    ['tools[0].parameters.properties.a', 'tools[0].parameters.properties.a'],
  ])('of Responses: %s is %s', (path, place) => {
    expect(openaiResponses.placeOf?.(path, { input })).toBe(place)
  })

  const tools = [
    { google_search: {} },
    { function_declarations: [{ name: 'a' }, { name: 'b', parameters_json_schema: {} }] },
    { functionDeclarations: [{ name: 'c', parameters: {} }] },
  ]
  it.each([
    ['messages[2].content[1]', 'contents[2].parts[1]'],
    ['messages[2].content[1].arguments', 'contents[2].parts[1].functionCall.args'],
    ['system.content[0]', 'systemInstruction.parts[0]'],
    ['tools[0]', 'tools[0].googleSearch'],
    [
      'tools[2].parameters.properties.x',
      'tools[1].functionDeclarations[1].parametersJsonSchema.properties.x',
    ],
    ['tools[3].parameters', 'tools[2].functionDeclarations[0].parameters'],
    ['tools[3].strict', 'tools[2].functionDeclarations[0].strict'],
    ['response_format', 'generationConfig.responseSchema'],
    ['max_tokens', 'generationConfig.maxOutputTokens'],
  ])('of generateContent: %s is %s', (path, place) => {
    const wire = { tools, generation_config: { response_schema: {} } }
    expect(gemini.placeOf?.(path, wire)).toBe(place)
  })

  it.each([
    ['stop', 'stop_sequences'],
    ['tools[1].parameters.a', 'tools[1].input_schema.a'],
    ['reasoning_effort', 'output_config.effort'],
    ['messages[0].content[1]', 'messages[0].content[1]'],
  ])('of Messages: %s is %s', (path, place) => {
    expect(anthropic.placeOf?.(path, {})).toBe(place)
  })
})

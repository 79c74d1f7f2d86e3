import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { rehearsal } from '../../src/twins/rehearsal/index.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

let gateway: RunningGateway
let twins: Twin[] = []
afterEach(async () => {
  await gateway.close()
  await Promise.all(twins.map(twin => twin.close()))
  twins = []
})

/** A gateway before twins of Google, Anthropic and OpenAI. */
async function build(model: TwinModel = rehearsal()): Promise<Record<string, Twin>> {
  const start = async (name: string) => {
    const vendor = TWIN_VENDORS[name]
    if (!vendor) throw new Error(`no twin of ${name}`)
    const twin = await startTwin({ vendor, model, seed: 3, transport: { chunk: 'event' } })
    twins.push(twin)
    return twin
  }
  const [google, anthropic, openai] = await Promise.all(
    ['google', 'anthropic', 'openai'].map(start),
  )
  if (!google || !anthropic || !openai) throw new Error('a twin is missing')
  const config = loadConfig(
    { port: '0', rehearsal: false, log: 'silent' },
    {
      GEMINI_API_KEY: 'g',
      GOOGLE_GEMINI_BASE_URL: `${google.url}/v1beta`,
      ANTHROPIC_API_KEY: 'a',
      ANTHROPIC_BASE_URL: anthropic.url,
      OPENAI_API_KEY: 'o',
      OPENAI_BASE_URL: `${openai.url}/v1`,
    },
  )
  gateway = await startGateway({ ...config, graceMs: 500, limits: { backoffMs: 5 } })
  return { google, anthropic, openai }
}

function post(path: string, body: object) {
  return request(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': 'any' },
    body: JSON.stringify(body),
  })
}

const MODELS = [
  ['gemini-3-flash-preview', 'google'],
  ['claude-sonnet-4-5', 'anthropic'],
  ['gpt-4o', 'openai'],
] as const

/** In the spelling of the API's own definition, which clients without a library write. */
const SNAKE = {
  contents: [{ role: 'user', parts: [{ text: 'What is the weather in Oslo?' }] }],
  system_instruction: { parts: [{ text: 'Be brief.' }] },
  generation_config: { max_output_tokens: 300 },
  tools: [
    {
      function_declarations: [
        {
          name: 'get_weather',
          description: 'Get the weather of a city',
          parameters: {
            type: 'OBJECT',
            properties: { city: { type: 'STRING' } },
            required: ['city'],
          },
        },
      ],
    },
  ],
  tool_config: { function_calling_config: { mode: 'ANY' } },
}

const WANTED = { name: 'get_weather', args: { city: 'Oslo' } }

interface Chunk {
  candidates?: { content?: { parts?: { functionCall?: object }[] } }[]
}

function callsIn(chunks: readonly Chunk[]): object[] {
  return chunks
    .flatMap(chunk => chunk.candidates?.[0]?.content?.parts ?? [])
    .flatMap(part => part.functionCall ?? [])
}

const VERTEX = '/v1/projects/p-1/locations/europe-west4/publishers/google/models'

describe.each(MODELS)('generateContent with %s', (model, vendor) => {
  it.each(['/v1beta/models', '/v1/models', '/gemini/v1beta/models', VERTEX])(
    'under %s, in snake_case, whole and as a list',
    async path => {
      await build()
      const whole = await post(`${path}/${model}:generateContent`, SNAKE)
      expect(whole.statusCode).toBe(200)
      expect(callsIn([JSON.parse(await whole.body.text())])).toMatchObject([WANTED])
      const list = await post(`${path}/${model}:streamGenerateContent`, SNAKE)
      expect(list.statusCode).toBe(200)
      expect(list.headers['content-type']).toBe('application/json; charset=UTF-8')
      expect(callsIn(JSON.parse(await list.body.text()))).toMatchObject([WANTED])
    },
  )

  it('a list comes piece by piece, each of them whole', async () => {
    await build()
    const hello = { contents: [{ role: 'user', parts: [{ text: 'Tell me a long story' }] }] }
    const answer = await post(`/v1beta/models/${model}:streamGenerateContent`, hello)
    let text = ''
    for await (const chunk of answer.body) {
      text += chunk
      // At every moment a reader can close the list and have whole items.
      const soFar = text.endsWith(']') ? text : `${text}]`
      expect(Array.isArray(JSON.parse(soFar))).toBe(true)
    }
    const list: { candidates?: { finishReason?: string }[] }[] = JSON.parse(text)
    expect(list.length).toBeGreaterThan(1)
    expect(list.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
  })

  it('a list ends with the error that broke it off', async () => {
    const house = await build()
    // Its answer has begun, and it has not said yet how it ends.
    house[vendor]?.faults.add({ kind: 'cut-events', after: vendor === 'google' ? 2 : 4 })
    const hello = { contents: [{ role: 'user', parts: [{ text: 'Tell me a long story' }] }] }
    const answer = await post(`/v1beta/models/${model}:streamGenerateContent`, hello)
    const list: object[] = JSON.parse(await answer.body.text())
    expect(list.length).toBeGreaterThan(1)
    expect(list.at(-1)).toMatchObject({
      error: { code: 502, status: expect.any(String), message: expect.any(String) },
    })
  })

  it('an error before the list is a list, too', async () => {
    const house = await build()
    house[vendor]?.faults.add({ kind: 'status', status: 429, times: 0, retryAfter: 100 })
    const hello = { contents: [{ role: 'user', parts: [{ text: 'x' }] }] }
    const busy = await post(`/v1beta/models/${model}:streamGenerateContent`, hello)
    expect(busy.statusCode).toBe(429)
    expect(await busy.body.json()).toMatchObject([{ error: { code: 429 } }])
    const wrong = await post(`/v1beta/models/${model}:streamGenerateContent`, { contents: 5 })
    expect(wrong.statusCode).toBe(400)
    expect(await wrong.body.json()).toMatchObject([{ error: { status: 'INVALID_ARGUMENT' } }])
  })
})

describe('tokens', () => {
  const system = 'Be very brief, and say nothing of the weather.'
  const count = (model: string, more: object = {}) =>
    post(`/v1beta/models/${model}:countTokens`, {
      generateContentRequest: { model: `models/${model}`, ...SNAKE, ...more },
    })

  it("are counted by a vendor of another protocol, in the client's words", async () => {
    const house = await build()
    const tokens = async (more?: object) => {
      const answer = await count('claude-sonnet-4-5', more)
      expect(answer.statusCode).toBe(200)
      const told: { totalTokens: number } = JSON.parse(await answer.body.text())
      return told.totalTokens
    }
    const whole = await tokens()
    expect(whole).toBeGreaterThan(10)
    expect(await tokens({ system_instruction: { parts: [{ text: system }] } })).toBeGreaterThan(
      whole,
    )
    expect(house['anthropic']?.requests[0]).toMatchObject({
      path: '/v1/messages/count_tokens',
      body: { messages: [{ role: 'user' }], tools: [{ name: 'get_weather' }], system: 'Be brief.' },
    })
    const bare = await post('/v1beta/models/claude-sonnet-4-5:countTokens', {
      contents: SNAKE.contents,
    })
    expect(await bare.body.json()).toMatchObject({ totalTokens: expect.any(Number) })
  })

  it('are counted the other way round', async () => {
    const house = await build()
    const answer = await request(`${gateway.url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model: 'gemini-2.5-flash',
        system,
        messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
        tools: [{ name: 'get_weather', input_schema: { type: 'object' } }],
      }),
    })
    const text = await answer.body.text()
    expect(answer.statusCode, text).toBe(200)
    expect(JSON.parse(text)).toEqual({ input_tokens: expect.any(Number) })
    expect(house['google']?.requests[0]).toMatchObject({
      path: '/v1beta/models/gemini-2.5-flash:countTokens',
      body: { generateContentRequest: { model: 'models/gemini-2.5-flash' } },
    })
  })

  it('are not counted where the vendor does not, and what is wrong is refused', async () => {
    await build()
    const not = await count('gpt-4o')
    expect(not.statusCode).toBe(404)
    expect(await not.body.json()).toMatchObject({ error: { code: 404 } })
    const wrong = await post('/v1beta/models/claude-sonnet-4-5:countTokens', { contents: 5 })
    expect(wrong.statusCode).toBe(400)
    await wrong.body.dump()
  })
})

describe('a vendor that answers with a list of its own', () => {
  it('is read, whole and streamed', async () => {
    const { createServer } = await import('node:http')
    const part = (text: string, more = {}) => ({
      candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }],
      responseId: 'r1',
      modelVersion: 'gemini-x',
    })
    const body = JSON.stringify([part('Hel'), part('lo', { finishReason: 'STOP' })])
    const vendor = createServer((_, reply) => {
      reply.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end(body)
    })
    await new Promise<void>(resolve => vendor.listen(0, '127.0.0.1', resolve))
    const address = vendor.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const config = loadConfig(
      { port: '0', rehearsal: false, log: 'silent' },
      { GEMINI_API_KEY: 'g', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${port}/v1beta` },
    )
    gateway = await startGateway(config)
    for (const stream of [false, true]) {
      const answer = await request(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'gemini-2.5-flash',
          messages: [{ role: 'user', content: 'Hi' }],
          stream,
        }),
      })
      const text = await answer.body.text()
      expect(answer.statusCode).toBe(200)
      const told = stream
        ? [...text.matchAll(/^data: (\{.*)$/gm)].map(
            match => JSON.parse(match[1] ?? '').choices[0]?.delta.content ?? '',
          )
        : [JSON.parse(text).choices[0].message.content]
      expect(told.join('')).toBe('Hello')
    }
    await new Promise(resolve => vendor.close(resolve))
  })
})

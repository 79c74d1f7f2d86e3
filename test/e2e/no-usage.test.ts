import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { DIALECTS, type Dialect } from '../../src/conformance/ask.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'
import { until } from './house.ts'

const MODELS: { readonly [D in Dialect]: string } = {
  'openai-chat': 'openai-chat/gpt-4o',
  'openai-responses': 'openai-responses/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'google/gemini-2.5-flash',
}

const lines: string[] = []
const twins: Twin[] = []
let gateway: RunningGateway

/** Vendors that never tell how many tokens there were. */
beforeAll(async () => {
  const model = {
    name: 'one',
    answer: () => ({ blocks: [{ type: 'text' as const, text: 'Hi.' }] }),
  }
  const accounts = []
  for (const [name, vendor, path] of [
    ['openai-chat', 'openai', '/v1'],
    ['openai-responses', 'openai', '/v1'],
    ['anthropic', 'anthropic', ''],
    ['google', 'google', '/v1beta'],
  ] as const) {
    const found = TWIN_VENDORS[vendor]
    if (!found) throw new Error(`no twin of ${vendor}`)
    const twin = await startTwin({
      ...{ vendor: found, model, seed: 9, transport: { chunk: 'random' } },
      faults: [{ kind: 'no-usage', times: 0 }],
    })
    twins.push(twin)
    const protocol = vendor === 'openai' ? { protocol: name } : {}
    accounts.push({
      ...{ name, provider: vendor, baseUrl: twin.url + path, key: 'key', source: 'test' },
      ...protocol,
    })
  }
  const config = loadConfig({ port: '0', rehearsal: false, log: 'info' }, {})
  gateway = await startGateway(
    { ...config, accounts, graceMs: 100 },
    { write: line => lines.push(line) },
  )
})
afterAll(async () => {
  await gateway.close()
  await Promise.all(twins.map(twin => twin.close()))
})

/** What a client sees: the text, the usage, and the losses of a whole answer. */
interface Got {
  readonly text: string | undefined | null
  readonly usage: unknown
  readonly losses: string | null | undefined
}

async function chat(model: string, stream: boolean): Promise<Got> {
  const client = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  if (!stream) {
    const { data, response } = await client.chat.completions
      .create({ model, messages })
      .withResponse()
    const losses = response.headers.get('toolgate-losses')
    return { text: data.choices[0]?.message.content, usage: data.usage, losses }
  }
  const options = { stream: true, stream_options: { include_usage: true } } as const
  const told = client.chat.completions.stream({ model, messages, ...options })
  const final = await told.finalChatCompletion()
  return { text: final.choices[0]?.message.content, usage: final.usage ?? undefined, losses: null }
}

async function responses(model: string, stream: boolean): Promise<Got> {
  const client = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  if (!stream) {
    const { data, response } = await client.responses.create({ model, input: 'Hi' }).withResponse()
    const losses = response.headers.get('toolgate-losses')
    return { text: data.output_text, usage: data.usage ?? undefined, losses }
  }
  const final = await client.responses.stream({ model, input: 'Hi' }).finalResponse()
  return { text: final.output_text, usage: final.usage ?? undefined, losses: null }
}

async function messages(model: string, stream: boolean): Promise<Got> {
  const client = new Anthropic({ apiKey: 'any', baseURL: gateway.url, maxRetries: 0 })
  const body = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] }
  const textOf = ({ content: [first] }: Anthropic.Message) =>
    first?.type === 'text' ? first.text : undefined
  if (!stream) {
    const { data, response } = await client.messages.create(body).withResponse()
    const losses = response.headers.get('toolgate-losses')
    return { text: textOf(data), usage: data.usage, losses }
  }
  const final = await client.messages.stream(body).finalMessage()
  return { text: textOf(final), usage: final.usage, losses: null }
}

async function generate(model: string, stream: boolean): Promise<Got> {
  const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  const answer = await request(`${gateway.url}/v1beta/models/${model}:${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
  })
  const text = await answer.body.text()
  const chunks = stream
    ? text
        .split('\r\n\r\n')
        .filter(Boolean)
        .map(one => one.slice(6))
    : [text]
  const bodies = chunks.map(chunk => JSON.parse(chunk))
  const parts = bodies.flatMap(body => body.candidates?.[0]?.content?.parts ?? [])
  return {
    text: parts.map(part => part.text).join(''),
    usage: bodies.find(body => 'usageMetadata' in body)?.usageMetadata,
    losses: stream ? null : [answer.headers['toolgate-losses']].flat()[0],
  }
}

const FRONTS = {
  'openai-chat': chat,
  'openai-responses': responses,
  anthropic: messages,
  gemini: generate,
}
const CELLS = DIALECTS.flatMap(front =>
  DIALECTS.filter(back => back !== front).flatMap(back =>
    [false, true].map(stream => ({ front, back, stream })),
  ),
)

describe.each(CELLS)('[G8.1] no usage, $front to $back, streamed $stream', cell => {
  const { front, back, stream } = cell

  it('is no count, and is reported', async () => {
    lines.length = 0
    const got = await FRONTS[front](MODELS[back], stream)
    expect(got.text).toBe('Hi.')
    // Messages has numbers there, and its clients check that: the loss tells what the zeros are.
    const zeros = { input_tokens: 0, output_tokens: 0 }
    if (front === 'anthropic') expect(got.usage).toMatchObject(zeros)
    else expect(got.usage).toBeUndefined()
    const action = front === 'anthropic' ? 'approximated' : 'dropped'
    if (!stream) expect(got.losses).toContain(`usage ${action}`)
    await until(() => lines.some(line => line.includes('requestId')))
    const record = JSON.parse(lines.find(line => line.includes('requestId')) ?? '{}')
    expect(record.losses).toBeGreaterThan(0)
    expect(record.usage).toBeUndefined()
  })
})

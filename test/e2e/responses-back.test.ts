import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import type { ConfiguredAccount } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

let twin: Twin
let gateway: RunningGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  await twin.close()
})

async function startVendor(turns: readonly TwinTurn[]): Promise<void> {
  const vendor = TWIN_VENDORS['openai']
  if (!vendor) throw new Error('no twin of openai')
  const left = [...turns]
  const model: TwinModel = {
    name: 'turns',
    answer: () => left.shift() ?? { blocks: [{ type: 'text', text: 'Done.' }] },
  }
  twin = await startTwin({ vendor, model, seed: 3 })
}

/** A gateway before the strict twin, whose model says the turns one after another. */
async function house(turns: readonly TwinTurn[], more: Partial<ConfiguredAccount> = {}) {
  await startVendor(turns)
  const base = loadConfig({ port: '0', log: 'silent', rehearsal: false }, {})
  const account = { name: 'v', provider: 'openai', key: 'key', source: 'test', ...more }
  gateway = await startGateway({
    ...base,
    limits: { backoffMs: 1 },
    accounts: [{ ...account, baseUrl: `${twin.url}/v1` }],
  })
  return gateway.url
}

/** What the vendor was sent, newest last: the path and the body. */
function sent(): { path: string; body: Record<string, unknown> }[] {
  return twin.requests.map(({ path, body }) => ({ path, body: JSON.parse(JSON.stringify(body)) }))
}

const THOUGHT = 'The weather decides; I had better look.'
const CALL: TwinTurn = {
  blocks: [
    { type: 'reasoning', text: THOUGHT },
    { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
  ],
}
const parameters = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
}
const question = 'Do I need an umbrella in Paris?'

describe('the openai package over Responses, straight to the twin', () => {
  it.each([false, true])('calls a tool and answers, streamed: %s', async stream => {
    await startVendor([CALL])
    const client = new OpenAI({ apiKey: 'any', baseURL: `${twin.url}/v1`, maxRetries: 0 })
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: 'get_weather', parameters, strict: false },
    ]
    const ask = async (body: OpenAI.Responses.ResponseCreateParamsNonStreaming) => {
      if (!stream) return client.responses.create(body)
      for await (const event of await client.responses.create({ ...body, stream: true })) {
        if (event.type === 'response.completed') return event.response
      }
      throw new Error('the stream did not end')
    }
    const first = await ask({ model: 'gpt-5.6', input: question, tools })
    expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call'])
    const call = first.output[1]
    if (call?.type !== 'function_call') throw new Error('no call')
    const answer = { type: 'function_call_output', call_id: call.call_id, output: 'rain' } as const
    const second = await ask({
      model: 'gpt-5.6',
      previous_response_id: first.id,
      input: [answer],
      tools,
    })
    expect(second.output.some(({ type }) => type === 'message')).toBe(true)
    expect((await client.responses.retrieve(second.id)).previous_response_id).toBe(first.id)
  })
})

describe('a model that refuses tools beside reasoning on Chat Completions', () => {
  const tools: OpenAI.Chat.ChatCompletionTool[] = [
    { type: 'function', function: { name: 'get_weather', parameters } },
  ]

  it.each([false, true])('is reached through Responses from Chat, streamed: %s', async stream => {
    const url = await house([CALL])
    const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: question }]
    const ask = async () => {
      const body = { model: 'gpt-5.6', messages, tools, reasoning_effort: 'high' as const }
      const { data, response } = stream
        ? await readStream(client, body)
        : await client.chat.completions.create(body).withResponse()
      expect(response.headers.get('toolgate-losses')).toBeNull()
      const message = data.choices[0]?.message
      if (!message) throw new Error('no message')
      return message
    }
    const first = await ask()
    const call = first.tool_calls?.[0]
    if (call?.type !== 'function') throw new Error('no call')
    expect(call.function).toEqual({ name: 'get_weather', arguments: '{"city":"Paris"}' })
    messages.push(first, { role: 'tool', tool_call_id: call.id, content: 'rain' })
    expect((await ask()).content).toBe('Done.')

    const [asked, again] = sent()
    expect([asked?.path, again?.path]).toEqual(['/v1/responses', '/v1/responses'])
    expect(asked?.body).toMatchObject({
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'high' },
    })
    expectState(again?.body['input'])
  })

  it.each([false, true])('and from Messages, streamed: %s', async stream => {
    const url = await house([CALL])
    const client = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 })
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }]
    const ask = async () => {
      const body: Anthropic.MessageCreateParamsNonStreaming = {
        model: 'gpt-5.6',
        max_tokens: 4000,
        messages,
        tools: [{ name: 'get_weather', input_schema: parameters }],
        thinking: { type: 'adaptive' },
      }
      return stream ? client.messages.stream(body).finalMessage() : client.messages.create(body)
    }
    const first = await ask()
    expect(first.stop_reason).toBe('tool_use')
    const call = first.content.find(block => block.type === 'tool_use')
    expect(call?.input).toEqual({ city: 'Paris' })
    const result = { type: 'tool_result', tool_use_id: call?.id ?? '', content: 'rain' } as const
    messages.push(
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    )
    const second = await ask()
    expect(second.content.find(block => block.type === 'text')?.text).toBe('Done.')
    const [asked, again] = sent()
    expect([asked?.path, again?.path]).toEqual(['/v1/responses', '/v1/responses'])
    expectState(again?.body['input'])
  })

  it('and from generateContent', async () => {
    const url = await house([CALL])
    const contents: object[] = [{ role: 'user', parts: [{ text: question }] }]
    const ask = async () => {
      const answer = await request(`${url}/v1beta/models/gpt-5.6:generateContent`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          contents,
          tools: [
            {
              functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: parameters }],
            },
          ],
        }),
      })
      const text = await answer.body.text()
      expect(answer.statusCode, text).toBe(200)
      return JSON.parse(text).candidates[0].content
    }
    const first = await ask()
    const { id, name } = first.parts.find((part: object) => 'functionCall' in part).functionCall
    const functionResponse = { id, name, response: { output: 'rain' } }
    contents.push(first, { role: 'user', parts: [{ functionResponse }] })
    expect((await ask()).parts.at(-1).text).toBe('Done.')
    expect(sent().map(({ path }) => path)).toEqual(['/v1/responses', '/v1/responses'])
    expectState(sent()[1]?.body['input'])
  })

  it('keeps what both protocols of the vendor say alike', async () => {
    const url = await house([])
    const said = {
      service_tier: 'priority',
      prompt_cache_key: 'mine',
      safety_identifier: 'ann',
      metadata: { a: 'b' },
      verbosity: 'low',
      parallel_tool_calls: false,
      max_completion_tokens: 5000,
    }
    const messages = [{ role: 'user', content: question }]
    const answer = await post(`${url}/v1/chat/completions`, {
      model: 'gpt-5.6',
      messages,
      tools,
      ...said,
    })
    expect([answer.status, answer.losses]).toEqual([200, undefined])
    expect(sent()[0]).toMatchObject({
      path: '/v1/responses',
      body: {
        service_tier: 'priority',
        prompt_cache_key: 'mine',
        metadata: { a: 'b' },
        text: { verbosity: 'low' },
        parallel_tool_calls: false,
        max_output_tokens: 5000,
        tools: [{ name: 'get_weather', strict: false }],
      },
    })
  })

  it('stays on Chat Completions where nothing is refused', async () => {
    const url = await house([])
    const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: question }]
    await client.chat.completions.create({ model: 'gpt-5.6', messages })
    await client.chat.completions.create({
      model: 'gpt-5.6',
      messages,
      tools,
      reasoning_effort: 'none',
    })
    await client.chat.completions.create({ model: 'gpt-5.4', messages, tools })
    await client.chat.completions.create({ model: 'gpt-4o', messages, tools })
    expect(new Set(sent().map(({ path }) => path))).toEqual(new Set(['/v1/chat/completions']))
  })

  it('stays there for what Responses cannot say, and says what it gave up', async () => {
    const url = await house([])
    const answer = await post(`${url}/v1/chat/completions`, {
      model: 'gpt-5.6',
      messages: [{ role: 'user', content: question }],
      tools,
      n: 2,
    })
    expect(answer.body.choices).toHaveLength(2)
    expect(answer.losses).toMatch(/reasoning_effort/)
    expect(sent()[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: { reasoning_effort: 'none' },
    })
  })

  it('[G10] has its reasoning switched off, and reported, for an account of Chat alone', async () => {
    const url = await house([CALL], { protocol: 'openai-chat' })
    const answer = await post(`${url}/v1/chat/completions`, {
      model: 'gpt-5.6',
      messages: [{ role: 'user', content: question }],
      tools,
    })
    expect(answer.losses).toMatch(/reasoning/)
    expect(sent()[0]?.body['reasoning_effort']).toBe('none')
  })
})

describe('a model that only Responses has', () => {
  it.each(['gpt-5-pro', 'gpt-5.1-codex', 'o3-pro'])('%s is had from Chat', async model => {
    const url = await house([])
    const answer = await post(`${url}/v1/chat/completions`, {
      model,
      messages: [{ role: 'user', content: question }],
    })
    expect(answer.status).toBe(200)
    expect(answer.body.choices[0].message.content).toBe('Done.')
    expect(sent()[0]?.path).toBe('/v1/responses')
  })
})

describe.each([
  'gpt-3.5-turbo',
  'gpt-4o',
  'gpt-4.1',
  'gpt-5',
  'gpt-5.1',
  'gpt-5.4',
  'gpt-5.6',
  'o3-mini',
  'o3',
])('an account of Responses alone, with %s', model => {
  const chatTools = [{ type: 'function', function: { name: 'get_weather', parameters } }]
  const CALLS: TwinTurn = {
    blocks: ['Paris', 'Oslo'].map(city => ({
      type: 'call' as const,
      name: 'get_weather',
      arguments: JSON.stringify({ city }),
    })),
  }

  it('serves Chat with all its settings', async () => {
    const url = await house([CALLS], { protocol: 'openai-responses' })
    const { status, body } = await post(`${url}/v1/chat/completions`, {
      model,
      messages: [
        { role: 'system', content: 'Be brief, in json.' },
        { role: 'user', content: question },
      ],
      tools: chatTools,
      tool_choice: 'required',
      reasoning_effort: 'low',
      temperature: 0.2,
      top_p: 0.9,
      max_tokens: 2000,
      stop: ['x'],
      user: 'ann',
      response_format: { type: 'json_object' },
    })
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.choices[0].message.tool_calls).toHaveLength(2)
    expect(sent()[0]?.path).toBe('/v1/responses')
  })

  it('serves Messages, with pictures and errors for results', async () => {
    const url = await house([CALLS], { protocol: 'openai-responses' })
    const messages: object[] = [{ role: 'user', content: question }]
    const body = {
      model,
      max_tokens: 2000,
      temperature: 0.2,
      system: 'Be brief.',
      tools: [{ name: 'get_weather', input_schema: parameters }],
      messages,
    }
    const first = await post(`${url}/v1/messages`, body)
    expect(first.status, JSON.stringify(first.body)).toBe(200)
    const [one, two] = first.body.content.filter(
      ({ type }: { type: string }) => type === 'tool_use',
    )
    const data = Buffer.from('a picture').toString('base64')
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
    messages.push(
      { role: 'assistant', content: first.body.content },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: one.id, content: [image] },
          { type: 'tool_result', tool_use_id: two.id, content: 'no such city', is_error: true },
        ],
      },
    )
    const second = await post(`${url}/v1/messages`, body)
    expect(second.status, JSON.stringify(second.body)).toBe(200)
    expect(second.body.content.at(-1).text).toBe('Done.')
  })
})

describe('a vendor of Responses that fails in the middle of a stream', () => {
  it.each([
    ['/v1/responses', { input: question }, 'event: response.failed'],
    [
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: question }] },
      'data: {"error":',
    ],
  ])('fails the client in its own words: %s', async (path, body, expected) => {
    const url = await house([{ blocks: [{ type: 'text', text: 'A long answer. '.repeat(20) }] }])
    twin.faults.add({ kind: 'in-band-error', after: 8 })
    const answer = await request(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5-pro', stream: true, ...body }),
    })
    const text = await answer.body.text()
    expect(sent()[0]?.path).toBe('/v1/responses')
    expect(text).toContain(expected)
    expect(text).not.toContain('response.completed')
    expect(text).not.toContain('[DONE]')
  })
})

describe('a client of Responses and a vendor of Responses', () => {
  const tools = [{ type: 'function', name: 'get_weather', parameters, strict: false }]

  it('speak to each other in their own bytes, and the vendor holds the conversation', async () => {
    const url = await house([CALL])
    const first = await post(`${url}/v1/responses`, { model: 'gpt-5.6', input: question, tools })
    expect(first.body.output[0]).toMatchObject({ type: 'reasoning' })
    const { call_id } = first.body.output[1]
    const second = await post(`${url}/v1/responses`, {
      model: 'gpt-5.6',
      previous_response_id: first.body.id,
      input: [{ type: 'function_call_output', call_id, output: 'rain' }],
      tools,
    })
    expect(second.status).toBe(200)
    expect(second.body.previous_response_id).toBe(first.body.id)
    expect(sent()[1]?.body).toMatchObject({ previous_response_id: first.body.id })
  })

  it('the vendor has the word on items that belong together', async () => {
    const url = await house([CALL])
    const first = await post(`${url}/v1/responses`, { model: 'gpt-5.6', input: question, tools })
    const [reasoning, call] = first.body.output
    const output = { type: 'function_call_output', call_id: call.call_id, output: 'rain' }
    const ask = (...items: object[]) =>
      post(`${url}/v1/responses`, {
        model: 'gpt-5.6',
        input: [{ role: 'user', content: question }, ...items, output],
        tools,
      })
    expect((await ask(call)).body.error.message).toBe(
      `Item '${call.id}' of type 'function_call' was provided without its required 'reasoning' item: '${reasoning.id}'.`,
    )
    expect((await ask(reasoning, call)).status).toBe(200)
  })
})

/** The turn went back as it came: the reasoning item with its state, right before its call. */
function expectState(input: unknown): void {
  const items: Record<string, unknown>[] = JSON.parse(JSON.stringify(input))
  const place = items.findIndex(({ type }) => type === 'reasoning')
  expect(items[place]?.['encrypted_content']).toMatch(/^gAAAA/)
  expect(items[place + 1]).toMatchObject({ type: 'function_call', arguments: '{"city":"Paris"}' })
  expect(items[place + 2]).toMatchObject({ type: 'function_call_output', output: 'rain' })
  // The vendor pairs items by their ids; these were never stored, so they carry none.
  for (const item of items) expect(item).not.toHaveProperty('id')
}

async function readStream(
  client: OpenAI,
  body: Omit<OpenAI.Chat.ChatCompletionCreateParamsStreaming, 'stream'>,
) {
  const { data, response } = await client.chat.completions
    .create({ ...body, stream: true })
    .withResponse()
  const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] =
    []
  const details: object[] = []
  let content = ''
  for await (const chunk of data) {
    const delta = chunk.choices[0]?.delta
    content += delta?.content ?? ''
    const more: { reasoning_details?: object[] } = JSON.parse(JSON.stringify(delta ?? {}))
    details.push(...(more.reasoning_details ?? []))
    for (const piece of delta?.tool_calls ?? []) {
      calls[piece.index] ??= {
        id: piece.id ?? '',
        type: 'function',
        function: { name: piece.function?.name ?? '', arguments: '' },
      }
      const call = calls[piece.index]
      if (call) call.function.arguments += piece.function?.arguments ?? ''
    }
  }
  const message = {
    role: 'assistant' as const,
    refusal: null,
    content: content === '' ? null : content,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
  }
  return { data: { choices: [{ message }] }, response }
}

async function post(url: string, body: object) {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  })
  return {
    status: answer.statusCode,
    losses: answer.headers['toolgate-losses'],
    body: JSON.parse(await answer.body.text()),
  }
}

import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

/** What a vendor was sent: only what is looked at here. */
interface Sent {
  readonly [field: string]: unknown
  readonly messages: readonly { readonly [field: string]: unknown }[]
}

let twin: Twin
let gateway: RunningGateway
afterEach(async () => {
  await gateway.close()
  await twin.close()
})

/** A gateway before the strict twin of one vendor, whose model says the turns one after another. */
async function house(vendor: string, ...turns: TwinTurn[]): Promise<void> {
  const found = TWIN_VENDORS[vendor]
  if (!found) throw new Error(`no twin of ${vendor}`)
  const model: TwinModel = {
    name: 'turns',
    answer: () => turns.shift() ?? { blocks: [{ type: 'text', text: 'Done.' }] },
  }
  twin = await startTwin({ vendor: found, model, seed: 3 })
  const base = loadConfig({ port: '0', log: 'silent', rehearsal: false }, {})
  gateway = await startGateway({
    ...base,
    limits: { backoffMs: 1 },
    accounts: [
      { name: 'v', provider: vendor, baseUrl: `${twin.url}/v1`, key: 'key', source: 'test' },
    ],
  })
}

async function chat(model: string, body: object) {
  const answer = await request(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: `v/${model}`,
      messages: [{ role: 'user', content: 'Go' }],
      ...body,
    }),
  })
  return {
    status: answer.statusCode,
    losses: answer.headers['toolgate-losses'],
    text: await answer.body.text(),
  }
}
async function whole(model: string, body: object) {
  const { status, losses, text } = await chat(model, body)
  expect(text).toMatch(/^\{/)
  expect(status, text).toBe(200)
  const { choices, usage } = JSON.parse(text)
  return { losses, message: choices[0].message, end: choices[0].finish_reason, usage }
}
const sent = (): Sent => {
  const body = twin.requests.at(-1)?.body
  if (typeof body !== 'object' || body === null || !('messages' in body))
    throw new Error('nothing sent')
  const { messages } = body
  if (!Array.isArray(messages)) throw new Error('no messages')
  return { ...body, messages }
}

const tools = [
  {
    type: 'function',
    function: {
      name: 'look',
      parameters: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] },
      strict: false,
    },
  },
]
const look: TwinTurn = { blocks: [{ type: 'call', name: 'look', arguments: '{"at":"it"}' }] }
const named = { type: 'function', function: { name: 'look' } }
const history = [
  { role: 'user', content: 'Go' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'call_made_by_somebody_else_0001',
        type: 'function',
        function: { name: 'look', arguments: '{"at":"x"}' },
      },
    ],
  },
  { role: 'tool', tool_call_id: 'call_made_by_somebody_else_0001', content: 'seen' },
  { role: 'user', content: 'And?' },
]

/** What every vendor must be able to do through the gateway, by a model of its own. */
describe.each([
  ['openai', 'gpt-4o'],
  ['deepseek', 'deepseek-chat'],
  ['deepseek', 'deepseek-reasoner'],
  ['qwen', 'qwen-max'],
  ['glm', 'glm-4.6'],
  ['kimi', 'kimi-k2-0905-preview'],
  ['mistral', 'mistral-large-latest'],
  ['groq', 'llama-3.3-70b-versatile'],
  ['xai', 'grok-4'],
  ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  ['openrouter', 'openai/gpt-4o'],
  ['ollama', 'llama3.2'],
  ['vllm', 'Qwen/Qwen3-8B'],
])('%s, %s', (vendor, model) => {
  it('calls, whole', async () => {
    await house(vendor, look)
    const { message, end, usage } = await whole(model, { tools, parallel_tool_calls: true })
    expect(message.tool_calls).toMatchObject([
      { type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } },
    ])
    expect(message.tool_calls[0].id).not.toBe('')
    expect(end).toBe('tool_calls')
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
  })

  it('calls, streamed, two at once', async () => {
    await house(vendor, {
      blocks: [...look.blocks, { type: 'call', name: 'look', arguments: '{"at":"that"}' }],
    })
    const { text } = await chat(model, {
      tools,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = text
      .split('\n\n')
      .filter(line => line.startsWith('data: {'))
      .map(line => JSON.parse(line.slice(6)))
    const calls: { id: string; text: string }[] = []
    for (const each of chunks.flatMap(chunk => chunk.choices[0]?.delta.tool_calls ?? [])) {
      calls[each.index] ??= { id: each.id, text: '' }
      const call = calls[each.index]
      if (call) call.text += each.function?.arguments ?? ''
    }
    expect(calls.map(call => call.text)).toEqual(['{"at":"it"}', '{"at":"that"}'])
    expect(new Set(calls.map(call => call.id)).size).toBe(2)
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { total_tokens: expect.any(Number) },
    })
    expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
  })

  it("takes a history of another vendor's calls", async () => {
    await house(vendor)
    const { message } = await whole(model, { tools, messages: history })
    expect(message.content).toBe('Done.')
    expect(JSON.stringify(sent().messages)).toContain('seen')
  })

  it.each([
    ['required', 'required'],
    ['named', named],
    ['none', 'none'],
  ])('takes a choice: %s', async (_, choice) => {
    await house(vendor, choice === 'none' ? { blocks: [{ type: 'text', text: 'No.' }] } : look)
    const { losses, message, end } = await whole(model, {
      tools,
      tool_choice: choice,
      max_tokens: 500,
    })
    if (choice === 'none') expect(message.content).toBe('No.')
    else {
      expect(message.tool_calls).toHaveLength(1)
      // Where the choice could not be said as it was, the client is told.
      const said = JSON.stringify(sent()['tool_choice'])
      // Of one tool, the only one that can be called is the one that is named.
      const meant = [JSON.stringify(named)]
      if (choice === 'required') meant.push('"required"', '"any"')
      if (!meant.includes(said)) expect(losses).toMatch(/tool_choice/)
      expect(['tool_calls', 'stop']).toContain(end)
    }
  })

  it('takes one call at a time, or says that it cannot promise it', async () => {
    await house(vendor, look)
    const { losses } = await whole(model, { tools, parallel_tool_calls: false })
    if (sent()['parallel_tool_calls'] !== false) expect(losses).toMatch(/parallel_tool_calls/)
  })
})

describe('[G10] what is special', () => {
  it('DeepSeek: thinking goes off for a forced choice, and its echo is never missing', async () => {
    await house('deepseek', look)
    await whole('deepseek-reasoner', { tools, tool_choice: 'required' })
    expect(sent()['thinking']).toEqual({ type: 'disabled' })
    await whole('deepseek-reasoner', { tools, messages: history })
    expect(sent().messages[1]).toMatchObject({ role: 'assistant', reasoning_content: '' })
  })
  it('GLM: leaves out what it does not know, and asks for streamed arguments', async () => {
    await house('glm', look)
    const { losses } = await whole('glm-4.6', {
      tools: [{ ...tools[0], function: { ...tools[0]?.function, strict: true } }],
      max_completion_tokens: 50,
    })
    expect(sent()).not.toHaveProperty('stream_options')
    expect(sent()).toMatchObject({ max_tokens: 50 })
    expect(JSON.stringify(sent()['tools'])).not.toContain('strict')
    expect(losses).toMatch(/strict/)
    await chat('glm-4.6', { tools, stream: true })
    expect(sent()).toMatchObject({ tool_stream: true })
  })
  it('Kimi: its ids repeat from turn to turn, and are told apart for whoever minds', async () => {
    await house('kimi', look, look)
    const first = await whole('kimi-k2-0905-preview', { tools })
    const second = await whole('kimi-k2-0905-preview', { tools })
    expect(first.message.tool_calls[0].id).toMatch(/^look:\d+$/)
    expect(second.message.tool_calls[0].function.arguments).toBe('{"at":"it"}')
  })
  it('Mistral: ids of nine characters, no user after a result, the name on results', async () => {
    await house('mistral')
    await whole('mistral-large-latest', { tools, messages: history, tool_choice: 'required' })
    const [, assistant, result, between, user] = sent().messages
    expect(JSON.stringify(assistant)).toMatch(/"id":"[A-Za-z0-9]{9}"/)
    expect(result).toMatchObject({
      role: 'tool',
      name: 'look',
      tool_call_id: expect.stringMatching(/^[A-Za-z0-9]{9}$/),
    })
    expect(between).toMatchObject({ role: 'assistant' })
    expect(user).toMatchObject({ role: 'user', content: 'And?' })
    expect(sent()['tool_choice']).toBe('any')
  })
  it('Mistral: none is said by leaving the tools out', async () => {
    await house('mistral')
    await whole('mistral-large-latest', { tools, tool_choice: 'none' })
    expect(sent()).not.toHaveProperty('tools')
  })
  it('Mistral: its flat errors come in the envelope of the client', async () => {
    await house('mistral')
    twin.faults.add({ kind: 'status', status: 429, times: 0 })
    const { status, text } = await chat('mistral-large-latest', {})
    expect(status).toBe(429)
    expect(JSON.parse(text)).toMatchObject({
      error: { message: expect.any(String), code: expect.anything() },
    })
  })
  it('Groq: a call that breaks its schema comes as the model wrote it, as from any vendor', async () => {
    const odd: TwinTurn = { blocks: [{ type: 'call', name: 'look', arguments: '{"at":5}' }] }
    await house('groq', odd)
    const { message } = await whole('llama-3.3-70b-versatile', { tools })
    expect(message.tool_calls[0].function.arguments).toBe('{"at":5}')
  })
  it('Groq: a call that cannot be read is asked for again, then an error that names it', async () => {
    const broken: TwinTurn = { blocks: [{ type: 'call', name: 'look', arguments: '{"at":"i' }] }
    await house('groq', broken, look)
    const { message } = await whole('llama-3.3-70b-versatile', { tools })
    expect(message.tool_calls).toHaveLength(1)
    await gateway.close()
    await twin.close()
    await house('groq', broken, broken, broken, broken)
    const { status, text } = await chat('llama-3.3-70b-versatile', { tools })
    expect(status).toBe(502)
    expect(text).toMatch(/Failed to parse tool call arguments as JSON/)
  })
  it('xAI: reasoning counts as output', async () => {
    await house('xai', {
      blocks: [{ type: 'text', text: 'Hm.' }],
      usage: { input: 10, output: 50, reasoning: 40 },
    })
    const { usage } = await whole('grok-4', {})
    expect(usage).toMatchObject({
      completion_tokens: 50,
      completion_tokens_details: { reasoning_tokens: 40 },
    })
  })
  it('OpenRouter: an error in mid-stream is an error, not an end', async () => {
    await house('openrouter')
    twin.faults.add({ kind: 'in-band-error', after: 4 })
    const { text } = await chat('openai/gpt-4o', { stream: true })
    expect(text).not.toContain('[DONE]')
    expect(text).toMatch(/data: \{"error":\{/)
  })
  it('OpenAI: limits, samplings and stops that reasoning models refuse', async () => {
    await house('openai')
    const foreign = await request(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model: 'v/o3-mini',
        max_tokens: 100,
        temperature: 0.2,
        messages: [{ role: 'user', content: 'Go' }],
        tools: [{ name: 'look', input_schema: { type: 'object', properties: {} } }],
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      }),
    })
    expect(await foreign.body.text()).toContain('Done.')
    expect(foreign.headers['toolgate-losses']).toMatch(/temperature dropped/)
    expect(foreign.headers['toolgate-losses']).toMatch(/parallel\w* dropped/)
    expect(sent()).toMatchObject({ max_completion_tokens: 100 })
  })
})

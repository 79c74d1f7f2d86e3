import { AzureOpenAI } from 'openai'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import type { ConfiguredAccount } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { azureTwin } from '../../src/twins/azure.ts'
import type { TwinModel, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'

let twin: Twin
let gateway: RunningGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  await twin.close()
})

const CALL: TwinTurn = {
  blocks: [
    { type: 'reasoning', text: 'I had better look.' },
    { type: 'call', name: 'look', arguments: '{"at":"it"}' },
  ],
}
const tools = [
  {
    type: 'function' as const,
    function: { name: 'look', parameters: { type: 'object', properties: {} } },
  },
]
const messages = [{ role: 'user' as const, content: 'Go' }]

async function startVendor(turns: TwinTurn[]): Promise<void> {
  const model: TwinModel = {
    name: 'turns',
    answer: () => turns.shift() ?? { blocks: [{ type: 'text', text: 'Done.' }] },
  }
  twin = await startTwin({
    vendor: azureTwin({ deployments: { prod: 'gpt-5.6' } }),
    model,
    seed: 5,
  })
}

async function house(turns: TwinTurn[], more: Partial<ConfiguredAccount> = {}) {
  await startVendor(turns)
  const base = loadConfig({ port: '0', log: 'silent', rehearsal: false }, {})
  const account = { name: 'a', provider: 'azure', key: 'azure-key', source: 'test', ...more }
  gateway = await startGateway({
    ...base,
    limits: { backoffMs: 1 },
    accounts: [{ ...account, baseUrl: twin.url }],
  })
}

async function chat(model: string, body: object = {}) {
  const answer = await request(`${gateway?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages, ...body }),
  })
  return {
    status: answer.statusCode,
    losses: answer.headers['toolgate-losses'],
    text: await answer.body.text(),
  }
}

const paths = () => twin.requests.map(({ path }) => path)

describe('the twin of Azure', () => {
  it('serves the official client over the older addresses', async () => {
    await startVendor([])
    const client = new AzureOpenAI({ endpoint: twin.url, apiKey: 'k', apiVersion: '2024-10-21' })
    const whole = await client.chat.completions.create({ model: 'gpt-4o', messages })
    expect(whole.choices[0]?.message.content).toBe('Done.')
    expect(whole).toHaveProperty('prompt_filter_results')
    const chunks = []
    const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true })
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks[0]).toMatchObject({ model: '', choices: [] })
    expect(paths()).toContain('/openai/deployments/gpt-4o/chat/completions')
  })
  it('refuses a deployment, an address, a version and a key that are none', async () => {
    await startVendor([])
    const ask = async (path: string, headers: Record<string, string>, model = 'gpt-4o') => {
      const answer = await request(twin.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model, messages }),
      })
      const { error } = JSON.parse(await answer.body.text())
      return [answer.statusCode, error.code]
    }
    const key = { 'api-key': 'k' }
    const older = '/openai/deployments/gpt-4o/chat/completions'
    expect(await ask('/openai/v1/chat/completions', key, 'nope')).toEqual([
      404,
      'DeploymentNotFound',
    ])
    expect(await ask('/v1/chat/completions', key)).toEqual([404, '404'])
    expect(await ask(older, key)).toEqual([404, '404'])
    expect(await ask(`${older}?api-version=2024-10-21`, {})).toEqual([401, '401'])
  })
})

describe('Azure as a vendor', () => {
  it.each([{}, { apiVersion: '2024-10-21' }])('answers whole and streamed: %j', async more => {
    await house([CALL, CALL], more)
    const whole = await chat('azure/gpt-4o', { tools })
    expect(whole.status, whole.text).toBe(200)
    expect(JSON.parse(whole.text).choices[0].message.tool_calls[0].function).toEqual({
      name: 'look',
      arguments: '{"at":"it"}',
    })
    const streamed = await chat('azure/gpt-4o', { tools, stream: true })
    expect(streamed.text).toMatch(/"name":"look"/)
    expect(streamed.text.trimEnd()).toMatch(/\[DONE\]$/)
    const expected =
      'apiVersion' in more
        ? '/openai/deployments/gpt-4o/chat/completions'
        : '/openai/v1/chat/completions'
    expect(paths()).toEqual([expected, expected])
    expect(twin.requests[0]?.headers['api-key']).toBeDefined()
    expect(twin.requests[0]?.headers).not.toHaveProperty('authorization')
  })
  it('streams to a client of another protocol, past a chunk without a choice', async () => {
    await house([CALL])
    const answer = await request(`${gateway?.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model: 'azure/gpt-4o',
        max_tokens: 100,
        stream: true,
        messages,
        tools: [{ name: 'look', input_schema: { type: 'object' } }],
      }),
    })
    const text = await answer.body.text()
    expect(text).toMatch(/"model":"gpt-4o[^"]*"/)
    expect(text).toContain('"stop_reason":"tool_use"')
    expect(text).toContain('event: message_stop')
  })
  it('takes Responses for a deployment that an alias calls by its model', async () => {
    await house([CALL], { aliases: { 'gpt-5.6': 'prod' } })
    const { status, text, losses } = await chat('gpt-5.6', { tools })
    expect(status, text).toBe(200)
    expect(losses).toBeUndefined()
    expect(JSON.parse(text).choices[0].finish_reason).toBe('tool_calls')
    expect(paths()).toEqual(['/openai/v1/responses'])
    expect(twin.requests[0]?.body).toMatchObject({ model: 'prod' })
  })
  it('gives up the reasoning where the version has Chat alone', async () => {
    await house([CALL], { aliases: { 'gpt-5.6': 'prod' }, apiVersion: '2024-10-21' })
    const { status, losses, text } = await chat('gpt-5.6', { tools })
    expect(status, text).toBe(200)
    expect(losses).toMatch(/reasoning_effort/)
    expect(paths()).toEqual(['/openai/deployments/prod/chat/completions'])
  })
  it('says what a client asked for that is not there', async () => {
    await house([])
    const { status, text } = await chat('azure/nobody')
    expect(status).toBe(404)
    expect(JSON.parse(text).error.message).toContain('deployment')
  })
  it('is set up from the environment', () => {
    const environment = {
      AZURE_OPENAI_API_KEY: 'k',
      AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com/',
      AZURE_OPENAI_API_VERSION: '2024-10-21',
    }
    expect(loadConfig({}, environment).accounts).toMatchObject([
      { name: 'azure-main', baseUrl: 'https://x.openai.azure.com', apiVersion: '2024-10-21' },
    ])
    expect(() => loadConfig({}, { AZURE_OPENAI_API_KEY: 'k' })).toThrow(
      'AZURE_OPENAI_API_KEY is set, but Azure OpenAI has no address of its own: set AZURE_OPENAI_ENDPOINT too',
    )
  })
})

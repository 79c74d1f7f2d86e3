import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { TEST_ACCESS_KEY } from '../../src/twins/bedrock/signature.ts'
import type { TwinModel, TwinTurn } from '../../src/twins/model.ts'
import { type StartTwinOptions, startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const SIGNED = {
  AWS_ACCESS_KEY_ID: TEST_ACCESS_KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: TEST_ACCESS_KEY.secretAccessKey,
  AWS_REGION: 'eu-central-1',
}

let twin: Twin
let gateway: RunningGateway
let log = ''
afterEach(async () => {
  await gateway.close()
  await twin.close()
})

/** A gateway before the twin, set up by what stands in the environment. */
async function house(
  environment: { readonly [name: string]: string },
  turns: TwinTurn[] = [],
  options: Partial<StartTwinOptions> = {},
): Promise<void> {
  log = ''
  const vendor = TWIN_VENDORS['bedrock']
  if (!vendor) throw new Error('no twin')
  const model: TwinModel = {
    name: 'turns',
    answer: () => turns.shift() ?? { blocks: [{ type: 'text', text: 'Done — fertig.' }] },
  }
  twin = await startTwin({ vendor, model, seed: 3, ...options })
  const base = loadConfig(
    { port: '0', rehearsal: false },
    { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: twin.url, ...environment },
  )
  // Claude would go by invoke.
  const accounts = base.accounts.map(account => ({ ...account, protocol: 'converse' as const }))
  gateway = await startGateway(
    { ...base, accounts, limits: { backoffMs: 1 } },
    { write: line => (log += line) },
  )
}

async function post(path: string, body: object, headers: { [name: string]: string } = {}) {
  const answer = await request(`${gateway.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  const text = await answer.body.text()
  return { status: answer.statusCode, losses: answer.headers['toolgate-losses'], text }
}

const parameters = { type: 'object', properties: { a: { type: 'integer' } } }
const tools = [{ type: 'function', function: { name: 'add', parameters } }]
const add: TwinTurn = {
  blocks: [
    { type: 'text', text: 'Ich zähle zusammen.' },
    { type: 'call', name: 'add', arguments: '{"a":1.0}' },
    { type: 'call', name: 'add', arguments: '{}' },
  ],
}

function chat(body: object = {}, model = `bedrock/${CLAUDE}`) {
  const messages = [{ role: 'user', content: 'Add 1' }]
  return post('/v1/chat/completions', { model, messages, tools, ...body })
}

/** The body that the vendor was sent last. */
function sent(): Record<string, unknown> {
  const body = twin.requests.at(-1)?.body
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

const call = { id: 'tooluse_1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }
const history = [
  { role: 'user', content: 'Add 1' },
  { role: 'assistant', content: null, tool_calls: [call] },
  { role: 'tool', tool_call_id: 'tooluse_1', content: '2' },
]

describe('[G1.7] who asks Bedrock', () => {
  it('signs each call, id of an inference profile and all', async () => {
    await house(SIGNED)
    const { status, text } = await chat()
    expect(status, text).toBe(200)
    const [only] = twin.requests
    expect(only?.path).toBe(`/model/${encodeURIComponent(CLAUDE)}/converse`)
    expect(only?.headers['x-amz-date']).toMatch(/^\d{8}T\d{6}Z$/)
  })

  it('sends the token of a session, and signs it', async () => {
    await house({ ...SIGNED, AWS_SESSION_TOKEN: 'session-token' })
    expect((await chat()).status).toBe(200)
    expect(twin.requests[0]?.headers['x-amz-security-token']).toBe('session-token')
  })

  it('signs anew for a second try', async () => {
    await house(SIGNED)
    twin.faults.add({ kind: 'status', status: 503 })
    expect((await chat()).status).toBe(200)
    expect(twin.requests).toHaveLength(2)
  })

  it('takes a key of its own, before access keys', async () => {
    await house({ ...SIGNED, AWS_BEARER_TOKEN_BEDROCK: 'bedrock-key' })
    expect((await chat()).status).toBe(200)
    expect(twin.requests[0]?.headers['authorization']).toMatch(/^Bearer /)
    expect(twin.requests[0]?.headers['x-amz-date']).toBeUndefined()
  })

  it.each([
    ['a wrong secret', { ...SIGNED, AWS_SECRET_ACCESS_KEY: 'wrong-secret-value' }],
    ['an unknown access key', { ...SIGNED, AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNKEY' }],
    ['a bad key', { AWS_REGION: 'us-east-1', AWS_BEARER_TOKEN_BEDROCK: 'invalid-secret' }],
  ])('does not take %s for the fault of the client, nor tells it', async (_, environment) => {
    await house(environment)
    const { status, text } = await chat()
    expect(status).toBe(502)
    for (const said of [text, log]) expect(said).not.toMatch(/secret-value|invalid-secret|wJalr/)
  })

  it('is found in the environment, and says what is missing there', async () => {
    await house(SIGNED)
    const accounts = (environment: { [name: string]: string }) =>
      loadConfig({}, environment).accounts.map(({ name, baseUrl }) => [name, baseUrl])
    expect(accounts({ ...SIGNED, AWS_REGION: 'cn-north-1' })).toEqual([
      ['bedrock-main', 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
    ])
    // Access keys without a region stand in many a shell.
    expect(accounts({ ...SIGNED, AWS_REGION: '' })).toEqual([])
    expect(() => accounts({ AWS_BEARER_TOKEN_BEDROCK: 'k' })).toThrow(/set AWS_REGION/)
    expect(() => accounts({ ...SIGNED, AWS_REGION: '../x' })).toThrow(/is no region/)
  })

  it('may stand in the file', async () => {
    await house(SIGNED)
    const file = join(mkdtempSync(join(tmpdir(), 'toolgate-bedrock-')), 'toolgate.yaml')
    const load = (account: string) => {
      writeFileSync(file, `accounts:\n  b: ${account}\n`)
      return loadConfig({ config: file }, {}).accounts[0]
    }
    const keyed = load('{ provider: bedrock, region: us-west-2, key: k }')
    expect(keyed).toMatchObject({
      baseUrl: 'https://bedrock-runtime.us-west-2.amazonaws.com',
      key: 'k',
    })
    const signed = load(
      '{ provider: bedrock, region: us-west-2, accessKeyId: a, secretAccessKey: s }',
    )
    expect(signed?.authority).toBeDefined()
    const wrong: [account: string, why: RegExp][] = [
      ['{ provider: bedrock, key: k }', /b\.region: Amazon Bedrock needs a region/],
      ['{ provider: bedrock, region: us-west-2 }', /needs a key, or an accessKeyId/],
      ['{ provider: bedrock, accessKeyId: a }', /there is no region beside it/],
      ['{ provider: bedrock, region: us-west-2, project: p }', /has no projects/],
    ]
    for (const [account, why] of wrong) expect(() => load(account)).toThrow(why)
  })
})

describe('[G1.7] calls over Converse', () => {
  it('reach a client of Chat Completions whole, arguments as the model wrote them', async () => {
    await house(SIGNED, [add])
    const { choices, usage } = JSON.parse((await chat()).text)
    const { message, finish_reason } = choices[0]
    expect(finish_reason).toBe('tool_calls')
    expect(message.content).toBe('Ich zähle zusammen.')
    const texts = message.tool_calls.map(
      (made: { function: { arguments: string } }) => made.function.arguments,
    )
    expect(texts).toEqual(['{"a":1.0}', '{}'])
    expect(message.tool_calls[0].id).toMatch(/^tooluse_/)
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
  })

  it.each(['event', 'burst', 'random', 'byte', 7] as const)(
    'reach it streamed, cut by %s',
    async chunk => {
      await house(SIGNED, [add], { transport: { chunk } })
      const { text } = await chat({ stream: true, stream_options: { include_usage: true } })
      const chunks = text
        .split('\n\n')
        .filter(line => line.startsWith('data: {'))
        .map(line => JSON.parse(line.slice(6)))
      const deltas = chunks.flatMap(each => each.choices.map((one: { delta: object }) => one.delta))
      const calls: string[] = []
      for (const made of deltas.flatMap(delta => delta.tool_calls ?? []))
        calls[made.index] = (calls[made.index] ?? '') + (made.function.arguments ?? '')
      expect(calls).toEqual(['{"a":1.0}', '{}'])
      expect(deltas.map(delta => delta.content ?? '').join('')).toBe('Ich zähle zusammen.')
      expect(chunks.at(-1).usage.prompt_tokens).toBeGreaterThan(0)
      expect(text).toContain('"finish_reason":"tool_calls"')
      expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
      expect(twin.requests[0]?.path).toContain('/converse-stream')
    },
  )

  it('reach clients of the other protocols', async () => {
    await house(SIGNED, [add, add, add, add, add, add])
    const model = `bedrock/${CLAUDE}`
    const asks: [path: string, body: object][] = [
      [
        '/v1/messages',
        {
          model,
          max_tokens: 99,
          messages: [{ role: 'user', content: 'Add' }],
          tools: [{ name: 'add', input_schema: parameters }],
        },
      ],
      [
        '/v1/responses',
        { model, input: 'Add', tools: [{ type: 'function', name: 'add', parameters }] },
      ],
    ]
    for (const [path, body] of asks) {
      for (const stream of [false, true]) {
        const { status, text } = await post(path, { ...body, stream })
        expect(status, text).toBe(200)
        expect(text).toMatch(/"name": ?"add"/)
      }
    }
    const gemini = {
      contents: [{ role: 'user', parts: [{ text: 'Add' }] }],
      tools: [{ functionDeclarations: [{ name: 'add', parametersJsonSchema: parameters }] }],
    }
    for (const method of ['generateContent', 'streamGenerateContent?alt=sse']) {
      const { status, text } = await post(`/v1beta/models/${model}:${method}`, gemini)
      expect(status, text).toBe(200)
      expect(text).toMatch(/"name": ?"add"/)
    }
  })

  it('are one where the client takes no more, though the vendor knows no such wish', async () => {
    await house(SIGNED, [add])
    const { text, losses } = await chat({ parallel_tool_calls: false })
    expect(JSON.parse(text).choices[0].message.tool_calls).toHaveLength(1)
    expect(losses).toContain('parallel_tool_calls')
  })

  it('take results back, failures and pictures too', async () => {
    await house(SIGNED)
    const result = {
      type: 'tool_result',
      tool_use_id: 'tooluse_1',
      is_error: true,
      content: [{ type: 'text', text: 'no' }],
    }
    const picture = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' }
    const shown = {
      ...result,
      tool_use_id: 'tooluse_2',
      is_error: false,
      content: [{ type: 'image', source: picture }],
    }
    const use = (id: string) => ({ type: 'tool_use', id, name: 'add', input: { a: 1 } })
    const { status, text } = await post('/v1/messages', {
      model: `bedrock/${CLAUDE}`,
      max_tokens: 99,
      tools: [{ name: 'add', input_schema: parameters, cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'Add' },
        { role: 'assistant', content: [use('tooluse_1'), use('tooluse_2')] },
        { role: 'user', content: [result, shown, { type: 'text', text: 'Go on' }] },
      ],
    })
    expect(status, text).toBe(200)
    expect(sent()).toMatchObject({
      toolConfig: { tools: [{ toolSpec: { name: 'add' } }, { cachePoint: { type: 'default' } }] },
      messages: [
        {},
        {},
        {
          content: [
            { toolResult: { toolUseId: 'tooluse_1', status: 'error', content: [{ text: 'no' }] } },
            {
              toolResult: {
                toolUseId: 'tooluse_2',
                content: [{ image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } }],
              },
            },
            { text: 'Go on' },
          ],
        },
      ],
    })
  })

  it.each([
    ['auto', 'auto', { auto: {} }],
    ['required', 'required', { any: {} }],
    ['named', { type: 'function', function: { name: 'add' } }, { tool: { name: 'add' } }],
  ])('are chosen: %s', async (_, choice, expected) => {
    await house(SIGNED, [add])
    expect((await chat({ tool_choice: choice })).status).toBe(200)
    expect(sent()['toolConfig']).toMatchObject({ toolChoice: expected })
  })

  it('are not made under `none`: without calls before no tools are sent', async () => {
    await house(SIGNED)
    const { status, losses } = await chat({ tool_choice: 'none' })
    expect([status, losses]).toEqual([200, undefined])
    expect(sent()['toolConfig']).toBeUndefined()
  })

  it('keep their tools under `none` where calls stand in the conversation, and say so', async () => {
    await house(SIGNED)
    const { status, losses, text } = await chat({ tool_choice: 'none', messages: history })
    expect(status, text).toBe(200)
    expect(losses).toContain('tool_choice')
    expect(sent()['toolConfig']).toBeDefined()
    expect(JSON.stringify(sent()['system'])).toContain('Do not call any tool')
  })

  it('have stand-ins for tools that the client left out', async () => {
    await house(SIGNED)
    const { status, losses, text } = await chat({ tools: undefined, messages: history })
    expect(status, text).toBe(200)
    expect(losses).toContain('tools')
  })
})

describe('[G1.7] reasoning over Converse', () => {
  const thinking = { type: 'enabled', budget_tokens: 2048 }
  const model = `bedrock/${CLAUDE}`
  const body = {
    model,
    max_tokens: 8000,
    thinking,
    tools: [{ name: 'add', input_schema: parameters }],
  }

  it.each([false, true])('comes back signed and goes in again, streamed: %s', async stream => {
    const thought: TwinTurn = {
      blocks: [{ type: 'reasoning', text: 'Hm, so.' }, ...add.blocks.slice(1, 2)],
    }
    await house(SIGNED, [thought])
    const question = { role: 'user', content: 'Add 1' }
    const first = await post('/v1/messages', { ...body, stream, messages: [question] })
    expect(first.status, first.text).toBe(200)
    const signature = /"signature": ?"([^"]{20,})"/.exec(first.text)?.[1]
    const id = /"id": ?"(tooluse_[^"]+|toolu_[^"]+)"/.exec(first.text)?.[1]
    const { status, text } = await post('/v1/messages', {
      ...body,
      messages: [
        question,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm, so.', signature },
            { type: 'tool_use', id, name: 'add', input: { a: 1 } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '2' }] },
      ],
    })
    expect(status, text).toBe(200)
    expect(sent()['additionalModelRequestFields']).toEqual({ thinking })
  })

  it('is asked for by an effort, and off beside a demanded call, which is told', async () => {
    await house(SIGNED)
    expect((await chat({ reasoning_effort: 'low' })).status).toBe(200)
    expect(sent()['additionalModelRequestFields']).toMatchObject({
      thinking: { budget_tokens: 1024 },
    })
    const { status, losses } = await chat({ reasoning_effort: 'low', tool_choice: 'required' })
    expect(status).toBe(200)
    expect(losses).toContain('reasoning_effort')
  })
})

describe('[G1.7] errors of Converse', () => {
  it('reach the client in its own words', async () => {
    await house(SIGNED)
    const { status, text } = await chat({}, 'bedrock/nobody.model-v1:0')
    expect(status).toBe(400)
    expect(JSON.parse(text).error.message).toContain('The provided model identifier is invalid.')
  })

  it('are tried again where that may help, with the limit told at last', async () => {
    await house(SIGNED)
    for (let i = 0; i < 3; i++) twin.faults.add({ kind: 'status', status: 429 })
    const { status, text } = await chat()
    expect(status).toBe(429)
    expect(text).toContain('Too many requests')
    expect(twin.requests).toHaveLength(3)
  })

  it('end a stream in band, an exception and a cut alike', async () => {
    await house(SIGNED, [add, add])
    twin.faults.add({ kind: 'in-band-error', after: 4 })
    expect((await chat({ stream: true })).text).toContain('unexpected error during processing')
    twin.faults.add({ kind: 'cut-events', after: 4 })
    const { text } = await chat({ stream: true })
    expect(text).toContain('"error"')
    expect(text).not.toContain('[DONE]')
  })
})

describe('[G1.7] other models over Converse', () => {
  it('are spoken to as they take it', async () => {
    await house(SIGNED, [add])
    const { status, text, losses } = await chat(
      { tool_choice: 'required', messages: history },
      'bedrock/us.meta.llama3-3-70b-instruct-v1:0',
    )
    expect(status, text).toBe(200)
    expect(losses).toContain('tool_choice')
    expect(sent()['toolConfig']).toMatchObject({ toolChoice: { auto: {} } })
  })
})

describe('[G1.7] schemas of tools over Converse', () => {
  const schemas = {
    union: {
      anyOf: [{ type: 'object', properties: { a: { type: 'integer' } } }, { type: 'string' }],
    },
    typeless: { properties: { a: { type: 'integer' } } },
    defined: {
      type: 'object',
      properties: { a: { $ref: '#/definitions/a' } },
      definitions: { a: { type: 'integer' } },
      additionalProperties: false,
    },
    odd: { type: 'object', properties: { 'a b': { type: 'integer' } } },
  }
  const own = Object.entries(schemas).map(([name, schema]) => ({
    type: 'function',
    function: { name, parameters: schema },
  }))

  it.each([CLAUDE, 'us.amazon.nova-pro-v1:0', 'us.meta.llama3-3-70b-instruct-v1:0'])(
    'are such as %s takes, and arguments come back as the client knows them',
    async id => {
      const call = (name: string, args: string) =>
        ({ type: 'call', name, arguments: args }) as const
      await house(SIGNED, [{ blocks: [call('union', '{"value":"x"}'), call('odd', '{"a_b":1}')] }])
      const { status, text } = await chat({ tools: own }, `bedrock/${id}`)
      expect(status, text).toBe(200)
      const calls = JSON.parse(text).choices[0].message.tool_calls
      const said = calls.map((made: { function: { arguments: string } }) => made.function.arguments)
      expect(said).toEqual(['"x"', '{"a b":1}'])
    },
  )

  it('are held to where the model can, and it is told where it cannot', async () => {
    await house(SIGNED)
    const strict = [
      { type: 'function', function: { name: 'add', strict: true, parameters: schemas.defined } },
    ]
    const first = await chat({ tools: strict })
    expect(first.status, first.text).toBe(200)
    expect(JSON.stringify(sent()['toolConfig'])).toContain('"strict":true')
    const second = await chat({ tools: strict }, 'bedrock/us.amazon.nova-pro-v1:0')
    expect(second.status, second.text).toBe(200)
    expect(second.losses).toContain('tools[0].strict dropped')
    expect(JSON.stringify(sent()['toolConfig'])).not.toContain('strict')
  })
})

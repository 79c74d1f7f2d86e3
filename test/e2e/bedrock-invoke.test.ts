import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { explainConfig } from '../../src/config/explain.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Dialect } from '../../src/conformance/ask.ts'
import { CLIENTS } from '../../src/conformance/clients/index.ts'
import type { StreamPart } from '../../src/core/stream.ts'
import { bedrockMessages } from '../../src/providers/bedrock-messages.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { TEST_ACCESS_KEY } from '../../src/twins/bedrock/signature.ts'
import type { TwinModel, TwinTurn } from '../../src/twins/model.ts'
import { type StartTwinOptions, startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'
import { EventStreamParser } from '../../src/wire/event-stream.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const SIGNED = {
  AWS_ACCESS_KEY_ID: TEST_ACCESS_KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: TEST_ACCESS_KEY.secretAccessKey,
  AWS_REGION: 'eu-central-1',
}
const KEYED = { AWS_REGION: 'eu-central-1', AWS_BEARER_TOKEN_BEDROCK: 'bedrock-key' }

let twin: Twin
let gateway: RunningGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  await twin.close()
})

async function stage(turns: TwinTurn[], options: Partial<StartTwinOptions> = {}): Promise<void> {
  const vendor = TWIN_VENDORS['bedrock']
  if (!vendor) throw new Error('no twin')
  const model: TwinModel = {
    name: 'turns',
    answer: () => turns.shift() ?? { blocks: [{ type: 'text', text: 'Done — fertig.' }] },
  }
  twin = await startTwin({ vendor, model, seed: 3, ...options })
}

async function house(
  turns: TwinTurn[] = [],
  environment: { readonly [name: string]: string } = SIGNED,
  options: Partial<StartTwinOptions> = {},
): Promise<void> {
  await stage(turns, options)
  const config = loadConfig(
    { port: '0', rehearsal: false, log: 'silent' },
    { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: twin.url, ...environment },
  )
  gateway = await startGateway({ ...config, limits: { backoffMs: 1 } })
}

async function post(path: string, body: object, headers: { [name: string]: string } = {}) {
  const answer = await request(`${gateway?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
    body: JSON.stringify(body),
  })
  const text = await answer.body.text()
  return { status: answer.statusCode, losses: answer.headers['toolgate-losses'], text }
}

/** The body that the vendor was sent last. */
function sent(): Record<string, unknown> {
  const body = twin.requests.at(-1)?.body
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

const parameters = { type: 'object', properties: { a: { type: 'integer' } } }
const add: TwinTurn = {
  blocks: [
    { type: 'text', text: 'Ich zähle zusammen.' },
    { type: 'call', name: 'add', arguments: '{"a":1.0}' },
    { type: 'call', name: 'add', arguments: '{}' },
  ],
}
const FRONTS: readonly Dialect[] = ['openai-chat', 'openai-responses', 'anthropic', 'gemini']
const WAYS = [
  [false, 'random'],
  [true, 'random'],
  [true, 'byte'],
] as const
const tools = [{ name: 'add', parameters }]
const model = `bedrock/${CLAUDE}`

describe.each(FRONTS)('[G1.8] Claude by invoke, for a client of %s', front => {
  const ask = (asked: Parameters<(typeof CLIENTS)[Dialect]['ask']>[2], stream: boolean) =>
    CLIENTS[front].ask({ base: gateway?.url ?? '', key: 'test' }, model, asked, stream)

  it.each(WAYS)('makes calls, streamed: %s, cut by %s', async (stream, chunk) => {
    await house([add], SIGNED, { transport: { chunk } })
    const answer = await ask({ messages: [{ role: 'user', text: 'Add' }], tools }, stream)
    expect(answer.blocks).toMatchObject(add.blocks)
    expect(answer.usage.output).toBeGreaterThan(0)
    expect(answer.headers['toolgate-losses']).toBeUndefined()
    const [only] = twin.requests
    const operation = stream ? 'invoke-with-response-stream' : 'invoke'
    expect(only?.path).toBe(`/model/${encodeURIComponent(CLAUDE)}/${operation}`)
    const { anthropic_version, model: named, stream: switched } = sent()
    expect([anthropic_version, named, switched]).toEqual([
      'bedrock-2023-05-31',
      undefined,
      undefined,
    ])
  })

  it.each(WAYS)('gets its signed thinking back, streamed: %s, cut by %s', async (stream, chunk) => {
    const thought: TwinTurn = {
      blocks: [{ type: 'reasoning', text: 'Hm, so.' }, ...add.blocks.slice(1, 2)],
    }
    await house([thought], SIGNED, { transport: { chunk } })
    const opening = { role: 'user', text: 'Add 1' } as const
    const first = await ask({ messages: [opening], tools, thinking: true }, stream)
    const call = first.blocks.find(block => block.type === 'call')
    // The twin refuses a turn whose signature is missing or forged.
    const second = await ask(
      {
        messages: [
          opening,
          { role: 'echo', answer: first },
          { role: 'results', results: [{ callId: call?.id ?? '', text: '2' }] },
        ],
        tools,
        thinking: true,
      },
      stream,
    )
    expect(second.blocks.at(-1)).toEqual({ type: 'text', text: 'Done — fertig.' })
    expect(JSON.stringify(sent()['messages'])).toContain('"thinking":"Hm, so."')
  })
})

describe('[G1.8] which way a model of Bedrock goes', () => {
  const hello = { messages: [{ role: 'user', content: 'Hello' }] }

  it('is invoke for Claude and Converse for the others, signed or with a key', async () => {
    for (const environment of [SIGNED, KEYED]) {
      await house([], environment)
      for (const [id, way] of [
        [CLAUDE, 'invoke'],
        ['anthropic.claude-opus-4-6-v1', 'invoke'],
        ['us.amazon.nova-lite-v1:0', 'converse'],
        ['us.meta.llama3-3-70b-instruct-v1:0', 'converse'],
      ] as const) {
        const { status, text } = await post('/v1/chat/completions', {
          model: `bedrock/${id}`,
          ...hello,
        })
        expect(status, text).toBe(200)
        expect(twin.requests.at(-1)?.path).toMatch(new RegExp(`/${way}$`))
      }
      if (environment === SIGNED) {
        await gateway?.close()
        await twin.close()
      }
    }
  })

  it('is what the account says, and toolgate check tells it', async () => {
    await stage([])
    const file = join(mkdtempSync(join(tmpdir(), 'toolgate-bedrock-')), 'toolgate.yaml')
    const load = (more: string) => {
      const account = `{ provider: bedrock, region: us-west-2, key: k, baseUrl: '${twin.url}'${more} }`
      writeFileSync(file, `log: silent\naccounts:\n  b: ${account}\n`)
      return loadConfig({ config: file, port: '0' }, {})
    }
    const both = explainConfig(load('')).join('\n')
    expect(both).toContain('Claude by invoke; `protocol: converse` in the account takes Converse')
    expect(both).toContain('the models of other makers by Converse')
    const pinned = load(', protocol: converse')
    expect(explainConfig(pinned).join('\n')).toContain('all models over converse')
    gateway = await startGateway(pinned)
    const { status, text } = await post('/v1/messages', {
      model: `b/${CLAUDE}`,
      max_tokens: 9,
      ...hello,
    })
    expect(status, text).toBe(200)
    expect(twin.requests.at(-1)?.path).toMatch(/\/converse$/)
  })
})

describe('[G1.8] what a client of Messages says, by invoke', () => {
  const body = { model, max_tokens: 8000, messages: [{ role: 'user', content: 'Add' }] }

  it('arrives: cache marks, betas, top_k, schemas as they are', async () => {
    await house()
    const schema = { ...parameters, $defs: { x: { type: 'string' } } }
    const { status, text, losses } = await post(
      '/v1/messages',
      {
        ...body,
        top_k: 5,
        system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
        tools: [
          { name: 'add', input_schema: schema, cache_control: { type: 'ephemeral', ttl: '1h' } },
        ],
      },
      { 'anthropic-beta': 'interleaved-thinking-2025-05-14, context-1m-2025-08-07' },
    )
    expect(status, text).toBe(200)
    expect(losses).toBeUndefined()
    expect(sent()).toMatchObject({
      top_k: 5,
      anthropic_beta: ['interleaved-thinking-2025-05-14', 'context-1m-2025-08-07'],
      system: [{ cache_control: { type: 'ephemeral' } }],
      tools: [{ input_schema: schema, cache_control: { type: 'ephemeral', ttl: '1h' } }],
    })
    expect(twin.requests[0]?.headers['anthropic-beta']).toBeUndefined()
  })

  it('is refused by the vendor where it runs no such tool', async () => {
    await house()
    const { status, text } = await post('/v1/messages', {
      ...body,
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
    })
    expect(status).toBe(400)
    const { error } = JSON.parse(text)
    expect(error.type).toBe('invalid_request_error')
    expect(error.message).toContain("tools.0: Input tag 'web_search_20250305' found using 'type'")
  })

  it('goes without a tier, which is told', async () => {
    await house()
    const { status, losses } = await post('/v1/messages', { ...body, service_tier: 'priority' })
    expect([status, losses]).toEqual([200, '1; service_tier dropped'])
  })
})

describe('[G1.8] errors of invoke', () => {
  const chat = (more: object = {}) =>
    post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Add' }], ...more })

  it.each([
    [429, 429, 'rate_limit_error', 'Too many requests'],
    [503, 529, 'overloaded_error', 'unable to process'],
    [500, 500, 'api_error', 'unexpected error'],
    [400, 400, 'invalid_request_error', 'not valid'],
  ])('%s reaches a client of Messages as %s %s', async (status, expected, type, said) => {
    await house()
    for (let i = 0; i < 3; i++) twin.faults.add({ kind: 'status', status })
    const answer = await post('/v1/messages', {
      model,
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Add' }],
    })
    expect(answer.status).toBe(expected)
    expect(JSON.parse(answer.text).error).toMatchObject({
      type,
      message: expect.stringContaining(said),
    })
  })

  it('do not tell a wrong key, nor blame the client for it', async () => {
    await house([], { ...KEYED, AWS_BEARER_TOKEN_BEDROCK: 'invalid-secret' })
    const { status, text } = await chat()
    expect(status).toBe(502)
    expect(text).not.toContain('invalid-secret')
  })

  it('end a stream in band: an exception, a cut, and never as a finish', async () => {
    await house([add, add])
    twin.faults.add({ kind: 'in-band-error', after: 4 })
    const failed = (await chat({ stream: true })).text
    expect(failed).toContain('unexpected error during processing')
    twin.faults.add({ kind: 'cut-events', after: 4 })
    const cut = (await chat({ stream: true })).text
    expect(cut).toContain('"error"')
    for (const text of [failed, cut]) expect(text).not.toContain('[DONE]')
  })
})

/** The parts of a stream that came in these pieces. */
function partsOf(...chunks: Uint8Array[]): StreamPart[] {
  const parser = new EventStreamParser()
  const decoder = bedrockMessages.streamDecoder({})
  const parts: StreamPart[] = []
  const emit = (part: StreamPart) => parts.push(part)
  for (const chunk of chunks) parser.push(Buffer.from(chunk), event => decoder.push(event, emit))
  decoder.end(emit)
  return parts
}

it('[G1.8] a stream of invoke that is cut, or breaks off, at every byte', async () => {
  const thought = { type: 'reasoning', text: 'Hm.' } as const
  await stage([{ blocks: [thought, ...add.blocks] }])
  const answer = await request(
    `${twin.url}/model/${encodeURIComponent(CLAUDE)}/invoke-with-response-stream`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
      body: JSON.stringify({
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 4000,
        thinking: { type: 'enabled', budget_tokens: 1024 },
        messages: [{ role: 'user', content: 'Add' }],
        tools: [{ name: 'add', input_schema: parameters }],
      }),
    },
  )
  expect(answer.statusCode).toBe(200)
  const bytes = Buffer.from(await answer.body.arrayBuffer())
  const whole = partsOf(bytes)
  expect(whole.at(-1)).toMatchObject({ type: 'message-end', finish: { kind: 'tool-calls' } })
  expect(whole.filter(part => part.type === 'reasoning-end')).toMatchObject([
    { state: { family: 'anthropic', kind: 'signature' } },
  ])
  const textOf = (parts: StreamPart[]) => JSON.stringify(parts)
  const isLast = ({ type }: StreamPart) => type === 'message-end' || type === 'error'
  for (let at = 0; at < bytes.length; at++) {
    const head = bytes.subarray(0, at)
    expect(textOf(partsOf(head, bytes.subarray(at)))).toBe(textOf(whole))
    const begun = partsOf(head)
    expect(begun.filter(isLast)).toHaveLength(1)
    expect(textOf(begun.slice(0, -1))).toBe(textOf(whole.slice(0, begun.length - 1)))
    const last = begun.at(-1)
    if (last?.type === 'error') expect(last.error.code).toBe('stream_cut')
    else expect(textOf(begun)).toBe(textOf(whole))
  }
})

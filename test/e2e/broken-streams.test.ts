import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type Dialect, InBandError, Refused } from '../../src/conformance/ask.ts'
import { CLIENTS } from '../../src/conformance/clients/index.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

const TURN: TwinTurn = {
  blocks: [
    { type: 'text', text: 'Let me look at the weather in Paris for you.' },
    { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
  ],
}
const PARAMETERS = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
}
const QUESTION = { role: 'user' as const, content: 'Weather?' }

/** A protocol whose bytes pass, and its own client. */
interface Way {
  readonly dialect: Dialect
  readonly vendor: string
  readonly model: string
  /** What stands in the event with which the answer is whole. */
  readonly whole: RegExp
  /** The arguments of the call in the final answer, as the vendor's own client has it. */
  readonly ask?: (url: string) => Promise<string | undefined>
}

const WAYS: readonly Way[] = [
  {
    dialect: 'openai-chat',
    vendor: 'openai',
    model: 'chat/gpt-4o',
    whole: /"finish_reason":"tool_calls"/,
    async ask(url) {
      const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
      const stream = client.chat.completions.stream({
        model: 'chat/gpt-4o',
        messages: [QUESTION],
        tools: [{ type: 'function', function: { name: 'get_weather', parameters: PARAMETERS } }],
      })
      const call = (await stream.finalMessage()).tool_calls?.[0]
      return call?.type === 'function' ? call.function.arguments : undefined
    },
  },
  {
    dialect: 'openai-responses',
    vendor: 'openai',
    model: 'responses/gpt-4o',
    whole: /"type":"response.completed"/,
    async ask(url) {
      const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
      const stream = client.responses.stream({
        model: 'responses/gpt-4o',
        input: [QUESTION],
        tools: [{ type: 'function', name: 'get_weather', parameters: PARAMETERS, strict: false }],
      })
      const call = (await stream.finalResponse()).output.find(item => item.type === 'function_call')
      return call?.arguments
    },
  },
  {
    dialect: 'anthropic',
    vendor: 'anthropic',
    model: 'claude/claude-sonnet-4-5',
    whole: /"stop_reason":"tool_use"/,
    async ask(url) {
      const client = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 })
      const stream = client.messages.stream({
        model: 'claude/claude-sonnet-4-5',
        max_tokens: 100,
        messages: [QUESTION],
        tools: [{ name: 'get_weather', input_schema: PARAMETERS }],
      })
      const call = (await stream.finalMessage()).content.find(block => block.type === 'tool_use')
      return call && JSON.stringify(call.input)
    },
  },
  {
    dialect: 'gemini',
    vendor: 'google',
    model: 'google/gemini-3-flash-preview',
    whole: /"finishReason":\s*"STOP"/,
  },
]

/** Stands before a twin and lets through only the beginning of its answer. */
class Shears {
  /** How many events pass; the rest is cut off. */
  after = Number.POSITIVE_INFINITY
  /** Bytes of the next event that pass as well. */
  torn = 0
  /** Whether the body ends as if all were well, or the connection breaks. */
  clean = true
  /** The events of the last whole answer, each with its blank line. */
  events: string[] = []
  readonly #server: Server

  constructor(twin: string) {
    this.#server = createServer(async ({ method = '', url = '', headers }, response) => {
      const body = await text(response.req)
      const { host, connection, 'content-length': length, ...kept } = headers
      const answer = await request(twin + url, { method, headers: kept, body })
      response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] })
      this.events = (await answer.body.text()).split(/(?<=\n\r?\n)/)
      const passed =
        this.events.slice(0, this.after).join('') +
        (this.events[this.after]?.slice(0, this.torn) ?? '')
      if (this.clean) response.end(passed)
      else response.write(passed, () => setTimeout(() => response.destroy(), 5))
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>(done => this.#server.listen(0, '127.0.0.1', done))
    const address = this.#server.address()
    if (!address || typeof address === 'string') throw new Error('no address')
    return `http://127.0.0.1:${address.port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** A gateway before one address that stands for all vendors. */
function gatewayBefore(url: string): Promise<RunningGateway> {
  const config = loadConfig({ port: '0', log: 'silent', rehearsal: false }, {})
  const account = (name: string, provider: string, protocol: Dialect, path: string) => ({
    ...{ name, provider, protocol, baseUrl: url + path },
    ...{ key: 'sk-test', source: 'the test' },
  })
  return startGateway({
    ...config,
    limits: { ...config.limits, backoffMs: 1 },
    accounts: [
      account('chat', 'openai', 'openai-chat', '/v1'),
      account('responses', 'openai', 'openai-responses', '/v1'),
      account('claude', 'anthropic', 'anthropic', ''),
      account('google', 'google', 'gemini', '/v1beta'),
    ],
  })
}

function strictAsk({ dialect, model }: Pick<Way, 'dialect' | 'model'>, url: string) {
  const ask = {
    messages: [{ role: 'user' as const, text: 'Weather?' }],
    tools: [{ name: 'get_weather', parameters: PARAMETERS }],
  }
  return CLIENTS[dialect].ask({ base: url, key: 'test' }, model, ask, true)
}

describe.each(WAYS)('a stream of $dialect that passes as bytes', way => {
  let twin: Twin
  let shears: Shears
  let gateway: RunningGateway

  beforeAll(async () => {
    const vendor = TWIN_VENDORS[way.vendor]
    if (!vendor) throw new Error(`no twin of ${way.vendor}`)
    twin = await startTwin({ vendor, model: { name: 'play', answer: () => TURN }, seed: 3 })
    shears = new Shears(twin.url)
    gateway = await gatewayBefore(await shears.listen())
    const { blocks } = await strictAsk(way, gateway.url)
    expect(blocks.at(-1)).toMatchObject({ type: 'call', name: 'get_weather' })
    expect(shears.events.length).toBeGreaterThan(3)
  })
  afterAll(async () => {
    await gateway.close()
    shears.close()
    await twin.close()
  })

  it.each([
    ['ends', true, 0],
    ['breaks', false, 0],
    ['ends in the middle of the next event', true, 25],
  ])(
    '[G7.2] %s at every border: an error before the answer is whole, and none after',
    async (_how, clean, torn) => {
      for (let after = 1; after === 1 || after <= shears.events.length; after++) {
        Object.assign(shears, { after, clean, torn })
        const told = await strictAsk(way, gateway.url).catch((error: unknown) => error)
        const passed = shears.events.slice(0, after).join('')
        if (!way.whole.test(passed)) expect(told, passed).toBeInstanceOf(InBandError)
        // Usage that was asked for may be lost with the end of a stream.
        else if (way.dialect !== 'openai-chat' || passed.includes('"usage":{'))
          expect(told, passed).toMatchObject({
            blocks: [{}, { type: 'call', name: 'get_weather' }],
          })
        if (way.ask) {
          const own = await way.ask(gateway.url).catch((error: unknown) => String(error))
          const isWhole = way.whole.test(shears.events.slice(0, after).join(''))
          expect(own).toMatch(isWhole ? /^\{"city":"Paris"\}$/ : /broke off|before its last event/)
        }
      }
    },
  )

  it.each(WAYS.filter(({ dialect }) => dialect !== way.dialect).map(({ dialect }) => dialect))(
    '[G7.2] breaks at every border, for a client of %s',
    async dialect => {
      for (let after = 1; after === 1 || after <= shears.events.length; after++) {
        Object.assign(shears, { after, clean: false, torn: 0 })
        const told = await strictAsk({ dialect, model: way.model }, gateway.url).catch(
          (error: unknown) => error,
        )
        const passed = shears.events.slice(0, after).join('')
        if (way.whole.test(passed))
          expect(told, passed).toMatchObject({
            blocks: [{}, { type: 'call', name: 'get_weather' }],
          })
        // Before the first word for the client there is still a status to tell it by.
        else if (told instanceof Refused) expect(told.status, passed).toBe(502)
        else expect(told, passed).toBeInstanceOf(InBandError)
      }
    },
  )
})

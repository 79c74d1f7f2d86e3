import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import type { Config } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/file.ts'
import type { GuardrailConfig } from '../../src/config/guardrails.ts'
import { loadConfig } from '../../src/config/load.ts'
import {
  type Answer,
  type Ask,
  type Client,
  DIALECTS,
  type Dialect,
} from '../../src/conformance/ask.ts'
import { anthropic } from '../../src/conformance/clients/anthropic.ts'
import { gemini } from '../../src/conformance/clients/gemini.ts'
import { openaiChat } from '../../src/conformance/clients/openai-chat.ts'
import { openaiResponses } from '../../src/conformance/clients/openai-responses.ts'
import type { ExchangeRecord } from '../../src/gateway/record.ts'
import { startGateway } from '../../src/start.ts'
import type { TwinModel, TwinPrompt, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

const CLIENTS: { readonly [D in Dialect]: Client } = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
}

/** A model of each vendor. */
export const MODELS = ['gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-flash'] as const

/** Every way from a client to a vendor. */
export const CELLS = DIALECTS.flatMap(front =>
  MODELS.flatMap(model => [false, true].map(stream => ({ front, model, stream }))),
)

/** What a client got: as its protocol has it, and as bytes. */
export interface Heard extends Answer {
  /** All that a person or a program reads of it. */
  readonly said: string
  readonly bytes: string
}

/** A guarded gateway before twins of three vendors, all over real HTTP. */
export interface GuardHouse {
  readonly url: string
  /** What the vendors answer until it is changed. */
  turn: TwinTurn
  readonly seen: TwinPrompt[]
  readonly twins: readonly Twin[]
  ask(front: Dialect, model: string, ask: Ask, stream: boolean): Promise<Heard>
  /** What the vendors were sent, all together. */
  sent(): string
  log(): (ExchangeRecord & { level: string })[]
  close(): Promise<void>
}

/** Guardrails as a file has them. */
export function guardrailsOf(yaml: string): GuardrailConfig {
  const { guardrails } = parseConfig(`guardrails:\n${yaml.replace(/^/gm, '  ')}`, 'test.yaml', {})
  if (!guardrails) throw new Error('no guardrails')
  const { audit } = guardrails
  return {
    rules: guardrails.rules,
    ...(typeof audit === 'string' ? { audit: { file: audit, content: false } } : {}),
  }
}

const ACCOUNTS = { openai: '/v1', anthropic: '', google: '/v1beta' }

/** Builds one; close it when done. `yaml`: what stands below `guardrails`; empty: nothing does. */
export async function buildGuardHouse(
  yaml: string,
  config: Partial<Config> = {},
): Promise<GuardHouse> {
  const seen: TwinPrompt[] = []
  const model: TwinModel = {
    name: 'told',
    answer(prompt) {
      seen.push(prompt)
      return house.turn
    },
  }
  const twins: Twin[] = []
  for (const name of Object.keys(ACCOUNTS)) {
    const vendor = TWIN_VENDORS[name]
    if (vendor)
      twins.push(await startTwin({ vendor, model, seed: 3, transport: { chunk: 'random' } }))
  }
  const accounts = Object.entries(ACCOUNTS).map(([provider, path], index) => ({
    name: `${provider}-test`,
    provider,
    baseUrl: `${twins[index]?.url}${path}`,
    key: 'key',
    source: 'test',
  }))
  let lines = ''
  const base = loadConfig({ port: '0', rehearsal: false }, {})
  const gateway = await startGateway(
    {
      ...base,
      accounts,
      limits: { retries: 0 },
      graceMs: 100,
      ...(yaml === '' ? {} : { guardrails: guardrailsOf(yaml) }),
      ...config,
    },
    { write: line => (lines += line) },
  )
  const tap = await startTap(gateway.url)
  const house: GuardHouse = {
    url: gateway.url,
    turn: { blocks: [{ type: 'text', text: 'Fine.' }] },
    seen,
    twins,
    async ask(front, asked, ask, stream) {
      const answer = await CLIENTS[front].ask({ base: tap.url, key: 'any' }, asked, ask, stream)
      const said = answer.blocks.map(block =>
        block.type === 'call' ? `${block.name}(${block.arguments})` : block.text,
      )
      return { ...answer, said: said.join(''), bytes: tap.last() }
    },
    sent: () => twins.map(({ requests }) => JSON.stringify(requests)).join(''),
    log: () =>
      lines
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line)),
    async close() {
      await tap.close()
      await gateway.close()
      await Promise.all(twins.map(twin => twin.close()))
    },
  }
  return house
}

/** Passes requests on, and keeps the bytes of the last answer. */
async function startTap(target: string) {
  let last = ''
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = incoming.headers
    const answer = await request(target + incoming.url, {
      method: incoming.method === 'POST' ? 'POST' : 'GET',
      headers,
      body: Buffer.concat(chunks),
    })
    last = await answer.body.text()
    outgoing.writeHead(answer.statusCode, answer.headers).end(last)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    last: () => last,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { isObject, type Json, type JsonObject } from '../../src/core/json.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel, TwinPrompt, TwinTurn } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'
import { sayInDialect } from '../schema-speech.ts'
import { type Definition, loadDefinitions } from './definitions.ts'
import { FOLDER } from './recordings.ts'
import known from './schemas-known.json' with { type: 'json' }

/** Every vendor's dialects, by the model that leads there. */
const TARGETS = {
  'OpenAI Chat Completions': 'gpt-4.1',
  'Anthropic Messages': 'claude-sonnet-4-5',
  'Gemini parametersJsonSchema': 'gemini-2.5-flash',
  'Gemini parameters': 'old-google/gemini-2.5-flash',
  'Converse, Claude': 'converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'Converse, Nova': 'converse/us.amazon.nova-pro-v1:0',
} as const
const MODES = ['normal', 'strict', 'validated'] as const
type Mode = (typeof MODES)[number]
/** A strict request holds few tools, for vendors limit what all of them hold together. */
const BATCH: Record<Mode, number> = { normal: 24, strict: 4, validated: 24 }

/** What cannot hold, and why: by target and mode, then by definition. One that holds fails. */
const KNOWN: { readonly [cell: string]: { readonly [id: string]: string } | undefined } = known

/** A model that calls every tool with what it is meant to say, in the words it was told. */
class Speaker implements TwinModel {
  readonly name = 'speaker'
  meant: readonly JsonObject[] = []
  answer({ tools }: TwinPrompt): TwinTurn {
    return {
      blocks: tools.map((tool, i) => {
        const schema = JSON.parse(JSON.stringify(tool.parameters ?? null))
        const said = sayInDialect(this.meant[i] ?? {}, schema)
        return { type: 'call', name: tool.name, arguments: JSON.stringify(said) }
      }),
    }
  }
}

const speaker = new Speaker()
const twins: Twin[] = []
let gateway: RunningGateway | undefined
const counts: string[] = []

beforeAll(async () => {
  const urls: Record<string, string> = {}
  for (const name of ['openai', 'anthropic', 'google', 'bedrock']) {
    const vendor = TWIN_VENDORS[name]
    if (!vendor) throw new Error(`no twin of ${name}`)
    const twin = await startTwin({ vendor, model: speaker, seed: 3 })
    twins.push(twin)
    urls[name] = twin.url
  }
  const config = loadConfig(
    { port: '0', log: 'silent', rehearsal: false },
    {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: `${urls['openai']}/v1`,
      ANTHROPIC_API_KEY: 'sk-test',
      ANTHROPIC_BASE_URL: urls['anthropic'],
      GEMINI_API_KEY: 'sk-test',
      GOOGLE_GEMINI_BASE_URL: `${urls['google']}/v1beta`,
    },
  )
  const old = {
    name: 'old-google',
    provider: 'google',
    baseUrl: `${urls['google']}/v1beta`,
    key: 'sk-test',
    source: 'test',
    quirks: { toolSchema: 'gemini-schema' as const },
  }
  // Claude would go by invoke, which takes what Messages takes.
  const converse = {
    name: 'converse',
    provider: 'bedrock',
    protocol: 'converse' as const,
    baseUrl: urls['bedrock'] ?? '',
    key: 'test',
    source: 'test',
  }
  gateway = await startGateway({ ...config, accounts: [...config.accounts, old, converse] })
})
afterAll(async () => {
  await gateway?.close()
  await Promise.all(twins.map(twin => twin.close()))
  process.stdout.write(`\n${counts.join('\n')}\n`)
})

const definitions = FOLDER === undefined ? [] : loadDefinitions(FOLDER)

/** Names that every client's protocol takes: what a name is mangled to is another test's matter. */
function plainName(name: string, index: number): string {
  return `${name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 50)}_${index}`
}

interface Reply {
  readonly status: number
  readonly losses: string
  readonly text: string
}

async function send(
  model: string,
  mode: Mode,
  batch: readonly Definition[],
  stream: boolean,
): Promise<Reply> {
  // A client of the vendor's own protocol would be taken at its word.
  const isChat = model !== 'gpt-4.1'
  const strict = mode === 'strict' ? { strict: true } : {}
  const tools = batch.map(({ name, description, parameters }, i) => {
    const base = { name: plainName(name, i), description }
    return isChat
      ? { type: 'function', function: { ...base, parameters, ...strict } }
      : { ...base, input_schema: parameters, ...strict }
  })
  speaker.meant = batch.map(definition => definition.arguments)
  const response = await fetch(`${gateway?.url}/v1/${isChat ? 'chat/completions' : 'messages'}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      ...(mode === 'validated' ? { 'toolgate-validate': 'reject' } : {}),
    },
    body: JSON.stringify({
      model,
      stream,
      tools,
      max_tokens: 16_000,
      messages: [{ role: 'user', content: 'Call all of them.' }],
    }),
  })
  const losses = response.headers.get('toolgate-losses') ?? ''
  return { status: response.status, losses, text: await response.text() }
}

/** How many tools the vendor was asked to hold to their schemas, in its own words. */
function strictTools(model: string): number {
  const place = ['gpt', 'claude', 'converse'].findIndex(start => model.startsWith(start))
  const twin = [twins[0], twins[1], twins[3]][place] ?? twins[2]
  const text = JSON.stringify(twin?.requests.at(-1)?.body) ?? ''
  if (text.includes('"mode":"VALIDATED"')) return speaker.meant.length
  return text.split('"strict":true').length - 1
}

/** The arguments of the calls of an answer, in their order. */
function callsIn(text: string): Json[] {
  const body: Json = JSON.parse(text)
  if (!isObject(body)) return []
  const { choices, content } = body
  if (Array.isArray(content))
    return content.flatMap(block =>
      isObject(block) && block['type'] === 'tool_use' ? [block['input'] ?? null] : [],
    )
  const first = Array.isArray(choices) ? choices[0] : undefined
  const message = isObject(first) ? first['message'] : undefined
  const calls = isObject(message) ? message['tool_calls'] : undefined
  return (Array.isArray(calls) ? calls : []).map((call): Json => {
    const given = isObject(call) ? call['function'] : undefined
    return isObject(given) ? JSON.parse(String(given['arguments'])) : null
  })
}

/** What is wrong with each definition of a batch; a batch that was refused is asked one by one. */
async function faultsOf(
  model: string,
  mode: Mode,
  batch: readonly Definition[],
  strict: { count: number },
): Promise<Map<string, string>> {
  const reply = await send(model, mode, batch, false)
  if (reply.status !== 200) {
    const [only] = batch
    if (batch.length === 1 && only) return new Map([[only.id, `${reply.status} ${reply.text}`]])
    const faults = new Map<string, string>()
    for (const one of batch)
      for (const [id, fault] of await faultsOf(model, mode, [one], strict)) faults.set(id, fault)
    return faults
  }
  strict.count += strictTools(model)
  const calls = callsIn(reply.text)
  return new Map(
    batch.flatMap(({ id, arguments: meant }, i): [string, string][] => {
      const got = calls[i]
      const isSame = JSON.stringify(sorted(got)) === JSON.stringify(sorted(meant))
      return isSame ? [] : [[id, `${JSON.stringify(got)} for ${JSON.stringify(meant)}`]]
    }),
  )
}

function sorted(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map(item => sorted(item) ?? null)
  if (!isObject(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

describe.each(Object.entries(TARGETS))('[G8.1] definitions of tools for %s', (title, model) => {
  it.each(FOLDER === undefined ? [] : MODES)(
    '%s: are accepted, and arguments survive',
    async mode => {
      const cell = `${title}, ${mode}`
      const faults = new Map<string, string>()
      const strict = { count: 0 }
      for (let i = 0; i < definitions.length; i += BATCH[mode]) {
        const batch = definitions.slice(i, i + BATCH[mode])
        for (const [id, fault] of await faultsOf(model, mode, batch, strict)) faults.set(id, fault)
      }
      const excused = KNOWN[cell] ?? {}
      const bad = [...faults].filter(([id]) => !(id in excused))
      const stale = Object.keys(excused).filter(id => !faults.has(id))
      const held = definitions.length - faults.size
      const kept = mode === 'strict' ? `, the vendor holds ${strict.count} to their schemas` : ''
      counts.push(`${cell.padEnd(42)} ${held} of ${definitions.length} hold${kept}`)
      expect(stale, 'known, but they hold now: take them off').toEqual([])
      expect(bad.slice(0, 40)).toEqual([])
    },
  )
})

it('has definitions, if it has a folder', () => {
  expect(definitions.length > 0).toBe(FOLDER !== undefined)
})

import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { DIALECTS, type Dialect } from '../../src/conformance/ask.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel, TwinPrompt } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

const MODELS: { readonly [D in Dialect]: string } = {
  'openai-chat': 'openai-chat/gpt-4o',
  'openai-responses': 'openai-responses/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'google/gemini-3-flash-preview',
}
/** An optional property, bounds and a pattern: what strict modes do not take as they are. */
const CITY = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 2, pattern: '^[A-Z]' },
    unit: { type: 'string' },
  },
  required: ['city'],
  additionalProperties: false,
}
/** No object at the root. */
const LIST = { type: 'array', items: { type: 'integer', minimum: 1 } }
/** A map: strict modes have no word for it. */
const MAP = { type: 'object', additionalProperties: { type: 'integer' } }

/** Answers as the schema has it that the vendor was told, like a model that is held to it. */
class Obedient implements TwinModel {
  readonly name = 'obedient'
  seen: TwinPrompt[] = []
  answer(prompt: TwinPrompt) {
    this.seen.push(prompt)
    return { blocks: [{ type: 'text' as const, text: textFor(prompt.output?.schema) }] }
  }
}

function textFor(schema: unknown): string {
  const told = JSON.stringify(schema ?? null)
  if (told.includes('"value"')) return '{"value":[1, 2]}'
  if (told.includes('"array"') && !told.includes('"city"')) return '[1, 2]'
  if (told.includes('"unit"')) {
    return /"required":\[[^\]]*"unit"/.test(told)
      ? '{"city":"Bonn", "unit":null}'
      : '{"city":"Bonn"}'
  }
  return '{"a": 1}'
}

const model = new Obedient()
const twins: Twin[] = []
let gateway: RunningGateway
beforeAll(async () => {
  const accounts = []
  for (const [name, vendor, path] of [
    ['openai-chat', 'openai', '/v1'],
    ['openai-responses', 'openai', '/v1'],
    ['anthropic', 'anthropic', ''],
    ['google', 'google', '/v1beta'],
    ['groq', 'groq', '/v1'],
  ] as const) {
    const found = TWIN_VENDORS[vendor]
    if (!found) throw new Error(`no twin of ${vendor}`)
    const twin = await startTwin({ vendor: found, model, seed: 9, transport: { chunk: 'random' } })
    twins.push(twin)
    const protocol = vendor === 'openai' ? { protocol: name } : {}
    accounts.push({
      ...{ name, provider: vendor, baseUrl: twin.url + path, key: 'key', source: 'test' },
      ...protocol,
    })
  }
  const config = loadConfig({ port: '0', rehearsal: false, log: 'silent' }, {})
  gateway = await startGateway({ ...config, accounts, graceMs: 100 })
})
afterAll(async () => {
  await gateway.close()
  await Promise.all(twins.map(twin => twin.close()))
})

const WORDS = 'Answer in JSON.'
const user = { role: 'user', content: WORDS }

/** A question of each client, with the schema where its protocol has it. */
function question(front: Dialect, model: string, schema: object, stream: boolean) {
  const version = { 'anthropic-version': '2023-06-01' }
  const named = { name: 'answer', schema, strict: true }
  switch (front) {
    case 'openai-chat': {
      const response_format = { type: 'json_schema', json_schema: named }
      return {
        path: '/v1/chat/completions',
        body: { model, stream, messages: [user], response_format },
      }
    }
    case 'openai-responses': {
      const text = { format: { type: 'json_schema', ...named } }
      return { path: '/v1/responses', body: { model, stream, input: WORDS, text } }
    }
    case 'anthropic': {
      const output_config = { format: { type: 'json_schema', schema } }
      const body = { model, stream, max_tokens: 200, messages: [user], output_config }
      return { path: '/v1/messages', body, headers: version }
    }
    case 'gemini': {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      const generationConfig = { responseMimeType: 'application/json', responseJsonSchema: schema }
      const contents = [{ role: 'user', parts: [{ text: WORDS }] }]
      return { path: `/v1beta/models/${model}:${method}`, body: { contents, generationConfig } }
    }
  }
}

/** What stands at a path, if it is there. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined,
    value,
  )
}

/** The texts of a list's entries, joined. */
function texts(list: unknown): string {
  return Array.isArray(list) ? list.map(entry => word(at(entry, 'text'))).join('') : ''
}

const word = (value: unknown) => (typeof value === 'string' ? value : '')

/** Where each protocol has the words of an answer, in a whole body or in one event. */
const TEXTS: { readonly [D in Dialect]: (body: unknown) => string } = {
  'openai-chat': body =>
    word(
      at(body, 'choices', 0, 'message', 'content') ?? at(body, 'choices', 0, 'delta', 'content'),
    ),
  'openai-responses': body => {
    const whole = at(body, 'type') === 'response.completed' ? at(body, 'response') : body
    const output = at(whole, 'output')
    return Array.isArray(output) ? output.map(item => texts(at(item, 'content'))).join('') : ''
  },
  anthropic: body => texts(at(body, 'content')) + word(at(body, 'delta', 'text')),
  gemini: body => texts(at(body, 'candidates', 0, 'content', 'parts')),
}

/** The bodies of an answer: one, or those of its events. */
function bodiesOf(text: string): unknown[] {
  if (text.startsWith('{')) return [JSON.parse(text)]
  const events = [...text.matchAll(/^data: (\{.*\})\s*$/gm)]
  return events.map(([, data]) => JSON.parse(data ?? '{}'))
}

async function ask(front: Dialect, model: string, schema: object, stream: boolean, headers = {}) {
  const asked = question(front, model, schema, stream)
  const answer = await request(gateway.url + asked.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asked.headers, ...headers },
    body: JSON.stringify(asked.body),
  })
  const text = await answer.body.text()
  const said = answer.statusCode === 200 ? bodiesOf(text).map(TEXTS[front]).join('') : ''
  const losses = answer.headers['toolgate-losses']
  return { status: answer.statusCode, text, said, losses }
}

const CELLS = DIALECTS.flatMap(front =>
  DIALECTS.flatMap(back => [false, true].map(stream => ({ front, back, stream }))),
)

describe.each(CELLS)('[G1.4] a structured answer, $front to $back, streamed $stream', cell => {
  const { front, back, stream } = cell

  it('keeps the schema of the client, whatever the vendor was told', async () => {
    // To its own vendor a client speaks in the vendor's dialect.
    const isOwn = front === back
    const own = { ...CITY, properties: { city: { type: 'string' }, unit: { type: 'string' } } }
    const strictOwn = { ...own, required: ['city', 'unit'] }
    const isOpenAi = front.startsWith('openai')
    const schema = isOwn ? (isOpenAi ? strictOwn : own) : CITY
    const { status, said, text, losses } = await ask(front, MODELS[back], schema, stream)
    expect(status, text).toBe(200)
    const wanted = isOwn && isOpenAi ? { city: 'Bonn', unit: null } : { city: 'Bonn' }
    expect(JSON.parse(said), text).toEqual(wanted)
    const isTold = !isOwn && back === 'anthropic'
    if (isTold) expect(losses).toMatch(PLACES[front])
  })

  it('that is no object comes back as it was asked for', async () => {
    if (front === back && front !== 'gemini') return
    const { status, said, text } = await ask(front, MODELS[back], LIST, stream)
    expect(status, text).toBe(200)
    expect(JSON.parse(said)).toEqual([1, 2])
  })
})

const PLACES: { readonly [D in Dialect]: RegExp } = {
  'openai-chat': /response_format\.json_schema\.schema\S* approximated/,
  'openai-responses': /text\.format\.schema\S* approximated/,
  anthropic: /never/,
  gemini: /generationConfig\.responseJsonSchema\S* approximated/,
}

describe('[G1.4] a schema that cannot be enforced', () => {
  it.each([
    ['openai-chat', 'openai-responses', 'response_format.json_schema.strict dropped'],
    ['openai-responses', 'anthropic', 'text.format.strict dropped'],
    ['gemini', 'anthropic', 'generationConfig.responseJsonSchema dropped'],
    ['anthropic', 'openai-chat', 'output_config.format dropped'],
  ] as const)('of %s at %s is told, and reported', async (front, back, loss) => {
    const { status, said, text, losses } = await ask(front, MODELS[back], MAP, false)
    expect(status, text).toBe(200)
    expect(losses).toContain(loss)
    expect(JSON.parse(said)).toEqual({ a: 1 })
    const strict = await ask(front, MODELS[back], MAP, false, { 'toolgate-strict': 'true' })
    expect(strict.status).toBe(400)
  })

  it('is not asked for strictly of a vendor that knows nothing of it', async () => {
    const name = 'groq/openai/gpt-oss-120b'
    const { status, text, losses } = await ask('anthropic', name, CITY, false)
    expect(status, text).toBe(200)
    expect(losses).toContain('output_config.format dropped')
  })

  it.each(DIALECTS)('is refused where it is malformed, for %s', async front => {
    const back = front === 'gemini' ? 'openai-chat' : 'gemini'
    const broken = { type: 'object', properties: { a: { type: 'strin' } } }
    const { status } = await ask(front, MODELS[back], broken, false)
    expect(status).toBe(400)
  })
})

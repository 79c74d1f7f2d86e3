import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { type ScriptTurn, scripted } from '../../src/twins/script.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

let twin: Twin
let gateway: RunningGateway
afterEach(async () => {
  await gateway.close()
  await twin.close()
})

async function house(turns: readonly ScriptTurn[], keys: Record<string, string> = {}) {
  const vendor = TWIN_VENDORS['google']
  if (!vendor) throw new Error('no twin of Google')
  twin = await startTwin({ vendor, model: scripted(turns), seed: 2 })
  const base = loadConfig({ port: '0', log: 'silent', rehearsal: false }, {})
  gateway = await startGateway({
    ...base,
    keys,
    limits: { retries: 0 },
    accounts: [
      {
        ...{ name: 'secret-account', provider: 'google', key: 'vendor-key', source: 'test' },
        baseUrl: `${twin.url}/v1beta`,
      },
    ],
  })
}

const MODEL = 'secret-account/gemini-3-flash-preview'

async function ask(body: object, key = '') {
  const answer = await request(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: MODEL, ...body }),
  })
  return { status: answer.statusCode, text: await answer.body.text() }
}

async function metrics(headers: Record<string, string> = {}) {
  const answer = await request(`${gateway.url}/metrics`, { headers })
  const text = await answer.body.text()
  return { status: answer.statusCode, type: answer.headers['content-type'], text }
}

const LABELS = /^\{(?:[a-z_]+="[^"\\\n]*",?)+\}$/

/** Reads the format as strictly as its description has it; samples by name and labels. */
function samplesOf(text: string): Map<string, number> {
  expect(text.endsWith('\n')).toBe(true)
  const found = new Map<string, number>()
  let family = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line)
    if (head) {
      if (head[1] === 'TYPE') expect(head[3]).toMatch(/^(counter|gauge|histogram)$/)
      else family = head[2] ?? ''
      continue
    }
    const sample = /^([a-z_]+)(\{.*\})? ([0-9.e+-]+)$/.exec(line)
    if (!sample) throw new Error(`no sample: ${line}`)
    const [, name = '', labels = '', value] = sample
    // All lines of one name stand together.
    expect(name.replace(/_(bucket|sum|count)$/, '')).toBe(family)
    if (labels !== '') expect(labels).toMatch(LABELS)
    expect(found.has(name + labels)).toBe(false)
    found.set(name + labels, Number(value))
  }
  return found
}

const tool = {
  type: 'function',
  function: { name: 'look', parameters: { type: 'object', properties: {} } },
}
const hello = { role: 'user', content: 'Hello' }

describe('[G9.5] metrics', () => {
  it('count exchanges, failures, tries and what the vault did', async () => {
    await house([{ calls: [{ name: 'look', arguments: {} }] }, { text: 'Seen.' }, { text: 'Hi.' }])
    const first = await ask({ messages: [hello], tools: [tool] })
    const { message } = JSON.parse(first.text).choices[0]
    const [{ id }] = message.tool_calls
    // A client that knows no signatures.
    const call = { id, type: 'function', function: { name: 'look', arguments: '{}' } }
    const turns = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: id, content: 'x' },
    ]
    await ask({ messages: [hello, ...turns], tools: [tool] })
    await ask({ messages: [hello], stream: true })
    expect((await ask({ messages: [hello], model: 'none' })).status).toBe(404)
    expect((await ask({ messages: [turns[1]] })).status).toBe(400)
    await request(`${gateway.url}/nowhere`).then(({ body }) => body.dump())
    const { status, type, text } = await metrics()
    expect(status).toBe(200)
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
    const samples = samplesOf(text)
    const of = (status: number, vendor: string) =>
      samples.get(
        `toolgate_exchanges_total{front="openai-chat",operation="create",vendor="${vendor}",status="${status}"}`,
      )
    expect([of(200, 'google'), of(404, ''), of(400, '')]).toEqual([3, 1, 1])
    const value = (name: string) => samples.get(`toolgate_${name}`)
    expect(value('exchange_errors_total{code="model_not_found"}')).toBe(1)
    expect(value('refused_total{status="404"}')).toBe(1)
    expect(value('exchanges_running')).toBe(0)
    expect(value('tries_total')).toBe(3)
    expect(value('exchange_seconds_count')).toBe(5)
    expect(value('exchange_seconds_bucket{le="+Inf"}')).toBe(5)
    expect(value('first_byte_seconds_count')).toBe(1)
    expect(value('vault_hits_total')).toBe(1)
    expect(value('vault_misses_total')).toBe(0)
    expect(value('vault_entries')).toBe(gateway.vault().entries)
    expect(value('vault_bytes')).toBeGreaterThan(0)
    expect(value('vault_evictions_total')).toBe(0)
    expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0)
  })

  it('tell nothing of models, accounts, clients and keys, and ask for a key like all else', async () => {
    await house([{ text: 'Hi.' }], { visitor: 'client-key' })
    expect((await ask({ messages: [hello] }, 'client-key')).status).toBe(200)
    expect((await metrics()).status).toBe(401)
    expect((await metrics({ authorization: 'Bearer wrong' })).status).toBe(401)
    const { status, text } = await metrics({ authorization: 'Bearer client-key' })
    expect(status).toBe(200)
    expect(samplesOf(text).get('toolgate_refused_total{status="401"}')).toBe(2)
    expect(text).not.toMatch(/gemini|secret-account|visitor|client-key|vendor-key/)
  })

  it('are read only', async () => {
    await house([])
    const { statusCode, headers, body } = await request(`${gateway.url}/metrics`, {
      method: 'POST',
    })
    await body.dump()
    expect([statusCode, headers['allow']]).toEqual([405, 'GET'])
  })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'

const MIB = 1024 * 1024
const VENDOR_KEY = 'sk-secret-vendor-0123'

interface Bad {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
  readonly headers?: { readonly [name: string]: string }
}

let answer: Bad
let vendor: Server
let gateway: RunningGateway
let log = ''

beforeAll(async () => {
  vendor = createServer((_, reply) => {
    const { status, type, body, headers } = answer
    reply.writeHead(status, { 'content-type': type, ...headers }).end(body)
  })
  await new Promise<void>(resolve => vendor.listen(0, '127.0.0.1', resolve))
  const { port }: AddressInfo = Object(vendor.address())
  const url = `http://127.0.0.1:${port}`
  const base = loadConfig(
    { port: '0', rehearsal: false },
    {
      OPENAI_API_KEY: VENDOR_KEY,
      OPENAI_BASE_URL: `${url}/v1`,
      ANTHROPIC_API_KEY: VENDOR_KEY,
      ANTHROPIC_BASE_URL: url,
      GEMINI_API_KEY: VENDOR_KEY,
      GOOGLE_GEMINI_BASE_URL: `${url}/v1beta`,
    },
  )
  const limits = { backoffMs: 5, retries: 0, maxResponseBytes: MIB }
  gateway = await startGateway({ ...base, limits }, { write: line => (log += line) })
})

afterAll(async () => {
  await gateway.close()
  await new Promise(resolve => vendor.close(resolve))
})

/** A client of each protocol, before a vendor of its own. */
const WAYS = [
  {
    way: 'Chat Completions',
    path: '/v1/chat/completions',
    body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] },
    failed: { error: { message: 'It fell over.', type: 'server_error', code: 502 } },
  },
  {
    way: 'Responses',
    path: '/v1/responses',
    body: { model: 'gpt-4o', input: 'Hi' },
    failed: { error: { message: 'It fell over.', type: 'server_error', code: 'server_error' } },
  },
  {
    way: 'Messages',
    path: '/v1/messages',
    body: {
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
    },
    failed: { type: 'error', error: { type: 'api_error', message: 'It fell over.' } },
  },
  {
    way: 'generateContent',
    path: '/v1beta/models/gemini-2.5-flash:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    failed: { error: { code: 503, message: 'It fell over.', status: 'UNAVAILABLE' } },
  },
]

async function ask(path: string, body: object) {
  const reply = await request(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  })
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() }
}

function lastLine(): { status: number; error?: string; mode: string } {
  return JSON.parse(log.trimEnd().split('\n').at(-1) ?? '')
}

describe.each(WAYS)('[G7.5] a vendor of $way that answers 200', ({ path, body, failed }) => {
  it.each([
    { what: 'with a page', type: 'text/html', text: '<html>Please log in</html>' },
    { what: 'with half an object', type: 'application/json', text: '{"id":"a","choices":[{"in' },
    { what: 'with nothing', type: 'application/json', text: '' },
    { what: 'with events that nobody asked for', type: 'text/event-stream', text: 'data: {}\n\n' },
  ])('$what has not answered', async ({ type, text }) => {
    answer = { status: 200, type, body: text }
    const reply = await ask(path, body)
    expect(reply.status).toBe(502)
    expect(JSON.parse(reply.text)).toHaveProperty('error')
    expect(lastLine()).toMatchObject({ status: 502, error: 'vendor_contradiction', mode: 'direct' })
  })

  it('with nothing but an error has failed', async () => {
    answer = { status: 200, type: 'application/json', body: JSON.stringify(failed) }
    const reply = await ask(path, body)
    expect(reply.status).toBeGreaterThanOrEqual(500)
    expect(reply.text).toContain('It fell over.')
    expect(lastLine()).toMatchObject({ status: reply.status, mode: 'direct' })
    expect(lastLine().error).toBeDefined()
  })

  it('with another status that is no error has not answered either', async () => {
    answer = { status: 302, type: 'text/html', body: '', headers: { location: 'http://a.test/' } }
    const reply = await ask(path, body)
    expect(reply.status).toBeGreaterThanOrEqual(500)
    expect(JSON.parse(reply.text)).toHaveProperty('error')
  })
})

it('[G7.5] an answer is not larger than the limit when it is decompressed either', async () => {
  const body = gzipSync(JSON.stringify({ id: 'c', text: 'x'.repeat(2 * MIB) }))
  answer = { status: 200, type: 'application/json', body, headers: { 'content-encoding': 'gzip' } }
  const reply = await ask('/v1/chat/completions', WAYS[0]?.body ?? {})
  expect(reply.status).toBe(502)
  expect(reply.text).toContain('more than')
})

it('[G7.5] an answer of Responses that says that it failed is passed on', async () => {
  const text = JSON.stringify({
    id: 'resp_1',
    object: 'response',
    status: 'failed',
    error: { code: 'server_error', message: 'It fell over.' },
    output: [],
  })
  answer = { status: 200, type: 'application/json', body: text }
  const reply = await ask('/v1/responses', { model: 'gpt-4o', input: 'Hi' })
  expect(reply).toMatchObject({ status: 200, text })
})

const FAILURES: { readonly [way: string]: string } = {
  'Chat Completions': 'data: {"error":{"message":"It fell over.","type":"server_error"}}\n\n',
  Responses:
    'event: response.failed\ndata: {"type":"response.failed","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"failed","output":[]}}\n\n',
  Messages:
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"It fell over."}}\n\n',
  generateContent:
    'data: {"error":{"code":503,"message":"It fell over.","status":"UNAVAILABLE"}}\n\n',
}

describe.each(WAYS)('[G9.5] a stream of $way in which the vendor fails', ({ way, path, body }) => {
  it('passes as it is, and is a failure in the log', async () => {
    const events = FAILURES[way] ?? ''
    answer = { status: 200, type: 'text/event-stream', body: events }
    const streamed = path.replace(':generateContent', ':streamGenerateContent?alt=sse')
    const reply = await ask(streamed, streamed === path ? { ...body, stream: true } : body)
    expect(reply).toMatchObject({ status: 200, text: events })
    expect(lastLine()).toMatchObject({ status: 200, error: 'vendor_error', mode: 'direct' })
  })
})

import { Agent, createServer, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { guardrailsOf } from './guard-house.ts'
import { until } from './house.ts'

const CHUNK = {
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o',
  choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }],
}
const TOO_MANY = JSON.stringify({
  error: { message: 'Slow down.', type: 'rate_limit', code: null },
})

let vendor: Server
let vendorUrl = ''
let answer: (reply: ServerResponse) => void
let asked = 0
let gateway: RunningGateway | undefined
let log = ''

beforeAll(async () => {
  vendor = createServer((question, reply) => {
    question.resume()
    asked++
    answer(reply)
  })
  vendorUrl = await urlOf(vendor)
})
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})
afterAll(() => new Promise(resolve => vendor.close(resolve)))

async function urlOf(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port }: AddressInfo = Object(server.address())
  return `http://127.0.0.1:${port}`
}

async function start(config: Partial<Config>): Promise<RunningGateway> {
  asked = 0
  log = ''
  const base = loadConfig(
    { port: '0', rehearsal: false },
    { OPENAI_API_KEY: 'sk-any', OPENAI_BASE_URL: `${vendorUrl}/v1` },
  )
  gateway = await startGateway(
    { ...base, graceMs: 5000, ...config },
    { write: line => (log += line) },
  )
  return gateway
}

/** A request whose client can go away; `status` and `text` tell what it got. */
function ask(url: string, agent?: Agent) {
  const body = JSON.stringify({
    model: 'gpt-4o',
    stream: true,
    messages: [{ role: 'user', content: 'Hi' }],
  })
  const got = { status: 0, text: '', over: false, leave: () => {} }
  const question = request(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(agent && { agent }),
  })
  got.leave = () => question.destroy()
  question.on('response', reply => {
    got.status = reply.statusCode ?? 0
    reply.setEncoding('utf8').on('data', text => (got.text += text))
    reply.on('close', () => (got.over = true))
  })
  question.on('error', () => (got.over = true))
  question.end(body)
  return got
}

function lastLine(): { status: number; error?: string; tries: number } {
  return JSON.parse(log.trimEnd().split('\n').at(-1) ?? '')
}

describe('[G7.1] a client that goes away', () => {
  it('before it has a head leaves no status but its own in the log', async () => {
    answer = () => {}
    const { url } = await start({})
    const client = ask(url)
    await until(() => asked === 1)
    client.leave()
    await until(() => log !== '')
    expect(lastLine()).toMatchObject({ status: 499, error: 'client_closed' })
  })

  it('while a retry waits is not asked for again', async () => {
    answer = reply => reply.writeHead(429, { 'content-type': 'application/json' }).end(TOO_MANY)
    const { url } = await start({ limits: { backoffMs: 200 } })
    const client = ask(url)
    await until(() => asked === 1)
    await new Promise(resolve => setTimeout(resolve, 50))
    client.leave()
    await until(() => log !== '')
    expect(lastLine()).toMatchObject({ status: 499, error: 'client_closed', tries: 1 })
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(asked).toBe(1)
  })

  it('while a classifier looks at its words is never asked for', async () => {
    answer = reply => reply.end('{}')
    let decide = () => {}
    const classifier = createServer((question, reply) => {
      question.resume()
      decide = () => reply.end('{"flagged":false}')
    })
    const yaml = `rules:\n  - rule: classifier\n    url: ${await urlOf(classifier)}\n    points: [input]`
    const { url } = await start({ guardrails: guardrailsOf(yaml) })
    const waits = new Promise<void>(resolve => classifier.once('request', () => resolve()))
    const client = ask(url)
    await waits
    client.leave()
    await new Promise(resolve => setTimeout(resolve, 100))
    decide()
    await until(() => log !== '')
    expect(lastLine()).toMatchObject({ status: 499, error: 'client_closed', tries: 0 })
    expect(asked).toBe(0)
    classifier.closeAllConnections()
    classifier.close()
  })
})

describe('[G9.4] a house that closes', () => {
  it('does not wait for connections whose last answer is over', async () => {
    let finish = () => {}
    answer = reply => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.write(`data: ${JSON.stringify(CHUNK)}\n\n`)
      finish = () => reply.end('data: [DONE]\n\n')
    }
    const { url, close } = await start({ graceMs: 5000 })
    const agent = new Agent({ keepAlive: true })
    const client = ask(url, agent)
    await until(() => client.text !== '')
    const started = performance.now()
    const closed = close()
    finish()
    await closed
    expect(performance.now() - started).toBeLessThan(2000)
    expect(client.text).toContain('[DONE]')
    agent.destroy()
  })

  it('ends the pause before a retry, and gives the client what the vendor said', async () => {
    answer = reply => reply.writeHead(429, { 'content-type': 'application/json' }).end(TOO_MANY)
    const { url, close } = await start({
      graceMs: 100,
      limits: { backoffMs: 4000, maxBackoffMs: 8000 },
    })
    const client = ask(url)
    await until(() => asked === 1)
    await new Promise(resolve => setTimeout(resolve, 50))
    await close()
    await until(() => client.over)
    expect(client.status).toBe(429)
    expect(client.text).toContain('Slow down.')
    expect(asked).toBe(1)
  })
})

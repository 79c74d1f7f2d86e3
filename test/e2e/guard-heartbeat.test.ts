import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { buildGuardHouse, type GuardHouse, MODELS } from './guard-house.ts'

const servers: Server[] = []
let house: GuardHouse | undefined
afterEach(async () => {
  await house?.close()
  house = undefined
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  return `http://127.0.0.1:${address.port}`
}

/** What each protocol sends while there is nothing to say. */
const SIGN = /: waiting\n\n|event: ping\ndata: \{"type":"ping"\}\n\n|\{"text":""\}\],"role"|\[?\n/g
const INTERVALS = 3
const WORDS = 'All is well, and so it goes on.'

interface Building {
  /** Who waits until the client has had signs of life. */
  readonly waits?: 'classifier' | 'vendor'
  /** A vendor in place of the twins. */
  readonly vendor?: RequestListener
  readonly limits?: Config['limits']
}

/** A gateway with a classifier, and before it what tells what its client has got so far. */
async function build({ waits, vendor, limits }: Building) {
  let heard = ''
  const signs = () => heard.match(SIGN)?.length ?? 0
  const waited = async () => {
    const end = Date.now() + 5000
    while (signs() < INTERVALS && Date.now() < end) await new Promise(done => setTimeout(done, 2))
  }
  const classifier = await serve(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (waits === 'classifier') await waited()
    response.end(JSON.stringify({ flagged: body.includes('xenon') }))
  })
  const baseUrl =
    vendor &&
    (await serve(async (request, response) => {
      request.resume()
      if (waits === 'vendor') await waited()
      vendor(request, response)
    }))
  const away = { name: 'away', provider: 'openai', key: 'key', source: 'test' }
  house = await buildGuardHouse(
    `rules:\n  - rule: classifier\n    url: ${classifier}/\n    points: [output]`,
    {
      limits: { retries: 0, ...limits },
      ...(baseUrl === undefined ? {} : { accounts: [{ ...away, baseUrl }] }),
    },
  )
  house.turn = { blocks: [{ type: 'text', text: WORDS }] }
  const { hostname, port } = new URL(house.url)
  const url = await serve((request, response) => {
    heard = ''
    const { host: _, ...headers } = request.headers
    const { url: path, method = 'GET' } = request
    const onward = httpRequest({ hostname, port, path, method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.on('data', chunk => {
        heard += chunk
        response.write(chunk)
      })
      answer.on('end', () => response.end())
      answer.on('error', () => response.destroy())
    })
    request.pipe(onward)
  })
  return { url, house, heard: () => heard, signs }
}

const OFTEN = { heartbeatMs: 20 }
const BUSY: RequestListener = (_, response) => {
  response.writeHead(429, { 'content-type': 'application/json' })
  response.end('{"error":{"message":"Too many of you.","type":"requests","code":"rate_limit"}}')
}

const messages = [{ role: 'user' as const, content: 'How is it?' }]

/** What the official clients, and what one that people use, make of a stream. */
const CLIENTS: readonly (readonly [
  name: string,
  read: (url: string, model: string) => Promise<string>,
])[] = [
  [
    'openai, chat',
    async (url, model) => {
      const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
      const { choices } = await client.chat.completions
        .stream({ model, messages })
        .finalChatCompletion()
      return `${choices[0]?.message.content} ${choices[0]?.finish_reason}`
    },
  ],
  [
    'openai, responses',
    async (url, model) => {
      const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
      const asked = { model, input: 'How is it?', store: false }
      const said = await client.responses.stream(asked).finalResponse()
      return `${said.output_text} ${said.incomplete_details?.reason ?? said.status}`
    },
  ],
  [
    'anthropic',
    async (url, model) => {
      const client = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 })
      const stream = client.messages.stream({ model, messages, max_tokens: 500 })
      const { content, stop_reason } = await stream.finalMessage()
      return `${content.map(one => (one.type === 'text' ? one.text : '')).join('')} ${stop_reason}`
    },
  ],
  [
    'google',
    async (url, model) => {
      const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: url } })
      let text = ''
      let finish = ''
      const stream = await client.models.generateContentStream({ model, contents: 'How is it?' })
      for await (const chunk of stream) {
        // As its documentation reads it: nothing without a text may come.
        if (chunk.text === undefined && !chunk.candidates?.[0]?.finishReason)
          throw new Error('a chunk without a text')
        text += chunk.text ?? ''
        finish = chunk.candidates?.[0]?.finishReason ?? finish
      }
      return `${text} ${finish}`
    },
  ],
  [
    'google, by langchain',
    async (url, model) => {
      const client = new ChatGoogleGenerativeAI({
        apiKey: 'any',
        baseUrl: url,
        model,
        maxRetries: 0,
      })
      let text = ''
      for await (const chunk of await client.stream('How is it?')) text += chunk.text
      return text
    },
  ],
]
/** Those of the vendors as they are now. */
const OFFICIAL = CLIENTS.slice(0, 4)
const cases = CLIENTS.flatMap(([name, read]) => MODELS.map(model => ({ name, read, model })))

describe('[G15] a client whose stream is held', () => {
  it.each(cases)(
    'has signs of life, and then all of it: $name, $model',
    async ({ read, model }) => {
      const { url, signs } = await build({ waits: 'classifier', limits: OFTEN })
      expect(await read(url, model)).toMatch(
        /^All is well, and so it goes on\.( (stop|completed|end_turn|STOP))?$/,
      )
      expect(signs()).toBeGreaterThanOrEqual(INTERVALS)
    },
  )

  it.each(cases)('is told of a refusal as ever: $name, $model', async ({ name, read, model }) => {
    const { url, heard, house, signs } = await build({ waits: 'classifier', limits: OFTEN })
    house.turn = { blocks: [{ type: 'text', text: `${WORDS} It is xenon.` }] }
    const said = read(url, model)
    // This one makes an error of an answer that was filtered.
    if (name.includes('langchain')) await said.catch(() => {})
    else
      expect(await said).toMatch(
        /^This was stopped by a guardrail\. (content_filter|refusal|SAFETY)$/,
      )
    expect(heard()).not.toContain('xenon')
    expect(signs()).toBeGreaterThanOrEqual(INTERVALS)
    expect(house.log().at(-1)).toMatchObject({ status: 200, finish: 'content-filter' })
  })

  it.each(OFFICIAL)('has an error that its package raises: %s', async (_name, read) => {
    const { url, house, signs } = await build({ waits: 'vendor', vendor: BUSY, limits: OFTEN })
    await expect(read(url, 'gpt-4o')).rejects.toThrow(/Too many of you/)
    expect(signs()).toBeGreaterThanOrEqual(INTERVALS)
    expect(house.log().at(-1)).toMatchObject({ status: 200, error: 'rate_limit' })
  })

  it.each(OFFICIAL)('has an error of an answer that cannot be read: %s', async (_name, read) => {
    const vendor: RequestListener = (_, response) => response.end('{"choices":[')
    const { url } = await build({ waits: 'vendor', vendor, limits: OFTEN })
    await expect(read(url, 'gpt-4o')).rejects.toThrow(/broken JSON/)
  })

  it.each(CLIENTS)('has the status of an error that comes before: %s', async (_name, read) => {
    const { url, signs } = await build({ vendor: BUSY })
    await expect(read(url, 'gpt-4o')).rejects.toMatchObject({ status: 429 })
    expect(signs()).toBe(0)
  })

  it.each(CLIENTS)('has none where the house wants none: %s', async (_name, read) => {
    const vendor: RequestListener = (_, response) => {
      setTimeout(() => BUSY(_, response), 60)
    }
    const { url, signs } = await build({ vendor, limits: { heartbeatMs: 0 } })
    await expect(read(url, 'gpt-4o')).rejects.toMatchObject({ status: 429 })
    expect(signs()).toBe(0)
  })
})

describe('[G15] one JSON list that is held', () => {
  const ask = async (url: string) => {
    const answer = await fetch(`${url}/v1beta/models/gpt-4o:streamGenerateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Go on.' }] }] }),
    })
    return { status: answer.status, text: await answer.text() }
  }

  it('begins with its bracket, and goes on with blanks', async () => {
    const { url } = await build({ waits: 'classifier', limits: OFTEN })
    const { status, text } = await ask(url)
    expect(text).toMatch(/^\[\n\n+\{/)
    const list: { candidates: { content?: { parts: { text: string }[] } }[] }[] = JSON.parse(text)
    const said = list.map(({ candidates }) => candidates[0]?.content?.parts[0]?.text ?? '').join('')
    expect([status, said]).toEqual([200, WORDS])
  })

  it('ends with an error as its last item', async () => {
    const { url } = await build({ waits: 'vendor', vendor: BUSY, limits: OFTEN })
    const { status, text } = await ask(url)
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual([
      { error: expect.objectContaining({ code: 429, message: 'Too many of you.' }) },
    ])
  })
})

describe('[G14] a vendor that streams though it was asked for a whole answer', () => {
  it.each(OFFICIAL)(
    'is not given out past a rule that needs the whole: %s',
    async (_name, read) => {
      const vendor: RequestListener = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        const choice = { index: 0, delta: { content: 'It is xenon.' }, finish_reason: 'stop' }
        const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o' }
        response.end(`data: ${JSON.stringify({ ...chunk, choices: [choice] })}\n\ndata: [DONE]\n\n`)
      }
      const { url, heard } = await build({ vendor })
      await expect(read(url, 'gpt-4o')).rejects.toMatchObject({ status: 502 })
      expect(heard()).not.toContain('xenon')
    },
  )
})

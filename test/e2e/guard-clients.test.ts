import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Ask, AskMessage } from '../../src/conformance/ask.ts'
import { NO_VALIDATION } from '../../src/gateway/validate-calls.ts'
import { verifyAuditLog } from '../../src/guardrails/index.ts'
import { buildGuardHouse, CELLS, type GuardHouse, MODELS } from './guard-house.ts'

const scratch = mkdtempSync(join(tmpdir(), 'toolgate-guard-'))
afterAll(() => rmSync(scratch, { recursive: true }))

let house: GuardHouse
afterEach(() => house.close())

const MESSAGE = 'Ask the legal department.'
const RULES = `rules:
  - rule: keywords
    words: [project xenon]
    message: ${MESSAGE}
  - rule: personal-data
    points: [output]`
const SECRET = 'Well. The answer to all of this is Project Xenon, and nothing else in the world.'
const text = (words: string) => ({ blocks: [{ type: 'text' as const, text: words }] })

describe.each(MODELS)('[G14] the official clients and a refusal, with %s', model => {
  const openai = () => new OpenAI({ apiKey: 'any', baseURL: `${house.url}/v1`, maxRetries: 0 })
  const anthropic = () => new Anthropic({ apiKey: 'any', baseURL: house.url, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'What is it?' }]

  it('of an answer', async () => {
    house = await buildGuardHouse(RULES)
    house.turn = text(SECRET)
    const chat = await openai().chat.completions.create({ model, messages })
    expect(chat.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { role: 'assistant', content: MESSAGE },
    })
    const stream = openai().chat.completions.stream({ model, messages })
    const streamed = await stream.finalChatCompletion()
    expect(streamed.choices[0]?.finish_reason).toBe('content_filter')
    expect(streamed.choices[0]?.message.content).toMatch(/Ask the legal department\.$/)
    expect(JSON.stringify(streamed)).not.toMatch(/Xenon/)

    const asked = { model, input: 'What is it?', store: false }
    const response = await openai().responses.create(asked)
    const ended = await openai().responses.stream(asked).finalResponse()
    for (const one of [response, ended]) {
      expect(one.status).toBe('incomplete')
      expect(one.incomplete_details?.reason).toBe('content_filter')
      expect(one.output_text).toMatch(/Ask the legal department\.$/)
      expect(one.output_text).not.toMatch(/Xenon/)
    }
    const whole = await anthropic().messages.create({ model, messages, max_tokens: 500 })
    const final = await anthropic()
      .messages.stream({ model, messages, max_tokens: 500 })
      .finalMessage()
    for (const one of [whole, final]) {
      expect(one.stop_reason).toBe('refusal')
      expect(one.content.at(-1)).toMatchObject({ type: 'text', text: MESSAGE })
      expect(JSON.stringify(one)).not.toMatch(/Xenon/)
    }
  })

  it('of a request', async () => {
    house = await buildGuardHouse(RULES)
    const said = [{ role: 'user' as const, content: 'Project Xenon' }]
    const chat = openai().chat.completions.create({ model, messages: said })
    await expect(chat).rejects.toMatchObject({ status: 400, code: 'content_filter' })
    await expect(chat).rejects.toThrow(OpenAI.BadRequestError)
    const response = openai().responses.create({ model, input: 'Project Xenon', stream: true })
    await expect(response).rejects.toThrow(MESSAGE)
    const message = anthropic().messages.create({ model, messages: said, max_tokens: 500 })
    await expect(message).rejects.toThrow(Anthropic.BadRequestError)
    await expect(message).rejects.toThrow(MESSAGE)
    expect(house.seen).toEqual([])
  })
})

describe('[G14] a stream that is refused', () => {
  const ASK: Ask = { messages: [{ role: 'user', text: 'Go on.' }] }

  it("ends at once, and the vendor's call with it", async () => {
    house = await buildGuardHouse(RULES)
    const words = `${SECRET} ${'And so on. '.repeat(20_000)}`
    house.turn = text(words)
    for (const model of MODELS) {
      const { bytes } = await house.ask('openai-chat', model, ASK, true)
      expect(bytes.length).toBeLessThan(5000)
    }
    const left = () => house.twins.flatMap(({ requests }) => requests.map(one => one.left))
    const end = Date.now() + 5000
    while (!left().every(Boolean) && Date.now() < end)
      await new Promise(done => setTimeout(done, 5))
    expect(left()).toEqual([true, true, true])
    expect(
      house.log().map(({ finish, guardrails, error }) => [finish, guardrails?.refused, error]),
    ).toEqual(MODELS.map(() => ['content-filter', ['keywords'], undefined]))
  })

  it('is held as its client got it', async () => {
    const conversations = { ageMs: 60_000, maxBytes: 1_000_000 }
    house = await buildGuardHouse(RULES, { conversations })
    const client = new OpenAI({ apiKey: 'any', baseURL: `${house.url}/v1`, maxRetries: 0 })
    house.turn = text(SECRET)
    const ask = { model: 'claude-sonnet-4-5', input: 'What is it?' }
    const streamed = await client.responses.stream(ask).finalResponse()
    const whole = await client.responses.create(ask)
    for (const { id } of [streamed, whole]) {
      const held = await client.responses.retrieve(id)
      expect(JSON.stringify(held)).toContain(MESSAGE)
      expect(JSON.stringify(held)).not.toMatch(/xenon/i)
    }
    house.turn = text('Something else.')
    const next = { ...ask, input: 'Go on.', previous_response_id: streamed.id }
    expect((await client.responses.create(next)).output_text).toBe('Something else.')
    expect(house.sent()).not.toMatch(/xenon/i)
  })

  it('leaves an exchange without guardrails as it was', async () => {
    house = await buildGuardHouse('')
    house.turn = text(SECRET)
    expect((await house.ask('openai-chat', 'gpt-4o', ASK, true)).said).toBe(SECRET)
    expect(house.log().at(-1)).toMatchObject({ mode: 'direct' })
    expect(house.log().at(-1)).not.toHaveProperty('guardrails')
  })

  it('ends as one JSON list where its client wants that', async () => {
    house = await buildGuardHouse(RULES)
    house.turn = text(`${'Well. '.repeat(60)}${SECRET}`)
    for (const model of MODELS) {
      const path = `/v1beta/models/${model}:streamGenerateContent`
      const answer = await fetch(house.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Go on.' }] }] }),
      })
      const list: { candidates: { finishReason?: string }[] }[] = JSON.parse(await answer.text())
      expect(list.length).toBeGreaterThan(1)
      expect(list.at(-1)?.candidates[0]?.finishReason).toBe('SAFETY')
      expect(JSON.stringify(list)).toContain(MESSAGE)
      expect(JSON.stringify(list)).not.toMatch(/xenon/i)
    }
  })

  it('has one choice only', async () => {
    house = await buildGuardHouse(RULES)
    const client = new OpenAI({ apiKey: 'any', baseURL: `${house.url}/v1`, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const two = client.chat.completions.create({ model: 'gpt-4o', messages, n: 2 })
    await expect(two).rejects.toMatchObject({ status: 400, param: 'n' })
    expect(house.seen).toEqual([])
  })
})

describe('[G14] calls that are checked against their schemas as well', () => {
  const tool = {
    name: 'pay',
    description: 'Pays.',
    parameters: { type: 'object', properties: { n: { type: 'integer' }, to: { type: 'string' } } },
  }
  const ASK: Ask = { messages: [{ role: 'user', text: 'Pay.' }], tools: [tool] }
  const call = (given: string) => ({ type: 'call' as const, name: 'pay', arguments: given })

  it.each(CELLS)(
    'are asked for again, and then held to the guardrails: $front, $model, streamed $stream',
    async ({ front, model, stream }) => {
      house = await buildGuardHouse(RULES, { validate: { ...NO_VALIDATION, mode: 'retry' } })
      const turns = [
        { blocks: [...text('Paying.').blocks, call('{"n":"x"}')] },
        { blocks: [...text('Again.').blocks, call('{"to":"project xenon"}')] },
      ]
      Object.defineProperty(house, 'turn', { get: () => turns.shift() })
      const refused = await house.ask(front, model, ASK, stream)
      expect(turns).toEqual([])
      expect(refused.bytes).not.toMatch(/xenon/)
      expect(refused.said).toMatch(/Ask the legal department\.$/)
      expect(house.log().at(-1)).toMatchObject({ status: 200, finish: 'content-filter' })
      // What is wrong with a call is said in an error, and there it is no more allowed.
      const wrong = call('{"n":"project xenon"}')
      turns.push(...Array.from({ length: 3 }, () => ({ blocks: [wrong] })))
      await expect(house.ask(front, model, ASK, stream)).rejects.toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/xenon/) }),
      )
    },
  )
})

describe('[G14] thoughts', () => {
  const THINK: Ask = {
    messages: [{ role: 'user', text: 'Pay ann.' }],
    thinking: true,
    tools: [{ name: 'pay', description: 'Pays.', parameters: { type: 'object', properties: {} } }],
  }

  const THINKERS = [
    ...CELLS.filter(({ model }) => model !== 'gpt-4o'),
    // Only its own protocol can ask this model for a summary of its thoughts.
    ...[false, true].map(stream => ({
      front: 'openai-responses' as const,
      model: 'gpt-5',
      stream,
    })),
  ]
  it.each(THINKERS)(
    'that are rewritten lose their signature, and the talk goes on: $front, $model, streamed $stream',
    async ({ front, model, stream }) => {
      house = await buildGuardHouse('rules:\n  - rule: personal-data\n    points: [output]')
      house.turn = {
        blocks: [
          { type: 'reasoning', text: 'Her card is 4111 1111 1111 1111.' },
          { type: 'call', name: 'pay', arguments: '{}' },
        ],
      }
      const first = await house.ask(front, model, THINK, stream)
      expect(first.bytes).not.toMatch(/4111/)
      // Chat Completions has no way to ask this vendor for its thoughts.
      if (front !== 'openai-chat' || !model.startsWith('gemini'))
        expect(house.log().at(-1)?.guardrails?.rewrote).toEqual(['personal-data'])
      const call = first.blocks.find(block => block.type === 'call')
      if (call?.type !== 'call') throw new Error('no call')
      house.turn = text('Paid.')
      const second = await house.ask(
        front,
        model,
        {
          ...THINK,
          messages: [
            ...THINK.messages,
            { role: 'echo', answer: first },
            { role: 'results', results: [{ callId: call.id, text: 'ok' }] },
          ],
        },
        stream,
      )
      expect(second.said).toMatch(/Paid\.$/)
    },
  )
})

describe('[G14] a classifier', () => {
  let server: Server
  let asked: { point: string; text: string }[] = []
  let url = ''
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const said: { point: string; text: string } = JSON.parse(body)
      asked.push(said)
      if (said.text.includes('break')) response.writeHead(500).end()
      else response.end(JSON.stringify({ flagged: /xenon|mallory/i.test(said.text) }))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address === 'object' && address) url = `http://127.0.0.1:${address.port}/`
  })
  afterAll(() => new Promise(resolve => server.close(resolve)))

  const build = async (more: string) => {
    asked = []
    house = await buildGuardHouse(`rules:\n  - rule: classifier\n    url: ${url}\n${more}`)
  }
  const ASK: Ask = {
    messages: [{ role: 'user', text: 'Hello.' }],
    tools: [{ name: 'pay', description: 'Pays.', parameters: { type: 'object', properties: {} } }],
  }

  it.each(CELLS)(
    'sees the whole answer before $front of $model has any of it, streamed $stream',
    async ({ front, model, stream }) => {
      await build('    points: [output, tool-arguments]')
      house.turn = text(SECRET)
      const refused = await house.ask(front, model, ASK, stream)
      expect(refused.said).toBe('This was stopped by a guardrail.')
      house.turn = { blocks: [{ type: 'call', name: 'pay', arguments: '{"to":"mallory"}' }] }
      const paid = await house.ask(front, model, ASK, stream)
      expect(paid.said).toBe('This was stopped by a guardrail.')
      expect(paid.bytes).not.toMatch(/mallory/)
      house.turn = text('All is well.')
      expect((await house.ask(front, model, ASK, stream)).said).toBe('All is well.')
      // One that fails refuses.
      house.turn = text('Please break.')
      const broken = await house.ask(front, model, ASK, stream)
      expect(broken.said).toMatch(/^This could not be checked/)
      expect(asked.map(({ point }) => point)).toEqual([
        'output',
        'tool-arguments',
        'output',
        'output',
      ])
    },
  )

  it('is asked once about what a conversation holds', async () => {
    await build('    points: [input]')
    const say = (...words: string[]) => {
      const messages = words.map(said => ({ role: 'user' as const, text: said }))
      return house.ask('anthropic', 'gpt-4o', { messages }, true)
    }
    await say('one')
    await say('one', 'two')
    await say('one', 'two', 'three')
    expect(asked.map(one => one.text).sort()).toEqual(['one', 'three', 'two'])
    await expect(say('one', 'mallory')).rejects.toMatchObject({ status: 400 })
    await expect(say('one', 'mallory')).rejects.toMatchObject({ status: 400 })
    expect(house.seen).toHaveLength(3)
  })
})

describe('[G14] the audit log of a gateway', () => {
  it('holds what was objected to, chained, and the log line tells no content', async () => {
    const file = join(scratch, 'audit.jsonl')
    house = await buildGuardHouse(`${RULES}\naudit: ${file}`)
    house.turn = text('Her card is 4111 1111 1111 1111, and ann@mail.example.org writes.')
    const ask = (words: string, stream: boolean) =>
      house.ask('gemini', 'gpt-4o', { messages: [{ role: 'user', text: words }] }, stream)
    await ask('Hi', false)
    await ask('Hi', true)
    house.turn = text(SECRET)
    await ask('Hi', true)
    await expect(ask('project xenon', true)).rejects.toMatchObject({ status: 400 })
    const log = readFileSync(file, 'utf8')
    const entries = log
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(entries.map(({ point, verdict, guardrail }) => [point, verdict, guardrail])).toEqual([
      ['output', 'rewrite', 'personal-data'],
      ['output', 'rewrite', 'personal-data'],
      ['output', 'rewrite', 'personal-data'],
      ['output', 'rewrite', 'personal-data'],
      ['output', 'refuse', 'keywords'],
      ['input', 'refuse', 'keywords'],
    ])
    const ids = house.log().map(({ requestId }) => requestId)
    expect([...new Set(entries.map(({ about }) => about))]).toEqual(ids)
    expect(await verifyAuditLog(file)).toMatchObject({ entries: 6 })
    expect(await verifyAuditLog(file)).not.toHaveProperty('problem')
    expect(log + JSON.stringify(house.log())).not.toMatch(/4111|xenon|mail\.example/i)
    expect(house.log().map(({ losses }) => losses)).toEqual([2, 2, 1, undefined])
  })

  it.each(['openai-chat', 'anthropic'] as const)(
    'is told once of what comes again with its conversation, by %s',
    async front => {
      const file = join(scratch, `again-${front}.jsonl`)
      const rules = RULES.replace('[output]', '[input]')
      house = await buildGuardHouse(`${rules}\naudit: ${file}`)
      house.turn = text('Fine.')
      const at = house
      const told = () => readFileSync(file, 'utf8').match(/\n/g)?.length
      const ask = (messages: AskMessage[]) => at.ask(front, 'gpt-4o', { messages }, true)
      const card = { role: 'user', text: 'My card is 4111 1111 1111 1111.' } as const
      const thanks = { role: 'user', text: 'Thanks.' } as const
      const answer = await ask([card])
      expect(told()).toBe(1)
      const more: AskMessage[] = [card, { role: 'echo', answer }, thanks]
      await ask(more)
      await ask([{ role: 'system', text: 'It is noon.' }, ...more])
      expect(told()).toBe(1)
      expect(at.seen.at(-1)?.messages.at(-3)?.text).toBe('My card is [card number removed].')
      // Somebody says it anew: in a new conversation, further on in this one, or after other words.
      await ask([card])
      expect(told()).toBe(2)
      await ask([...more, { role: 'echo', answer }, card])
      expect(told()).toBe(3)
      await ask([...more, { role: 'echo', answer }, card, { role: 'echo', answer }, thanks])
      expect(told()).toBe(3)
      await ask([{ role: 'user', text: 'Hello.' }, { role: 'echo', answer }, ...more])
      expect(told()).toBe(4)
      for (let turn = 0; turn < 2; turn++)
        await expect(
          ask([{ role: 'user', text: 'project xenon' }, { role: 'echo', answer }, thanks]),
        ).rejects.toMatchObject({ status: 400 })
      expect(told()).toBe(6)
    },
  )

  it('refuses when it cannot be written', async () => {
    const file = join(scratch, 'foreign.jsonl')
    house = await buildGuardHouse(`${RULES}\naudit: ${file}`)
    const { appendFileSync } = await import('node:fs')
    appendFileSync(file, 'someone else\n')
    house.turn = text('Her card is 4111 1111 1111 1111.')
    for (const stream of [false, true]) {
      const ask: Ask = { messages: [{ role: 'user', text: 'Hi' }] }
      const { said, bytes } = await house.ask('openai-chat', 'gpt-4o', ask, stream)
      expect(said).toMatch(/This could not be checked/)
      expect(bytes).not.toMatch(/4111|removed/)
    }
  })
})

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { ScriptTurn } from '../../src/twins/script.ts'
import { asked, call, DUMMY, GEMINI, lastAsked, stateHouse } from './state-house.ts'
import { TALKS, type Talk } from './talks.ts'

const house = stateHouse()
afterEach(() => house.close())

/** Three steps in one turn of the user's: one call, two at once, one; then the answer, and one more turn. */
const STEPS: readonly ScriptTurn[] = [
  { text: 'I look.', calls: [call('look', 'Bonn')] },
  { calls: [call('look', 'Kiel'), call('read', 'Kiel')] },
  { calls: [call('read', 'Trier')] },
  { text: 'It rains.' },
  { calls: [call('look', 'Ulm')] },
  { text: 'It is dry.' },
]

/** Plays `STEPS` to the end; the twin refuses a step whose signature is missing or not its own. */
async function play(talk: Talk): Promise<string[]> {
  const ids: string[] = []
  const texts: string[] = []
  for (const question of ['And Bonn?', 'And Ulm?']) {
    talk.say(question)
    for (;;) {
      const { calls, text } = await talk.ask()
      ids.push(...calls.map(({ id }) => id))
      if (calls.length === 0) {
        texts.push(text)
        break
      }
      talk.answer(calls)
    }
  }
  expect(texts).toEqual(['It rains.', 'It is dry.'])
  expect(ids).toHaveLength(5)
  return ids
}

describe.each(Object.entries(TALKS))('signatures of Gemini and a client of %s', (_, talkOf) => {
  const cases = (['echoes', 'strips'] as const).flatMap(manner =>
    [false, true].map(stream => ({ manner, stream })),
  )
  it.each(cases)('survive when it $manner, streamed: $stream [G3.2]', async how => {
    const twin = await house.twin('google', STEPS)
    const gateway = await house.gateway({ google: twin })
    const ids = await play(talkOf({ url: gateway.url, model: GEMINI, ...how }))
    twin.finish()
    expect(asked(twin)).not.toContain(DUMMY)
    // Every call that was signed is signed still, in the turns that are over, too.
    const last = lastAsked(twin)
    expect(last.split('"thoughtSignature"').length - 1).toBeGreaterThanOrEqual(4)
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(40)
    expect(gateway.vault().hits > 0).toBe(how.manner === 'strips')
  })
})

describe('signatures of Gemini', () => {
  it('get the documented stand-in when nothing is left of them, and it is reported', async () => {
    const twin = await house.twin('google', [{ text: 'Done.' }])
    const gateway = await house.gateway({ google: twin })
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: GEMINI,
        messages: [
          { role: 'user', content: 'Look' },
          {
            role: 'assistant',
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: 'x' },
        ],
        tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
      }),
    })
    expect(answer.status).toBe(200)
    expect(asked(twin)).toContain(DUMMY)
    expect(answer.headers.get('toolgate-losses')).toBe('1; messages[1].content[0] approximated')
    expect(gateway.vault()).toMatchObject({ hits: 0, misses: 1 })
  })
})

describe('state of thinking', () => {
  const THINKING: readonly ScriptTurn[] = [
    { reasoning: 'Where is Bonn?', calls: [call('look', 'Bonn')] },
    {
      blocks: [
        { type: 'reasoning', text: 'Hidden.', redacted: true },
        { type: 'call', ...call('read', 'Bonn') },
      ],
    },
    { text: 'It rains.' },
  ]
  const fronts = Object.entries(TALKS).filter(([name]) => name !== 'Messages')
  const cases = fronts.flatMap(([name, talkOf]) =>
    (['echoes', 'strips'] as const).flatMap(manner =>
      [false, true].map(stream => ({ name, talkOf, manner, stream })),
    ),
  )
  it.each(cases)(
    'of Claude survives a client of $name that $manner it, streamed: $stream [G3.2]',
    async ({ talkOf, manner, stream }) => {
      const twin = await house.twin('anthropic', THINKING)
      const gateway = await house.gateway({ anthropic: twin })
      const model = 'anthropic-test/claude-sonnet-4-5'
      const talk = talkOf({ url: gateway.url, model, manner, stream, thinks: true })
      talk.say('And Bonn?')
      for (let step = 0; step < 2; step++) {
        const { calls } = await talk.ask()
        expect(calls).toHaveLength(1)
        talk.answer(calls)
      }
      expect((await talk.ask()).text).toBe('It rains.')
      twin.finish()
      const last = lastAsked(twin)
      expect(last).toContain('"type":"redacted_thinking"')
      expect(last).toContain('"type":"enabled"')
      expect(last.indexOf('"type":"thinking"')).toBeGreaterThan(0)
    },
  )
})

describe('plain reasoning', () => {
  it.each([false, true])(
    'that DeepSeek wants back survives a client that strips it, streamed: %s [G3.2]',
    async stream => {
      const twin = await house.twin('deepseek', [
        { reasoning: 'Where is Bonn?', calls: [call('look', 'Bonn')] },
        { text: 'It rains.' },
      ])
      const { url } = await house.gateway({ deepseek: twin })
      const model = 'deepseek-v4-pro'
      const talk = TALKS['Chat Completions']({ url, model, manner: 'strips', stream, thinks: true })
      talk.say('And Bonn?')
      talk.answer((await talk.ask()).calls)
      expect((await talk.ask()).text).toBe('It rains.')
      expect(lastAsked(twin)).toContain('"reasoning_content":"Where is Bonn?"')
    },
  )
})

describe('a signature in an empty part behind the call', () => {
  const answers = [
    [
      { functionCall: { name: 'look', args: { city: 'Bonn' } } },
      { text: '', thoughtSignature: 'U0lH' },
    ],
    [{ text: 'It rains.' }],
  ]
  const talks = Object.entries(TALKS).flatMap(([name, talkOf]) =>
    (['echoes', 'strips'] as const).map(manner => ({ name, talkOf, manner })),
  )
  it.each(talks)(
    'comes back where it was from a client of $name that $manner',
    async ({ talkOf, manner }) => {
      const bodies: string[] = []
      const server = createServer(async (request, reply) => {
        bodies.push(await text(request))
        const parts = answers[bodies.length - 1] ?? []
        reply.setHeader('content-type', 'text/event-stream')
        for (const part of parts) {
          const chunk = {
            candidates: [{ content: { role: 'model', parts: [part] }, index: 0 }],
            responseId: 'r1',
          }
          reply.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`)
        }
        reply.end('data: {"candidates":[{"finishReason":"STOP","index":0}]}\r\n\r\n')
      })
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const accounts = [
        {
          name: 'g',
          provider: 'google',
          baseUrl: `http://127.0.0.1:${port}`,
          key: 'k',
          source: 'test',
        },
      ]
      const { url } = await house.gateway({}, { accounts })
      const talk = talkOf({ url, model: GEMINI, manner, stream: true })
      talk.say('And Bonn?')
      talk.answer((await talk.ask()).calls)
      expect((await talk.ask()).text).toBe('It rains.')
      server.close()
      const [, turn] = JSON.parse(bodies[1] ?? '').contents
      expect(turn.parts.at(-1)).toEqual({ text: '', thoughtSignature: 'U0lH' })
    },
  )
})

describe('foreign state', () => {
  const talks = Object.entries(TALKS)
  const THINKS = { blocks: [{ type: 'reasoning' as const, text: 'Where?' }] }

  it.each(talks)('of Gemini reaches no other vendor from a client of %s', async (_, talkOf) => {
    const google = await house.twin('google', [{ calls: [call('look', 'Bonn')] }])
    const anthropic = await house.twin('anthropic', [{ calls: [call('look', 'Kiel')] }])
    const openai = await house.twin('openai', [{ text: 'It rains.' }])
    const { url } = await house.gateway({ google, anthropic, openai })
    const talk = talkOf({ url, model: GEMINI, manner: 'echoes', stream: false })
    talk.say('And Bonn?')
    talk.answer((await talk.ask()).calls)
    talk.answer((await talk.ask('anthropic-test/claude-sonnet-4-5')).calls)
    expect((await talk.ask('openai-test/gpt-4o')).text).toBe('It rains.')
    for (const twin of [anthropic, openai])
      expect(asked(twin)).not.toMatch(/signature|extra_content|reasoning|thinking|tg1/)
  })

  it.each(talks)('of Claude does not reach Gemini from a client of %s', async (_, talkOf) => {
    const anthropic = await house.twin('anthropic', [
      { blocks: [...THINKS.blocks, { type: 'call', ...call('look', 'Bonn') }] },
    ])
    const google = await house.twin('google', [{ text: 'It rains.' }])
    const { url } = await house.gateway({ google, anthropic })
    const model = 'anthropic-test/claude-sonnet-4-5'
    const talk = talkOf({ url, model, manner: 'echoes', stream: false, thinks: true })
    talk.say('And Bonn?')
    talk.answer((await talk.ask()).calls)
    expect((await talk.ask(`google-test/${GEMINI}`)).text).toBe('It rains.')
    expect(asked(google).split('"thoughtSignature"')).toHaveLength(2)
    expect(asked(google)).toContain(DUMMY)
    expect(asked(google)).not.toContain('Where?')
  })

  it('of Gemini is taken out of what would pass as bytes to the vendor of the protocol', async () => {
    const google = await house.twin('google', [{ calls: [call('look', 'Bonn')] }])
    const anthropic = await house.twin('anthropic', [{ text: 'It rains.' }])
    const { url } = await house.gateway({ google, anthropic })
    const talk = TALKS.Messages({ url, model: GEMINI, manner: 'echoes', stream: true })
    talk.say('And Bonn?')
    talk.answer((await talk.ask()).calls)
    expect((await talk.ask('anthropic-test/claude-sonnet-4-5')).text).toBe('It rains.')
  })
})

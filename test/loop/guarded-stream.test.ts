import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  canary,
  createGuards,
  type Guardrail,
  guardRun,
  guardrail,
  hiddenText,
  keywords,
  pattern,
  personalData,
  type RunEvent,
  runTools,
  secrets,
  size,
  urls,
} from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

const GITHUB = `ghp_${'a1B2c3D4e5'.repeat(3)}f6G7h8`

/** Each rule with a text, what of it may never be told, and what is told where it is let go on. */
const CASES: { rule: Guardrail; text: string; never: string; told: string; ended: string }[] = [
  {
    rule: secrets(),
    text: `The key is ${GITHUB}, keep it.`,
    never: GITHUB,
    told: 'The key is [secret removed], keep it.',
    ended: 'answered',
  },
  {
    rule: secrets({ action: 'refuse' }),
    text: `The key is ${GITHUB}, keep it.`,
    never: 'ghp_',
    told: 'The key is ',
    ended: 'refused',
  },
  {
    rule: personalData(),
    text: 'Pay 4111 1111 1111 1111 to DE89 3704 0044 0532 0130 00 now.',
    never: '4111',
    told: 'Pay [card number removed] to [IBAN removed] now.',
    ended: 'answered',
  },
  {
    rule: urls({ allow: ['example.org'] }),
    text: 'See ![x](https://evil.test/?q=1) and https://example.org/a.',
    never: 'evil',
    told: 'See ![x]([link removed]) and https://example.org/a.',
    ended: 'answered',
  },
  {
    rule: hiddenText(),
    text: 'a\u{E0041}\u{E0042}b\u202Ec',
    never: '\u{E0041}',
    told: 'abc',
    ended: 'answered',
  },
  {
    rule: keywords(['project x'], { message: 'Not that.' }),
    text: 'We speak of Project X today.',
    never: 'roject',
    told: 'We speak of ',
    ended: 'refused',
  },
  {
    rule: pattern('[A-Z]{3}-\\d{4}', { name: 'ticket', action: 'rewrite' }),
    text: 'Ticket ABC-1234 is open.',
    never: 'ABC-1',
    told: 'Ticket [ticket removed] is open.',
    ended: 'answered',
  },
  {
    rule: canary(['blue-heron-77']),
    text: 'The code is b l u e heron 77, keep it.',
    never: 'heron',
    told: 'The code is ',
    ended: 'refused',
  },
  {
    rule: size({ maxCharacters: 20 }),
    text: 'Twenty characters and then some more.',
    never: 'some more',
    told: '',
    ended: 'refused',
  },
]

/** A vendor that streams a text in two pieces. */
let pieces: readonly string[] = []
/** What the vendor waits for before it ends its answer. */
let mayEnd: Promise<void> = Promise.resolve()
const server = createServer((request, reply) => {
  request.resume()
  reply.writeHead(200, { 'content-type': 'text/event-stream' })
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o' }
  const say = (delta: object, finish_reason: string | null) =>
    reply.write(
      `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
    )
  say({ role: 'assistant', content: '' }, null)
  for (const content of pieces) say({ content }, null)
  void mayEnd.then(() => {
    say({}, 'stop')
    reply.end('data: [DONE]\n\n')
  })
})
let baseUrl = ''

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (typeof address === 'object' && address) baseUrl = `http://127.0.0.1:${address.port}/v1`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})
afterEach(closeTwins)

/** Every position at which no character is cut in two. */
function positionsIn(text: string): number[] {
  const all = Array.from({ length: text.length - 1 }, (_, at) => at + 1)
  return all.filter(at => !(text.codePointAt(at - 1) !== text.charCodeAt(at - 1)))
}

async function runOf(rule: Guardrail, hear: (event: RunEvent) => void = () => {}) {
  const run = runTools({
    model: 'gpt-4o',
    protocol: 'openai-chat',
    baseUrl,
    key: 'sk-test',
    stream: true,
    prompt: 'Go.',
    guard: guardRun(createGuards([rule])),
  })
  const events: RunEvent[] = []
  for await (const event of run) {
    events.push(event)
    hear(event)
  }
  return { events, result: await run }
}

const heardIn = (events: readonly RunEvent[]) =>
  events.map(event => (event.type === 'text-delta' ? event.text : '')).join('')

describe('[L5] a guarded answer that streams', () => {
  it.each(CASES)(
    'tells nothing that is retracted, wherever it is cut: $rule.name, $ended',
    async one => {
      for (const at of positionsIn(one.text)) {
        pieces = [one.text.slice(0, at), one.text.slice(at)]
        const { events, result } = await runOf(one.rule)
        const heard = heardIn(events)
        expect({ at, ended: result.ended }).toEqual({ at, ended: one.ended })
        expect(JSON.stringify([events, result])).not.toContain(one.never)
        if (one.rule.name !== 'size') expect({ at, heard }).toEqual({ at, heard: one.told })
        if (one.ended === 'answered') expect(result.text).toBe(one.told)
      }
    },
  )

  it('is told as it comes, but for a tail', async () => {
    const words = 'One word follows another here, and none of them is any secret at all. '
    const all = [secrets(), personalData(), keywords(['project x']), canary(['blue-heron-77'])]
    for (const rule of all) {
      pieces = Array.from({ length: 200 }, () => words)
      const { events, result } = await runOf(rule)
      expect(result.text).toBe(words.repeat(200))
      expect(heardIn(events)).toBe(result.text)
      const early = events.findIndex(event => event.type === 'text-delta')
      const deltas = events.filter(event => event.type === 'text-delta').length
      expect(early).toBeGreaterThan(-1)
      // As many as came, less what the longest look-behind may keep for the end.
      expect(deltas).toBeGreaterThan(100)
    }
  })

  it.each(CASES.filter(({ rule }) => rule.name !== 'size'))(
    'is told in part while its vendor has not ended it: $rule.name, $ended',
    async ({ rule, text }) => {
      const safe = 'One word follows another here, and none of them is any secret at all. '
      pieces = [safe.repeat(20), text]
      let end = (): void => {}
      mayEnd = new Promise(resolve => {
        end = resolve
      })
      const { result } = await runOf(rule, event => {
        // Only what is told opens the way to the end: a run that held everything back would hang.
        if (event.type === 'text-delta') end()
      })
      expect(result.ended).not.toBe('failed')
      mayEnd = Promise.resolve()
    },
  )

  it('waits for its end where a rule has to see the whole, or may want another answer', async () => {
    const slow = guardrail({
      name: 'slow',
      points: ['output'],
      check: async () => ({ type: 'allow' }),
    })
    const again = keywords(['project x'], { action: 'ask-again' })
    for (const rule of [slow, again]) {
      pieces = Array.from({ length: 50 }, () => 'Nothing to see. ')
      const { events } = await runOf(rule)
      expect(events.filter(event => event.type === 'text-delta')).toHaveLength(1)
    }
  })

  it('leaves a history that every vendor takes, also where all of its text is taken out', async () => {
    const [scene] = SCENES
    const { twin, ...at } = await play(scene, [{ text: '\u202E\u202E\u202E' }, { text: 'Fine.' }])
    const guard = guardRun(createGuards([hiddenText()]))
    const first = await runTools({ ...at, stream: true, prompt: 'Go.', guard })
    expect(first).toMatchObject({ ended: 'answered', text: '' })
    const next = await runTools({ ...at, messages: first.messages, prompt: 'And now?', guard })
    expect(next.text).toBe('Fine.')
    twin.finish()
    await expectAccepted(next)
  })
})

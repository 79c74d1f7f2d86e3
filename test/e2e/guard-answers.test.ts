import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ask, ENDS } from '../../src/conformance/ask.ts'
import { buildGuardHouse, CELLS, type GuardHouse, MODELS } from './guard-house.ts'

const KEY = `ghp_${'a1B2c3D4e5'.repeat(3)}f6G7h8`
const ASK: Ask = { messages: [{ role: 'user', text: 'Tell me.' }] }
const TOOL = {
  name: 'pay',
  description: 'Pays.',
  parameters: {
    type: 'object',
    properties: { to: { type: 'string' }, amount: { type: 'number' }, note: { type: 'string' } },
    required: ['to'],
  },
}
const WITH_TOOL: Ask = { ...ASK, tools: [TOOL] }

const text = (words: string) => ({ type: 'text' as const, text: words })
const call = (given: string) => ({ type: 'call' as const, name: 'pay', arguments: given })

/** A text in two blocks, at every place. */
function cuts(words: string) {
  const places = Array.from({ length: words.length + 1 }, (_, at) => at)
  const isWhole = (at: number) => !/[\uD800-\uDBFF]$/.test(words.slice(0, at))
  return places.filter(isWhole).map(at => ({
    blocks: [words.slice(0, at), words.slice(at)].filter(part => part !== '').map(text),
  }))
}

/** Each rule on texts, with what of a text may never be heard, and what is heard where it rewrites. */
const RULES = [
  { rule: 'secrets', words: `key ${KEY}, ok`, never: /ghp_/, heard: 'key [secret removed], ok' },
  { rule: 'secrets\n    action: refuse', words: `key ${KEY}, ok`, never: /ghp_/ },
  {
    rule: 'personal-data',
    words: 'pay 4111 1111 1111 1111 or zoe@mail.example.org now',
    never: /4111|zoe@/,
    heard: 'pay [card number removed] or [e-mail address removed] now',
  },
  {
    rule: 'urls\n    allow: [example.org]',
    words: 'see ![x](https://evil.test/?q=1) or not',
    never: /evil/,
    heard: 'see ![x]([link removed]) or not',
  },
  { rule: 'hidden-text', words: 'a\u{E0041}\u200Bb', never: /\u{E0041}|\u200B/u, heard: 'ab' },
  { rule: 'keywords\n    words: [project xenon]', words: 'it is Project Xenon.', never: /xenon/i },
  {
    rule: "pattern\n    name: ticket\n    pattern: 'TCK-\\d{6}'\n    action: rewrite",
    words: 'as TCK-123456 says',
    never: /TCK-1/,
    heard: 'as [ticket removed] says',
  },
  { rule: 'canary\n    strings: [blue-heron-77]', words: 'b l u e-heron-77', never: /heron/ },
  { rule: 'size\n    maxCharacters: 12', words: 'more than twelve', never: /twelve/ },
]

describe.each(RULES)('[G14] an answer under $rule', ({ rule, words, never, heard }) => {
  let house: GuardHouse
  beforeAll(async () => {
    house = await buildGuardHouse(`rules:\n  - rule: ${rule}\n    points: [output]`)
  })
  afterAll(() => house.close())

  // Each client's streams are cut at every place: a third of them by each vendor.
  it.each(CELLS)('$front, $model, streamed $stream', async ({ front, model, stream }) => {
    const share = stream ? MODELS.length : 4 * MODELS.length
    const first = MODELS.indexOf(model)
    for (const turn of cuts(words).filter((_, at) => at % share === first)) {
      house.turn = turn
      const { said, bytes, end } = await house.ask(front, model, ASK, stream)
      expect(said).not.toMatch(never)
      expect(bytes).not.toMatch(never)
      if (heard !== undefined) expect(said.replaceAll('\n\n', '')).toBe(heard)
      else {
        expect(said).toMatch(/This was stopped by a guardrail\.$/)
        expect(end).toBe(ENDS[front].filter)
      }
    }
  })
})

describe('[G14] texts around a call', () => {
  let house: GuardHouse
  beforeAll(async () => {
    house = await buildGuardHouse('rules:\n  - rule: secrets\n    points: [output]')
  })
  afterAll(() => house.close())

  it.each(CELLS)('are read as one: $front, $model, streamed $stream', async cell => {
    const { front, model, stream } = cell
    const between = call('{"to":"bob"}')
    house.turn = { blocks: [text(`k ${KEY.slice(0, 14)}`), between, text(`${KEY.slice(14)} z`)] }
    const { blocks, bytes } = await house.ask(front, model, WITH_TOOL, stream)
    const said = blocks.flatMap(block => (block.type === 'text' ? [block.text] : [])).join('')
    expect(said).not.toContain(KEY)
    // A vendor that has one text of them has it whole.
    expect(said).toMatch(/stopped by a guardrail|^k \[secret removed\] z$/)
    expect(bytes).not.toContain(KEY.slice(14))
  })
})

describe('[G14] calls', () => {
  let house: GuardHouse
  beforeAll(async () => {
    house = await buildGuardHouse(
      `rules:
  - rule: keywords
    words: [mallory]
    points: [tool-arguments]
  - rule: personal-data
    kinds: [card]
    points: [tool-arguments]
  - rule: json-schema
    tools: [pay]
    schema: { type: object, properties: { amount: { maximum: 100 } } }`,
    )
  })
  afterAll(() => house.close())

  const FORBIDDEN = [
    '{"to":"mallory"}',
    '{"to": "\\u006dallory"}',
    '{"to":"mallory","to":"ann"}',
    '{"to":"ann","note":{"deep":["Mallory"]}}',
    '{"to":"ann","amount":7654321}',
    '{"to":"ann","mallory":1}',
  ]

  it.each(CELLS)(
    'that are forbidden never reach $front of $model, streamed $stream',
    async ({ front, model, stream }) => {
      for (const given of FORBIDDEN) {
        const fine = call('{"to":"bob","amount":1}')
        house.turn = { blocks: [text('Paying.'), fine, call(given)] }
        const heard = await house.ask(front, model, WITH_TOOL, stream)
        expect(heard.bytes).not.toMatch(/mallory|u006d|7654321/i)
        // A key written twice: what was checked is what is given.
        if (given.includes('"to":"ann"}')) {
          expect(heard.blocks.filter(({ type }) => type === 'call')).toHaveLength(2)
          continue
        }
        expect(heard.blocks.some(({ type }) => type === 'call')).toBe(false)
        expect(heard.bytes).not.toMatch(/bob/)
        expect(heard.said).toMatch(/stopped by a guardrail/)
        expect(heard.end).toBe(ENDS[front].filter)
        expect(heard.said.startsWith('Paying.')).toBe(stream)
      }
    },
  )

  it.each(CELLS)(
    'that are allowed reach $front of $model as they were written, streamed $stream',
    async ({ front, model, stream }) => {
      const given = '{"to": "bob", "amount": 1.50}'
      house.turn = { blocks: [text('Paying.'), call(given), call('{"to":"eve"}')] }
      const heard = await house.ask(front, model, WITH_TOOL, stream)
      const calls = heard.blocks.flatMap(block => (block.type === 'call' ? [block.arguments] : []))
      expect(calls.map(one => JSON.parse(one))).toEqual([{ to: 'bob', amount: 1.5 }, { to: 'eve' }])
      if (front.startsWith('openai') && !model.startsWith('gemini')) expect(calls[0]).toBe(given)
      expect(heard.end).toBe(ENDS[front].calls)
    },
  )

  it.each(CELLS)(
    'are rewritten for $front of $model, streamed $stream',
    async ({ front, model, stream }) => {
      house.turn = { blocks: [call('{"to":"bob","note":"from 4111 1111 1111 1111"}')] }
      const heard = await house.ask(front, model, WITH_TOOL, stream)
      const [only] = heard.blocks.flatMap(block => (block.type === 'call' ? [block.arguments] : []))
      expect(JSON.parse(only ?? '')).toEqual({ to: 'bob', note: 'from [card number removed]' })
      expect(heard.bytes).not.toMatch(/4111/)
      if (!stream) expect(heard.headers['toolgate-losses']).toMatch(/calls\[0\] rewritten/)
      expect(house.log().at(-1)).toMatchObject({
        mode: 'translated',
        guardrails: { rewrote: ['personal-data'], refused: [] },
      })
    },
  )
})

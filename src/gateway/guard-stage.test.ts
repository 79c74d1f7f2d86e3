import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AssistantPart } from '../core/message.ts'
import type { ModelResponse } from '../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../core/stream.ts'
import { canary, createGuards, keywords, personalData, secrets } from '../guardrails/index.ts'
import { ExchangeGuard } from './exchange-guard.ts'
import { guardAnswer } from './guard-answer.ts'
import { type GuardRule, GuardRules } from './guard-rules.ts'
import { GuardStage } from './guard-stage.ts'

const CARD = '4111 1111 1111 1111'
const RULES: readonly GuardRule[] = [
  { guardrail: secrets() },
  { guardrail: personalData({ kinds: ['card', 'email'] }) },
  { guardrail: keywords(['project xenon']) },
  { guardrail: canary(['blue-heron-77']) },
]

function guard(rules = RULES): ExchangeGuard {
  const set = new GuardRules({ rules }).for(undefined, ['m'])
  if (!set) throw new Error('no rules')
  return new ExchangeGuard(set, 'test')
}

function answer(content: readonly AssistantPart[]): ModelResponse {
  return { id: 'r', model: 'm', content, finish: { kind: 'stop', raw: 'stop' } }
}

/** The stream of an answer, its texts and arguments in pieces. */
function streamed(response: ModelResponse, sizes: readonly number[]): StreamPart[] {
  let turn = 0
  return disassemble(response).flatMap((part): StreamPart[] => {
    if (!('text' in part)) return [part]
    const pieces: StreamPart[] = []
    for (let at = 0; at < part.text.length; ) {
      const end = at + (sizes[turn++ % sizes.length] ?? 1)
      pieces.push({ ...part, text: part.text.slice(at, end) })
      at = end
    }
    return pieces
  })
}

function run(parts: readonly StreamPart[], rules = RULES) {
  const stage = new GuardStage(guard(rules))
  const out: StreamPart[] = []
  for (const part of parts) stage.push(part, one => out.push(one))
  return { out, refused: stage.refused }
}

function wordsOf({ content }: ModelResponse, asOne: boolean): string {
  let words = ''
  let last = ''
  for (const part of content) {
    const isNext = asOne && part.type === last && part.type !== 'tool-call'
    words += isNext ? '' : '\n\n'
    words += 'text' in part ? part.text : part.type === 'tool-call' ? part.arguments : ''
    last = part.type
  }
  return words
}

/** A card that stands by itself, and whatever else is looked for. */
const LEAK = /(?<!\d[ ]?)4111 1111 1111 1111(?! ?\d)|(?<!\w)project xenon(?!\w)|ann@mail\.example/

const words = fc
  .array(
    fc.constantFrom(
      'a ',
      'card ',
      CARD,
      ' 4111 11',
      '11 1111 1111',
      ' project ',
      'xenon ',
      'é😀',
      ' ann@mail.',
      'example.org ',
    ),
    { maxLength: 6 },
  )
  .map(list => list.join(''))

const part = fc.oneof(
  words.map((text): AssistantPart => ({ type: 'text', text })),
  words.map((text): AssistantPart => ({ type: 'reasoning', text })),
  words.map(
    (note): AssistantPart => ({
      ...{ type: 'tool-call', id: 'c', name: 'pay', kind: 'function' },
      arguments: JSON.stringify({ note }),
    }),
  ),
)

describe('GuardStage', () => {
  it('keeps the laws of streams, leaks nothing, and comes to the same for any pieces', () => {
    const inputs = fc.tuple(
      fc.array(part, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    )
    fc.assert(
      fc.property(inputs, ([content, sizes]) => {
        const given = answer(content)
        const { out, refused } = run(streamed(given, sizes))
        const heard = assemble(out)
        // Block by block, and as a client reads them that shows them as one.
        expect(wordsOf(heard, false)).not.toMatch(LEAK)
        expect(wordsOf(heard, true)).not.toMatch(LEAK)
        // And as one that leaves out what stands between the texts.
        for (const kind of ['text', 'reasoning']) {
          const ofKind = heard.content.filter(({ type }) => type === kind)
          expect(wordsOf({ ...heard, content: ofKind }, true)).not.toMatch(LEAK)
        }
        const whole = guardAnswer(given, guard())
        if (whole instanceof Promise) throw new Error('it needs no time')
        if (refused === undefined) expect(heard).toEqual(whole)
        else expect(whole.content).toEqual([{ type: 'text', text: refused }])
        expect(heard.finish.kind).toBe(refused === undefined ? 'stop' : 'content-filter')
        if (refused !== undefined)
          expect(heard.content.some(({ type }) => type === 'tool-call')).toBe(false)
      }),
      { numRuns: 400 },
    )
  })

  const halves = (...between: AssistantPart[]) =>
    answer([
      { type: 'text', text: 'on 4111 1111' },
      ...between,
      { type: 'text', text: ' 1111 1111.' },
    ])

  it('reads texts that follow each other as one', () => {
    const joined = assemble(run(disassemble(halves())).out)
    expect(joined.content).toEqual([
      { type: 'text', text: 'on [card number removed]' },
      { type: 'text', text: '.' },
    ])
  })

  it.each<[string, AssistantPart]>([
    ['a thought', { type: 'reasoning', text: 'Hm.' }],
    ['a call', { type: 'tool-call', id: 'c', name: 'pay', kind: 'function', arguments: '{}' }],
  ])('refuses what %s parts: the content of a chat completion has it in one', (_name, between) => {
    for (const sizes of [[100], [1], [3, 7]]) {
      const { out, refused } = run(streamed(halves(between), sizes))
      expect(refused).toBeDefined()
      const said = assemble(out).content.flatMap(one => (one.type === 'text' ? [one.text] : []))
      expect(said[0]).toBe('on 4111 1111')
      expect(said.join('')).not.toMatch(/1111 1111 1111/)
    }
    const harmless = answer([
      { type: 'text', text: `Some words, ${'and more of them, '.repeat(90)}` },
      between,
      { type: 'text', text: 'and the rest, with 4111 in it.' },
    ])
    expect(assemble(run(streamed(harmless, [5])).out)).toEqual(harmless)
  })

  it('lets text go as soon as no rule can object to it, and calls at the end', () => {
    const stage = new GuardStage(guard([{ guardrail: keywords(['project xenon']) }]))
    const out: StreamPart[] = []
    const push = (next: StreamPart) => stage.push(next, one => out.push(one))
    push({ type: 'message-start', id: 'r', model: 'm' })
    push({ type: 'text-start', index: 0 })
    push({ type: 'text-delta', index: 0, text: 'A long beginning without harm, of ' })
    expect(out.map(({ type }) => type)).toEqual(['message-start', 'text-start', 'text-delta'])
    push({ type: 'text-end', index: 0 })
    push({ type: 'tool-call-start', index: 1, id: 'c', name: 'pay', kind: 'function' })
    expect(out.at(-1)).toEqual({ type: 'text-end', index: 0 })
    push({ type: 'tool-call-delta', index: 1, text: '{}' })
    push({ type: 'tool-call-end', index: 1 })
    push({ type: 'text-start', index: 2 })
    push({ type: 'text-delta', index: 2, text: 'And more.' })
    push({ type: 'text-end', index: 2 })
    expect(out.at(-1)).toEqual({ type: 'text-end', index: 0 })
    push({ type: 'message-end', finish: { kind: 'tool-calls', raw: 'tool_calls' } })
    expect(assemble(out).content.map(({ type }) => type)).toEqual(['text', 'tool-call', 'text'])
  })

  it('drops the state and the extras of what it rewrites, and of nothing else', () => {
    const state = { family: 'f', kind: 'signature', data: 'd' } as const
    const extras = { anthropic: { citations: [] } }
    const more = { state, extras }
    const kept = answer([
      { type: 'reasoning', text: 'fine', ...more },
      { type: 'text', text: 'fine', ...more },
      { type: 'tool-call', id: 'c', name: 'pay', kind: 'function', arguments: '{ }', ...more },
    ])
    expect(assemble(run(disassemble(kept)).out)).toEqual(kept)
    const changed = answer([
      { type: 'reasoning', text: CARD, ...more },
      { type: 'text', text: CARD, ...more },
      {
        ...{ type: 'tool-call', id: 'c', name: 'pay', kind: 'function' },
        arguments: `{"a":"${CARD}"}`,
        ...more,
      },
    ])
    const { content } = assemble(run(disassemble(changed)).out)
    expect(JSON.stringify(content)).not.toMatch(/state|extras/)
  })

  it('keeps an encrypted state, whose text is no more than its summary, and the calls that need it', () => {
    const state = { family: 'f', kind: 'encrypted', data: 'd', id: 'rs_1' } as const
    const extras = { 'openai-responses': { id: 'fc_1' } }
    const given = answer([
      { type: 'reasoning', text: CARD, state },
      { type: 'tool-call', id: 'c', name: 'pay', kind: 'function', arguments: '{}', extras },
    ])
    expect(assemble(run(disassemble(given)).out).content).toEqual([
      { type: 'reasoning', text: '[card number removed]', state },
      given.content[1],
    ])
  })

  it('sees the digits that a parsed number loses, and refuses what it cannot read', () => {
    const call = (text: string) =>
      run(
        disassemble(
          answer([{ type: 'tool-call', id: 'c', name: 'pay', kind: 'function', arguments: text }]),
        ),
      ).refused
    // A card of 19 digits: 4111111111111111110 passes Luhn, and no double holds it.
    expect(call('{"n":4111111111111111110}')).toBeDefined()
    expect(call(`{"a":${'['.repeat(600)}1${']'.repeat(600)}}`)).toBeUndefined()
    expect(call(`{"a":${'['.repeat(600)}"project xenon"${']'.repeat(600)}}`)).toBeDefined()
    expect(call(`${'{"a":'.repeat(30_000)}`)).toBeUndefined()
  })

  it('refuses where a rule that needs time stands in a stream', () => {
    const patient = {
      name: 'p',
      points: ['output'] as const,
      check: async () => ({ type: 'allow' }) as const,
    }
    const { refused } = run(disassemble(answer([{ type: 'text', text: 'x' }])), [
      { guardrail: patient },
    ])
    expect(refused).toMatch(/could not be checked/)
    expect(createGuards([patient]).isImmediate('output')).toBe(false)
  })
})

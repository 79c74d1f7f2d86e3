import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canary,
  createGuards,
  type Guardrail,
  hiddenText,
  keywords,
  pattern,
  personalData,
  secrets,
  size,
  urls,
} from './index.ts'

const GITHUB = `ghp_${'a1B2c3D4e5'.repeat(3)}f6G7h8`
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA${'q0Zr/+8x'.repeat(30)}\n-----END RSA PRIVATE KEY-----`
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P'
const RANDOM = 'Zx8Qm2Lp9Kv4Rt7Wn3Yb6Hc1Jd5Fg0Sa'

/** Each rule with texts, and with what of each may never leave. */
const CASES: { rule: () => Guardrail; text: string; never: string; left: string }[] = [
  { rule: secrets, text: `a ${GITHUB} z`, never: GITHUB, left: 'a [secret removed] z' },
  { rule: secrets, text: `${PEM}`, never: 'MIIEpAIB', left: '[secret removed]' },
  { rule: secrets, text: `t=${JWT}, ok`, never: 'eyJhbGci', left: 't=[secret removed], ok' },
  { rule: secrets, text: `k: ${RANDOM}`, never: RANDOM, left: 'k: [secret removed]' },
  {
    rule: () => secrets({ action: 'refuse' }),
    text: `it is ${GITHUB} ok`,
    never: 'ghp_',
    left: 'it is ',
  },
  {
    rule: personalData,
    text: 'pay 4111 1111 1111 1111 now',
    never: '4111',
    left: 'pay [card number removed] now',
  },
  {
    rule: personalData,
    text: 'to DE89 3704 0044 0532 0130 00 and more words here',
    never: 'DE89',
    left: 'to [IBAN removed] and more words here',
  },
  {
    rule: personalData,
    text: 'AB12 pay GB82WEST12345698765432!',
    never: 'GB82',
    left: 'AB12 pay [IBAN removed]!',
  },
  {
    rule: personalData,
    text: 'mail 😀 ann.lee+x@mail.example.org, or +49 (30) 1234-5678.',
    never: 'ann',
    left: 'mail 😀 [e-mail address removed], or [telephone number removed].',
  },
  {
    rule: () => urls({ allow: ['example.org', '*.example.net'] }),
    text: 'see https://example.org/a?b and ![x](https://evil.test/?q=1) end',
    never: 'evil',
    left: 'see https://example.org/a?b and ![x]([link removed]) end',
  },
  {
    rule: () => urls({ allow: ['example.org'] }),
    text: '[x](//evil.test) <a href=javascript:alert(1)> https://example.org.evil.test/',
    never: 'evil',
    left: '[x]([link removed]) <a href=[link removed])> [link removed]',
  },
  {
    rule: () => urls({ allow: ['example.org'] }),
    text: 'https://example.org@evil.test/ www.evil.test http:/\\evil.test/',
    never: 'evil',
    left: '[link removed] [link removed] [link removed]',
  },
  {
    rule: hiddenText,
    text: 'a\u{E0041}\u{E0042}b\u202Ec\u200Bd 👩\u200D💻 🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}!',
    never: '\u{E0041}',
    left: 'abcd 👩\u200D💻 🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}!',
  },
  {
    rule: () => keywords(['plan nine', 'xenon']),
    text: 'xenons are not it, but Plan Nine is',
    never: 'Plan',
    left: 'xenons are not it, but ',
  },
  {
    rule: () => pattern('ticket-[0-9]+', { name: 'tickets', action: 'rewrite' }),
    text: 'ticket- and ticket-12345 end',
    never: '12345',
    left: 'ticket- and [tickets removed] end',
  },
  {
    rule: () => canary(['blue-heron-77']),
    text: 'they say blue heron 7\u200B7 there',
    never: 'heron',
    left: 'they say ',
  },
]

/** What leaves of a text that comes in these pieces, after each piece. */
function leaves(rules: readonly Guardrail[], pieces: readonly string[]) {
  const guard = createGuards(rules).stream('output')
  const steps: string[] = []
  let out = ''
  const emit = (text: string) => {
    out += text
  }
  for (const piece of pieces) {
    guard.push(piece, emit)
    steps.push(out)
  }
  guard.end(emit)
  return { out, steps, stopped: guard.stopped }
}

describe('a guarded stream', () => {
  it.each(CASES)('never lets $never leave of $text, wherever it is cut [L5]', one => {
    const { text, never, left } = one
    const rule = { ...one.rule(), points: ['output' as const] }
    const ways = [
      [text],
      [...text],
      ...Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]),
    ]
    for (const pieces of ways) {
      const { out, steps } = leaves([rule], pieces)
      expect(out).toBe(left)
      for (const step of steps) expect(left.startsWith(step)).toBe(true)
      expect(out).not.toContain(never)
    }
  })

  it.each(CASES)('comes to the same as $text in one piece', async one => {
    const rule = { ...one.rule(), points: ['output' as const] }
    const { verdict } = await createGuards([rule]).check('output', one.text)
    if (verdict.type === 'rewrite') expect(verdict.value).toBe(one.left)
    else expect(verdict.type).toBe('refuse')
  })

  it('comes to the same for any pieces of any mixture, with all rules at once', () => {
    const word = fc.oneof(
      ...CASES.map(({ text }) => fc.constant(text)),
      fc.constantFrom(' ', '-', '12 ', 'https:', 'a', '\n', '😀', 'sk-', '@', '4111'),
    )
    const rules = () => [
      urls({ allow: ['example.org'] }),
      secrets(),
      personalData(),
      hiddenText(),
      keywords(['plan nine']),
    ]
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        (words, sizes) => {
          const text = words.join('')
          const pieces: string[] = []
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1
            pieces.push(text.slice(at, at + size))
            at += size
          }
          const whole = leaves(rules(), [text])
          const cut = leaves(rules(), pieces)
          expect(cut.stopped?.type).toBe(whole.stopped?.type)
          if (!whole.stopped) expect(cut.out).toBe(whole.out)
          // What was behind the stop in later stages may stay behind it.
          else expect(whole.out.startsWith(cut.out) || cut.out.startsWith(whole.out)).toBe(true)
        },
      ),
      { seed: 7, numRuns: 300 },
    )
  })

  it('holds back no more than the rules look behind', () => {
    const guard = createGuards([keywords(['secret'])]).stream('output')
    let out = ''
    guard.push('a plain sentence that goes on and on', text => {
      out += text
    })
    expect(out.length).toBeGreaterThanOrEqual('a plain sentence that goes on and on'.length - 8)
  })

  it('stops a text that is too long before the piece that is too much', () => {
    const { out, stopped } = leaves([size({ maxCharacters: 10 })], ['12345', '67890', '1'])
    expect(out).toBe('1234567890')
    expect(stopped).toMatchObject({ type: 'refuse' })
  })

  it('waits for the whole where a guardrail has to see the whole', async () => {
    const seen: unknown[] = []
    const whole: Guardrail = {
      name: 'whole',
      points: ['output'],
      check({ value }) {
        seen.push(value)
        return Promise.resolve({ type: 'refuse', reason: 'no', message: 'No.' })
      },
    }
    const guard = createGuards([hiddenText(), whole]).stream('output')
    let out = ''
    const emit = (text: string) => {
      out += text
    }
    guard.push('a\u200Bb', emit)
    await guard.end(emit)
    expect([out, seen]).toEqual(['', ['ab']])
    expect(guard.stopped).toMatchObject({ message: 'No.' })
  })

  it('lets nothing more leave once a rule has failed', () => {
    const broken: Guardrail = {
      name: 'broken',
      points: ['output'],
      text: [
        {
          lookBehind: 0,
          find() {
            throw new Error('out of order')
          },
          objection: { type: 'refuse', reason: 'x', message: 'x' },
        },
      ],
      check: () => ({ type: 'allow' }),
    }
    const { out, stopped } = leaves([broken], ['one', 'two'])
    expect(out).toBe('')
    expect(stopped).toMatchObject({ type: 'refuse', reason: 'a guardrail failed: out of order' })
  })
})

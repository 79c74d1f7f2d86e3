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
  urls,
} from './index.ts'

const LENGTH = 8192
const filled = (head: string, more: string) =>
  (head + more.repeat(LENGTH / more.length)).slice(0, LENGTH)

/** Texts of which all or nothing can leave for long, and plain ones. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['prose', filled('', 'The fox jumps over the dog, and then it goes home to rest for a while. ')],
  ['brackets that stay open', filled('](', '(')],
  ['links in links', filled('', '](')],
  ['an address', filled('https://example.org/', 'a/b-c_d?e=f&g=h')],
  ['addresses in addresses', filled('', 'https://example.org/')],
  ['a tag that stays open', filled('<a href=', 'abc')],
  ['entities', filled('](', '&#x6a;')],
  ['blanks', filled('](', ' ')],
  ['a key', filled('-----BEGIN PRIVATE KEY-----', 'MIIEpAIBAAKCAQEAq0Zr')],
  ['a token', filled('', 'aB3')],
  ['digits', filled('', '1')],
  ['groups of digits', filled('+', '49 30 1 ')],
  ['addresses of people', filled('', 'a.b@c')],
  ['what is not seen', filled('', '\u200b')],
]

const RULES: readonly (readonly [name: string, make: () => readonly Guardrail[]])[] = [
  ['urls', () => [urls({ allow: ['example.org'] })]],
  ['secrets', () => [secrets()]],
  ['personal data', () => [personalData()]],
  ['keywords', () => [keywords(['plan nine', 'xenon'])]],
  ['a pattern', () => [pattern('(?:fox|[a(1])[^z]*', { name: 'open', lookBehind: 4 })]],
  ['hidden text', () => [hiddenText()]],
  ['a canary', () => [canary(['blue-heron-77'])]],
  [
    'several that refuse',
    () => [
      urls({ allow: ['example.org'], action: 'refuse' }),
      secrets({ action: 'refuse' }),
      personalData({ action: 'refuse' }),
      keywords(['plan nine', 'xenon']),
    ],
  ],
]

/** The same guardrails, and how many characters their searches had before them so far. */
function counted(guardrails: readonly Guardrail[]) {
  const count = { searched: 0, lookBehind: 0, rules: 0 }
  const list = guardrails.map(guardrail => ({
    ...guardrail,
    text: (guardrail.text ?? []).map(rule => {
      count.lookBehind = Math.max(count.lookBehind, rule.lookBehind)
      count.rules++
      return {
        ...rule,
        find(text: string, from: number) {
          count.searched += text.length - from
          return rule.find(text, from)
        },
      }
    }),
  }))
  return { list, count }
}

describe('[L5] a stream that is held for long', () => {
  const cases = RULES.flatMap(([rule, make]) =>
    TEXTS.map(([name, text]) => ({ rule, make, name, text })),
  )
  it.each(cases)('is searched in linear work: $rule, $name', ({ make, text }) => {
    for (const size of [1, 4]) {
      const { list, count } = counted(make())
      const guard = createGuards(list).stream('output')
      for (let at = 0; at < text.length && !guard.stopped; at += size)
        guard.push(text.slice(at, at + size), () => {})
      // With each piece, what a rule looks behind; and a stretch each time it has grown by an eighth.
      const most = text.length * (count.lookBehind + 32)
      expect(count.searched).toBeLessThan(count.rules * most)
      guard.end(() => {})
    }
  })
})

/** What is left of a text that comes in pieces of a size. */
function leftOf(rules: readonly Guardrail[], text: string, size: number) {
  const guard = createGuards(rules).stream('output')
  let out = ''
  const emit = (more: string) => {
    out += more
  }
  for (let at = 0; at < text.length; at += size) guard.push(text.slice(at, at + size), emit)
  guard.end(emit)
  return { out, stopped: guard.stopped }
}

describe('[L5] a stretch that is not read with each piece', () => {
  const links = () => urls({ allow: ['example.org', '*.example.net'] })
  const LONG = 'b'.repeat(300)
  const inside: readonly (readonly [name: string, text: string, left: string])[] = [
    [
      'an address within many links',
      `[a${'](b'.repeat(200)}](//evil.test/q) z`,
      `[a${'](b'.repeat(200)}]([link removed]) z`,
    ],
    [
      'an address with entities within links to good ones',
      `[a${'](https://example.org/b'.repeat(50)}](h&#116;tps&colon;//evil.test/${LONG}) z`,
      `[a${'](https://example.org/b'.repeat(50)}]([link removed]) z`,
    ],
    [
      // The blanks part it from the links before it, which lead to a list then.
      'an address behind blanks that are written as entities',
      `[a${'](b'.repeat(50)}](${'&#32;'.repeat(80)}//evil.test/${LONG}) z`,
      '[a]([link removed] z',
    ],
    [
      'a scheme that is longer than what is read of it first',
      `[a${'](b'.repeat(50)}](x${LONG}://evil.test/${LONG}) z`,
      `[a${'](b'.repeat(50)}]([link removed]) z`,
    ],
    [
      'the second of two within links',
      `[a${'](b'.repeat(50)}](//example.org,//evil.test/${LONG}) z`,
      '[a]([link removed] z',
    ],
    [
      'a host that is longer than what is read of an address first',
      `[a](https://example.org${'.a'.repeat(300)}.evil.test/) z`,
      `[a]([link removed]) z`,
    ],
    [
      'a good host with a long path',
      `[a](https://example.org/${LONG}/${LONG}?q=evil.test) z`,
      `[a](https://example.org/${LONG}/${LONG}?q=evil.test) z`,
    ],
    [
      'a good host with so many full stops behind it',
      `https://example.org/a${'.'.repeat(600)} z`,
      `https://example.org/a${'.'.repeat(600)} z`,
    ],
  ]
  it.each(inside)('comes to the same in pieces of any size: %s', async (_name, text, left) => {
    for (const size of [1, 3, 16, 100, text.length])
      expect(leftOf([links()], text, size).out).toBe(left)
    expect((await createGuards([links()]).check('output', text)).value).toBe(left)
  })

  it('reads a path to its end where the list has paths', () => {
    const rule = () => urls({ allow: ['example.org/docs/'] })
    const good = `https://example.org/docs/${LONG}/${LONG} z`
    const bad = `https://example.org/docs/${LONG}/${LONG}/../../../x z`
    for (const size of [1, 7, 1000]) {
      expect(leftOf([rule()], good, size).out).toBe(good)
      expect(leftOf([rule()], bad, size).out).toBe('[link removed] z')
    }
  })

  it('is read before another rule ends the text', () => {
    const rules = () => [
      urls({ allow: ['example.org'], action: 'refuse' }),
      keywords(['xenon'], { action: 'require-approval' }),
    ]
    const text = `See https://evil.test/${LONG} xenon ${LONG}`
    for (const size of [1, 5, 400, text.length]) {
      const { out, stopped } = leftOf(rules(), text, size)
      expect(out).toBe('See ')
      expect(stopped).toMatchObject({ type: 'refuse' })
    }
  })

  it('holds what comes behind it no longer than an eighth of it', () => {
    const guard = createGuards([links()]).stream('output')
    const address = `https://example.org/${LONG}`
    let out = ''
    for (const piece of `${address} ${'and so on '.repeat(8)}`)
      guard.push(piece, more => {
        out += more
      })
    expect(out.startsWith(address)).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import {
  canary,
  createGuards,
  type Guardrail,
  guardrail,
  hiddenText,
  keywords,
  personalData,
  secrets,
  urls,
} from './index.ts'

const GITHUB = 'ghp_a1B2c3D4e5a1B2c3D4e5f6G7h8J9k0'
const RANDOM = 'Zx8Qm2Lp9Kv4Rt7Wn3Yb6Hc1Jd5Fg0Sa'
const links = () => urls({ allow: ['example.org', '*.example.net'] })
const words = () => keywords(['project xenon', 'café'])
const planted = () => canary(['blue-heron-77'])

type Case = readonly [name: string, rules: () => readonly Guardrail[], text: string, left: string]

/** Texts that hide what a rule looks for, and what is left of them. */
const CASES: readonly Case[] = [
  ...(
    [
      ['after an equals sign', `KEY=${RANDOM} z`, 'KEY=[secret removed] z'],
      ['behind words', `the-key-of-the-shop-for-payments-is-${RANDOM} z`, '[secret removed] z'],
      ['at the end of a path', `/a/production/endpoint/of/it/${RANDOM} z`, '[secret removed] z'],
      ['escaped in markdown', `k ${GITHUB.replace('_', '\\_')} z`, 'k [secret removed] z'],
      ['escaped within', 'k sk-ant-api03-abc\\_def1234567890\\_xyz z', 'k [secret removed] z'],
      ['PGP', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF', '[secret removed]'],
    ] as const
  ).map(([name, text, left]) => [`secret ${name}`, () => [secrets()], text, left] as const),
  ...(
    [
      ['an entity for the colon', '![x](https&colon;//evil.test/?q=1) z', '![x]([link removed]) z'],
      ['a numeric entity', '![x](https&#58;//evil.test/?q=1)', '![x]([link removed])'],
      ['escapes of markdown', '![x](https\\:\\/\\/evil.test/)', '![x]([link removed])'],
      ['an escaped @', '[x](https://example.org\\@evil.test)', '[x]([link removed])'],
      ['three slashes', '![x](///evil.test/q)', '![x]([link removed])'],
      ['slashes both ways', '[x](/\\/evil.test)', '[x]([link removed])'],
      ['an encoded host', '![x](//%65vil.test/q)', '![x]([link removed])'],
      ['an empty user', '![x](//@evil.test/q)', '![x]([link removed])'],
      [
        'a host of other letters',
        '![x](//\u0435vil.test/) www.\u0435vil.test/q z',
        '![x]([link removed]) [link removed] z',
      ],
      ['many blanks', '[x](                        //evil.test/q)', '[x]([link removed])'],
      ['a reference on the next line', '[x]:\n      //evil.test/q z', '[x]:[link removed] z'],
      [
        'a host that goes on behind a quote',
        "![x](https://example.org'.evil.test/q)",
        '![x]([link removed])',
      ],
      [
        'a host that goes on behind a brace',
        '[x](https://example.org}.evil.test/q)',
        '[x]([link removed])',
      ],
      ['a new line in the scheme', '<img src="h\nttps:evil.test/q">', '<img src="[link removed]">'],
      ['a tab between slashes', '<img src="/\t/evil.test/q">', '<img src="[link removed]">'],
      ['an entity in the scheme', '<a href="&#x6a;avascript:x">', '<a href="[link removed]">'],
      [
        'a set of sources',
        '<img srcset="a.png 1x, //evil.test/q 2x">',
        '<img srcset="[link removed]">',
      ],
      ['a refreshing page', '<meta content="0;//evil.test">', '<meta content="[link removed]">'],
      [
        'nothing: good links',
        '[x](https://example.org/a_(b)) ![y](/z.png "t") a[i](b) <a href="https://a.example.net/">',
        '[x](https://example.org/a_(b)) ![y](/z.png "t") a[i](b) <a href="https://a.example.net/">',
      ],
    ] as const
  ).map(([name, text, left]) => [`address with ${name}`, () => [links()], text, left] as const),
  ...(
    [
      ['selectors that carry bytes', 'a\uFE00\uFE0F\uFE05b h\uFE03i', 'ab hi'],
      ['what Unicode has not assigned yet', 'a\u{E0080}\u{E01F0}\u{E0FFF}b\uFFF0c', 'abc'],
      ['annotations and other controls', 'a\uFFF9b\uFFFAc\uFFFBd\u{1BCA0}e\u{13430}f', 'abcdef'],
      [
        'nothing: selectors in their place',
        '❤\uFE0F 1\uFE0F\u20E3 ☎\uFE0E 葛\uFE00',
        '❤\uFE0F 1\uFE0F\u20E3 ☎\uFE0E 葛\uFE00',
      ],
    ] as const
  ).map(
    ([name, text, left]) => [`hidden text: ${name}`, () => [hiddenText()], text, left] as const,
  ),
  ...(
    [
      ['on two lines', 'a project\n    xenon b'],
      ['with dashes', 'a project-xenon b'],
      ['in emphasis', 'a _project xenon_ b'],
      ['in letters and marks', 'a cafe\u0301 b'],
    ] as const
  ).map(
    ([name, text]) =>
      [`keyword ${name}`, () => [words()], text, text.startsWith('a _') ? 'a _' : 'a '] as const,
  ),
  ['keyword in a name', () => [words()], 'my_café_x and café1', 'my_café_x and café1'],
  ...(
    [
      ['a card with two blanks', '4111  1111  1111  1111', 'card number'],
      ['a card with long dashes', '4111–1111—1111‐1111', 'card number'],
      ['a card with thin blanks', '4111\u20091111\u202f1111\u00a01111', 'card number'],
      ['a card of full width', '４１１１ １１１１ １１１１ １１１１', 'card number'],
      ['a card in Arabic digits', '٤١١١١١١١١١١١١١١١', 'card number'],
      ['an IBAN in small letters', 'de89 3704 0044 0532 0130 00', 'IBAN'],
      ['an IBAN with a parted country', 'DE 89 3704 0044 0532 0130 00', 'IBAN'],
      ['an IBAN with wide gaps', 'DE89  3704  0044 – 0532  0130  00', 'IBAN'],
      ['an address with umlauts', 'jörg@bücher.example', 'e-mail address'],
      ['an encoded address', 'ann%40example.org', 'e-mail address'],
      ['an address with an entity', 'ann&#64;example.org', 'e-mail address'],
      ['a wide @', 'ann＠example.org', 'e-mail address'],
      ['00 for a plus', '0049 30 12345678', 'telephone number'],
    ] as const
  ).map(
    ([name, text, kind]) =>
      [name, () => [personalData()], `to ${text}, now`, `to [${kind} removed], now`] as const,
  ),
  [
    'a number before others',
    () => [personalData()],
    'to +49 30 1234 5678 10115 Berlin',
    'to [telephone number removed] 10115 Berlin',
  ],
  ...(
    [
      'b*l*u*e-heron-77',
      'blue/heron|77',
      'blue    heron    77',
      'b\u{E0041}\u{E0042}lue-heron-77',
      'blu\uFE0Fe–heron—77',
      'b\u0301lueheron77',
    ] as const
  ).map(text => [`planted as ${text}`, () => [planted()], `say ${text} z`, 'say '] as const),
  [
    'a secret parted by what is not seen',
    () => [secrets(), hiddenText()],
    `k ${GITHUB.replace('e5', 'e\u200B5')} z`,
    'k [secret removed] z',
  ],
  [
    'a word parted by what is not seen',
    () => [words(), hiddenText()],
    'a project xe\u200Bnon b',
    'a ',
  ],
]

describe('a rule under evasion [L5]', () => {
  it.each(CASES)('%s', async (_name, make, text, left) => {
    const rules = make()
    const ways = [
      [text],
      text.split(''),
      ...Array.from(text, (_, at) => [text.slice(0, at), text.slice(at)]),
    ]
    for (const pieces of ways) {
      const stream = createGuards(rules).stream('output')
      let out = ''
      for (const piece of pieces) {
        stream.push(piece, more => (out += more))
        expect(left.startsWith(out)).toBe(true)
      }
      stream.end(more => (out += more))
      expect(out).toBe(left)
    }
    const { verdict, value } = await createGuards(rules).check('output', text)
    if (verdict.type === 'refuse') expect(text.replaceAll('\u200B', '').startsWith(left)).toBe(true)
    else expect(value).toBe(left)
    expect(createGuards(rules).checkNow('output', text).verdict.type).toBe(verdict.type)
  })

  it('takes no canary of too few letters', () => {
    for (const text of ['------', 'a-b-c-', 'short'])
      expect(() => canary([text])).toThrow(/6 characters/)
  })
})

describe('a guardrail that answers nonsense', () => {
  const values: readonly unknown[] = [
    ...[undefined, null, true, 'allow', [], {}, { type: 'Allow' }, { type: ['allow'] }],
    ...[{ type: 'refuse' }, { type: 'refuse', reason: 'x' }, { type: 'ask-again' }],
    ...[{ type: 'rewrite' }, { type: 'rewrite', reason: 'x' }],
    ...[
      { type: 'rewrite', reason: 'x', value: () => 1 },
      { type: 'rewrite', reason: 'x', value: 1n },
    ],
  ]
  it.each(values.map(value => [value]))('refuses: %o', async value => {
    const check = () => JSON.parse('0') || value
    for (const one of [
      guardrail({ name: 'n', check }),
      guardrail({ name: 'n', check: async () => check() }),
    ])
      expect(await createGuards([one]).check('output', 'x')).toMatchObject({
        verdict: { type: 'refuse', message: expect.any(String), reason: expect.any(String) },
        value: 'x',
      })
  })
})

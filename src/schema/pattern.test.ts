import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oddPatterns, readPattern } from './pattern.ts'

/** What the engine says of a pattern, without the flag. */
function without(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern)
  } catch {
    return undefined
  }
}

describe('a pattern', () => {
  it.each(['^a+$', String.raw`^\p{L}{2}$`, String.raw`^[\w\-.]+\/$`, '^\u{1f600}.$', ''])(
    'that is legal with the flag stays as it is: %s',
    pattern => expect(readPattern(pattern)).toEqual({ ok: true, source: pattern }),
  )

  it.each([
    [String.raw`^[\w-.]+$`, ['a-b.c'], ['a b', '']],
    [String.raw`^[a-\d]$`, ['a', '-', '7'], ['b']],
    [String.raw`^\d{3}\-\d\_$`, ['123-4_'], [String.raw`123\-4_`]],
    [String.raw`^[\w\-\.\ ]+\@$`, ['a b@'], ['a,b@']],
    ['^{a}]$', ['{a}]'], ['a']],
    ['^(?=a)*b', ['b', 'bc'], ['ab']],
    [String.raw`^\p{Lu}\_$`, ['É_'], ['p{Lu}_', 'é_']],
  ])('that is legal only without it means what it says: %s', (pattern, right, wrong) => {
    expect(() => new RegExp(pattern, 'u')).toThrow()
    const read = readPattern(pattern)
    const made = new RegExp(read.ok ? read.source : '^no$', 'u')
    for (const text of right) expect(made.test(text), text).toBe(true)
    for (const text of wrong) expect(made.test(text), text).toBe(false)
  })

  it('means the same with the flag as without, whatever it is made of', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b',
        '-',
        '_',
        '{',
        '}',
        ']',
        '[',
        '[^',
        '(',
        '(?:',
        '(?=',
        '(?!',
        ')',
        '|',
        '^',
        '$',
      ],
      ...['.', '*', '+', '?', '{2}', '{1,}', '{,2}', ',', '1', ' '],
      ...[String.raw`\-`, String.raw`\_`, String.raw`\ `, String.raw`\]`, String.raw`\[`],
      ...[String.raw`\d`, String.raw`\W`, String.raw`\\`, String.raw`\x61`, String.raw`\u0062`],
    )
    const patterns = fc.array(piece, { maxLength: 9 }).map(pieces => pieces.join(''))
    const texts = fc.array(fc.stringMatching(/^[ab\-_{}[\],1 \\]{0,6}$/), { minLength: 8 })
    let said = 0
    const holds = fc.property(patterns, texts, (pattern, list) => {
      const loose = without(pattern)
      const read = readPattern(pattern)
      expect(read.ok).toBe(loose !== undefined)
      if (!read.ok || !loose || read.source === pattern) return
      said++
      for (const text of list) {
        const found = new RegExp(read.source, 'u').exec(text)
        expect(found && [...found], `${read.source} on ${text}`).toEqual(
          loose.exec(text) && [...(loose.exec(text) ?? [])],
        )
      }
    })
    fc.assert(holds, { numRuns: 4000, seed: 11 })
    expect(said).toBeGreaterThan(100)
  })

  it.each([
    ['(?i)^x', 'invalid group'],
    ['a(', 'unterminated group'],
    ['a++', 'nothing to repeat'],
    [String.raw`\A\d+\Z`, String.raw`\A is no escape of it`],
    [String.raw`^\\\\\h`, String.raw`\h is no escape of it`],
    [String.raw`\p{IsLatin}`, 'invalid property name'],
  ])('of another dialect is none: %s', (pattern, why) => {
    expect(readPattern(pattern)).toEqual({ ok: false, why })
  })
})

describe('the odd patterns of a schema', () => {
  it('are named with their places', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { pattern: '(?i)x' },
        pattern: { anyOf: [{ items: { pattern: '^ok$' } }, { not: { pattern: '(' } }] },
      },
      patternProperties: { 'a/(?i)~': { $ref: '#/$defs/d' } },
      $defs: { d: { pattern: '[' } },
      default: { pattern: '(' },
      'x-note': { pattern: '(' },
    }
    expect(oddPatterns(schema).map(({ path }) => path)).toEqual([
      '/properties/a/pattern',
      '/properties/pattern/anyOf/1/not/pattern',
      '/patternProperties/a~1(?i)~0',
      '/$defs/d/pattern',
    ])
  })

  it('are named up to a number', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [i, { pattern: '(' }]),
    )
    expect(oddPatterns({ properties })).toHaveLength(20)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../core/error.ts'
import { isObject, type Json, type JsonObject } from '../core/json.ts'
import {
  embed,
  jsonBytes,
  MAX_DEPTH,
  parseJson,
  sourceText,
  stringifyJson,
  tryParseJson,
  writeOnce,
} from './json.ts'
import { endOfString, isDeeper } from './json-scan.ts'

/** JSON text as it is, but for white space and the spelling of strings: numbers letter by letter. */
function exact(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, token =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  )
}

function objectAt(root: Json, ...path: (string | number)[]): JsonObject {
  let value: Json | undefined = root
  for (const key of path) {
    if (Array.isArray(value) && typeof key === 'number') value = value[key]
    else if (isObject(value)) value = value[String(key)]
  }
  if (!isObject(value)) throw new Error(`no object at ${path.join('.')}`)
  return value
}

// --- texts that a serialiser of some other language may write ---------------------------------

const numberText = fc.oneof(
  fc.constantFrom('0', '-0', '1.0', '-0.0', '1e5', '1E+5', '1e-7', '0.0000001', '-1.50', '100'),
  fc.constantFrom('9007199254740993', '12345678901234567890', '90.07199254740993', '1e400'),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => JSON.stringify(value)),
  fc
    .tuple(fc.boolean(), fc.nat(), fc.option(fc.stringMatching(/^[0-9]{1,20}$/)), fc.boolean())
    .map(([minus, whole, fraction, exponent]) => {
      const point = fraction === null ? '' : `.${fraction}`
      return `${minus ? '-' : ''}${whole}${point}${exponent ? 'e3' : ''}`
    }),
)

const stringText = fc.oneof(
  fc.string({ unit: 'grapheme' }).map(value => JSON.stringify(value)),
  fc
    .string({ unit: 'binary', maxLength: 6 })
    .map(value =>
      Array.from({ length: value.length }, (_, i) => {
        const code = value.charCodeAt(i).toString(16).padStart(4, '0')
        return `\\u${code}`
      }).join(''),
    )
    .map(escapes => `"${escapes}"`),
  fc.constantFrom('"\\""', '"\\\\"', '"\\\\\\""', '"{"', '"]["', '": 1.0"', '"\\/"', '" -0"'),
)

const keyText = fc.oneof(
  stringText,
  fc.constantFrom('"__proto__"', '"constructor"', '"toString"', '"0"', '"7"', '"10"', '"01"'),
  fc.constantFrom('"4294967294"', '"4294967295"', '"-1"', '"1.5"', '"\\u0031"', '"a1"', '""'),
)

const spaceText = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '  ')

const { value: jsonText, object: objectText } = fc.letrec<{
  value: string
  array: string
  object: string
}>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    numberText,
    stringText,
    fc.constantFrom('null', 'true', 'false', '{}', '[]', '[ ]', '{\n}'),
    tie('array'),
    tie('object'),
  ),
  array: fc
    .array(fc.tuple(spaceText, tie('value'), spaceText), { maxLength: 4 })
    .map(items => `[${items.map(item => item.join('')).join(',')}]`),
  object: fc
    .uniqueArray(fc.tuple(spaceText, keyText, spaceText, tie('value'), spaceText), {
      maxLength: 4,
      selector: ([, key]) => JSON.parse(key),
    })
    .map(members => `{${members.map(([a, k, b, v, c]) => `${a}${k}${b}:${v}${c}`).join(',')}}`),
}))

describe('parseJson', () => {
  it('returns what JSON.parse returns', () => {
    fc.assert(
      fc.property(jsonText, text => {
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('refuses what is not JSON with the words of the parser', () => {
    for (const text of ['', '{', '{"a":}', '[1,]', "{'a':1}", 'NaN', '{"a":1}x', '\ufeff{}']) {
      expect(() => parseJson(text)).toThrow(/^The body is not valid JSON: ./)
      try {
        parseJson(text)
      } catch (thrown) {
        expect(isToolgateError(thrown) && thrown.code).toBe('invalid_json')
      }
    }
  })

  it('lets MAX_DEPTH levels through and no more', () => {
    const nest = (levels: number, open: string, close: string) =>
      open.repeat(levels) + close.repeat(levels)
    const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect(() => parseJson(nest(MAX_DEPTH, '[', ']'))).not.toThrow()
    expect(() => parseJson(objects(MAX_DEPTH))).not.toThrow()
    expect(() => parseJson(nest(MAX_DEPTH + 1, '[', ']'))).toThrow(/deeper than 512/)
    expect(() => parseJson(objects(MAX_DEPTH + 1))).toThrow(/deeper than 512/)
    expect(() => parseJson(nest(1_000_000, '[', ']'))).toThrow(/deeper than 512/)
    // Many brackets are not deep ones, and brackets in strings are none.
    expect(() => parseJson(`[${'[],{},'.repeat(5000)}0]`)).not.toThrow()
    expect(() => parseJson(JSON.stringify(['['.repeat(5000), '\\"{'.repeat(5000)]))).not.toThrow()
    expect(() => parseJson(`["${']'.repeat(2000)}",${nest(600, '[', ']')}]`)).toThrow(/deeper/)
  })

  it('pollutes no prototype', () => {
    const value = parseJson('{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}')
    expect(isObject(value) && Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect('polluted' in {}).toBe(false)
    sourceText(parseJson('{"a":{"__proto__":{"b":1.0}},"a":{}}'), {})
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('sourceText', () => {
  it.each([
    '{"a":9007199254740993}',
    '{"a":1.0}',
    '{"a":1e5}',
    '{"a":-0}',
    '{"a":0.0000001}',
    '{"a":90.07199254740993}',
    '{"b":1,"10":2,"1":3}',
    '{"b":1,"\\u0031":3}',
    '{"a":{"x":[1.50]}}',
    '{"a":1E400}',
  ])('gives %s back as it was written', text => {
    const root = parseJson(`{"input": ${text}}`)
    expect(sourceText(root, objectAt(root, 'input'))).toBe(text)
  })

  it('writes compactly what can be written again, and puts line ends out of the way', () => {
    const root = parseJson('{"input": { "a" : 1,\n "b" : [ "x" ] }}')
    expect(sourceText(root, objectAt(root, 'input'))).toBe('{"a":1,"b":["x"]}')
    const fragile = parseJson('{"input": {\r\n  "a": 1.0,\n  "b": "\\n"\n}}')
    expect(sourceText(fragile, objectAt(fragile, 'input'))).toBe('{   "a": 1.0,   "b": "\\n" }')
  })

  it('finds each object of a tree, in arrays and in an array at the root too', () => {
    const root = parseJson('[{"a":1.0},{"a":{"b":[2.0,{"c":3.0}]}},"x",{"a":1.0}]')
    expect(sourceText(root, objectAt(root, 0))).toBe('{"a":1.0}')
    expect(sourceText(root, objectAt(root, 1, 'a'))).toBe('{"b":[2.0,{"c":3.0}]}')
    expect(sourceText(root, objectAt(root, 1, 'a', 'b', 1))).toBe('{"c":3.0}')
    expect(sourceText(root, objectAt(root, 3))).toBe('{"a":1.0}')
  })

  it('counts the last of a key written twice', () => {
    const root = parseJson('{"input":{"a":1.0},"x":2.0,"input":{"b":2.0}}')
    expect(sourceText(root, objectAt(root, 'input'))).toBe('{"b":2.0}')
    const nested = parseJson('{"a":{"b":{"c":1.0}},"a":{"b":{"d":{}}},"a":{"e":1.0}}')
    expect(sourceText(nested, objectAt(nested, 'a'))).toBe('{"e":1.0}')
  })

  it('writes objects it has never seen', () => {
    const root = parseJson('{"a":1.0}')
    expect(sourceText(root, { b: 2 })).toBe('{"b":2}')
    expect(sourceText({ not: 'parsed' }, { b: 2 })).toBe('{"b":2}')
    expect(sourceText(null, { b: 2 })).toBe('{"b":2}')
    expect(sourceText('text', {})).toBe('{}')
  })

  it('property: no number, key order or string is changed', () => {
    fc.assert(
      fc.property(fc.array(objectText, { minLength: 1, maxLength: 3 }), spaceText, (texts, gap) => {
        const members = texts.map((text, i) => `"m${i}":${gap}{"input":${gap}${text}}`)
        const root = parseJson(`{${members.join(`,${gap}`)},"big":1.0}`)
        for (const [i, text] of texts.entries()) {
          const found = sourceText(root, objectAt(root, `m${i}`, 'input'))
          expect(exact(found)).toBe(exact(text))
          expect(found).not.toMatch(/[\r\n]/)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('embed and stringifyJson', () => {
  it('property: an embedded text is written letter by letter, in any place', () => {
    fc.assert(
      fc.property(jsonText, jsonText, fc.string(), (first, second, text) => {
        const tree: Json = {
          [text]: text,
          a: [embed(first), { b: embed(second) }],
          z: embed(first),
        }
        const written = stringifyJson(tree)
        const name = JSON.stringify(text)
        const whole = `{${name}:${name},"a":[${first},{"b":${second}}],"z":${first}}`
        expect(JSON.parse(written)).toEqual(JSON.parse(whole))
        expect(exact(stringifyJson([embed(first)]))).toBe(exact(`[${first}]`))
        expect(written).not.toMatch(/[\r\n]/)
      }),
      { numRuns: 2000 },
    )
  })

  it('property: source text and back through another body changes nothing', () => {
    fc.assert(
      fc.property(objectText, text => {
        const root = parseJson(`{"input":${text}}`)
        const body = stringifyJson({
          messages: [{ arguments: embed(sourceText(root, objectAt(root, 'input'))) }],
        })
        expect(exact(body)).toBe(exact(`{"messages":[{"arguments":${text}}]}`))
      }),
      { numRuns: 2000 },
    )
  })

  it('property: a tree with nothing embedded is written as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const tree: Json = JSON.parse(JSON.stringify(value))
        expect(stringifyJson(tree)).toBe(JSON.stringify(value))
      }),
    )
  })

  it('gives a plain value where nothing would change', () => {
    expect(embed('{"a": [1, "2024-05-01", "call_1e5x", 1.5]}')).toEqual({
      a: [1, '2024-05-01', 'call_1e5x', 1.5],
    })
  })

  it('refuses text that is not JSON, even where it would be kept as text', () => {
    for (const text of ['', '{"a":1.0}, "admin": true', '1.0,2', '{"a":1.0', '{"a":1.0}}'])
      expect(() => embed(text)).toThrow(SyntaxError)
  })

  it('keeps text that is nested too deeply to be walked', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(stringifyJson({ input: embed(deep) })).toBe(`{"input":${deep}}`)
  })

  it('writes a megabyte of embedded text', () => {
    const text = `{"a":1.0,"b":${JSON.stringify('"\\'.repeat(500_000))}}`
    expect(stringifyJson([embed(text), embed(text)])).toBe(`[${text},${text}]`)
  })

  it('lets nobody inject text: the mark is new in each process, and a string never is one', () => {
    const marked = embed('1.0')
    const key = isObject(marked) ? (Object.keys(marked)[0] ?? '') : ''
    // A key of NUL and 122 random bits: nothing that a client can know.
    expect(key).toMatch(/^\0[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const spellings = [
      JSON.stringify(marked),
      `{${JSON.stringify(key)}:"x"`,
      key,
      stringifyJson([marked]),
    ]
    for (const text of spellings) {
      expect(JSON.parse(stringifyJson({ text, [text]: 1 }))).toEqual({ text, [text]: 1 })
      const carried = embed(JSON.stringify({ text, n: [1] }).replace('[1]', '1.0'))
      expect(JSON.parse(stringifyJson(carried))).toEqual({ text, n: 1 })
    }
    const guesses = ['{"raw":"1,2"}', '{"\\u0000":"1,2"}', '{"\\u0000a":"x","\\u0000b":0}']
    for (const guess of guesses) expect(stringifyJson(parseJson(guess))).toBe(guess)
  })
})

describe('tryParseJson', () => {
  it('never throws', () => {
    expect(tryParseJson('{"a":1}')).toEqual({ a: 1 })
    expect(tryParseJson('null')).toBeNull()
    for (const text of ['', ' ', '{', '{"a":1', 'undefined', '\u0000'])
      expect(tryParseJson(text)).toBeUndefined()
  })
})

describe('the scan', () => {
  it('finds the end of every string', () => {
    fc.assert(
      fc.property(stringText, fc.string(), (text, after) => {
        expect(endOfString(`[${text}${after}"`, 1)).toBe(1 + text.length)
      }),
    )
  })

  it('property: says deeper exactly when the tree is', () => {
    const depthOf = (value: Json | undefined): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
        : 0
    fc.assert(
      fc.property(jsonText, fc.integer({ min: 0, max: 6 }), (text, limit) => {
        expect(isDeeper(text, limit)).toBe(depthOf(JSON.parse(text)) > limit)
      }),
      { numRuns: 2000 },
    )
  })

  it('stays linear on text made to be slow', () => {
    const started = performance.now()
    const parts = ['1', '1.', '1e', '"1"', '-0', ' 1.1', '\\', '\\"', '[{', '1" ', '.0', 'u003']
    for (const part of parts) {
      const text = JSON.stringify([part.repeat(500_000), '1'])
      sourceText(parseJson(text), {})
      embed(text)
    }
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

describe('writeOnce', () => {
  it('gives the text of the list, last in the root, as often as it is sent', () => {
    const list = [{ name: 'a', amount: embed('{"n":1.0}') }, ['\u2028"\\']]
    const once = writeOnce([...list])
    const last = stringifyJson({ before: [1], after: { again: [...list] }, tools: [...list] })
    for (let i = 0; i < 2; i++)
      expect(stringifyJson({ before: [1], tools: once, after: { again: once } })).toBe(last)
    expect(last).toContain('1.0')
    expect(stringifyJson({ tools: once })).toBe(stringifyJson({ tools: [...list] }))
    expect(stringifyJson(once)).toBe(stringifyJson([...list]))
  })

  it('gives bytes that are the text in UTF-8', () => {
    const list = writeOnce([{ name: 'größe', amount: embed('{"n":1.0}') }])
    for (const root of [
      { ask: 'Wie groß? 🙂', tools: list },
      { tools: list, ask: embed('{"n":1e3}') },
      { tools: list },
      { ask: 'ohne 🙂' },
      [1, 'ß'],
    ])
      expect(jsonBytes(root).toString('utf8')).toBe(stringifyJson(root))
  })

  it('is an ordinary list for everybody else', () => {
    const once = writeOnce([1, { a: 2 }])
    expect(JSON.stringify({ once })).toBe('{"once":[1,{"a":2}]}')
    expect(once).toEqual([1, { a: 2 }])
  })
})

import { describe, expect, it } from 'vitest'
import { isShared } from '../core/derived.ts'
import { isObject, type Json } from '../core/json.ts'
import { parseJson, stringifyJson } from './json.ts'
import { SharedLists } from './shared-list.ts'

const TOOLS = JSON.stringify(
  ['read', 'write', 'search'].map(name => ({
    name,
    description: `To ${name} what the user "means": [x], {y} and \\ too.`,
    parameters: { type: 'object', properties: { tools: { type: 'array' } }, required: ['tools'] },
  })),
)
const request = (more: string, tools = TOOLS) => `{"model":"m",${more}"tools":${tools}}`

function listOf(root: Json): Json | undefined {
  return isObject(root) ? root['tools'] : undefined
}

describe('a list that comes again', () => {
  it('is one object from the second time on, and equal to what was written', () => {
    const lists = new SharedLists('tools')
    const [first, second, third] = ['"a":1,', '"b":[2],', '"c":"x",'].map(more =>
      lists.parse(request(more)),
    )
    if (first === undefined || second === undefined || third === undefined) throw new Error('none')
    expect(first).toEqual(parseJson(request('"a":1,')))
    expect(second).toEqual(parseJson(request('"b":[2],')))
    expect(third).toEqual(parseJson(request('"c":"x",')))
    expect(listOf(third)).toBe(listOf(second))
    expect(isShared(Object(listOf(second)))).toBe(true)
    expect(isShared(Object(listOf(first)))).toBe(false)
  })

  it('is found wherever it stands in the root, with any white space', () => {
    const lists = new SharedLists('tools')
    const texts = [
      request('"input":{"tools":[1,2]},'),
      `{ "tools" : \n${TOOLS} , "model": "m" }`,
      request('"text":"say \\"tools\\":[1]",'),
    ]
    for (const text of [...texts, ...texts]) expect(lists.parse(text)).toEqual(parseJson(text))
    expect(listOf(lists.parse(texts[0] ?? ''))).toBe(listOf(lists.parse(texts[2] ?? '')))
  })

  it('is not taken for the tools where it stands deeper, or twice', () => {
    const lists = new SharedLists('tools')
    lists.parse(request(''))
    lists.parse(request(''))
    const deeper = `{"model":"m","inner":{"tools":${TOOLS}}}`
    expect(lists.parse(deeper)).toEqual(parseJson(deeper))
    const twice = `{"tools":${TOOLS},"tools":[1]}`
    expect(lists.parse(twice)).toEqual({ tools: [1] })
    const both = `{"inner":{"tools":${TOOLS}},"tools":${TOOLS}}`
    expect(lists.parse(both)).toEqual(parseJson(both))
  })

  it('cannot be changed', () => {
    const lists = new SharedLists('tools')
    lists.parse(request(''))
    const list = listOf(lists.parse(request('')))
    expect(Object.isFrozen(list)).toBe(true)
    expect(() => Array.isArray(list) && list.push(1)).toThrow(TypeError)
  })

  it('leaves errors as they are', () => {
    const lists = new SharedLists('tools')
    lists.parse(request(''))
    lists.parse(request(''))
    for (const text of [`${request('')}]`, `{"tools":${TOOLS.slice(0, -1)}`, '{"tools":[']) {
      let expected: unknown
      try {
        parseJson(text)
      } catch (error) {
        expected = error
      }
      expect(() => lists.parse(text)).toThrow(expected instanceof Error ? expected.message : '?')
    }
    const deep = `{"tools":${'['.repeat(600)}${']'.repeat(600)}}`
    for (let i = 0; i < 3; i++) expect(() => lists.parse(deep)).toThrow('nested deeper')
  })

  it('is forgotten when there are too many', () => {
    const lists = new SharedLists('tools', 8000)
    for (let n = 0; n < 50; n++) {
      const tools = TOOLS.replace('read', `read_${n}`)
      for (let i = 0; i < 3; i++)
        expect(lists.parse(request('', tools))).toEqual(parseJson(request('', tools)))
      expect(lists.characters).toBeLessThanOrEqual(8000)
    }
    const alike = new SharedLists('tools', 100_000)
    for (let n = 0; n < 50; n++) {
      const tools = TOOLS.replace('search', `search_${n}`)
      for (let i = 0; i < 2; i++)
        expect(alike.parse(request('', tools))).toEqual(parseJson(request('', tools)))
    }
    expect(alike.characters).toBeLessThanOrEqual(8 * (TOOLS.length + 10))
  })

  it('is written as it was', () => {
    const lists = new SharedLists('tools')
    lists.parse(request(''))
    expect(stringifyJson(lists.parse(request('"z":1,')))).toBe(
      stringifyJson(parseJson(request('"z":1,'))),
    )
  })

  it('is not looked for in every place of a text that has very many of its kind', () => {
    const lists = new SharedLists('tools')
    const inner = Array.from({ length: 1000 }, () => `{"tools":${TOOLS}}`).join(',')
    const text = request(`"input":[${inner}],`)
    const started = performance.now()
    for (let i = 0; i < 3; i++) expect(Object.keys(Object(lists.parse(text)))).toHaveLength(3)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

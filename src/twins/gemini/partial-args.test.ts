import { describe, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import { vertexTwin } from './index.ts'
import { isList, isObject, type Json, type JsonObject, parseJson } from './json.ts'
import { writeLine } from './json-writer.ts'
import { partialCall } from './partial-args.ts'
import { declaration, PLAIN_BODY, SSE, trial, vertex, withTools } from './trial.ts'

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed)
const objectIn = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
const itemsIn = (value: Json | undefined) => (isList(value) ? value.filter(isObject) : [])

/** The parts of a call, read back. */
function partsOf(source: string, seed = 1): { members: JsonObject[]; isClosed: boolean } {
  const call = { type: 'call', name: 'f', arguments: source, signature: 'AAAA' } as const
  const { members, isClosed } = partialCall(call, seeded(seed))
  return { members: members.map(member => objectIn(parseJson(writeLine(member)).value)), isClosed }
}

/** A copy of a value in which the place that the steps lead to is changed. */
function changed(
  at: unknown,
  [step, ...rest]: readonly (string | number)[],
  change: (old: unknown) => unknown,
): unknown {
  if (step === undefined) return change(at)
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(at) ? [...at] : []
    list[step] = changed(list[step], rest, change)
    return list
  }
  const old = new Map(Object.entries(Object(at ?? {})))
  return Object.fromEntries(old.set(step, changed(old.get(step), rest, change)))
}

/** Builds arguments out of pieces, as a client does. */
function build(members: readonly JsonObject[]): unknown {
  const args = members.flatMap(member => itemsIn(objectIn(member['functionCall'])['partialArgs']))
  return args.reduce((root: unknown, arg) => {
    const path = String(arg['jsonPath'])
    const steps = [...path.matchAll(/\.(\w+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]/g)]
    const keys = steps.map(([, name, index, quoted]) =>
      index === undefined ? (name ?? quoted?.replace(/\\(.)/g, '$1') ?? '') : Number(index),
    )
    return changed(root, keys, old => {
      if ('stringValue' in arg) return `${old ?? ''}${arg['stringValue']}`
      return 'nullValue' in arg ? null : (arg['numberValue'] ?? arg['boolValue'])
    })
  }, {})
}

describe('streamed arguments', () => {
  it('say the same as whole ones', () => {
    const sources = [
      '{"city":"Paris"}',
      '{"a":"","b":1.5,"c":true,"d":false,"e":null}',
      '{"recipe":{"ingredients":[{"amount":"1 lb","name":"beef"},{"amount":"2","name":"salt"}],"steps":["a","b"]}}',
      `{"a b":"x","it's":1,"back\\\\slash":2,"long":"${'é🙂 '.repeat(80)}"}`,
      '{"deep":[[1,[2,{"x":[3]}]],4]}',
    ]
    for (const source of sources) {
      for (const seed of SEEDS)
        expect(build(partsOf(source, seed).members)).toEqual(JSON.parse(source))
    }
  })

  it('begin with the name and the signature, and end with an empty call, mostly', () => {
    const ends = SEEDS.map(seed => partsOf('{"city":"Paris"}', seed))
    for (const { members, isClosed } of ends) {
      expect(members[0]).toEqual({
        functionCall: { name: 'f', willContinue: true },
        thoughtSignature: 'AAAA',
      })
      const middle = members.slice(1, isClosed ? -1 : undefined)
      for (const member of middle) expect(Object.keys(member)).toEqual(['functionCall'])
      expect(middle[0]).toMatchObject({
        functionCall: {
          partialArgs: [
            { jsonPath: '$.city', stringValue: expect.any(String), willContinue: true },
          ],
        },
      })
      const closing = { jsonPath: '$.city', stringValue: '' }
      const functionCall = { partialArgs: [closing], ...(isClosed && { willContinue: true }) }
      expect(middle.at(-1)).toEqual({ functionCall })
      if (isClosed) expect(members.at(-1)).toEqual({ functionCall: {} })
    }
    expect(new Set(ends.map(({ isClosed }) => isClosed))).toEqual(new Set([true, false]))
  })

  it('keep the spelling of numbers', () => {
    const call = {
      type: 'call',
      name: 'f',
      arguments: '{"a":1.0,"b":[12345678901234567890]}',
    } as const
    const text = partialCall(call, seeded(1)).members.map(writeLine).join('')
    expect(text).toContain('"numberValue": 1.0}')
    expect(text).toContain('"jsonPath": "$.b[0]","numberValue": 12345678901234567890}')
  })

  it('are whole where there is nothing to stream', () => {
    expect(partsOf('{}').members).toEqual([
      { functionCall: { name: 'f' }, thoughtSignature: 'AAAA' },
    ])
    for (const source of ['{"a":[]}', '{"a":{"b":{}},"c":1}']) {
      expect(partsOf(source)).toEqual({
        members: [
          { functionCall: { name: 'f', args: JSON.parse(source) }, thoughtSignature: 'AAAA' },
        ],
        isClosed: false,
      })
    }
  })
})

describe('streamed arguments on Vertex', () => {
  const call = (text: string, name = 'get_weather') =>
    ({ type: 'call', name, arguments: text }) as const
  const turn = {
    blocks: [call('{"city":"Paris"}'), call('{}', 'get_time'), call('{"city":"Rome"}')],
  }
  const toolConfig = { functionCallingConfig: { streamFunctionCallArguments: true } }

  const chunksOf = async (model: string, seed = 1, isStream = true) => {
    const path = vertex(model, isStream ? 'streamGenerateContent' : 'generateContent')
    const { send } = trial([turn], seed, vertexTwin())
    const body = { ...PLAIN_BODY, ...withTools(declaration(), declaration('get_time')), toolConfig }
    const answer = await send(body, { path, ...(isStream && { query: SSE }) })
    expect(answer.message).toBeUndefined()
    return isStream ? answer.chunks : [answer.json]
  }
  const candidateOf = (chunk: JsonObject | undefined) => itemsIn(chunk?.['candidates'])[0] ?? {}
  const partsIn = (chunk: JsonObject) => itemsIn(objectIn(candidateOf(chunk)['content'])['parts'])

  it('come one piece a chunk, with the end on an empty call or an empty text', async () => {
    const ends = new Set<string>()
    for (const seed of SEEDS) {
      const chunks = await chunksOf('gemini-3-flash-preview', seed)
      const parts = chunks.flatMap(partsIn)
      expect(parts).toHaveLength(chunks.length)
      const names = parts.map(part => objectIn(part['functionCall'])['name']).filter(Boolean)
      expect(names).toEqual(['get_weather', 'get_time', 'get_weather'])
      expect(parts.filter(part => 'thoughtSignature' in part)).toHaveLength(1)
      const { finishReason, finishMessage } = candidateOf(chunks.at(-1))
      expect([finishReason, finishMessage]).toEqual(['STOP', undefined])
      ends.add(JSON.stringify(parts.at(-1)))
    }
    expect(ends).toEqual(new Set(['{"functionCall":{}}', '{"text":""}']))
  })

  it('are for Gemini 3 and for streams', async () => {
    const [old] = await chunksOf('gemini-2.5-flash')
    expect(partsIn(old ?? {})[0]).toMatchObject({ functionCall: { args: { city: 'Paris' } } })
    const [whole] = await chunksOf('gemini-3-flash-preview', 1, false)
    expect(partsIn(whole ?? {})).toHaveLength(3)
  })
})

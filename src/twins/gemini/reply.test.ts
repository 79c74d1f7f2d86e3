import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import { studioTwin, vertexTwin } from './index.ts'
import { isList, isObject, type Json, type JsonObject } from './json.ts'
import { isGenuine } from './signature.ts'
import {
  declaration,
  model,
  PLAIN_BODY,
  response,
  studio,
  type TrialAnswer,
  trial,
  user,
  vertex,
  withTools,
} from './trial.ts'

const G3 = 'gemini-3-flash-preview'
const words = (text: string) => ({ type: 'text', text }) as const
const thought = (text: string, redacted = false) => ({ type: 'reasoning', text, redacted }) as const
const called = (text = '{"city":"Paris"}', name = 'get_weather') =>
  ({ type: 'call', name, arguments: text }) as const
const THINK = { generationConfig: { thinkingConfig: { includeThoughts: true } } }
const TOOLS = withTools(declaration(), declaration('get_time'))

interface Options {
  readonly name?: string
  readonly fields?: object
  readonly seed?: number
  readonly vendor?: Parameters<typeof trial>[2]
}

function answerTo(turn: TwinTurn, options: Options = {}): Promise<TrialAnswer> {
  const { name = 'gemini-2.5-flash', fields = {}, seed = 1, vendor } = options
  const path = vendor?.name === 'vertex' ? vertex(name) : studio(name)
  return trial([turn], seed, vendor).send({ ...PLAIN_BODY, ...TOOLS, ...fields }, { path })
}

function objectAt(value: Json | undefined, ...path: readonly (string | number)[]): JsonObject {
  let at = value
  for (const step of path) {
    if (typeof step === 'number' && isList(at)) at = at[step]
    else at = isObject(at) ? at[String(step)] : undefined
  }
  return isObject(at) ? at : {}
}

const candidateOf = ({ json }: TrialAnswer) => objectAt(json, 'candidates', 0)
function partsOf(answer: TrialAnswer): readonly JsonObject[] {
  const { parts } = objectAt(answer.json, 'candidates', 0, 'content')
  return isList(parts) ? parts.filter(isObject) : []
}
const callsOf = (answer: TrialAnswer) => partsOf(answer).map(part => objectAt(part, 'functionCall'))

describe('a whole answer', () => {
  it('has the members of AI Studio in their order', async () => {
    const answer = await answerTo(
      { blocks: [words('Hi <b>'), called()] },
      { name: 'gemini-2.0-flash' },
    )
    expect(answer.headers['content-type']).toBe('application/json; charset=UTF-8')
    expect(answer.headers['retry-after']).toBeUndefined()
    expect(answer.text.startsWith('{\n  "candidates": [\n    {\n      "content": {\n')).toBe(true)
    expect(answer.text).toContain('"Hi \\u003cb\\u003e"')
    expect(Object.keys(answer.json)).toEqual([
      'candidates',
      'usageMetadata',
      'modelVersion',
      'responseId',
    ])
    expect(Object.entries(candidateOf(answer))).toEqual([
      [
        'content',
        {
          parts: [
            { text: 'Hi <b>' },
            { functionCall: { name: 'get_weather', args: { city: 'Paris' } } },
          ],
          role: 'model',
        },
      ],
      ['finishReason', 'STOP'],
      ['index', 0],
      ['finishMessage', 'Model generated function call(s).'],
    ])
    expect(answer.json).toMatchObject({
      modelVersion: 'gemini-2.0-flash',
      responseId: expect.stringMatching(/^[\w-]{23}$/),
    })
  })

  it('has those of Vertex in theirs', async () => {
    const answer = await answerTo(
      { blocks: [called()] },
      { name: 'gemini-2.0-flash', vendor: vertexTwin() },
    )
    expect(Object.keys(answer.json)).toEqual([
      'candidates',
      'usageMetadata',
      'modelVersion',
      'createTime',
      'responseId',
    ])
    expect(Object.keys(candidateOf(answer))).toEqual(['content', 'finishReason', 'avgLogprobs'])
    expect(Object.keys(objectAt(answer.json, 'candidates', 0, 'content'))).toEqual([
      'role',
      'parts',
    ])
    expect(answer.json['createTime']).toMatch(/^2026-11-21T00:00:00\.000\d{3}Z$/)
  })

  it('is named by the model behind an alias', async () => {
    const { json } = await answerTo({ blocks: [words('x')] }, { name: 'gemini-flash-latest' })
    expect(json['modelVersion']).toBe('gemini-3.6-flash')
  })

  it('may say nothing', async () => {
    expect(candidateOf(await answerTo({ blocks: [] }))).toEqual({
      content: { role: 'model' },
      finishReason: 'STOP',
      index: 0,
    })
  })
})

describe('calls', () => {
  it('keep the spelling of their arguments', async () => {
    const source = '{ "n": 1.0, "big": 12345678901234567890, "e": "\\u00e9" }'
    expect((await answerTo({ blocks: [called(source)] })).text).toContain(`"args": ${source}`)
    expect(callsOf(await answerTo({ blocks: [called('')] }))).toEqual([
      { name: 'get_weather', args: {} },
    ])
  })

  it('of one step share the signature of the first, beside it, from Gemini 3 on', async () => {
    const blocks = [words('So.'), called(), called('{}', 'get_time'), called('{}')]
    for (const seed of [1, 2, 3]) {
      const parts = partsOf(await answerTo({ blocks }, { name: G3, seed }))
      expect(parts.map(part => 'thoughtSignature' in part)).toEqual([false, true, false, false])
      expect(Object.keys(parts[1] ?? {})).toEqual(['functionCall', 'thoughtSignature'])
      expect(isGenuine(String(parts[1]?.['thoughtSignature']), 'get_weather', 'studio')).toBe(true)
    }
  })

  it('are signed at times before it, and never without thinking', async () => {
    const signed = async (fields: object) => {
      const seeds = Array.from({ length: 12 }, (_, seed) => seed)
      const answers = await Promise.all(
        seeds.map(seed => answerTo({ blocks: [called()] }, { fields, seed })),
      )
      return new Set(answers.map(answer => 'thoughtSignature' in (partsOf(answer)[0] ?? {})))
    }
    expect(await signed({})).toEqual(new Set([true, false]))
    const off = { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }
    expect(await signed(off)).toEqual(new Set([false]))
  })

  it('have ids by model, or as told', async () => {
    const idsOf = async (options: Options, amount = 40) => {
      const seeds = Array.from({ length: amount }, (_, seed) => seed)
      const blocks = [called(), called()]
      const answers = await Promise.all(
        seeds.map(seed => answerTo({ blocks }, { ...options, seed })),
      )
      return answers.flatMap(callsOf).map(({ id }) => id)
    }
    const isId = expect.stringMatching(/^[a-z0-9]{8}$/)
    expect(new Set(await idsOf({ name: 'gemini-2.5-flash' }))).toEqual(new Set([undefined]))
    const all = await idsOf({ name: 'gemini-3.5-flash' })
    for (const id of all) expect(id).toEqual(isId)
    const few = (await idsOf({ name: G3 })).filter(id => id !== undefined)
    expect(few.length).toBeGreaterThan(0)
    expect(few.length).toBeLessThan(40)
    expect(
      new Set(await idsOf({ name: 'gemini-3.5-flash', vendor: studioTwin({ callIds: 'never' }) })),
    ).toEqual(new Set([undefined]))
    expect((await idsOf({ vendor: studioTwin({ callIds: 'always' }) }, 1))[0]).toEqual(isId)
    expect(new Set(await idsOf({ name: 'gemini-3.5-flash', vendor: vertexTwin() }))).toEqual(
      new Set([undefined]),
    )
    expect((await idsOf({ vendor: vertexTwin({ callIds: 'always' }) }, 1))[0]).toEqual(isId)
  })

  it('keep the id that a script gives, where ids exist', async () => {
    const blocks = [{ ...called(), id: 'fixed' }]
    expect(callsOf(await answerTo({ blocks }))[0]).toEqual({
      name: 'get_weather',
      args: { city: 'Paris' },
      id: 'fixed',
    })
    const vendor = vertexTwin({ rejectsCallIds: true, callIds: 'always' })
    expect(callsOf(await answerTo({ blocks }, { vendor }))[0]).not.toHaveProperty('id')
  })

  it('come back accepted', async () => {
    for (const vendor of [undefined, vertexTwin()]) {
      const path = vendor ? vertex(G3) : studio(G3)
      const { send } = trial(
        [{ blocks: [called(), called('{}', 'get_time')] }, { blocks: [words('Done.')] }],
        5,
        vendor,
      )
      const first = await send({ ...PLAIN_BODY, ...TOOLS }, { path })
      const contents = [
        ...PLAIN_BODY.contents,
        candidateOf(first)['content'],
        user(
          ...callsOf(first).map(({ name, id }) =>
            response(String(name), id === undefined ? {} : { id }),
          ),
        ),
      ]
      const second = await send({ contents, ...TOOLS }, { path })
      expect(second.message).toBeUndefined()
      expect(partsOf(second)[0]).toMatchObject({ text: 'Done.' })
      contents.push(candidateOf(second)['content'], user('Thanks.'))
      expect((await send({ contents, ...TOOLS }, { path })).status).toBe(200)
    }
  })

  it('that cannot be read end the answer', async () => {
    for (const text of [
      '{"city": ',
      "{'city': 'Paris'}",
      '["Paris"]',
      '"Paris"',
      'null',
      '{"a":1,}',
    ]) {
      const answer = await answerTo({ blocks: [called(), called(text)] })
      expect(candidateOf(answer)).toEqual({
        finishReason: 'MALFORMED_FUNCTION_CALL',
        index: 0,
        finishMessage: `Malformed function call: default_api.get_weather(${text})`,
      })
      expect(Object.keys(objectAt(answer.json, 'usageMetadata'))).not.toContain(
        'candidatesTokenCount',
      )
    }
    const spoken = await answerTo({ blocks: [words('I look.'), called('{')] })
    expect(candidateOf(spoken)).toMatchObject({
      content: { parts: [{ text: 'I look.' }] },
      finishReason: 'MALFORMED_FUNCTION_CALL',
    })
  })

  it('of undeclared functions are told apart', async () => {
    const answer = await answerTo(
      { blocks: [called('{}', 'list_files')] },
      { vendor: vertexTwin() },
    )
    expect(candidateOf(answer)).toMatchObject({
      content: { parts: [{ functionCall: { name: 'list_files', args: {} } }] },
      finishReason: 'UNEXPECTED_TOOL_CALL',
      finishMessage: 'Unexpected tool call: Model tried to call an undeclared function: list_files',
    })
  })
})

describe('thoughts', () => {
  const blocks = [thought('Hm.'), thought('secret', true), words('Yes.')]

  it('are shown where they are asked for', async () => {
    expect(partsOf(await answerTo({ blocks }, { fields: THINK }))).toEqual([
      { text: 'Hm.', thought: true },
      { text: 'Yes.' },
    ])
    expect(partsOf(await answerTo({ blocks }))).toEqual([{ text: 'Yes.' }])
  })

  it('are added where they are asked for and the turn has none', async () => {
    const parts = partsOf(await answerTo({ blocks: [words('Yes.')] }, { fields: THINK }))
    expect(parts).toEqual([
      { text: expect.stringMatching(/^\*\*.+\*\*\n\n.+\n\n\n$/), thought: true },
      { text: 'Yes.' },
    ])
    const contents = [user('x'), model({ functionCall: { name: 'get_weather' } }), user(response())]
    expect(
      partsOf(await answerTo({ blocks: [words('Yes.')] }, { fields: { ...THINK, contents } })),
    ).toEqual([{ text: 'Yes.' }])
  })

  it('are counted apart', async () => {
    const { json } = await answerTo({ blocks }, { fields: THINK })
    expect(json['usageMetadata']).toMatchObject({ candidatesTokenCount: 1, thoughtsTokenCount: 3 })
    const off = { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }
    expect(
      objectAt((await answerTo({ blocks }, { fields: off })).json, 'usageMetadata'),
    ).not.toHaveProperty('thoughtsTokenCount')
  })

  it('of answers without calls are signed on the last part, mostly', async () => {
    const seeds = Array.from({ length: 16 }, (_, seed) => seed)
    const answers = await Promise.all(
      seeds.map(seed => answerTo({ blocks: [words('a'), words('b')] }, { name: G3, seed })),
    )
    const signatures = answers.map(answer => partsOf(answer).map(part => part['thoughtSignature']))
    const signed = signatures.filter(([, last]) => last !== undefined)
    expect(signed.length).toBeGreaterThan(8)
    expect(signed.length).toBeLessThan(16)
    for (const [first, last] of signed) {
      expect(first).toBeUndefined()
      expect(isGenuine(String(last), undefined, 'studio')).toBe(true)
    }
  })
})

describe('usage', () => {
  const usage = { input: 100, output: 50, reasoning: 20, cached: 30 }

  it('is told as the turn says', async () => {
    const { json } = await answerTo({ blocks: [words('x')], usage })
    expect(Object.entries(objectAt(json, 'usageMetadata'))).toEqual([
      ['promptTokenCount', 100],
      ['candidatesTokenCount', 30],
      ['totalTokenCount', 150],
      ['cachedContentTokenCount', 30],
      ['promptTokensDetails', [{ modality: 'TEXT', tokenCount: 100 }]],
      ['cacheTokensDetails', [{ modality: 'TEXT', tokenCount: 30 }]],
      ['thoughtsTokenCount', 20],
      ['serviceTier', 'standard'],
    ])
    const vertexUsage = (await answerTo({ blocks: [words('x')], usage }, { vendor: vertexTwin() }))
      .json
    expect(Object.keys(objectAt(vertexUsage, 'usageMetadata'))).toEqual([
      'promptTokenCount',
      'candidatesTokenCount',
      'totalTokenCount',
      'cachedContentTokenCount',
      'trafficType',
      'promptTokensDetails',
      'cacheTokensDetails',
      'candidatesTokensDetails',
      'thoughtsTokenCount',
    ])
  })

  it('is estimated else', async () => {
    const contents = [
      user('a text of some length', { inlineData: { mimeType: 'image/png', data: '' } }),
    ]
    const { json } = await answerTo(
      { blocks: [words('four')] },
      { name: 'gemini-2.0-flash', fields: { contents, tools: [] } },
    )
    expect(json['usageMetadata']).toMatchObject({
      promptTokenCount: 265,
      candidatesTokenCount: 1,
      totalTokenCount: 266,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 7 },
        { modality: 'IMAGE', tokenCount: 258 },
      ],
    })
    const thinking = objectAt((await answerTo({ blocks: [words('x')] })).json, 'usageMetadata')
    expect(thinking['thoughtsTokenCount']).toBeGreaterThan(0)
  })

  it('has a part for a cached content', async () => {
    const fields = { tools: [], cachedContent: 'cachedContents/a' }
    const usage = objectAt(
      (await answerTo({ blocks: [words('x')] }, { fields })).json,
      'usageMetadata',
    )
    expect(usage['cachedContentTokenCount']).toBe(2_048)
    expect(usage['promptTokenCount']).toBeGreaterThan(2_048)
  })
})

describe('ends', () => {
  it('at a limit leave out a call that was cut', async () => {
    const blocks = [words('I look'), called('{"city": "Pa')]
    expect(candidateOf(await answerTo({ blocks, end: 'length' }))).toEqual({
      content: { parts: [{ text: 'I look' }], role: 'model' },
      finishReason: 'MAX_TOKENS',
      index: 0,
    })
    expect(candidateOf(await answerTo({ blocks: [], end: 'length' }))).toEqual({
      content: { role: 'model' },
      finishReason: 'MAX_TOKENS',
      index: 0,
    })
  })

  it('at a stop sequence look like any other', async () => {
    const fields = { generationConfig: { stopSequences: ['END', 'STOP'] } }
    const answer = await answerTo({ blocks: [words('one STOP two END'), called()] }, { fields })
    expect(candidateOf(answer)).toMatchObject({
      content: { parts: [{ text: 'one ' }] },
      finishReason: 'STOP',
    })
    expect(callsOf(answer)).toEqual([{}])
    const fixed = { blocks: [words('x')], end: 'stop-sequence', stopSequence: 'END' } as const
    expect(candidateOf(await answerTo(fixed))).toMatchObject({ finishReason: 'STOP' })
  })

  it('before anything was said have no candidate', async () => {
    const blocked = await answerTo({ blocks: [], end: 'content-filter' })
    expect(blocked.status).toBe(200)
    expect(Object.keys(blocked.json)).toEqual([
      'promptFeedback',
      'usageMetadata',
      'modelVersion',
      'responseId',
    ])
    expect(blocked.json).toMatchObject({ promptFeedback: { blockReason: 'SAFETY' } })
    expect(objectAt(blocked.json, 'usageMetadata')).not.toHaveProperty('thoughtsTokenCount')
    const refused = { blocks: [], end: 'refusal', refusal: 'No.' } as const
    expect((await answerTo(refused)).json['promptFeedback']).toEqual({
      blockReason: 'PROHIBITED_CONTENT',
    })
    expect((await answerTo(refused, { vendor: vertexTwin() })).json['promptFeedback']).toEqual({
      blockReason: 'PROHIBITED_CONTENT',
      blockReasonMessage: 'No.',
    })
  })

  it('after something was said have a reason', async () => {
    const filtered = await answerTo({ blocks: [words('Well')], end: 'content-filter' })
    expect(candidateOf(filtered)).toMatchObject({
      content: { parts: [{ text: 'Well' }] },
      finishReason: 'SAFETY',
      safetyRatings: expect.arrayContaining([
        { category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true },
      ]),
    })
    const refused = await answerTo({ blocks: [words('Well')], end: 'refusal', refusal: 'No.' })
    expect(candidateOf(refused)).toMatchObject({
      finishReason: 'PROHIBITED_CONTENT',
      finishMessage: 'No.',
    })
    expect(refused.json).not.toHaveProperty('promptFeedback')
  })
})

describe('the same seed', () => {
  it('gives the same answer', async () => {
    const turn = { blocks: [words('Hi'), called(), called()] }
    const texts = await Promise.all([1, 1, 2].map(seed => answerTo(turn, { name: G3, seed })))
    expect(texts[0]?.text).toBe(texts[1]?.text)
    expect(texts[0]?.text).not.toBe(texts[2]?.text)
  })
})

import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import { seeded } from '../random.ts'
import { vertexTwin } from './index.ts'
import { isList, isObject, type Json, type JsonObject } from './json.ts'
import { pieces } from './pieces.ts'
import { isGenuine } from './signature.ts'
import {
  declaration,
  model,
  PLAIN_BODY,
  response,
  SSE,
  studio,
  type TrialAnswer,
  trial,
  user,
  vertex,
  withTools,
} from './trial.ts'

const G3 = 'gemini-3-flash-preview'
const SEEDS = Array.from({ length: 24 }, (_, seed) => seed)
const words = (text: string) => ({ type: 'text', text }) as const
const thought = (text: string) => ({ type: 'reasoning', text }) as const
const called = (text = '{"city":"Paris"}', name = 'get_weather') =>
  ({ type: 'call', name, arguments: text }) as const
const TOOLS = withTools(declaration(), declaration('get_time'))
const LONG = 'A sentence with a flag 🇫🇷 and an accent é in it. '.repeat(12)

interface Options {
  readonly name?: string
  readonly fields?: object
  readonly seed?: number
  readonly vendor?: Parameters<typeof trial>[2]
  readonly query?: URLSearchParams
  readonly isWhole?: boolean
}

function answerTo(turn: TwinTurn, options: Options = {}): Promise<TrialAnswer> {
  const { name = 'gemini-2.5-flash', fields = {}, seed = 1, vendor, query = SSE, isWhole } = options
  const method = isWhole ? 'generateContent' : 'streamGenerateContent'
  const path = vendor?.name === 'vertex' ? vertex(name, method) : studio(name, method)
  const head = { path, query: isWhole ? new URLSearchParams() : query }
  return trial([turn], seed, vendor).send({ ...PLAIN_BODY, ...TOOLS, ...fields }, head)
}

const objectIn = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
const itemsIn = (value: Json | undefined) => (isList(value) ? value.filter(isObject) : [])
const candidateOf = (chunk: JsonObject | undefined) => itemsIn(chunk?.['candidates'])[0] ?? {}
const partsIn = (chunk: JsonObject) => itemsIn(objectIn(candidateOf(chunk)['content'])['parts'])
const usageOf = (chunk: JsonObject | undefined) => objectIn(chunk?.['usageMetadata'])

/** Folds chunks as a client does: texts of one kind are joined, empty ones are dropped. */
function fold(chunks: readonly JsonObject[]): JsonObject[] {
  const folded: JsonObject[] = []
  for (const part of chunks.flatMap(partsIn)) {
    const { thoughtSignature: _, ...bare } = part
    const last = folded.at(-1)
    if (typeof bare['text'] !== 'string') folded.push(bare)
    else if (last && typeof last['text'] === 'string' && last['thought'] === bare['thought']) {
      folded[folded.length - 1] = { ...last, text: last['text'] + bare['text'] }
    } else if (bare['text'] !== '') folded.push(bare)
  }
  return folded
}

describe('a stream of events', () => {
  it('is framed with CRLF, and has no last word', async () => {
    const { status, headers, frames, text } = await answerTo({ blocks: [words(LONG)] })
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'content-disposition': 'attachment',
    })
    expect(frames.length).toBeGreaterThan(3)
    for (const frame of frames) {
      expect(frame).toMatch(
        /^data: \{"candidates": \[\{"content": \{"parts": \[\{"text": ".*\}\r\n\r\n$/,
      )
      expect(frame.slice(0, -4)).not.toMatch(/[\r\n]/)
    }
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('event:')
  })

  it('says what a whole answer says', async () => {
    const turns: TwinTurn[] = [
      { blocks: [words(LONG)] },
      { blocks: [thought('Hm.\n\n'), words(LONG), called(), called('{}', 'get_time')] },
      { blocks: [called('{"n":1.0,"big":12345678901234567890}'), words('after'), called()] },
      { blocks: [words('cut'), called('{"a')], end: 'length' },
      { blocks: [words('Well')], end: 'content-filter' },
    ]
    const fields = { generationConfig: { thinkingConfig: { includeThoughts: true } } }
    for (const turn of turns) {
      for (const name of ['gemini-2.5-flash', G3]) {
        for (const vendor of [undefined, vertexTwin()]) {
          for (const seed of SEEDS.slice(0, 6)) {
            const options = { name, seed, fields, ...(vendor && { vendor }) }
            const whole = await answerTo(turn, { ...options, isWhole: true })
            const { chunks } = await answerTo(turn, options)
            const withoutIds = (parts: JsonObject[]) =>
              JSON.parse(JSON.stringify(parts).replace(/,"id":"\w{8}"/g, ''))
            expect(withoutIds(fold(chunks))).toEqual(withoutIds(fold([whole.json])))
            const ends = chunks.map(chunk => candidateOf(chunk)['finishReason'])
            expect(ends.slice(0, -1).every(end => end === undefined)).toBe(true)
            expect(ends.at(-1)).toBe(candidateOf(whole.json)['finishReason'])
            expect(usageOf(chunks.at(-1))).toEqual(usageOf(whole.json))
          }
        }
      }
    }
  })

  it('keeps the spelling of arguments', async () => {
    const source = '{ "n": 1.0, "big": 12345678901234567890 }'
    expect((await answerTo({ blocks: [called(source)] })).text).toContain(`"args": ${source}`)
  })

  it('never cuts inside a character', () => {
    for (const seed of SEEDS) {
      const found = pieces('🇫🇷é👩‍👩‍👧 '.repeat(30), seeded(seed))
      expect(found.join('')).toBe('🇫🇷é👩‍👩‍👧 '.repeat(30))
      for (const piece of found) expect(Buffer.from(piece).toString()).toBe(piece)
    }
    expect(pieces('', seeded(1))).toEqual([])
  })
})

describe('the end of a stream', () => {
  const endsOf = async (turn: TwinTurn, options: Options = {}) => {
    const answers = await Promise.all(SEEDS.map(seed => answerTo(turn, { ...options, seed })))
    return answers.map(({ chunks }) => {
      const last = chunks.at(-1) ?? {}
      const { finishReason, finishMessage } = candidateOf(last)
      return { finishReason, finishMessage, parts: partsIn(last) }
    })
  }

  it('with calls comes on an empty text from Gemini 3 on', async () => {
    const turn = { blocks: [called(), called()] }
    const shown = {
      tools: [{ googleSearch: {} }, ...TOOLS.tools],
      toolConfig: { includeServerSideToolInvocations: true },
    }
    const apart = await endsOf(turn, { name: G3 })
    const beside = await endsOf(turn, { name: G3, fields: shown })
    for (const { parts } of apart) expect(parts).toHaveLength(1)
    for (const { parts } of beside) expect(parts).toHaveLength(2)
    for (const { finishReason, finishMessage, parts } of [...apart, ...beside]) {
      expect([finishReason, finishMessage]).toEqual(['STOP', undefined])
      expect(parts.at(-1)).toEqual({ text: '' })
    }
  })

  it('with calls comes beside them before that', async () => {
    for (const end of await endsOf({ blocks: [called(), called()] })) {
      expect(end).toMatchObject({
        finishReason: 'STOP',
        finishMessage: 'Model generated function call(s).',
      })
      expect(end.parts).toHaveLength(2)
    }
  })

  it('without calls often carries the signature on an empty text', async () => {
    const ends = await endsOf({ blocks: [words('Hello there.')] }, { name: G3 })
    const own = ends.filter(
      ({ parts }) => parts[0]?.['text'] === '' && 'thoughtSignature' in (parts[0] ?? {}),
    )
    const joined = ends.filter(
      ({ parts }) => parts[0]?.['text'] !== '' && 'thoughtSignature' in (parts[0] ?? {}),
    )
    const none = ends.filter(({ parts }) => !('thoughtSignature' in (parts[0] ?? {})))
    for (const kind of [own, joined, none]) expect(kind.length).toBeGreaterThan(0)
    for (const { parts } of own) {
      expect(isGenuine(String(parts[0]?.['thoughtSignature']), undefined, 'studio')).toBe(true)
    }
  })

  it('of a malformed call has no content', async () => {
    const { chunks } = await answerTo({ blocks: [words('I look.'), called(), called('{')] })
    expect(fold(chunks)).toEqual([{ text: 'I look.' }])
    expect(candidateOf(chunks.at(-1))).toEqual({
      finishReason: 'MALFORMED_FUNCTION_CALL',
      index: 0,
      finishMessage: 'Malformed function call: default_api.get_weather({)',
    })
  })

  it('of a blocked prompt is its only chunk', async () => {
    const { chunks, frames } = await answerTo({ blocks: [], end: 'refusal' })
    expect(frames).toHaveLength(1)
    expect(chunks[0]).toMatchObject({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })
    expect(chunks[0]).not.toHaveProperty('candidates')
  })

  it('of nothing is an empty text', async () => {
    const { chunks } = await answerTo({ blocks: [] })
    expect(chunks.map(partsIn)).toEqual([[{ text: '' }]])
    expect(candidateOf(chunks[0])).toMatchObject({ finishReason: 'STOP' })
  })
})

describe('calls in a stream', () => {
  const sizes = ({ chunks }: TrialAnswer) =>
    chunks.map(chunk => partsIn(chunk).filter(part => 'functionCall' in part).length)

  it('come one by one from Gemini 3 on, and together before it and on Vertex', async () => {
    const turn = { blocks: [called(), called('{}', 'get_time'), called('{}')] }
    expect(sizes(await answerTo(turn, { name: G3 })).filter(size => size > 0)).toEqual([1, 1, 1])
    expect(sizes(await answerTo(turn))).toEqual([3])
    expect(sizes(await answerTo(turn, { name: G3, vendor: vertexTwin() }))).toEqual([3])
  })

  it('are signed once', async () => {
    const turn = { blocks: [words('So.'), called(), called()] }
    const { chunks } = await answerTo(turn, { name: G3 })
    const calls = chunks.flatMap(partsIn).filter(part => 'functionCall' in part)
    expect(calls.map(part => 'thoughtSignature' in part)).toEqual([true, false])
  })
})

describe('usage in a stream', () => {
  it('counts up on AI Studio, thoughts after the thoughts', async () => {
    const turn = {
      blocks: [thought('Hm.'), words(LONG)],
      usage: { input: 90, output: 200, reasoning: 60 },
    }
    const fields = { generationConfig: { thinkingConfig: { includeThoughts: true } } }
    const { chunks } = await answerTo(turn, { fields })
    const usages = chunks.map(usageOf)
    expect(usages[0]).not.toHaveProperty('thoughtsTokenCount')
    expect(usages[0]).not.toHaveProperty('candidatesTokenCount')
    const counts = usages.slice(1).map(({ candidatesTokenCount: count }) => Number(count))
    expect(counts).toEqual([...counts].sort((one, other) => one - other))
    expect(usages.at(-1)).toMatchObject({
      promptTokenCount: 90,
      candidatesTokenCount: 140,
      thoughtsTokenCount: 60,
      totalTokenCount: 290,
    })
  })

  it('jumps late where responses were sent', async () => {
    const contents = [
      user('x'),
      model({ functionCall: { name: 'get_weather' } }),
      user(response('get_weather', { response: { output: 'word '.repeat(100) } })),
    ]
    const { chunks } = await answerTo({ blocks: [words(LONG)] }, { fields: { contents } })
    const prompts = chunks.map(chunk => Number(usageOf(chunk)['promptTokenCount']))
    expect(new Set(prompts.slice(0, -1)).size).toBe(1)
    expect(Number(prompts.at(-1))).toBeGreaterThan(Number(prompts[0]) + 100)
  })

  it('comes last on Vertex', async () => {
    const { chunks } = await answerTo({ blocks: [words(LONG)] }, { vendor: vertexTwin() })
    expect(chunks.slice(0, -1).map(usageOf)).toEqual(
      chunks.slice(1).map(() => ({ trafficType: 'ON_DEMAND' })),
    )
    expect(usageOf(chunks.at(-1))).toMatchObject({
      trafficType: 'ON_DEMAND',
      promptTokenCount: expect.any(Number),
    })
  })
})

describe('a stream without alt=sse', () => {
  const LIST = { query: new URLSearchParams() }

  it('is one list in pieces', async () => {
    const { headers, frames, text, chunks } = await answerTo({ blocks: [words(LONG)] }, LIST)
    expect(headers['content-type']).toBe('application/json; charset=UTF-8')
    expect(frames[0]).toMatch(/^\[\{\n {2}"candidates": \[/)
    for (const frame of frames.slice(1)) expect(frame.startsWith('\n,\r\n{\n')).toBe(true)
    expect(text.endsWith('\n}\n]\n')).toBe(true)
    expect(JSON.parse(text)).toEqual(chunks)
    expect(fold(chunks)).toEqual([{ text: LONG }])
  })

  it('says the same as events', async () => {
    const turn = { blocks: [words(LONG), called()] }
    expect((await answerTo(turn, LIST)).chunks).toEqual((await answerTo(turn)).chunks)
    expect((await answerTo({ blocks: [] }, LIST)).frames).toHaveLength(1)
  })
})

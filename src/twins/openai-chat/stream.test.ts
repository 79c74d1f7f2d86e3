import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import { seeded } from '../random.ts'
import { recordOf, recordsOf } from './json.ts'
import { cut } from './stream.ts'
import { callsIn, deltasOf, HELLO, joined, tool, trial } from './trial.ts'

const ARGUMENTS = '{"city":"Par\\u00eds \\"ïle\\"\\n","mark":"😀"}'
const two: TwinTurn = {
  blocks: [
    { type: 'call', name: 'get_weather', arguments: ARGUMENTS },
    { type: 'call', name: 'get_weather', arguments: '{}' },
  ],
}
const PLAIN = { model: 'gpt-4o', messages: HELLO, tools: [tool()], stream: true }
const USAGE = { ...PLAIN, stream_options: { include_usage: true } }
const stream = (turn: TwinTurn, body: object = PLAIN, seed = 1) =>
  trial('openai', [turn], seed).send(body)

describe('a stream of OpenAI', () => {
  it('opens, speaks, ends', async () => {
    const { status, frames, chunks } = await stream({
      blocks: [{ type: 'text', text: 'It is 😀 sunny.' }],
    })
    expect(status).toBe(200)
    for (const frame of frames) expect(frame).toMatch(/^data: .*\n\n$/)
    expect(frames.at(-1)).toBe('data: [DONE]\n\n')
    const deltas = deltasOf(chunks)
    expect(deltas[0]).toEqual({ role: 'assistant', content: '', refusal: null })
    expect(joined(deltas, 'content')).toBe('It is 😀 sunny.')
    expect(deltas.at(-1)).toEqual({})
    const reasons = chunks.map(chunk => recordsOf(chunk.choices)[0]?.finish_reason)
    expect(reasons.at(-1)).toBe('stop')
    expect(new Set(reasons.slice(0, -1))).toEqual(new Set([null]))
    const ids = new Set(
      chunks.map(({ id, created, model, system_fingerprint: print }) =>
        JSON.stringify([id, created, model, print]),
      ),
    )
    expect(ids.size).toBe(1)
    expect(chunks[0]).toMatchObject({
      object: 'chat.completion.chunk',
      model: 'gpt-4o-2024-08-06',
      service_tier: 'default',
      choices: [{ index: 0, logprobs: null }],
    })
    expect(chunks[0]).not.toHaveProperty('usage')
  })

  it('streams parallel calls by index', async () => {
    const { chunks } = await stream(two)
    const deltas = deltasOf(chunks)
    expect(deltas[0]).toEqual({ role: 'assistant', content: null })
    const pieces = deltas.flatMap(delta => recordsOf(delta.tool_calls))
    const heads = pieces.filter(piece => piece.id !== undefined)
    expect(heads).toEqual(
      [0, 1].map(index => ({
        index,
        id: expect.stringMatching(/^call_[A-Za-z0-9]{24}$/),
        type: 'function',
        function: { name: 'get_weather', arguments: '' },
      })),
    )
    for (const piece of pieces.filter(({ id }) => id === undefined)) {
      expect(Object.keys(piece)).toEqual(['index', 'function'])
      expect(Object.keys(recordOf(piece.function))).toEqual(['arguments'])
    }
    expect(callsIn(deltas).map(call => call.text)).toEqual([ARGUMENTS, '{}'])
    expect(recordsOf(chunks.at(-1)?.choices)[0]?.finish_reason).toBe('tool_calls')
  })

  it('puts an only call into the first chunk', async () => {
    const { chunks } = await stream({ blocks: two.blocks.slice(0, 1) })
    const [first] = deltasOf(chunks)
    expect(first).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          index: 0,
          id: expect.any(String),
          type: 'function',
          function: { name: 'get_weather', arguments: '' },
        },
      ],
      refusal: null,
    })
    expect(callsIn(deltasOf(chunks))[0]?.text).toBe(ARGUMENTS)
    const spoken = await stream({
      blocks: [{ type: 'text', text: 'Let me see.' }, ...two.blocks.slice(0, 1)],
    })
    expect(deltasOf(spoken.chunks)[0]).toEqual({ role: 'assistant', content: '', refusal: null })
  })

  it('ends with stop when a tool is forced by name, whole and streamed', async () => {
    const choice = { type: 'function', function: { name: 'get_weather' } }
    const { chunks } = await stream(two, { ...PLAIN, tool_choice: choice })
    expect(recordsOf(chunks.at(-1)?.choices)[0]?.finish_reason).toBe('stop')
    const whole = await stream(two, { ...PLAIN, stream: false, tool_choice: choice })
    expect(whole.choice.finish_reason).toBe('stop')
    const must = await stream(two, { ...PLAIN, stream: false, tool_choice: 'required' })
    expect(must.choice.finish_reason).toBe('tool_calls')
  })

  it('tells usage when asked', async () => {
    const { chunks } = await stream(two, USAGE)
    const last = chunks.at(-1)
    expect(last?.choices).toEqual([])
    expect(last?.usage).toMatchObject({
      prompt_tokens: expect.any(Number),
      completion_tokens_details: { reasoning_tokens: 0 },
    })
    for (const chunk of chunks.slice(0, -1)) expect(chunk.usage).toBeNull()
    const whole = await stream(two, { ...PLAIN, stream: false })
    expect(last?.usage).toEqual(whole.json.usage)
  })

  it('obfuscates unless told otherwise', async () => {
    const { chunks } = await stream(two)
    for (const chunk of chunks) expect(chunk.obfuscation).toMatch(/^[A-Za-z0-9]{0,15}$/)
    const open = await stream(two, { ...PLAIN, stream_options: { include_obfuscation: false } })
    for (const chunk of open.chunks) expect(chunk).not.toHaveProperty('obfuscation')
  })

  it('declines', async () => {
    const { chunks } = await stream({ blocks: [], end: 'refusal', refusal: 'I will not.' })
    const deltas = deltasOf(chunks)
    expect(deltas[0]).toEqual({ role: 'assistant', content: null, refusal: '' })
    expect(joined(deltas, 'refusal')).toBe('I will not.')
    expect(joined(deltas, 'content')).toBe('')
    expect(recordsOf(chunks.at(-1)?.choices)[0]?.finish_reason).toBe('stop')
  })

  it('leaves logprobs and fingerprint out for models that reason', async () => {
    const body = { model: 'gpt-5-mini', messages: HELLO, stream: true }
    const { chunks } = await stream(
      { blocks: [{ type: 'reasoning', text: 'hm' }], end: 'length' },
      body,
    )
    expect(deltasOf(chunks)).toEqual([{ role: 'assistant', content: '', refusal: null }, {}])
    expect(chunks[0]?.system_fingerprint).toBeNull()
    expect(recordsOf(chunks[0]?.choices)[0]).not.toHaveProperty('logprobs')
    expect(recordsOf(chunks.at(-1)?.choices)[0]?.finish_reason).toBe('length')
  })

  it('streams custom and old-fashioned calls', async () => {
    const custom = { type: 'custom', custom: { name: 'shell' } }
    const calls: TwinTurn = { blocks: [{ type: 'call', name: 'shell', arguments: 'ls -l\n' }] }
    const { chunks } = await stream(calls, { ...PLAIN, tools: [custom] })
    const deltas = deltasOf(chunks)
    expect(recordsOf(deltas[0]?.tool_calls)[0]).toMatchObject({
      type: 'custom',
      custom: { name: 'shell', input: '' },
    })
    expect(callsIn(deltas)).toMatchObject([{ name: 'shell', text: 'ls -l\n' }])
    const { tools: _tools, ...rest } = PLAIN
    const old = await stream(two, { ...rest, functions: [{ name: 'get_weather' }] })
    const parts = deltasOf(old.chunks).map(delta => recordOf(delta.function_call))
    expect(joined(parts, 'name')).toBe('get_weather')
    expect(joined(parts, 'arguments')).toBe(ARGUMENTS)
    expect(recordsOf(old.chunks.at(-1)?.choices)[0]?.finish_reason).toBe('function_call')
  })

  it('streams several answers at once', async () => {
    const turns = ['one', 'two', 'three'].map(
      (text): TwinTurn => ({ blocks: [{ type: 'text', text }] }),
    )
    const { chunks } = await trial('openai', turns).send({ ...USAGE, n: 3 })
    expect([0, 1, 2].map(index => joined(deltasOf(chunks, index), 'content'))).toEqual([
      'one',
      'two',
      'three',
    ])
    expect(chunks.filter(chunk => recordsOf(chunk.choices).length === 0)).toHaveLength(1)
  })

  it('says the same with the same seed, and cuts elsewhere with another', async () => {
    const texts = await Promise.all([1, 1, 2].map(seed => stream(two, PLAIN, seed)))
    expect(texts[0]?.text).toBe(texts[1]?.text)
    expect(texts[0]?.text).not.toBe(texts[2]?.text)
  })
})

describe('cut', () => {
  it('keeps every character and cuts inside escapes', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 200; seed++) {
      const pieces = cut(ARGUMENTS, seeded(seed))
      expect(pieces.join('')).toBe(ARGUMENTS)
      for (const piece of pieces) {
        expect(piece).not.toBe('')
        expect(Buffer.from(piece).toString()).toBe(piece)
        if (piece.endsWith('\\')) seen.add('escape')
        if (piece.endsWith('\\u00')) seen.add('unicode')
      }
    }
    expect([...seen].sort()).toEqual(['escape', 'unicode'])
    expect(cut('', seeded(1))).toEqual([])
    expect(cut('😀', seeded(1))).toEqual(['😀'])
  })
})

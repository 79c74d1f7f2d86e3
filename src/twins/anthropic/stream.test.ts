import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import { isObject, type JsonObject } from './json.ts'
import { PLAIN_BODY, type TrialAnswer, tool, trial } from './trial.ts'

const call = (text = '{"city":"Paris"}') =>
  ({ type: 'call', name: 'get_weather', arguments: text }) as const
const words = (text: string) => ({ type: 'text', text }) as const
const thought = (text: string, redacted = false) => ({ type: 'reasoning', text, redacted }) as const
const MANUAL = { thinking: { type: 'enabled', budget_tokens: 1_024 } }

function streamOf(turn: TwinTurn, fields: object = {}, seed = 1): Promise<TrialAnswer> {
  const { send } = trial([turn], seed)
  return send({ ...PLAIN_BODY, tools: [tool()], stream: true, ...fields })
}

/** Folds events as a client does; the law is that this equals the whole answer. */
function fold(events: readonly JsonObject[]): JsonObject {
  let message: Record<string, unknown> = {}
  const blocks: Record<string, unknown>[] = []
  let open = -1
  let source = ''
  const append = (name: string, text: unknown) => {
    const block = blocks[open]
    if (block) block[name] = `${block[name]}${text}`
  }
  for (const event of events) {
    const { delta, content_block: block } = event
    if (event['type'] === 'message_start') message = { ...Object(event['message']) }
    if (event['type'] === 'content_block_start') {
      expect(open).toBe(-1)
      expect(event['index']).toBe(blocks.length)
      blocks.push({ ...Object(block) })
      open = blocks.length - 1
      source = ''
    }
    if (event['type'] === 'content_block_delta' && isObject(delta)) {
      expect(event['index']).toBe(open)
      if (delta['type'] === 'text_delta') append('text', delta['text'])
      if (delta['type'] === 'thinking_delta') append('thinking', delta['thinking'])
      if (delta['type'] === 'signature_delta') append('signature', delta['signature'])
      if (delta['type'] === 'input_json_delta') source += delta['partial_json']
    }
    if (event['type'] === 'content_block_stop') {
      expect(event['index']).toBe(open)
      const last = blocks[open]
      if (last?.['type'] === 'tool_use') last['input'] = JSON.parse(source || '{}')
      open = -1
    }
    if (event['type'] === 'message_delta') {
      Object.assign(message, delta, {
        usage: { ...Object(message['usage']), ...Object(event['usage']) },
      })
    }
  }
  return JSON.parse(JSON.stringify({ ...message, content: blocks }))
}

function inputOf({ usage }: JsonObject): number {
  return isObject(usage) ? Number(usage['input_tokens']) : Number.NaN
}

const typesOf = ({ events }: TrialAnswer) =>
  events.map(({ type }) => type).filter(type => type !== 'ping')

describe('a stream', () => {
  it('has the vendor’s events in order', async () => {
    const answer = await streamOf({ blocks: [words('Hi'), call('{}')] })
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'request-id': expect.stringMatching(/^req_/),
      'anthropic-ratelimit-tokens-limit': '2400000',
    })
    expect(typesOf(answer)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(answer.events[0]).toMatchObject({
      message: {
        id: expect.stringMatching(/^msg_01/),
        content: [],
        stop_reason: null,
        usage: { service_tier: 'standard', output_tokens: expect.any(Number) },
      },
    })
    expect(answer.events.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null },
      usage: { output_tokens: expect.any(Number), input_tokens: expect.any(Number) },
    })
  })

  it('is framed with names, and with blanks before the last brace', async () => {
    const { frames } = await streamOf({ blocks: [words('word '.repeat(200))] })
    for (const frame of frames) {
      expect(frame).toMatch(/^event: (\w+)\ndata: \{"type":\s?"\1".*\}\n\n$/)
    }
    const padded = frames.filter(frame => / +\}\n\n$/.test(frame))
    expect(padded.length).toBeGreaterThan(frames.length / 2)
    expect(frames.filter(frame => frame.startsWith('event: ping')).length).toBeGreaterThan(0)
    expect(frames.at(-1)).toMatch(/^event: message_stop/)
  })

  it('starts calls with an empty input and an empty piece', async () => {
    const { events } = await streamOf({ blocks: [call()] })
    const start = events.find(({ type }) => type === 'content_block_start')
    expect(start).toMatchObject({
      content_block: {
        type: 'tool_use',
        id: expect.stringMatching(/^toolu_01/),
        name: 'get_weather',
        input: {},
        caller: { type: 'direct' },
      },
    })
    const deltas = events.filter(({ type }) => type === 'content_block_delta')
    expect(deltas[0]).toMatchObject({ delta: { type: 'input_json_delta', partial_json: '' } })
    expect(deltas.length).toBeGreaterThan(1)
  })

  it.each(['', '{}', ' { } '])('sends nothing but an empty piece for %j', async text => {
    const { events } = await streamOf({ blocks: [call(text)] })
    const deltas = events.filter(({ type }) => type === 'content_block_delta')
    expect(deltas).toMatchObject([{ delta: { partial_json: '' } }])
  })

  it('shows broken arguments as they are', async () => {
    const { events } = await streamOf({ blocks: [call('{"city": "Par')], end: 'length' })
    const pieces = events.map(({ delta }) => (isObject(delta) ? (delta['partial_json'] ?? '') : ''))
    expect(pieces.join('')).toBe('{"city": "Par')
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' } })
  })

  it('signs thinking at its end, and sends redacted thinking whole', async () => {
    const blocks = [thought('Let me think about it.'), thought('x', true), words('Hi')]
    const { events } = await streamOf({ blocks }, MANUAL)
    const ofBlock = (index: number) => events.filter(event => event['index'] === index)
    expect(ofBlock(0)[0]).toMatchObject({
      content_block: { type: 'thinking', thinking: '', signature: '' },
    })
    expect(ofBlock(0).at(-2)).toMatchObject({ delta: { type: 'signature_delta' } })
    expect(ofBlock(0).filter(({ delta }) => isObject(delta) && 'signature' in delta)).toHaveLength(
      1,
    )
    expect(ofBlock(1)).toMatchObject([
      {
        type: 'content_block_start',
        content_block: { type: 'redacted_thinking', data: expect.any(String) },
      },
      { type: 'content_block_stop' },
    ])
  })

  it('has only a signature where thinking is omitted', async () => {
    const fields = { model: 'claude-opus-4-8', thinking: { type: 'adaptive' } }
    const { events } = await streamOf({ blocks: [thought('Hm.')] }, fields)
    const deltas = events.filter(({ type }) => type === 'content_block_delta')
    expect(deltas).toMatchObject([{ delta: { type: 'signature_delta' } }])
  })

  it('has no blocks when the model declines', async () => {
    const answer = await streamOf({ blocks: [], end: 'refusal', refusal: 'No.' }, MANUAL)
    expect(answer.events.map(({ type }) => type)).toEqual([
      'message_start',
      'ping',
      'message_delta',
      'message_stop',
    ])
    expect(answer.events[2]).toMatchObject({
      delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', explanation: 'No.' } },
    })
  })

  it('never cuts a character, and cuts at other places with another seed', async () => {
    const text = '👩‍👩‍👧 naïve 日本語 🎉'.repeat(20)
    const one = await streamOf({ blocks: [words(text)] }, {}, 1)
    const other = await streamOf({ blocks: [words(text)] }, {}, 2)
    expect(one.text).not.toMatch(/\\u[dD][89a-fA-F]/)
    expect(one.frames.length).not.toBe(other.frames.length)
    expect((await streamOf({ blocks: [words(text)] }, {}, 1)).text).toBe(one.text)
  })

  it('restates the input count at its end, and may raise it', async () => {
    const raised = []
    for (let seed = 1; seed <= 24; seed++) {
      const { events } = await streamOf({ blocks: [words('Hi')] }, {}, seed)
      const first = inputOf(fold(events.slice(0, 1)))
      const last = inputOf(fold(events))
      expect(last).toBeGreaterThanOrEqual(first)
      if (last > first) raised.push(seed)
    }
    expect(raised.length).toBeGreaterThan(0)
    expect(raised.length).toBeLessThan(24)
  })

  it.each([
    [{ blocks: [words('Hello there.')] }],
    [
      {
        blocks: [
          words('Let me see.'),
          call(),
          call('{"city": "Rome", "n": [1, {"a": "\\u00e9\\n"}]}'),
          call(''),
        ],
      },
    ],
    [{ blocks: [thought('Hm.'), call(), thought('Ah.', true), words('So.'), call()] }],
    [{ blocks: [words('Cut o')], end: 'length' }],
    [{ blocks: [], end: 'refusal', refusal: 'No.' }],
    [{ blocks: [words('One STOP two')] }],
    [{ blocks: [words('Hi')], usage: { input: 50, output: 9, cached: 20, reasoning: 3 } }],
  ] satisfies [TwinTurn][])('folds into the whole answer: %j', async turn => {
    const fields = {
      model: 'claude-opus-4-6',
      thinking: { type: 'adaptive' },
      stop_sequences: ['STOP'],
    }
    const { events } = await streamOf(turn, fields)
    const whole = await streamOf(turn, { ...fields, stream: false })
    expect(fold(events)).toEqual(JSON.parse(whole.text))
  })
})

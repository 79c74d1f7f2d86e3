import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import { type JsonObject, objectOf } from './json.ts'
import { PLAIN_BODY, THINKING_BODY, tool, trial } from './trial.ts'

const words = (text: string) => ({ type: 'text', text }) as const
const calling = (name = 'get_weather', text = '{"city":"Paris"}') =>
  ({ type: 'call', name, arguments: text }) as const

async function streamOf(turn: TwinTurn, fields: object = {}, seed = 1) {
  const { send } = trial([turn], seed)
  const answer = await send({ ...PLAIN_BODY, ...fields, stream: true })
  expect(answer.status).toBe(200)
  return answer
}

/** The names of the events, runs of deltas as one. */
function namesOf(events: readonly JsonObject[]): string[] {
  const names = events.map(({ type }) => String(type).replace('response.', ''))
  return names.filter((name, place) => !name.endsWith('.delta') || name !== names[place - 1])
}

function joined(events: readonly JsonObject[], type: string): string {
  return events
    .filter(event => event.type === `response.${type}`)
    .map(({ delta }) => delta)
    .join('')
}

describe('a stream', () => {
  it('is framed, numbered and over without a mark', async () => {
    const { frames, events, headers } = await streamOf({ blocks: [words('Hi.')] })
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8')
    for (const [place, frame] of frames.entries()) {
      const { type, sequence_number } = events[place] ?? {}
      expect(frame).toMatch(/^event: [a-z_.]+\ndata: \{.*\}\n\n$/)
      expect(frame.startsWith(`event: ${type}\ndata: {"type":"${type}",`)).toBe(true)
      expect(sequence_number).toBe(place)
    }
    expect(frames.join('')).not.toContain('[DONE]')
  })

  it('opens with an empty response and closes with the whole one', async () => {
    const { events } = await streamOf({ blocks: [words('Hi.')] })
    const [created, progress] = events
    for (const event of [created, progress]) {
      expect(event?.response).toMatchObject({
        status: 'in_progress',
        output: [],
        usage: null,
        completed_at: null,
        service_tier: 'auto',
      })
      expect(objectOf(event?.response)).not.toHaveProperty('billing')
    }
    const last = events.at(-1)
    expect(last).toMatchObject({
      type: 'response.completed',
      response: {
        id: objectOf(created?.response).id,
        status: 'completed',
        service_tier: 'default',
      },
    })
  })

  it('repeats itself with the same seed', async () => {
    const run = async (seed: number) =>
      (await streamOf({ blocks: [words('Hello there.')] }, {}, seed)).text
    expect(await run(5)).toBe(await run(5))
    expect(await run(5)).not.toBe(await run(6))
  })

  it('says the same as a whole answer', async () => {
    const turn: TwinTurn = {
      blocks: [{ type: 'reasoning', text: 'Hm.' }, words('Hi.'), calling()],
    }
    const body = { ...THINKING_BODY, tools: [tool()], store: false }
    const whole = await trial([turn]).send(body)
    const { json } = await trial([turn]).send({ ...body, stream: true })
    const { billing, ...rest } = whole.json
    expect(billing).toBeDefined()
    expect(json).toEqual(rest)
  })
})

describe('a text', () => {
  it('comes in pieces', async () => {
    const text = 'Grüße aus Zürich 👋🏽, es ist schön hier!'
    const { events, output } = await streamOf({ blocks: [words(text)] })
    expect(namesOf(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
    expect(joined(events, 'output_text.delta')).toBe(text)
    expect(events.filter(({ delta }) => delta !== undefined).length).toBeGreaterThan(2)
    const place = { item_id: output[0]?.id, output_index: 0, content_index: 0 }
    const part = { type: 'output_text', annotations: [], logprobs: [], text }
    expect(events.slice(2)).toMatchObject([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...output[0], status: 'in_progress', content: [] },
      },
      { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
      ...events.slice(4, -4),
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part },
      { type: 'response.output_item.done', output_index: 0, item: output[0] },
      { type: 'response.completed' },
    ])
    for (const event of events.slice(4, -4)) {
      expect(event).toMatchObject({ ...place, logprobs: [] })
      const { delta, obfuscation } = event
      expect((String(delta).length + String(obfuscation).length) % 16).toBe(0)
      expect(Object.keys(event)).toEqual([
        'type',
        'content_index',
        'delta',
        'item_id',
        'logprobs',
        'obfuscation',
        'output_index',
        'sequence_number',
      ])
    }
  })

  it('is not padded if that is not wanted', async () => {
    const options = { stream_options: { include_obfuscation: false } }
    const { text } = await streamOf({ blocks: [words('Hello.'), calling()] }, options)
    expect(text).not.toContain('obfuscation')
  })

  it('may be empty', async () => {
    const { events } = await streamOf({ blocks: [] })
    expect(namesOf(events)).not.toContain('output_text.delta')
    expect(namesOf(events)).toContain('output_text.done')
  })

  it('may be a refusal', async () => {
    const { events } = await streamOf({
      blocks: [],
      end: 'refusal',
      refusal: 'I will not do that.',
    })
    expect(namesOf(events).slice(3, -2)).toEqual([
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
    ])
    expect(joined(events, 'refusal.delta')).toBe('I will not do that.')
    expect(events[3]).toMatchObject({ part: { type: 'refusal', refusal: '' } })
    expect(events.at(-4)).toMatchObject({ refusal: 'I will not do that.' })
    expect(events[4]).not.toHaveProperty('obfuscation')
  })
})

describe('calls', () => {
  it('come one after the other, their arguments in pieces', async () => {
    const second = '{"city": "Rome", "days": 10}'
    const { events, output } = await streamOf(
      { blocks: [calling(), calling('get_weather', second)] },
      { tools: [tool()] },
    )
    const names = [
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
    ]
    expect(namesOf(events)).toEqual(['created', 'in_progress', ...names, ...names, 'completed'])
    expect(joined(events, 'function_call_arguments.delta')).toBe(`{"city":"Paris"}${second}`)
    const [added] = events.filter(({ type }) => type === 'response.output_item.added')
    expect(added?.item).toEqual({ ...output[0], status: 'in_progress', arguments: '' })
    for (const event of events.filter(({ item_id }) => item_id !== undefined)) {
      expect(event.item_id).toBe(output[Number(event.output_index)]?.id)
      expect(event.item_id).toMatch(/^fc_/)
      expect(event).not.toHaveProperty('call_id')
    }
    const done = events.filter(({ type }) => type === 'response.function_call_arguments.done')
    expect(done.map(event => event.arguments)).toEqual(['{"city":"Paris"}', second])
  })

  it('may be without arguments', async () => {
    const { events } = await streamOf({ blocks: [calling('get_weather', '')] }, { tools: [tool()] })
    expect(namesOf(events).slice(2, 4)).toEqual([
      'output_item.added',
      'function_call_arguments.done',
    ])
  })

  it('of custom tools have inputs', async () => {
    const tools = [{ type: 'custom', name: 'run' }]
    const { events, output } = await streamOf({ blocks: [calling('run', 'print("x")')] }, { tools })
    expect(namesOf(events).slice(2, -1)).toEqual([
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
    ])
    expect(joined(events, 'custom_tool_call_input.delta')).toBe('print("x")')
    expect(events[2]?.item).toEqual({ ...output[0], status: 'in_progress', input: '' })
    expect(events.at(-3)).toMatchObject({ input: 'print("x")', item_id: output[0]?.id })
  })
})

describe('reasoning', () => {
  const turn: TwinTurn = { blocks: [{ type: 'reasoning', text: 'Let me think.' }, words('Hi.')] }

  it('is summed up in pieces', async () => {
    const { events, output } = await streamOf(turn, {
      ...THINKING_BODY,
      reasoning: { summary: 'detailed' },
    })
    expect(namesOf(events).slice(2, 8)).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
    ])
    expect(joined(events, 'reasoning_summary_text.delta')).toBe('Let me think.')
    expect(events[2]?.item).toEqual({ ...output[0], summary: [] })
    expect(events[3]).toMatchObject({
      item_id: output[0]?.id,
      output_index: 0,
      summary_index: 0,
      part: { type: 'summary_text', text: '' },
    })
  })

  it('is not shown unasked, and its encrypted content grows', async () => {
    const long = { type: 'reasoning', text: 'Let me think. '.repeat(9) } as const
    const fields = { ...THINKING_BODY, store: false }
    const { events, output } = await streamOf({ blocks: [long, words('Hi.')] }, fields)
    expect(namesOf(events).slice(2, 4)).toEqual(['output_item.added', 'output_item.done'])
    const [first, final] = [events[2], events[3]].map(event =>
      String(objectOf(event?.item).encrypted_content),
    )
    expect(final).toBe(output[0]?.encrypted_content)
    expect(first).not.toBe(final)
    expect(String(first).length).toBeLessThan(String(final).length)
  })
})

describe('the end', () => {
  it.each([
    [{ blocks: [words('Hi')], end: 'length' }, 'max_output_tokens'],
    [{ blocks: [words('Hi')], end: 'content-filter' }, 'content_filter'],
  ] satisfies [TwinTurn, string][])('of %j is incomplete', async (turn, reason) => {
    const { events, json } = await streamOf(turn)
    expect(events.at(-1)?.type).toBe('response.incomplete')
    expect(json).toMatchObject({ status: 'incomplete', incomplete_details: { reason } })
    expect(events.at(-2)).toMatchObject({ item: { status: 'incomplete' } })
  })

  it('is reached once', async () => {
    const { events } = await streamOf({ blocks: [words('Hi'), calling()] }, { tools: [tool()] })
    const ends = events.filter(({ type }) => /\.(completed|incomplete|failed)$/.test(String(type)))
    expect(ends).toHaveLength(1)
  })
})

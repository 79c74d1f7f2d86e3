import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import type { TwinModel, TwinTurn } from '../../src/twins/model.ts'
import type { Twin } from '../../src/twins/server.ts'
import { buildHouse, type House } from './house.ts'

const KEYS = { ann: 'ann-secret-key', bob: 'bob-secret-key' }
const CLAUDE = 'claude-sonnet-4-6'
const tools: OpenAI.Responses.Tool[] = [
  {
    type: 'function',
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    strict: false,
  },
]
const CALL: TwinTurn = {
  blocks: [{ type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' }],
}

let house: House
afterEach(() => house.close())

/** A gateway that holds answers, before twins whose model says the turns one after another. */
async function build(turns: readonly TwinTurn[] = [], config: Partial<Config> = {}) {
  const left = [...turns]
  const model: TwinModel = {
    name: 'turns',
    answer: () => left.shift() ?? { blocks: [{ type: 'text', text: 'Done.' }] },
  }
  const conversations = { ageMs: 60_000, maxBytes: 1_000_000 }
  house = await buildHouse({ model, config: { conversations, keys: KEYS, ...config } })
}

function client(apiKey: string = KEYS.ann): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${house.url}/v1`, maxRetries: 0 })
}

function lastBody(twin: Twin): Record<string, unknown> {
  return JSON.parse(JSON.stringify(twin.requests.at(-1)?.body))
}

/** Who said what, message by message; what is no text by its type. */
function saidTo(twin: Twin): string[] {
  const { messages } = lastBody(twin)
  const read: { role: string; content: string | { type: string; text?: string }[] }[] = JSON.parse(
    JSON.stringify(messages),
  )
  return read.map(({ role, content }) => {
    const words =
      typeof content === 'string' ? content : content.map(({ type, text }) => text ?? type).join()
    return `${role}: ${words}`
  })
}

type Ask = OpenAI.Responses.ResponseCreateParamsNonStreaming

async function ask(body: Ask, stream = false, by = client()) {
  if (!stream) return by.responses.create(body)
  for await (const event of await by.responses.create({ ...body, stream: true })) {
    if (event.type === 'response.completed') return event.response
  }
  throw new Error('the stream did not end')
}

describe('answers that the gateway holds', () => {
  it.each([false, true])(
    '[G11] are gone on from at a vendor that holds nothing, streamed: %s',
    async stream => {
      await build([CALL])
      const first = await ask({ model: CLAUDE, input: 'Umbrella?', tools }, stream)
      const call = first.output.find(item => item.type === 'function_call')
      const call_id = call?.type === 'function_call' ? call.call_id : ''
      const second = await ask(
        {
          model: CLAUDE,
          previous_response_id: first.id,
          input: [{ type: 'function_call_output', call_id, output: 'rain' }],
          tools,
        },
        stream,
      )
      expect(second).toMatchObject({ store: true, previous_response_id: first.id })
      const third = await ask(
        {
          model: CLAUDE,
          previous_response_id: second.id,
          input: 'Thanks',
          instructions: 'Be kind',
        },
        stream,
      )
      expect(third.output_text ?? '').toBe(stream ? '' : 'Done.')
      expect(lastBody(house.anthropic)['system']).toBe('Be kind')
      expect(saidTo(house.anthropic)).toEqual([
        'user: Umbrella?',
        'assistant: tool_use',
        'user: tool_result',
        'assistant: Done.',
        'user: Thanks',
      ])
    },
  )

  it('[G11] are read again, listed and deleted', async () => {
    await build()
    const made = await ask({ model: CLAUDE, input: 'One' })
    const again = await client().responses.retrieve(made.id)
    expect(again).toEqual(made)
    const next = await ask({ model: CLAUDE, input: 'Two', previous_response_id: made.id })
    const items = await client().responses.inputItems.list(next.id, { order: 'asc' })
    expect(items.data).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'One' }] },
      { type: 'message', role: 'assistant', id: made.output[0]?.id },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Two' }] },
    ])
    const page = await client().responses.inputItems.list(next.id, { limit: 1 })
    expect(page.data).toMatchObject([{ content: [{ text: 'Two' }] }])
    expect(page.has_more).toBe(true)
    await client().responses.delete(made.id)
    await expect(client().responses.retrieve(made.id)).rejects.toMatchObject({
      status: 404,
      message: `404 Response with id '${made.id}' not found.`,
    })
    await expect(
      ask({ model: CLAUDE, input: 'Three', previous_response_id: made.id }),
    ).rejects.toMatchObject({
      status: 400,
      message: `400 Previous response with id '${made.id}' not found.`,
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    })
    await expect(client().responses.cancel(next.id)).rejects.toThrow(
      'Cannot cancel a synchronous response.',
    )
  })

  it('[G11] belong to the client that made them', async () => {
    await build()
    const made = await ask({ model: CLAUDE, input: 'Mine' })
    const bob = client(KEYS.bob)
    await expect(bob.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 })
    await expect(bob.responses.delete(made.id)).rejects.toMatchObject({ status: 404 })
    const body = { model: CLAUDE, input: 'And?', previous_response_id: made.id }
    await expect(ask(body, false, bob)).rejects.toMatchObject({ status: 400 })
    expect((await ask(body)).status).toBe('completed')
  })

  it('are not held against the will of the client', async () => {
    await build()
    const made = await ask({ model: CLAUDE, input: 'Secret', store: false })
    expect(made).toMatchObject({ store: false })
    await expect(client().responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 })
  })

  it('are left to a vendor that holds them, and go along to another', async () => {
    await build()
    const first = await ask({ model: 'gpt-4o', input: 'One' })
    const second = await ask({ model: 'gpt-4o', input: 'Two', previous_response_id: first.id })
    expect(lastBody(house.openai)).toMatchObject({ input: 'Two', previous_response_id: first.id })
    expect(await client().responses.retrieve(second.id)).toEqual(second)

    const third = await ask({ model: CLAUDE, input: 'Three', previous_response_id: second.id })
    expect(saidTo(house.anthropic)).toEqual([
      'user: One',
      'assistant: Done.',
      'user: Two',
      'assistant: Done.',
      'user: Three',
    ])
    const fourth = await ask({ model: 'gpt-4o', input: 'Four', previous_response_id: third.id })
    const sent = lastBody(house.openai)
    expect(sent).not.toHaveProperty('previous_response_id')
    expect(sent['input']).toHaveLength(7)
    // From there on the vendor has all of it.
    await ask({ model: 'gpt-4o', input: 'Five', previous_response_id: fourth.id })
    expect(lastBody(house.openai)).toMatchObject({ previous_response_id: fourth.id })
  })

  it('[G11] are found by the ids of their items', async () => {
    await build()
    const made = await ask({ model: CLAUDE, input: 'One' })
    const id = made.output[0]?.id ?? ''
    await ask({
      model: CLAUDE,
      input: [
        { role: 'user', content: 'One' },
        { type: 'item_reference', id },
        { role: 'user', content: 'Two' },
      ],
    })
    expect(saidTo(house.anthropic)).toEqual(['user: One', 'assistant: Done.', 'user: Two'])
  })

  it('are let go when there are too many', async () => {
    await build([], { conversations: { ageMs: 60_000, maxBytes: 12_000 } })
    const first = await ask({ model: CLAUDE, input: 'One' })
    for (let i = 0; i < 8; i++) await ask({ model: CLAUDE, input: 'x'.repeat(500) })
    await expect(client().responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 })
  })
})

describe('without a place to hold them', () => {
  it('[G11] refuses in the words of the vendor what would need one', async () => {
    house = await buildHouse({ config: { keys: KEYS } })
    const made = await ask({ model: CLAUDE, input: 'Send an email' })
    expect(made).toMatchObject({ store: false })
    await expect(client().responses.retrieve(made.id)).rejects.toMatchObject({
      status: 404,
      message: `404 Response with id '${made.id}' not found.`,
    })
    await expect(
      ask({ model: CLAUDE, input: 'x', previous_response_id: made.id }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' })
    await expect(ask({ model: CLAUDE, input: 'x', conversation: 'conv_1' })).rejects.toMatchObject({
      status: 404,
      message: "404 Conversation with id 'conv_1' not found.",
    })
  })
})

import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildHouse, type House } from './house.ts'

const convert = {
  name: 'convert_currency',
  description: 'Converts an amount of money from one currency to another',
  parameters: {
    type: 'object' as const,
    properties: {
      amount: { type: 'number' as const, description: 'How much money' },
      from: { type: 'string' as const, enum: ['EUR', 'USD', 'GBP'] },
      to: { type: 'string' as const, enum: ['EUR', 'USD', 'GBP'] },
    },
    required: ['amount', 'from', 'to'],
  },
}
const tools: OpenAI.ChatCompletionFunctionTool[] = [{ type: 'function', function: convert }]
const question = 'Convert 250 EUR to USD'

/** The official client of OpenAI, unchanged, with a model of each vendor. */
describe.each(['gpt-4o', 'claude-sonnet-4-5'])('the openai package with %s', model => {
  let house: House
  let client: OpenAI
  beforeAll(async () => {
    house = await buildHouse({ transport: { chunk: 'random' } })
    client = new OpenAI({ apiKey: 'any', baseURL: `${house.url}/v1`, maxRetries: 0 })
  })
  afterAll(() => house.close())

  it('calls a tool and answers, whole', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: question }]
    const first = await client.chat.completions.create({ model, messages, tools })
    const message = first.choices[0]?.message
    expect(first.choices[0]?.finish_reason).toBe('tool_calls')
    const [call] = message?.tool_calls ?? []
    if (!message || call?.type !== 'function') throw new Error('no call')
    expect(JSON.parse(call.function.arguments)).toEqual({ amount: 250, from: 'EUR', to: 'USD' })
    messages.push(message, { role: 'tool', tool_call_id: call.id, content: '{"amount":271.5}' })
    const second = await client.chat.completions.create({ model, messages, tools })
    expect(second.choices[0]?.message.content).toContain('271.5')
    expect(second.usage?.total_tokens).toBeGreaterThan(0)
    expect(first._request_id).toMatch(/^req_/)
  })

  it('streams through the helper', async () => {
    const stream = client.chat.completions.stream({
      model,
      messages: [{ role: 'user', content: question }],
      tools,
      stream_options: { include_usage: true },
    })
    const done: string[] = []
    stream.on('tool_calls.function.arguments.done', ({ name }) => done.push(name))
    const final = await stream.finalChatCompletion()
    expect(done).toEqual(['convert_currency'])
    const [call] = final.choices[0]?.message.tool_calls ?? []
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({
      amount: 250,
      from: 'EUR',
      to: 'USD',
    })
    expect(final.usage?.prompt_tokens).toBeGreaterThan(0)
  })

  it.each([false, true])('runs its own tool runner, streamed: %s', async stream => {
    const asked: unknown[] = []
    const body = {
      model,
      messages: [{ role: 'user' as const, content: 'Convert 250 EUR to USD and to GBP' }],
      tools: [
        {
          type: 'function' as const,
          function: {
            ...convert,
            parse: (text: string): { amount: number; to: string } => JSON.parse(text),
            function: (args: { amount: number; to: string }) => {
              asked.push(args)
              return `${args.amount * 2} ${args.to}`
            },
          },
        },
      ],
    }
    const runner = stream
      ? client.chat.completions.runTools({ ...body, stream: true })
      : client.chat.completions.runTools(body)
    const content = await runner.finalContent()
    expect(asked).toEqual([
      { amount: 250, from: 'EUR', to: 'USD' },
      { amount: 250, from: 'EUR', to: 'GBP' },
    ])
    expect(content).toContain('500 USD')
    expect(content).toContain('500 GBP')
  })

  it('throws its own errors for what the gateway refuses', async () => {
    const orphan = client.chat.completions.create({
      model,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'tool', tool_call_id: 'call_none', content: 'y' },
      ],
    })
    await expect(orphan).rejects.toThrow(OpenAI.BadRequestError)
    const unknown = client.chat.completions.create({
      model: 'no-such-model-at-all',
      messages: [{ role: 'user', content: 'x' }],
    })
    await expect(unknown).rejects.toThrow(OpenAI.NotFoundError)
  })

  it('lists and finds models', async () => {
    const ids: string[] = []
    for await (const each of client.models.list()) ids.push(each.id)
    expect(ids).toContain(model)
    expect((await client.models.retrieve(model)).id).toBe(model)
  })
})

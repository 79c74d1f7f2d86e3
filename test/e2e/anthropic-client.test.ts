import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildHouse, type House } from './house.ts'

const schema = {
  type: 'object',
  properties: {
    title: { type: 'string', description: 'What the reminder is about' },
    minutes: { type: 'integer', description: 'In how many minutes' },
  },
  required: ['title', 'minutes'],
} as const
const tool: Anthropic.Tool = {
  name: 'set_reminder',
  description: 'Sets a reminder for the user',
  input_schema: { ...schema, required: [...schema.required] },
}
const question = "Set a reminder titled 'call the bank' in 45 minutes"

/** The official client of Anthropic, unchanged, with a model of each vendor. */
describe.each(['claude-sonnet-4-5', 'gpt-4o'])('@anthropic-ai/sdk with %s', model => {
  let house: House
  let client: Anthropic
  beforeAll(async () => {
    house = await buildHouse({ transport: { chunk: 'random' } })
    client = new Anthropic({ apiKey: 'any', baseURL: house.url, maxRetries: 0 })
  })
  afterAll(() => house.close())

  it('calls a tool and answers, whole', async () => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }]
    const first = await client.messages.create({ model, max_tokens: 500, messages, tools: [tool] })
    expect(first.stop_reason).toBe('tool_use')
    const use = first.content.find(block => block.type === 'tool_use')
    if (!use) throw new Error('no call')
    expect(use.input).toEqual({ title: 'call the bank', minutes: 45 })
    messages.push(
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: use.id, content: 'saved as number 7714' }],
      },
    )
    const second = await client.messages.create({ model, max_tokens: 500, messages, tools: [tool] })
    expect(second.content[0]?.type === 'text' && second.content[0].text).toContain('7714')
    expect(first.usage.input_tokens).toBeGreaterThan(0)
    expect(first._request_id).toMatch(/^req_/)
  })

  it('streams through the helper', async () => {
    const stream = client.messages.stream({
      model,
      max_tokens: 500,
      messages: [{ role: 'user', content: question }],
      tools: [tool],
    })
    const pieces: string[] = []
    stream.on('inputJson', piece => pieces.push(piece))
    const final = await stream.finalMessage()
    const use = final.content.find(block => block.type === 'tool_use')
    expect(use?.input).toEqual({ title: 'call the bank', minutes: 45 })
    expect(JSON.parse(pieces.join(''))).toEqual(use?.input)
    expect(final.usage.output_tokens).toBeGreaterThan(0)
  })

  it.each([false, true])('runs its own tool runner, streamed: %s', async stream => {
    const asked: unknown[] = []
    const runner = client.beta.messages.toolRunner({
      model,
      max_tokens: 500,
      messages: [{ role: 'user', content: question }],
      tools: [
        betaTool({
          name: 'set_reminder',
          description: 'Sets a reminder for the user',
          inputSchema: schema,
          run: input => {
            asked.push(input)
            return 'saved as number 7714'
          },
        }),
      ],
      ...(stream ? { stream: true as const } : {}),
    })
    const final = await runner.runUntilDone()
    expect(asked).toEqual([{ title: 'call the bank', minutes: 45 }])
    const [block] = final.content
    expect(block?.type === 'text' && block.text).toContain('7714')
  })

  it('throws its own errors for what the gateway refuses', async () => {
    const orphan = client.messages.create({
      model,
      max_tokens: 10,
      messages: [
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_x', content: 'y' }] },
      ],
    })
    await expect(orphan).rejects.toThrow(Anthropic.BadRequestError)
    const unknown = client.messages.create({
      model: 'no-such-model-at-all',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'x' }],
    })
    await expect(unknown).rejects.toThrow(Anthropic.NotFoundError)
  })

  it('lists models in its own shape', async () => {
    const page = await client.models.list()
    expect(page.data.map(each => each.id)).toContain(model)
  })
})

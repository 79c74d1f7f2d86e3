import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningGateway } from '../../../src/start.ts'
import {
  expectBoth,
  expectThird,
  FOLLOW_UP,
  MODELS,
  QUESTION,
  rehearsing,
  TOOL,
  weather,
} from './weather.ts'

let gateway: RunningGateway
let client: Anthropic
beforeAll(async () => {
  gateway = await rehearsing()
  client = new Anthropic({ apiKey: 'any', baseURL: gateway.url, maxRetries: 0 })
})
afterAll(() => gateway.close())

/** The package `@anthropic-ai/sdk`, unchanged. */
describe.each(MODELS)('[G13] @anthropic-ai/sdk with %s', model => {
  it.each([false, true])('runs its tool runner, streamed: %s', async stream => {
    const tool = weather()
    const messages: Anthropic.Beta.BetaMessageParam[] = []
    const ask = async (text: string): Promise<string> => {
      messages.push({ role: 'user', content: text })
      const runner = client.beta.messages.toolRunner({
        model,
        max_tokens: 500,
        messages: [...messages],
        tools: [
          betaTool({
            name: TOOL.name,
            description: TOOL.description,
            inputSchema: { ...TOOL.parameters, required: [...TOOL.parameters.required] } as const,
            run: tool.run,
          }),
        ],
        ...(stream ? { stream: true as const } : {}),
      })
      const final = await runner.runUntilDone()
      messages.splice(0, messages.length, ...runner.params.messages)
      return final.content.map(block => (block.type === 'text' ? block.text : '')).join('')
    }
    expectBoth(tool, await ask(QUESTION))
    expectThird(tool, await ask(FOLLOW_UP))
  })

  it('hears of every argument through the streaming helper, and sends its message back', async () => {
    const tool = weather()
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: QUESTION }]
    const { name, description, parameters } = TOOL
    const tools = [
      {
        name,
        description,
        input_schema: { ...parameters, required: [...parameters.required] },
      },
    ]
    const next = async () => {
      const stream = client.messages.stream({ model, max_tokens: 500, messages, tools })
      let heard = ''
      let last: unknown
      stream.on('inputJson', (delta, snapshot) => {
        heard += delta
        last = snapshot
      })
      const { role, content, stop_reason } = await stream.finalMessage()
      messages.push({ role, content })
      return { content, stop_reason, heard, last }
    }
    const called = await next()
    expect(called.stop_reason).toBe('tool_use')
    expect(called.last).toEqual({ city: 'Lima' })
    expect(called.heard.replaceAll(/\s/g, '')).toBe('{"city":"Oslo"}{"city":"Lima"}')
    const results: Anthropic.ToolResultBlockParam[] = []
    for (const block of called.content) {
      if (block.type !== 'tool_use') continue
      results.push({ type: 'tool_result', tool_use_id: block.id, content: tool.run(block.input) })
    }
    messages.push({ role: 'user', content: results })
    const { content } = await next()
    expectBoth(tool, content.map(block => (block.type === 'text' ? block.text : '')).join(''))
  })
})

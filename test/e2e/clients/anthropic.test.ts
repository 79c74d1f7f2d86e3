import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { afterAll, beforeAll, describe, it } from 'vitest'
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
})

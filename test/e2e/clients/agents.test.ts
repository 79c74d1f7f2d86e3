import {
  Agent,
  type AgentInputItem,
  OpenAIProvider,
  Runner,
  setTracingDisabled,
  tool,
} from '@openai/agents'
import { beforeAll, describe, it } from 'vitest'
import {
  expectBoth,
  expectThird,
  FOLLOW_UP,
  MODELS,
  QUESTION,
  rehearsed,
  TOOL,
  weather,
} from './weather.ts'

const gateway = rehearsed()
// It would send its traces to the vendor.
beforeAll(() => setTracingDisabled(true))

const MANNERS = [
  ['its chat model', false],
  ['its model of Responses', true],
] as const

/** The OpenAI Agents SDK, unchanged, with its two kinds of models. */
describe.each(MANNERS)('[G13] @openai/agents with %s', (_, useResponses) => {
  describe.each(MODELS)('and %s', model => {
    it.each([false, true])('runs an agent with tools, streamed: %s', async stream => {
      const used = weather()
      const agent = new Agent({
        name: 'Weatherman',
        instructions: 'Tell the weather.',
        model,
        tools: [
          tool({
            name: TOOL.name,
            description: TOOL.description,
            parameters: { ...TOOL.parameters, required: ['city'] },
            strict: true,
            execute: async input => used.run(input),
          }),
        ],
      })
      const modelProvider = new OpenAIProvider({
        apiKey: 'any',
        baseURL: `${gateway.url}/v1`,
        useResponses,
      })
      const runner = new Runner({ modelProvider, tracingDisabled: true })
      let history: AgentInputItem[] = []
      const ask = async (text: string): Promise<string | undefined> => {
        const input: AgentInputItem[] = [...history, { role: 'user', content: text }]
        if (!stream) {
          const result = await runner.run(agent, input)
          history = result.history
          return result.finalOutput
        }
        const result = await runner.run(agent, input, { stream: true })
        await result.completed
        history = result.history
        return result.finalOutput
      }
      expectBoth(used, await ask(QUESTION))
      expectThird(used, await ask(FOLLOW_UP))
    })
  })
})

import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import {
  generateText,
  jsonSchema,
  type LanguageModel,
  type ModelMessage,
  stepCountIs,
  streamText,
  tool,
} from 'ai'
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
beforeAll(async () => {
  // The package for OpenAI refers to items of earlier answers, unless it is told not to.
  gateway = await rehearsing({ conversations: { ageMs: 3_600_000, maxBytes: 1 << 24 } })
})
afterAll(() => gateway.close())

const responses = (url: string, model: string) =>
  createOpenAI({ apiKey: 'any', baseURL: `${url}/v1` }).responses(model)

const PACKAGES: Record<string, (url: string, model: string) => LanguageModel> = {
  '@ai-sdk/openai over Chat Completions': (url, model) =>
    createOpenAI({ apiKey: 'any', baseURL: `${url}/v1` }).chat(model),
  '@ai-sdk/openai over Responses': responses,
  '@ai-sdk/openai over Responses without store': responses,
  '@ai-sdk/anthropic': (url, model) =>
    createAnthropic({ apiKey: 'any', baseURL: `${url}/v1` })(model),
  '@ai-sdk/google': (url, model) =>
    createGoogleGenerativeAI({ apiKey: 'any', baseURL: `${url}/v1beta` })(model),
}

/** The Vercel AI SDK, unchanged, with the packages of three vendors. */
describe.each(Object.entries(PACKAGES))('[G13] ai with %s', (manner, modelOf) => {
  describe.each(MODELS)('and %s', name => {
    it.each([false, true])('runs tools in steps, streamed: %s', async stream => {
      const used = weather()
      const messages: ModelMessage[] = []
      const ask = async (text: string): Promise<string> => {
        messages.push({ role: 'user', content: text })
        const options = {
          model: modelOf(gateway.url, name),
          messages,
          maxRetries: 0,
          ...(manner.endsWith('without store') && {
            providerOptions: { openai: { store: false } },
          }),
          stopWhen: stepCountIs(4),
          tools: {
            [TOOL.name]: tool({
              description: TOOL.description,
              inputSchema: jsonSchema<{ city: string }>(TOOL.parameters),
              execute: async input => used.run(input),
            }),
          },
        }
        const failures: unknown[] = []
        const result = stream
          ? streamText({ ...options, onError: ({ error }) => void failures.push(error) })
          : await generateText(options)
        const answer = await result.text
        expect(failures).toEqual([])
        expect(await result.finishReason).toBe('stop')
        expect((await result.totalUsage).inputTokens).toBeGreaterThan(0)
        messages.push(...(await result.response).messages)
        return answer
      }
      expectBoth(used, await ask(QUESTION))
      expectThird(used, await ask(FOLLOW_UP))
    })
  })
})

import { type CallableTool, GoogleGenAI, type Part } from '@google/genai'
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
  type Weather,
  weather,
} from './weather.ts'

let gateway: RunningGateway
let client: GoogleGenAI
beforeAll(async () => {
  gateway = await rehearsing()
  client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: gateway.url } })
})
afterAll(() => gateway.close())

const { name, description, parameters } = TOOL
const declared = { functionDeclarations: [{ name, description, parametersJsonSchema: parameters }] }

function callable(tool: Weather): CallableTool {
  return {
    tool: async () => declared,
    callTool: async calls =>
      calls.map(call => ({
        functionResponse: {
          ...(call.id === undefined ? {} : { id: call.id }),
          name: call.name ?? '',
          response: { output: tool.run(call.args) },
        },
      })),
  }
}

/** The package `@google/genai`, unchanged. */
describe.each(MODELS)('[G13] @google/genai with %s', model => {
  it.each([false, true])('calls functions by itself, streamed: %s', async stream => {
    const tool = weather()
    const body = { model, contents: QUESTION, config: { tools: [callable(tool)] } }
    const parts: Part[] = []
    if (stream) {
      for await (const { candidates } of await client.models.generateContentStream(body))
        parts.push(...(candidates?.[0]?.content?.parts ?? []))
    } else {
      const { candidates } = await client.models.generateContent(body)
      parts.push(...(candidates?.[0]?.content?.parts ?? []))
    }
    expectBoth(tool, parts.map(part => part.text ?? '').join(''))
  })

  it.each([false, true])('chats, and is answered by hand, streamed: %s', async stream => {
    const tool = weather()
    const chat = client.chats.create({ model, config: { tools: [declared] } })
    const send = async (message: string | Part[]): Promise<Part[]> => {
      if (!stream)
        return (await chat.sendMessage({ message })).candidates?.[0]?.content?.parts ?? []
      const parts: Part[] = []
      for await (const chunk of await chat.sendMessageStream({ message }))
        parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []))
      return parts
    }
    const ask = async (text: string): Promise<string> => {
      let parts = await send(text)
      const calls = parts.flatMap(part => (part.functionCall ? [part.functionCall] : []))
      if (calls.length > 0) parts = await send(await callable(tool).callTool(calls))
      return parts.map(part => part.text ?? '').join('')
    }
    expectBoth(tool, await ask(QUESTION))
    expectThird(tool, await ask(FOLLOW_UP))
  })

  it('counts tokens', async () => {
    const counted = client.models.countTokens({ model, contents: QUESTION })
    // Two of the protocols have no way to count, and say so.
    if (model.startsWith('gpt') || model.startsWith('deepseek'))
      await expect(counted).rejects.toMatchObject({ name: 'ApiError' })
    else expect((await counted).totalTokens).toBeGreaterThan(0)
  })
})

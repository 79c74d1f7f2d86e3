import OpenAI from 'openai'
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
let client: OpenAI
beforeAll(async () => {
  gateway = await rehearsing()
  client = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
afterAll(() => gateway.close())

/** The package `openai`, unchanged. */
describe.each(MODELS)('[G13] openai with %s', model => {
  it.each([false, true])('runs tools over Chat Completions, streamed: %s', async stream => {
    const tool = weather()
    const ask = (messages: OpenAI.ChatCompletionMessageParam[]) => {
      const body = {
        model,
        messages,
        tools: [
          {
            type: 'function' as const,
            function: { ...TOOL, parse: (text: string) => JSON.parse(text), function: tool.run },
          },
        ],
      }
      return stream
        ? client.chat.completions.runTools({ ...body, stream: true })
        : client.chat.completions.runTools(body)
    }
    const first = ask([{ role: 'user', content: QUESTION }])
    expectBoth(tool, (await first.finalContent()) ?? undefined)
    const second = ask([...first.messages, { role: 'user', content: FOLLOW_UP }])
    expectThird(tool, (await second.finalContent()) ?? undefined)
  })

  it.each([false, true])('talks over Responses, streamed: %s', async stream => {
    const tool = weather()
    const tools: OpenAI.Responses.Tool[] = [{ type: 'function', ...TOOL, strict: true }]
    const input: OpenAI.Responses.ResponseInputItem[] = []
    const ask = async (text: string): Promise<string> => {
      input.push({ role: 'user', content: text })
      for (let turn = 0; turn < 4; turn++) {
        const body = { model, input, tools, store: false }
        const response: OpenAI.Responses.Response = stream
          ? await client.responses.stream(body).finalResponse()
          : await client.responses.create(body)
        const calls = response.output.flatMap(item => (item.type === 'function_call' ? [item] : []))
        // As OpenAI's guides do it: the whole output is part of the next input.
        for (const item of response.output) {
          if (item.type === 'message' || item.type === 'reasoning' || item.type === 'function_call')
            input.push(item)
        }
        if (calls.length === 0) return response.output_text
        for (const { call_id, arguments: text } of calls)
          input.push({
            type: 'function_call_output',
            call_id,
            output: tool.run(JSON.parse(text)),
          })
      }
      throw new Error('no answer after four turns')
    }
    expectBoth(tool, await ask(QUESTION))
    expectThird(tool, await ask(FOLLOW_UP))
  })

  it('hears of every argument through the streaming helper, and sends its message back', async () => {
    const tool = weather()
    const done: unknown[] = []
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: QUESTION }]
    const next = async () => {
      const tools = [{ type: 'function' as const, function: TOOL }]
      const stream = client.chat.completions.stream({ model, messages, tools })
      stream.on('tool_calls.function.arguments.done', ({ arguments: text }) =>
        done.push(JSON.parse(text)),
      )
      const [choice] = (await stream.finalChatCompletion()).choices
      if (!choice) throw new Error('no choice')
      messages.push(choice.message)
      return choice
    }
    const called = await next()
    expect(called.finish_reason).toBe('tool_calls')
    for (const call of called.message.tool_calls ?? []) {
      const content = tool.run(JSON.parse(call.function.arguments))
      messages.push({ role: 'tool', tool_call_id: call.id, content })
    }
    expect(done).toEqual(tool.asked)
    expectBoth(tool, (await next()).message.content ?? undefined)
  })
})

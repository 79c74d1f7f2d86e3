import { ChatAnthropic } from '@langchain/anthropic'
import {
  type AIMessage,
  type BaseMessage,
  HumanMessage,
  ToolMessage,
} from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { ChatOpenAI } from '@langchain/openai'
import { describe, it } from 'vitest'
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

type Chat = ChatOpenAI | ChatAnthropic | ChatGoogleGenerativeAI

const PACKAGES: Record<string, (url: string, model: string) => Chat> = {
  '@langchain/openai over Chat Completions': (url, model) =>
    new ChatOpenAI({
      model,
      apiKey: 'any',
      maxRetries: 0,
      useResponsesApi: false,
      configuration: { baseURL: `${url}/v1` },
    }),
  '@langchain/openai over Responses': (url, model) =>
    new ChatOpenAI({
      model,
      apiKey: 'any',
      maxRetries: 0,
      useResponsesApi: true,
      zdrEnabled: true,
      configuration: { baseURL: `${url}/v1` },
    }),
  '@langchain/anthropic': (url, model) =>
    new ChatAnthropic({
      model,
      apiKey: 'any',
      maxRetries: 0,
      maxTokens: 500,
      anthropicApiUrl: url,
    }),
  '@langchain/google-genai': (url, model) =>
    new ChatGoogleGenerativeAI({ model, apiKey: 'any', maxRetries: 0, baseUrl: url }),
}

/** LangChain for JavaScript, unchanged, with the packages of three vendors. */
describe.each(Object.entries(PACKAGES))('[G13] %s', (_, chatOf) => {
  describe.each(MODELS)('with %s', name => {
    it.each([false, true])('binds tools and answers calls, streamed: %s', async stream => {
      const used = weather()
      const bound = tool(input => used.run(input), {
        name: TOOL.name,
        description: TOOL.description,
        schema: { ...TOOL.parameters, required: [...TOOL.parameters.required] },
      })
      const model = chatOf(gateway.url, name).bindTools([bound])
      const messages: BaseMessage[] = []
      const next = async (): Promise<AIMessage> => {
        if (!stream) return model.invoke(messages)
        let whole: Awaited<ReturnType<typeof model.invoke>> | undefined
        for await (const chunk of await model.stream(messages))
          whole = whole?.concat(chunk) ?? chunk
        if (!whole) throw new Error('an empty stream')
        return whole
      }
      const ask = async (text: string): Promise<string> => {
        messages.push(new HumanMessage(text))
        for (let turn = 0; turn < 4; turn++) {
          const answer = await next()
          messages.push(answer)
          if (!answer.tool_calls?.length) return answer.text
          for (const { id, name, args } of answer.tool_calls)
            messages.push(
              new ToolMessage({ tool_call_id: id ?? '', name, content: await bound.invoke(args) }),
            )
        }
        throw new Error('no answer after four turns')
      }
      expectBoth(used, await ask(QUESTION))
      expectThird(used, await ask(FOLLOW_UP))
    })
  })
})

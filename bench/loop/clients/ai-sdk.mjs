// The Vercel AI SDK over Chat Completions.
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, isStepCount, jsonSchema, streamText, tool } from 'ai'

export function connect({ url, tools, maxTurns, deadlineMs }) {
  const options = {
    model: createOpenAI({ baseURL: `${url}/v1`, apiKey: 'bench' }).chat('gpt-4o'),
    prompt: 'Go.',
    stopWhen: isStepCount(maxTurns),
    ...(deadlineMs ? { timeout: { toolMs: deadlineMs } } : {}),
    tools: Object.fromEntries(
      tools.map(({ name, description, schema, execute }) => [
        name,
        tool({ description, inputSchema: jsonSchema(schema), execute }),
      ]),
    ),
  }
  return async ({ stream, onText }) => {
    if (!stream) {
      const { text, finishReason, steps } = await generateText(options)
      return { text, outcome: { finishReason, steps: steps.length } }
    }
    const result = streamText(options)
    for await (const text of result.textStream) onText(text)
    return { text: await result.text, outcome: { finishReason: await result.finishReason } }
  }
}

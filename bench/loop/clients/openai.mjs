// The loop of OpenAI's own client. It has no deadline for a call; the run's signal is what there is.
import OpenAI from 'openai'

export async function run({ url, tools, maxTurns, deadlineMs, stream, onText }) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'bench' })
  const runner = client.chat.completions.runTools(
    {
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Go.' }],
      stream,
      tools: tools.map(({ name, description, schema, execute }) => ({
        type: 'function',
        function: { name, description, parameters: schema, parse: JSON.parse, function: execute },
      })),
    },
    {
      maxChatCompletions: maxTurns,
      ...(deadlineMs ? { signal: AbortSignal.timeout(deadlineMs) } : {}),
    },
  )
  if (stream) runner.on('content', onText)
  const text = await runner.finalContent()
  const last = runner.allChatCompletions().at(-1)
  return { text: text ?? '', outcome: { finish_reason: last?.choices[0]?.finish_reason } }
}

// The loop of OpenAI's own client. It has no deadline for a call; the run's signal is what there is.
import OpenAI from 'openai'

export function connect({ url, tools, maxTurns, deadlineMs }) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'bench' })
  const runnable = tools.map(({ name, description, schema, execute }) => ({
    type: 'function',
    function: { name, description, parameters: schema, parse: JSON.parse, function: execute },
  }))
  return async ({ stream, onText }) => {
    const runner = client.chat.completions.runTools(
      {
        model: 'gpt-4o',
        messages: [{ role: 'user', content: 'Go.' }],
        stream,
        tools: runnable,
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
}

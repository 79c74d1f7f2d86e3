// The tool runner of Anthropic's own client. It has no deadline for a call; the run's signal is what
// there is.
import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'

export function connect({ url, tools, maxTurns, deadlineMs }) {
  const client = new Anthropic({ baseURL: url, apiKey: 'bench' })
  const runnable = tools.map(({ name, description, schema, execute }) =>
    betaTool({ name, description, inputSchema: schema, run: execute }),
  )
  return async ({ stream, onText }) => {
    const runner = client.beta.messages.toolRunner(
      {
        model: 'claude-opus-4-8',
        max_tokens: 4096,
        messages: [{ role: 'user', content: 'Go.' }],
        max_iterations: maxTurns,
        // Else it would first ask to leave the conversation with the vendor, which a twin declines.
        thread: false,
        stream,
        tools: runnable,
      },
      deadlineMs ? { signal: AbortSignal.timeout(deadlineMs) } : {},
    )
    if (stream)
      for await (const message of runner) {
        message.on('text', onText)
        await message.done()
      }
    const { content, stop_reason } = await runner
    const text = content.map(block => (block.type === 'text' ? block.text : '')).join('')
    return { text, outcome: { stop_reason } }
  }
}

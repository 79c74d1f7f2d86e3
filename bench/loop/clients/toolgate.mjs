// Our own loop. The same program for both protocols.
import { createGuards, guardRun, keywords, runTools, tool } from '../../../dist/index.js'

export function connect({ url, protocol, tools, maxTurns, deadlineMs, secret }) {
  const guards = secret ? createGuards([keywords([secret])]) : undefined
  const anthropic = protocol === 'anthropic'
  const fixed = {
    model: anthropic ? 'claude-opus-4-8' : 'gpt-4o',
    baseUrl: anthropic ? url : `${url}/v1`,
    protocol: anthropic ? 'anthropic' : 'openai-chat',
    key: 'bench',
    prompt: 'Go.',
    budget: { turns: maxTurns, calls: 100_000 },
    ...(deadlineMs ? { callTimeoutMs: deadlineMs } : {}),
    tools: tools.map(({ name, description, schema, execute }) =>
      tool({ name, description, input: schema, run: execute }),
    ),
  }
  return async ({ stream, onText }) => {
    const running = runTools({ ...fixed, stream, ...(guards ? { guard: guardRun(guards) } : {}) })
    if (stream) for await (const text of running.texts()) onText(text)
    const { text, ended, reason } = await running
    return { text, outcome: { ended, reason } }
  }
}

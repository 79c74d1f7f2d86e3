// Our own loop. The same program for both protocols.
import { createGuards, guardRun, keywords, runTools, tool } from '../../../dist/index.js'

export async function run({ url, protocol, tools, maxTurns, deadlineMs, stream, secret, onText }) {
  const running = runTools({
    model: protocol === 'anthropic' ? 'claude-sonnet-4-5' : 'gpt-4o',
    baseUrl: protocol === 'anthropic' ? url : `${url}/v1`,
    protocol: protocol === 'anthropic' ? 'anthropic' : 'openai-chat',
    key: 'bench',
    prompt: 'Go.',
    stream,
    budget: { turns: maxTurns, calls: 100_000 },
    ...(deadlineMs ? { callTimeoutMs: deadlineMs } : {}),
    ...(secret ? { guard: guardRun(createGuards([keywords([secret])])) } : {}),
    tools: tools.map(({ name, description, schema, execute }) =>
      tool({ name, description, input: schema, run: execute }),
    ),
  })
  if (stream) for await (const text of running.texts()) onText(text)
  const { text, ended, reason } = await running
  return { text, outcome: { ended, reason } }
}

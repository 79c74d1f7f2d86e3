// OpenAI's Agents SDK over Chat Completions, its tracing off: on, it would call OpenAI.
import {
  Agent,
  run as runAgent,
  setDefaultOpenAIClient,
  setOpenAIAPI,
  setTracingDisabled,
  tool,
} from '@openai/agents'
import OpenAI from 'openai'

export function connect({ url, tools, maxTurns, deadlineMs, secret, optIn }) {
  setTracingDisabled(true)
  setOpenAIAPI('chat_completions')
  setDefaultOpenAIClient(new OpenAI({ baseURL: `${url}/v1`, apiKey: 'bench' }))
  const agent = new Agent({
    name: 'bench',
    model: 'gpt-4o',
    tools: tools.map(({ name, description, schema, execute }) =>
      tool({
        name,
        description,
        parameters: schema,
        execute,
        ...(deadlineMs ? { timeoutMs: deadlineMs } : {}),
      }),
    ),
    outputGuardrails: secret ? [tripwire(secret)] : [],
  })
  const tellOfUnknown = optIn ? { toolNotFoundBehavior: 'return_error_to_model' } : {}
  return async ({ stream, onText }) => {
    const result = await runAgent(agent, 'Go.', { maxTurns, stream, ...tellOfUnknown })
    if (stream) {
      for await (const text of result.toTextStream()) onText(text)
      await result.completed
    }
    return { text: result.finalOutput ?? '', outcome: {} }
  }
}

const tripwire = secret => ({
  name: 'secret',
  execute: async ({ agentOutput }) => ({
    tripwireTriggered: agentOutput.includes(secret),
    outputInfo: {},
  }),
})

import type { Provider } from './provider.ts'

/** Ollama, on a machine of one's own or in its cloud. */
export const ollama: Provider = {
  name: 'ollama',
  title: 'Ollama',
  kind: 'self-hosted',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'http://localhost:11434/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // Ollama docs "OpenAI compatibility", 2026-10. `tool_choice` is not heeded.
        maxTokensField: 'max_tokens',
        toolChoices: ['auto'],
        noneDropsTools: true,
        parallelField: false,
        strictTools: false,
        customTools: false,
        systemRole: 'system',
      },
    },
    {
      // Ollama docs "Anthropic compatibility", 2026-10.
      protocol: 'anthropic',
      baseUrl: 'http://localhost:11434',
      paths: { create: '/v1/messages' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        strictTools: false,
        structuredOutput: false,
        forcedChoice: false,
        thinking: 'manual',
      },
    },
  ],
  keyVariables: ['OLLAMA_API_KEY'],
  keyOptional: true,
  baseUrlVariables: ['OLLAMA_BASE_URL'],
  anyModel: true,
}

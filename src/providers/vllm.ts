import type { Provider } from './provider.ts'

/** A vLLM server of one's own. */
export const vllm: Provider = {
  name: 'vllm',
  title: 'vLLM',
  kind: 'self-hosted',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'http://localhost:8000/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // vLLM docs "tool calling" and "OpenAI-compatible server", 2026-08. `auto` needs the server
        // to be started with --enable-auto-tool-choice and a parser.
        toolChoices: ['auto', 'none', 'required', 'tool'],
        customTools: false,
        systemRole: 'system',
        topK: true,
      },
    },
    {
      protocol: 'anthropic',
      baseUrl: 'http://localhost:8000',
      paths: { create: '/v1/messages' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: { strictTools: false, structuredOutput: false, thinking: 'manual' },
    },
  ],
  keyVariables: ['VLLM_API_KEY'],
  keyOptional: true,
  baseUrlVariables: ['VLLM_BASE_URL'],
  anyModel: true,
}

import type { Provider } from './provider.ts'

/** Groq, which serves open models of others. */
export const groq: Provider = {
  name: 'groq',
  title: 'Groq',
  kind: 'aggregator',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.groq.com/openai/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // Groq docs "OpenAI compatibility", 2026-10, name no other choice; that `strict` and
        // custom tools are unknown is not verified.
        toolChoices: ['auto', 'none', 'required', 'tool'],
        strictTools: false,
        customTools: false,
        systemRole: 'system',
        failedCalls: 'any',
        structuredOutput: false,
        efforts: [],
      },
    },
  ],
  keyVariables: ['GROQ_API_KEY'],
  baseUrlVariables: ['GROQ_BASE_URL'],
  anyModel: true,
  models: [
    {
      // Efforts: pydantic-ai, 2026-08. Schemas and single calls: general knowledge, not verified.
      match: /gpt-oss/,
      quirks: { efforts: ['low', 'medium', 'high'], structuredOutput: true },
      capabilities: { parallelCalls: false },
    },
    // The other word that these take, `default`, is no effort.
    { match: /qwen3/, quirks: { efforts: ['none'] }, capabilities: { reasoning: true } },
    { match: /llama-4|kimi-k2/, quirks: { structuredOutput: true } },
    { match: /llama-4/, capabilities: { imagesIn: true } },
    { match: /guard|safeguard/, capabilities: { tools: false } },
  ],
  unserved: [
    { match: /whisper|-tts|orpheus/, why: 'it is a model for speech.' },
    {
      match:
        /^(llama2|llama3-|llama-3\.[12]-\w*b-(reasoning|versatile|\w*-?preview)|gemma|mixtral)/,
      why: 'Groq has retired it.',
    },
    { match: /specdec|saba|r1-distill/, why: 'Groq has retired it.' },
  ],
  priceNames: ['groq'],
}

import type { Provider } from './provider.ts'

/** OpenRouter, which passes requests on to other vendors. Its ids are `maker/model`. */
export const openrouter: Provider = {
  name: 'openrouter',
  title: 'OpenRouter',
  kind: 'aggregator',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://openrouter.ai/api/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // Guide "reasoning tokens", 2026-08; `max_tokens`: pydantic-ai, 2026-08. The choices,
        // custom tools and `top_k` are general knowledge, not verified.
        maxTokensField: 'max_tokens',
        toolChoices: ['auto', 'none', 'required', 'tool'],
        customTools: false,
        topK: true,
        reasoningField: 'reasoning',
        reasoningDetails: true,
        // Guide "prompt caching": breakpoints stand on content parts, as at Anthropic. 2026-08.
        cacheControl: true,
      },
    },
    {
      protocol: 'anthropic',
      baseUrl: 'https://openrouter.ai/api',
      paths: { create: '/v1/messages' },
      auth: { header: 'authorization', scheme: 'Bearer' },
    },
  ],
  keyVariables: ['OPENROUTER_API_KEY'],
  baseUrlVariables: ['OPENROUTER_BASE_URL'],
  anyModel: true,
  aliases: { auto: 'openrouter/auto' },
  unserved: [
    { match: /embedding|moderation/, why: 'it does not chat.' },
    { match: /^[^/]+$/, why: 'ids of OpenRouter are `maker/model`.' },
  ],
  priceNames: ['openrouter'],
}

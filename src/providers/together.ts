import type { Provider } from './provider.ts'

const RETIRED = 'Together AI has retired it.'

/** Together AI, which serves open models of others. Its ids are `maker/Model`. */
export const together: Provider = {
  name: 'together',
  title: 'Together AI',
  otherNames: ['together-ai', 'togetherai'],
  kind: 'aggregator',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.together.xyz/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // General knowledge, not verified.
        maxTokensField: 'max_tokens',
        toolChoices: ['auto', 'none', 'required', 'tool'],
        parallelField: false,
        strictTools: false,
        customTools: false,
        systemRole: 'system',
        topK: true,
        efforts: [],
      },
    },
  ],
  keyVariables: ['TOGETHER_API_KEY', 'TOGETHERAI_API_KEY'],
  baseUrlVariables: ['TOGETHER_BASE_URL'],
  anyModel: true,
  models: [
    { match: /gpt-oss/, quirks: { efforts: ['low', 'medium', 'high'] } },
    {
      match: /-thinking|deepseek-r1|glm-[5-9]|kimi-k2\.|kimi-k3/,
      capabilities: { reasoning: true },
    },
    { match: /llama-4|-vl-|vision/, capabilities: { imagesIn: true } },
  ],
  unserved: [
    {
      match:
        /llama-2|llama-3-(8|70)b|codellama|mistral-7b|mixtral|qwen1\.5|gemma-\db|phi-2|coder-33b/,
      why: RETIRED,
    },
    {
      match: /chronos|mythomax|nexusraven|capybara|hermes|openorca|remm|toppy|wizardlm|olmo/,
      why: RETIRED,
    },
    {
      match: /platypus|vicuna|openchat|snorkel|redpajama|gpt-jt|hyena|alpaca|solar|zero-one-ai/,
      why: RETIRED,
    },
  ],
  priceNames: ['together'],
}

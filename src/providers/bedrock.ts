import { ANTHROPIC_MODELS } from './anthropic.ts'
import { bedrockCloud } from './bedrock-cloud.ts'
import { bedrockMessages } from './bedrock-messages.ts'
import type { ModelRule, Provider } from './provider.ts'

/**
 * A rule for Claude's own ids as one for Bedrock's, which put a place and the maker before them and a
 * version behind: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`.
 */
function ruleOnBedrock(rule: ModelRule): ModelRule {
  if (!(rule.match instanceof RegExp)) return rule
  const source = rule.match.source
    .replace(/^\^/, '^(?:[a-z-]+\\.)?anthropic\\.')
    .replaceAll('$', '(?:-v\\d+(?::\\d+)?)?$')
  return { ...rule, match: new RegExp(source) }
}

/**
 * Amazon Bedrock: Claude by invoke, which is Messages itself, so that nothing is lost; the models of
 * the other makers by Converse, one form for all. An account that names a protocol has that way
 * alone. Ids are the vendor's own or those of inference profiles, such as `us.amazon.nova-lite-v1:0`.
 * Sources, unless another is named: Bedrock user guide, "supported models and features" of Converse,
 * 2026.
 */
export const bedrock: Provider = {
  name: 'bedrock',
  title: 'Amazon Bedrock',
  otherNames: ['aws', 'aws-bedrock', 'amazon-bedrock'],
  kind: 'aggregator',
  endpoints: [
    {
      protocol: 'anthropic',
      baseUrl: '',
      paths: {
        create: '/model/{model}/invoke',
        createStream: '/model/{model}/invoke-with-response-stream',
      },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: { bodyVersion: 'bedrock-2023-05-31' },
      back: bedrockMessages,
      about: 'Claude by invoke; `protocol: converse` in the account takes Converse for it too',
    },
    {
      protocol: 'converse',
      baseUrl: '',
      paths: { create: '/model/{model}/converse', createStream: '/model/{model}/converse-stream' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      // The form of an answer is asked for in words.
      quirks: {
        toolChoices: ['auto', 'required', 'tool'],
        prefill: true,
        structuredOutput: false,
      },
      beside: true,
      about: 'the models of other makers by Converse',
    },
  ],
  keyVariables: ['AWS_BEARER_TOKEN_BEDROCK'],
  baseUrlVariables: ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'],
  cloud: bedrockCloud,
  anyModel: true,
  models: [
    // What Converse takes of each maker's models. A choice of tools: Claude, Nova and Mistral Large.
    {
      match: /^(?:[a-z-]+\.)?(?:meta|cohere|ai21|deepseek|openai|qwen|mistral\.(?!.*large))/,
      quirks: { toolChoices: ['auto'], resultStatus: false },
    },
    {
      match: /mistral\..*large/,
      quirks: { toolChoices: ['auto', 'required'], resultStatus: false },
    },
    {
      match: /amazon\.nova|anthropic\.claude/,
      quirks: { imagesInResults: true, cachePoints: true },
      capabilities: { imagesIn: true },
    },
    { match: /nova-micro/, quirks: { media: false } },
    { match: /amazon\.nova/, quirks: { toolSchema: 'converse-bare' } },
    {
      // Strict tools: Claude from 4.5 on and open models. Source: Bedrock user guide, "get validated
      // JSON results from models", 2026.
      match: /^(?:[a-z-]+\.)?(?:amazon|meta|cohere|ai21)\./,
      quirks: { strictTools: false },
    },
    // Whether a begun answer is taken, the rules for Claude tell.
    { match: /anthropic\.claude/, quirks: { prefill: false } },
    ...ANTHROPIC_MODELS.map(ruleOnBedrock),
    { match: /anthropic\.claude/, quirks: { topK: true } },
  ],
  unserved: [
    { match: /embed|rerank|stable-|canvas|reel|sonic/, why: 'it does not converse.' },
    {
      match: /^(?!.*anthropic\.claude)/,
      protocol: 'anthropic',
      why: 'only Claude is invoked with Messages.',
    },
  ],
  priceNames: ['aws'],
}

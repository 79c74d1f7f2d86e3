import type { Effort } from '../core/request.ts'
import type { ModelRule, Provider, UnservedRule } from './provider.ts'

const UP_TO_HIGH: readonly Effort[] = ['low', 'medium', 'high']
const UP_TO_XHIGH: readonly Effort[] = ['none', 'low', 'medium', 'high', 'xhigh']

/** Ids of fine-tuned models begin with `ft:` and the id of the model below. */
const MODELS: readonly ModelRule[] = [
  {
    // What the newest models do, so that an unmet one is treated as they are. Efforts: model page
    // of gpt-5.6-sol, 2026-10; sampling: reasoning guide, 2026-07.
    match: /^(ft:)?(o\d|gpt-([5-9]|\d\d))/,
    quirks: {
      maxOutput: 128_000,
      sampling: 'none',
      stop: false,
      thinksByDefault: true,
      efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'],
    },
  },
  {
    // Tools only without reasoning, which is on by default: gpt-5.6, openai-openapi issue #541 and
    // litellm pull request #34569, 2026-07.
    match: /^(ft:)?gpt-([5-9]|\d\d)/,
    protocol: 'openai-chat',
    quirks: { toolsNeedReasoningOff: true },
  },
  {
    // Measured against the live model: no `none`, so no function tools on this endpoint at all.
    // Source: bolna pull request #1019, 2026-09.
    match: /^gpt-6-astra/,
    quirks: { efforts: ['low', 'medium', 'high', 'xhigh', 'max'] },
  },
  { match: /^gpt-6-astra/, protocol: 'openai-chat', capabilities: { tools: false } },
  { match: /^(ft:)?gpt-5\.5/, quirks: { efforts: UP_TO_XHIGH } },
  {
    // These do not reason unless asked to, and take sampling settings meanwhile.
    // Source: reasoning guide, 2026-07; gpt-5.4 with tools: pipecat issue #4043, 2026-03.
    match: /^(ft:)?gpt-5\.[1-4]/,
    quirks: { efforts: UP_TO_XHIGH, thinksByDefault: false, sampling: 'quiet' },
  },
  {
    match: /^(ft:)?gpt-5(\.[1-3]|-|$)/,
    protocol: 'openai-chat',
    quirks: { toolsNeedReasoningOff: false },
  },
  { match: /^(ft:)?gpt-5\.1/, quirks: { efforts: ['none', 'low', 'medium', 'high'] } },
  { match: /^(ft:)?gpt-5(-|$)/, quirks: { efforts: ['minimal', 'low', 'medium', 'high'] } },
  {
    // The chat variants reason at one fixed effort. Source: pydantic-ai, live tests of 2026-07.
    match: /^gpt-5\.\d-chat/,
    quirks: { efforts: ['medium'], thinksByDefault: true, sampling: 'none', maxOutput: 16_384 },
  },
  {
    match: /^gpt-5-chat/,
    quirks: { efforts: [], thinksByDefault: false, sampling: 'all', maxOutput: 16_384 },
  },
  {
    // Custom tools came with gpt-5 (not verified for the older ones).
    match: /^(ft:)?o\d/,
    quirks: { maxOutput: 100_000, efforts: UP_TO_HIGH, customTools: false },
  },
  // `parallel_tool_calls` is refused whatever its value: tensorzero issue #2805, 2025-07.
  {
    match: /^(ft:)?o\d/,
    protocol: 'openai-chat',
    quirks: { parallelField: false, toolsNeedReasoningOff: false },
  },
  // `stop` is refused from o3 and o4-mini on. Source: OpenAI API reference, 2026-07.
  { match: /^(ft:)?(o1|o3-mini)/, quirks: { stop: true } },
  {
    // One call a turn: OpenAI community, thread 1112390, 2025-02.
    match: /^(ft:)?o3-mini/,
    capabilities: { imagesIn: false, parallelCalls: false },
  },
  {
    // "'messages[0].role' does not support 'system' with this model", nor 'developer': answers of
    // OpenAI's, recorded in 2025.
    match: /^o1-(mini|preview)/,
    quirks: {
      maxOutput: 65_536,
      systemRole: 'user',
      efforts: [],
      strictTools: false,
      structuredOutput: false,
      nativeTools: false,
    },
    capabilities: { imagesIn: false, reasoning: true },
  },
  { match: /^o1-preview/, quirks: { maxOutput: 32_768 } },
  // `reasoning_effort` is unknown to models that do not reason. Source: OpenAI API reference,
  // 2026-07.
  { match: /^(ft:)?(chatgpt-4|gpt-[34])/, quirks: { efforts: [], customTools: false } },
  { match: /^(ft:)?(chatgpt-4o|gpt-4o|gpt-4\.5)/, quirks: { maxOutput: 16_384 } },
  { match: /^(ft:)?gpt-4\.1/, quirks: { maxOutput: 32_768 } },
  {
    // Strict schemas came with gpt-4o-2024-08-06. Source: structured outputs guide, 2024-08.
    match: /^(ft:)?(gpt-3\.5|gpt-4(-|$)|gpt-4o-2024-05-13)/,
    quirks: { maxOutput: 4096, strictTools: false, structuredOutput: false },
  },
  { match: /^(ft:)?gpt-4(-0\d{3})?$/, quirks: { maxOutput: 8192 } },
  { match: /^(ft:)?(gpt-3\.5|gpt-4(-0\d{3})?$)/, capabilities: { imagesIn: false } },
  { match: /-search-preview/, quirks: { sampling: 'none', nativeTools: false } },
  { match: /^(chatgpt-4o-latest|gpt-4-vision)/, quirks: { nativeTools: false } },
]

/** Source: pages of the models in OpenAI's docs, 2026-10. */
const UNSERVED: readonly UnservedRule[] = [
  {
    match: /^(gpt-[\d.]+|o\d)-pro(-|$)|codex|deep-research|computer-use/,
    protocol: 'openai-chat',
    why: 'OpenAI serves it over the Responses API only.',
  },
  {
    match: /^o1-(mini|preview)|-search-preview/,
    protocol: 'openai-responses',
    why: 'OpenAI serves it over Chat Completions only.',
  },
  { match: /audio|realtime|transcribe|tts|whisper/, why: 'it is a model for speech.' },
  { match: /image|dall-e|sora/, why: 'it is a model for pictures.' },
  { match: /embedding|moderation/, why: 'it does not chat.' },
  { match: /^(ada|babbage|curie|davinci|text-)|-instruct/, why: 'it does not chat.' },
  { match: /^gpt-oss/, why: 'OpenAI gives it out but does not serve it.' },
]

/** OpenAI. */
export const openai: Provider = {
  name: 'openai',
  title: 'OpenAI',
  kind: 'maker',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'https://api.openai.com/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
    },
    {
      protocol: 'openai-responses',
      beside: true,
      baseUrl: 'https://api.openai.com/v1',
      paths: { create: '/responses', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
    },
  ],
  keyVariables: ['OPENAI_API_KEY'],
  baseUrlVariables: ['OPENAI_BASE_URL'],
  modelPatterns: [/^(ft:)?gpt-\d+(\.\d+)?o?($|[-:])/, /^(ft:)?o\d($|-)/, /^chatgpt-/],
  aliases: {
    'gpt-5-chat': 'gpt-5-chat-latest',
    'gpt-5.1-chat': 'gpt-5.1-chat-latest',
    'gpt-5.2-chat': 'gpt-5.2-chat-latest',
    'gpt-5.3-chat': 'gpt-5.3-chat-latest',
    'gpt-5.3': 'gpt-5.3-chat-latest',
    'o3-mini-high': 'o3-mini',
    'o4-mini-high': 'o4-mini',
  },
  reasoningByName: { 'o3-mini-high': { effort: 'high' }, 'o4-mini-high': { effort: 'high' } },
  models: MODELS,
  unserved: UNSERVED,
  capabilities: { imagesIn: true },
  priceNames: ['openai'],
}

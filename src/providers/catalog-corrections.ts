import type { FlatPrice } from './price-data.ts'

/** What the price data lacks or has wrong about a model, or a model that it lacks. */
export interface Correction {
  /** The id that the vendor takes. */
  readonly id: string
  readonly title?: string
  /** Tokens. */
  readonly context?: number
  /** Tokens. Limits that a quirk states already are not repeated here. */
  readonly maxOutput?: number
  readonly price?: FlatPrice
  /** The model whose price and context it has, in the price data of the same vendor. */
  readonly pricedAs?: string
  readonly deprecated?: true
  /** It is no model of the vendor's, or not under this name. */
  readonly absent?: true
}

const OPENAI: readonly Correction[] = [
  // The price data counts these as other names of models that they are not.
  { id: 'gpt-5-chat-latest', title: 'GPT-5 Chat', pricedAs: 'gpt-5', context: 128_000 },
  { id: 'gpt-5.1-chat-latest', title: 'GPT-5.1 Chat', pricedAs: 'gpt-5.1', context: 128_000 },
  { id: 'gpt-5.2-chat-latest', title: 'GPT-5.2 Chat', pricedAs: 'gpt-5.2', context: 128_000 },
  { id: 'gpt-4o-mini-search-preview', pricedAs: 'gpt-4o-mini', context: 128_000 },
  // Names of the price data's own, or of models long gone. OpenAI docs "deprecations", 2026-07.
  { id: 'gpt-4o:extended', absent: true },
  { id: 'gpt-4o-mini-2024-07-18.ft-', absent: true },
  { id: 'ft:gpt-3.5-turbo-', absent: true },
  { id: 'ft:gpt-4o', absent: true },
  { id: 'ft:gpt-4o-mini', absent: true },
  { id: 'gpt-3.5-0301', absent: true },
  { id: 'gpt-3.5-turbo-0613', absent: true },
  { id: 'gpt-3.5-turbo-16k', absent: true },
  { id: 'gpt-4-32k', absent: true },
  { id: 'gpt-4-vision-preview', absent: true },
  { id: 'gpt-4.5-preview', absent: true },
  { id: 'chatgpt-4o-latest', deprecated: true },
  { id: 'gpt-3.5-turbo-1106', deprecated: true },
  { id: 'gpt-4o-2024-05-13', deprecated: true },
  { id: 'o1-mini', deprecated: true },
  { id: 'o1-preview', deprecated: true },
]

/** Source, unless another is named: Claude docs, pages of the models, 2026-10. */
const ANTHROPIC: readonly Correction[] = [
  {
    id: 'claude-sonnet-5-5',
    title: 'Claude Sonnet 5.5',
    context: 1_000_000,
    price: { input: 2, output: 10, cachedInput: 0.2, cacheWrite: 2.5 },
  },
  // Its price has two tiers, which a correction cannot say.
  { id: 'claude-haiku-5-5', title: 'Claude Haiku 5.5', context: 1_000_000 },
  { id: 'claude-fable-5-2', title: 'Claude Fable 5.2', context: 1_000_000 },
  { id: 'claude-mythos-5', title: 'Claude Mythos 5', pricedAs: 'claude-fable-5' },
  // These two: Anthropic TypeScript SDK 1.11, list of models, 2026-11-19.
  { id: 'claude-mythos-5-1', title: 'Claude Mythos 5.1' },
  { id: 'claude-mythos-5-2', title: 'Claude Mythos 5.2' },
  { id: 'claude-mythos-preview', title: 'Claude Mythos Preview' },
  // No longer in that list, or marked there with an end of life of 2026-11-30.
  { id: 'claude-sonnet-4-5', deprecated: true },
  { id: 'claude-opus-4-1', deprecated: true },
  { id: 'claude-opus-4-0', deprecated: true },
  { id: 'claude-sonnet-4-0', deprecated: true },
  { id: 'claude-3-7-sonnet-latest', deprecated: true },
  { id: 'claude-3-5-haiku-latest', deprecated: true },
  { id: 'claude-3-5-sonnet-latest', deprecated: true },
  { id: 'claude-3-opus-latest', deprecated: true },
  { id: 'claude-3-sonnet-20240229', deprecated: true },
  { id: 'claude-3-haiku-20240307', deprecated: true },
]

/** Source: DeepSeek docs "models & pricing", 2026-10: the two names of Flash mean one model. */
const DEEPSEEK: readonly Correction[] = [
  {
    id: 'deepseek-flash',
    title: 'DeepSeek Flash',
    pricedAs: 'deepseek-v4-flash',
    maxOutput: 384_000,
  },
  { id: 'deepseek-v4-flash', maxOutput: 384_000 },
  { id: 'deepseek-v4-pro', maxOutput: 384_000 },
]

/**
 * The price data has nothing of this vendor's. Source: Alibaba Model Studio docs, 2026-03 to
 * 2026-10.
 */
const QWEN: readonly Correction[] = [
  { id: 'qwen-max', title: 'Qwen Max', context: 32_768, maxOutput: 8192 },
  { id: 'qwen-plus', title: 'Qwen Plus' },
  { id: 'qwen-flash', title: 'Qwen Flash' },
  { id: 'qwen-turbo', title: 'Qwen Turbo' },
  { id: 'qwen3-max', title: 'Qwen3 Max' },
  { id: 'qwen3-coder-plus', title: 'Qwen3 Coder Plus' },
  { id: 'qwen3-coder-flash', title: 'Qwen3 Coder Flash' },
  { id: 'qwen3.5-plus', title: 'Qwen3.5 Plus' },
  { id: 'qwen3.6-plus', title: 'Qwen3.6 Plus' },
  { id: 'qwen3.8-max', title: 'Qwen3.8 Max' },
  { id: 'qwen3-32b', title: 'Qwen3 32B', context: 131_072 },
  { id: 'qwen3-235b-a22b', title: 'Qwen3 235B A22B', context: 131_072 },
  { id: 'qwen-vl-max', title: 'Qwen VL Max' },
  { id: 'qwen3-vl-plus', title: 'Qwen3 VL Plus' },
  { id: 'qwq-plus', title: 'QwQ Plus', context: 131_072 },
]

/** Source: Z.AI docs, pages of the models, 2026-08. */
const GLM: readonly Correction[] = [
  { id: 'glm-5', title: 'GLM-5', context: 200_000 },
  { id: 'glm-5.1', title: 'GLM-5.1', context: 200_000 },
  { id: 'glm-4.7', title: 'GLM-4.7', context: 200_000 },
  { id: 'glm-4.7-flash', title: 'GLM-4.7 Flash', context: 200_000 },
  { id: 'glm-4.6', title: 'GLM-4.6', context: 200_000 },
  { id: 'glm-4.6v', title: 'GLM-4.6V', context: 128_000 },
  { id: 'glm-4.5', title: 'GLM-4.5', context: 128_000 },
  { id: 'glm-4.5-air', title: 'GLM-4.5 Air', context: 128_000 },
  { id: 'glm-4.5v', title: 'GLM-4.5V' },
  // Of the generation before; only the address for China has them.
  { id: 'glm-4', title: 'GLM-4', context: 128_000, deprecated: true },
  { id: 'glm-4-plus', title: 'GLM-4 Plus', context: 128_000 },
  { id: 'glm-4-air', title: 'GLM-4 Air', context: 128_000 },
]

/** OpenRouter docs "auto router", 2026-08: it picks a model, and charges what that one costs. */
const OPENROUTER: readonly Correction[] = [{ id: 'openrouter/auto', title: 'Auto Router' }]

/** By the vendor's name. */
export const CORRECTIONS: { readonly [vendor: string]: readonly Correction[] | undefined } = {
  openai: OPENAI,
  anthropic: ANTHROPIC,
  deepseek: DEEPSEEK,
  qwen: QWEN,
  glm: GLM,
  openrouter: OPENROUTER,
}

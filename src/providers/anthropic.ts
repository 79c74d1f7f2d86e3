import type { Effort } from '../core/request.ts'
import type { ModelRule, Provider } from './provider.ts'

const ALL_EFFORTS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max']

/**
 * Sources, unless another is named: Claude docs, pages of the models, "effort" and "thinking",
 * 2026-10.
 */
export const ANTHROPIC_MODELS: readonly ModelRule[] = [
  {
    // What the newest models do, so that an unmet one is treated as they are. Sampling settings
    // other than the defaults are a 400 from 4.7 on; a prefill is one from 4.6 on.
    match: /^claude-/,
    quirks: {
      maxOutput: 128_000,
      thinking: 'adaptive',
      sampling: 'none',
      outputEfforts: ALL_EFFORTS,
      systemInMessages: true,
    },
  },
  {
    // Thinking cannot be switched off, and a forced choice is a 400: "What's new in Claude Opus
    // 5.5", 2026-09, which says the same of Fable 5.1; pydantic-ai's list of 2026-08 adds Fable 5
    // and Mythos. Sonnet 5.5 refuses `disabled` too, and has only `between_tools` in its place.
    match: /^claude-(fable-|mythos-|opus-5-5|sonnet-5-5)/,
    quirks: { thinking: 'always-adaptive', forcedChoice: false },
  },
  {
    // `role: system` in messages came with Opus 4.8; Sonnet 5 takes it but does not heed it.
    // Source: pydantic-ai, traffic recorded in 2026-08.
    match: /^claude-(opus-4-7|sonnet-5([-@]\d{8})?$|mythos-preview)/,
    quirks: { systemInMessages: false },
  },
  {
    // "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium."
    match: /^claude-(opus|sonnet)-4-6/,
    quirks: {
      thinking: 'both',
      sampling: 'all',
      outputEfforts: ['low', 'medium', 'high', 'max'],
      systemInMessages: false,
    },
  },
  {
    // Everything up to 4.5: manual thinking, sampling, a prefill, and no word for effort.
    match: /^claude-(3|(opus|sonnet|haiku)-4(?!-[6-9](-|@|$)))/,
    quirks: {
      maxOutput: 64_000,
      thinking: 'manual',
      sampling: 'all',
      outputEfforts: [],
      prefill: true,
      systemInMessages: false,
    },
  },
  {
    // "`temperature` and `top_p` cannot both be specified for this model."
    // Source: inspect_ai issue #3721, 2026 (Opus 4.1 and Claude 4.5); 4.6 as the same reports say.
    match: /^claude-(opus-4-1|(opus|sonnet|haiku)-4-[56])/,
    quirks: { sampling: 'one' },
  },
  { match: /^claude-opus-4-5/, quirks: { outputEfforts: ['low', 'medium', 'high'] } },
  {
    // Strict tools and output schemas came with Sonnet 4.5 and Opus 4.1 (2025-11).
    match: /^claude-(3|(opus|sonnet)-4(-0)?([-@]\d{8})?$)/,
    quirks: { strictTools: false, structuredOutput: false },
  },
  { match: /^claude-opus-4(-[01])?([-@]\d{8})?$/, quirks: { maxOutput: 32_000 } },
  { match: /^claude-3-(5-)?(opus|sonnet|haiku)/, quirks: { thinking: 'none' } },
  { match: /^claude-3-5/, quirks: { maxOutput: 8192 } },
  { match: /^claude-3-(opus|sonnet|haiku)/, quirks: { maxOutput: 4096 } },
]

/** Anthropic. */
export const anthropic: Provider = {
  name: 'anthropic',
  title: 'Anthropic',
  otherNames: ['claude'],
  kind: 'maker',
  endpoints: [
    {
      protocol: 'anthropic',
      baseUrl: 'https://api.anthropic.com',
      paths: {
        create: '/v1/messages',
        countTokens: '/v1/messages/count_tokens',
        models: '/v1/models',
      },
      auth: { header: 'x-api-key' },
    },
  ],
  keyVariables: ['ANTHROPIC_API_KEY'],
  baseUrlVariables: ['ANTHROPIC_BASE_URL'],
  dashedIds: true,
  modelPatterns: [/^claude-.*\d/],
  // Before 4.6 a name without a date points to a dated id, and only these names are known to the
  // vendor; from 4.6 on the plain name is the id. Source: Claude docs, "model ids", 2026-10.
  aliases: {
    'claude-opus-4': 'claude-opus-4-0',
    'claude-4-opus': 'claude-opus-4-0',
    'claude-sonnet-4': 'claude-sonnet-4-0',
    'claude-4-sonnet': 'claude-sonnet-4-0',
    'claude-4-5-sonnet': 'claude-sonnet-4-5',
    'claude-4-5-haiku': 'claude-haiku-4-5',
    'claude-4-5-opus': 'claude-opus-4-5',
    'claude-3-7-sonnet': 'claude-3-7-sonnet-latest',
    'claude-sonnet-3-7': 'claude-3-7-sonnet-latest',
    'claude-3-5-haiku': 'claude-3-5-haiku-latest',
    'claude-haiku-3-5': 'claude-3-5-haiku-latest',
    'claude-3-5-sonnet': 'claude-3-5-sonnet-latest',
    'claude-3-opus': 'claude-3-opus-latest',
    'claude-3-sonnet': 'claude-3-sonnet-20240229',
    'claude-3-haiku': 'claude-3-haiku-20240307',
  },
  models: ANTHROPIC_MODELS,
  unserved: [{ match: /^claude-(v?[12]|instant)/, why: 'Anthropic has retired it.' }],
  capabilities: { imagesIn: true },
  priceNames: ['anthropic'],
}

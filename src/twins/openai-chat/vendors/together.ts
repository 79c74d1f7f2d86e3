import { hex, plainUsage } from '../dress.ts'
import type { Manners } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import type { Body } from '../request.ts'
import { requestFields } from '../request-fields.ts'
import { checkConversation, lenientWords } from '../rules-compatible.ts'

/** Issue LawGPT #4, 2024-08. */
const WRONG_KEY =
  'Invalid API key provided. You can find your API key at https://api.together.xyz/settings/api-keys.'

/** Together AI. */
export const together: Manners = {
  name: 'together',
  prefixes: ['/v1', ''],
  needsKey: true,
  models: {
    listed: [
      'meta-llama/Llama-3.3-70B-Instruct-Turbo',
      'deepseek-ai/DeepSeek-V3.1',
      'openai/gpt-oss-120b',
      'Qwen/Qwen3-235B-A22B-Instruct-2507-tput',
      'zai-org/GLM-4.6',
    ],
    ownedBy: 'together',
    // A bare array, unlike everybody else's.
    list: entries => entries.map(entry => ({ ...entry, type: 'chat' })),
  },
  fields: requestFields,
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check: checkConversation,
  words: {
    ...lenientWords,
    authorization: found => ({ ...found, message: WRONG_KEY, code: 'invalid_api_key' }),
  },
  // An id beside the error (issue puter #3168, 2026).
  envelope: ({ message, type, param, code }, random): Body => ({
    id: `${random.text(7)}-${random.text(6)}-${hex(random, 16)}`,
    error: { message, type, param, code },
  }),
  failures: {
    401: { message: WRONG_KEY, code: 'invalid_api_key' },
    429: {
      message: 'You have reached the rate limit specific to this model. Please try again later.',
      type: 'model_rate_limit',
      code: null,
    },
    500: { message: 'Internal server error', type: 'server_error' },
    503: {
      message: 'The server is overloaded or not ready yet.',
      type: 'service_unavailable',
      code: 'service_unavailable',
    },
  },
  thinks: ({ model, body }) =>
    /gpt-oss|deepseek-r1|thinking|qwq/i.test(model) || 'reasoning_effort' in body,
  dress: plainDress({
    responseId: random => `${random.text(7)}-${random.text(6)}-${hex(random, 16)}`,
    callId: random => `call_${random.text(24, 'abcdefghijklmnopqrstuvwxyz0123456789')}`,
    reasoning: 'reasoning',
    silence: '',
    usage: usage => ({ ...plainUsage(usage), cached_tokens: usage.cached }),
    beside: () => ({ logprobs: null }),
    delta: (delta, moment) =>
      moment.is === 'end' ? { role: 'assistant', content: '' } : { role: 'assistant', ...delta },
    opens: false,
    nullCounts: true,
    // Asked for or not, the counts come last and alone.
    counts: 'own',
  }),
  headers: (_kind, random) => ({
    'x-together-request-id': `${random.text(7)}-${random.text(6)}`,
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '9',
    'x-ratelimit-reset': '1',
  }),
  streamType: 'text/event-stream',
  indent: 0,
}

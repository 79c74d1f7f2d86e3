import { hex } from '../dress.ts'
import type { Manners } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { requestFields } from '../request-fields.ts'
import { checkConversation, lenientWords } from '../rules-compatible.ts'
import { envelopeOf } from './openai.ts'

/** A server of no special vendor: reads leniently, answers plainly, errs in OpenAI's words. */
export const compatible: Manners = {
  name: 'compatible',
  prefixes: ['/v1', ''],
  needsKey: true,
  models: { listed: ['compatible-model'], ownedBy: 'organization' },
  fields: requestFields,
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check: checkConversation,
  words: {
    ...lenientWords,
    // Recorded 2026 for Hugging Face's router.
    empty: found => (found.path.at(-1) === 'tools' ? undefined : found),
  },
  envelope: envelopeOf,
  failures: {
    429: { message: 'Rate limit exceeded.', type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    500: { message: 'Internal server error.', type: 'server_error' },
    503: { message: 'The server is overloaded.', type: 'server_error' },
  },
  thinks: request => request.body.reasoning_effort !== 'none' && 'reasoning_effort' in request.body,
  dress: plainDress({
    responseId: random => `chatcmpl-${hex(random, 24)}`,
    callId: random => `call_${random.text(24)}`,
    reasoning: 'reasoning_content',
  }),
  headers: () => ({}),
  streamType: 'text/event-stream',
  indent: 0,
}

import type { JsonObject } from '../../core/json.ts'
import { type FinishKind, type FinishReason, finishKind } from '../../core/response.ts'
import { objectAt, textAt } from './wire.ts'

const REASONS: ReadonlyMap<string, FinishKind> = new Map<string, FinishKind>([
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'content-filter'],
])

/** Statuses of an answer that is not over, which only a background request can have. */
const PENDING: ReadonlySet<string> = new Set(['queued', 'in_progress', 'cancelled'])

/**
 * Why the model stopped, from the status of a response and the reason why it is incomplete. A turn
 * with calls is `completed` like any other, so calls and a refusal in words count for more.
 */
export function decodeFinish(
  response: JsonObject,
  hasCalls: boolean,
  refused: boolean,
): FinishReason {
  const status = textAt(response, 'status') || 'completed'
  const reason = textAt(objectAt(response, 'incomplete_details') ?? {}, 'reason')
  if (status === 'incomplete') {
    const kind = finishKind(REASONS.get(reason) ?? 'length', hasCalls)
    return { kind, raw: reason || status }
  }
  if (PENDING.has(status)) return { kind: 'other', raw: status }
  const kind = finishKind('stop', hasCalls)
  return { kind: kind === 'stop' && refused ? 'refusal' : kind, raw: status }
}

/** How a response says that it is over. */
export interface EncodedFinish {
  readonly status: string
  readonly incomplete_details: JsonObject | null
}

/**
 * The status of an answer. A refusal in words is complete, as OpenAI's own are; one without words
 * is the vendor's filter. `malformed-call` has no status: it is an error.
 */
export function encodeFinish(finish: FinishReason, refused: boolean): EncodedFinish {
  switch (finish.kind) {
    case 'length':
      return incomplete('max_output_tokens')
    case 'content-filter':
      return incomplete('content_filter')
    case 'refusal':
      return refused ? COMPLETED : incomplete('content_filter')
    case 'other':
      return PENDING.has(finish.raw) ? { status: finish.raw, incomplete_details: null } : COMPLETED
    default:
      return COMPLETED
  }
}

const COMPLETED: EncodedFinish = { status: 'completed', incomplete_details: null }

function incomplete(reason: string): EncodedFinish {
  return { status: 'incomplete', incomplete_details: { reason } }
}

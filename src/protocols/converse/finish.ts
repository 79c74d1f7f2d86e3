import { type FinishKind, type FinishReason, finishKind } from '../../core/response.ts'

/** The vendor's words. The last three came in 2026, and are general knowledge. */
const KINDS: { readonly [reason: string]: FinishKind } = {
  end_turn: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  model_context_window_exceeded: 'length',
  malformed_tool_use: 'malformed-call',
  malformed_model_output: 'malformed-call',
}

/** Reads why the model stopped. */
export function decodeFinish(raw: string, hasCalls: boolean): FinishReason {
  const said = Object.hasOwn(KINDS, raw) ? (KINDS[raw] ?? 'other') : 'other'
  return { kind: finishKind(said, hasCalls), raw }
}

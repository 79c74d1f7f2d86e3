import type { JsonObject } from '../../core/json.ts'
import { type FinishKind, type FinishReason, finishKind } from '../../core/response.ts'
import { textAt } from './wire.ts'

/** The words of OpenAI, and those that compatible vendors have added. */
const KINDS: ReadonlyMap<string, FinishKind> = new Map<string, FinishKind>([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['sensitive', 'content-filter'],
  ['refusal', 'refusal'],
])

const WORDS: { readonly [kind in Exclude<FinishKind, 'malformed-call'>]: string } = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'stop',
  other: 'stop',
}

/**
 * Why the model stopped. Calls count for more than the word, which is `stop` with a named tool
 * choice; so does a refusal in words. Some vendors leave the word out altogether (Ollama): that is
 * a plain stop.
 */
export function decodeFinish(
  choice: JsonObject,
  hasCalls: boolean,
  refused: boolean,
): FinishReason {
  const raw = textAt(choice, 'finish_reason')
  const said = raw === '' ? 'stop' : (KINDS.get(raw) ?? 'other')
  // vLLM names the stop sequence that was met.
  const stopSequence = textAt(choice, 'stop_reason')
  if (said === 'stop' && stopSequence !== '' && !hasCalls)
    return { kind: 'stop-sequence', raw, stopSequence }
  const kind = finishKind(said, hasCalls)
  return { kind: kind === 'stop' && refused ? 'refusal' : kind, raw }
}

/**
 * The word for a finish. A refusal in words ends with `stop`, as OpenAI's own do; one without words
 * is the vendor's filter. `malformed-call` has no word: it is an error.
 */
export function finishWord(
  kind: Exclude<FinishKind, 'malformed-call'>,
  refused: boolean,
  legacy: boolean,
): string {
  if (kind === 'refusal' && refused) return 'stop'
  if (kind === 'tool-calls' && legacy) return 'function_call'
  return WORDS[kind]
}

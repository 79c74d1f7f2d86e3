import type { Json } from '../core/json.ts'
import type { AssistantPart } from '../core/message.ts'
import type { ModelResponse } from '../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../core/stream.ts'
import { type ExchangeGuard, refusalIn } from './exchange-guard.ts'
import { argumentsOf } from './guard-call.ts'
import { GuardStage } from './guard-stage.ts'

/**
 * Holds a whole answer to the guardrails, as if it were streamed; of one that is refused nothing is
 * left but the message. A promise only if a rule needs time.
 */
export function guardAnswer(
  response: ModelResponse,
  guard: ExchangeGuard,
): ModelResponse | Promise<ModelResponse> {
  const stage = new GuardStage(guard)
  const parts: StreamPart[] = []
  for (const part of disassemble(response)) stage.push(part, one => parts.push(one))
  if (stage.refused !== undefined) return refused(response, stage.refused)
  const passed = stage.isRewritten ? withoutExtras(assemble(parts)) : assemble(parts)
  return guard.rules.holdsAnswers ? askLater(passed, guard) : passed
}

/** The probabilities of tokens, for one, spell the text as it was. */
function withoutExtras({ extras: _, ...response }: ModelResponse): ModelResponse {
  return response
}

function refused(response: ModelResponse, message: string): ModelResponse {
  const { id, model, created, usage } = response
  return {
    id,
    model,
    ...(created === undefined ? {} : { created }),
    content: message === '' ? [] : [{ type: 'text', text: message }],
    finish: { kind: 'content-filter', raw: '' },
    ...(usage && { usage }),
  }
}

/** Rules that need time see all texts of a kind as one, and each call. */
async function askLater(response: ModelResponse, guard: ExchangeGuard): Promise<ModelResponse> {
  const { content } = response
  const said = (...types: readonly string[]) =>
    content
      .flatMap(part => (types.includes(part.type) && 'text' in part ? [part.text] : []))
      .join('')
  const verdicts = await Promise.all([
    ...[said('text', 'refusal'), said('reasoning')]
      .filter(text => text !== '')
      .map(text => guard.later('output', text, 'output.text')),
    ...content
      .flatMap(callIn)
      .map(({ name: tool, id: callId, value }, index) =>
        guard.later('tool-arguments', value, `calls[${index}]`, { tool, callId }),
      ),
  ])
  const told = verdicts.map(refusalIn).find(message => message !== undefined)
  return told === undefined ? response : refused(response, told)
}

function callIn(part: AssistantPart): { name: string; id: string; value: Json }[] {
  if (part.type !== 'tool-call') return []
  const { name, id, arguments: text, kind } = part
  return [{ name, id, value: (kind === 'custom' ? undefined : argumentsOf(text)) ?? text }]
}

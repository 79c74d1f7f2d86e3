import type { AnswerChoice, AnswerUsage, ChatAnswer } from '../answer.ts'
import {
  callHead,
  callPiece,
  callsField,
  finishReason,
  isNamedChoice,
  plainUsage,
} from '../dress.ts'
import { familyOf, servedModel } from '../families.ts'
import { recordOf } from '../json.ts'
import type { Dress } from '../manners.ts'
import type { Body } from '../request.ts'
import { type ChunkPart, type Moment, type StreamStyle, wantsUsage } from '../stream.ts'

function openaiUsage(usage: AnswerUsage): Body {
  const { cached, cacheWrite, reasoning } = usage
  return {
    ...plainUsage(usage),
    prompt_tokens_details: {
      cached_tokens: cached,
      ...(cacheWrite > 0 && { cache_write_tokens: cacheWrite }),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

/** With a tool forced by name the answer says `stop` although it calls (recorded 2026-02). */
function openaiReason(choice: AnswerChoice, answer: ChatAnswer): string {
  if (choice.end !== 'calls') return finishReason(choice)
  if (answer.request.legacy) return 'function_call'
  return isNamedChoice(answer) ? 'stop' : 'tool_calls'
}

function message(choice: AnswerChoice, answer: ChatAnswer): Body {
  const [call] = choice.calls
  const old =
    answer.request.legacy && call
      ? { function_call: { name: call.name, arguments: call.arguments } }
      : undefined
  const silent = choice.text === '' && (choice.calls.length > 0 || choice.refusal !== undefined)
  return {
    role: 'assistant',
    content: silent ? null : choice.text,
    ...(old ?? callsField(choice)),
    refusal: choice.refusal ?? null,
    annotations: [],
  }
}

/** Models that reason give no `logprobs` and no fingerprint (recorded 2025 and 2026). */
function reasons(answer: ChatAnswer): boolean {
  return familyOf(answer.request.model).reasons
}

function fingerprint(answer: ChatAnswer): string | null {
  // Made from the id, so that all chunks of an answer agree.
  return reasons(answer) ? null : `fp_${Buffer.from(answer.id.slice(-5)).toString('hex')}`
}

function tier(answer: ChatAnswer): string {
  const asked = answer.request.body.service_tier
  return asked === 'flex' || asked === 'priority' ? asked : 'default'
}

function whole(answer: ChatAnswer): Body {
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: answer.choices.map(choice => ({
      index: choice.index,
      message: message(choice, answer),
      ...(!reasons(answer) && { logprobs: null }),
      finish_reason: openaiReason(choice, answer),
    })),
    usage: openaiUsage(answer.usage),
    service_tier: tier(answer),
    system_fingerprint: fingerprint(answer),
  }
}

function delta(moment: Moment, choice: AnswerChoice, answer: ChatAnswer): Body | undefined {
  switch (moment.is) {
    case 'open':
      return opening(moment, choice, answer)
    case 'text':
      return { content: moment.text }
    case 'refusal':
      return { refusal: moment.text }
    case 'call':
      if (answer.request.legacy) {
        const { name } = moment.call
        return moment.call.index > 0 ? undefined : { function_call: { name, arguments: '' } }
      }
      return { tool_calls: [callHead(moment.call, moment.text)] }
    case 'arguments':
      if (answer.request.legacy) {
        return moment.call.index > 0 ? undefined : { function_call: { arguments: moment.text } }
      }
      return { tool_calls: [callPiece(moment.call, moment.text)] }
    case 'end':
      return {}
    default:
      return undefined
  }
}

function opening(
  moment: Extract<Moment, { is: 'open' }>,
  choice: AnswerChoice,
  { request }: ChatAnswer,
): Body {
  const role = 'assistant'
  if (moment.call) {
    const { call } = moment
    const head = request.legacy
      ? { function_call: { name: call.name, arguments: '' } }
      : { tool_calls: [callHead(call, '')] }
    return { role, content: null, ...head, refusal: null }
  }
  if (choice.refusal !== undefined && choice.text === '') {
    return { role, content: null, refusal: '' }
  }
  if (choice.text === '' && choice.calls.length > 0) return { role, content: null }
  return { role, content: '', refusal: null }
}

function chunk({ answer, choice, moment, delta: change, counts, random }: ChunkPart): Body {
  const { include_obfuscation: obfuscates } = recordOf(answer.request.body.stream_options)
  const ended = moment?.is === 'end' && choice
  return {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: answer.created,
    model: answer.model,
    service_tier: tier(answer),
    system_fingerprint: fingerprint(answer),
    choices: choice
      ? [
          {
            index: choice.index,
            delta: change,
            ...(!reasons(answer) && { logprobs: null }),
            finish_reason: ended ? openaiReason(choice, answer) : null,
          },
        ]
      : [],
    ...(wantsUsage(answer) && { usage: counts ? openaiUsage(answer.usage) : null }),
    ...(obfuscates !== false && { obfuscation: random.text(random.below(16)) }),
  }
}

const stream: StreamStyle = {
  opens: true,
  joinsOnlyCall: true,
  wholeCalls: () => false,
  delta,
  chunk,
  counts: 'own-if-asked',
}

/** How OpenAI dresses its answers (shapes recorded from 2024 to 2026). */
export const openaiDress: Dress = {
  responseId: random => `chatcmpl-${random.text(29)}`,
  callId: random => `call_${random.text(24)}`,
  model: servedModel,
  whole,
  stream,
}

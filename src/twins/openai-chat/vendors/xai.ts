import type { AnswerUsage } from '../answer.ts'
import { callsField, digits, uuid } from '../dress.ts'
import { isGiven } from '../json.ts'
import { type Manners, tolerate } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { pathText, type Refusal, type Report, refusal } from '../refusal.ts'
import type { Body, ChatRequest } from '../request.ts'
import { requestFields } from '../request-fields.ts'
import { checkConversation, lenientWords } from '../rules-compatible.ts'
import { checkChoiceHasTools } from '../rules-tools.ts'

const INVALID = 'Client specified an invalid argument'

/** xAI. */
export const xai: Manners = {
  name: 'xai',
  prefixes: ['/v1', ''],
  needsKey: true,
  models: {
    listed: ['grok-4.6', 'grok-4.5', 'grok-4.3', 'grok-4-fast', 'grok-4', 'grok-3-mini'],
    ownedBy: 'xai',
  },
  fields: requestFields,
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check(request, report) {
    checkPenalties(request, report)
    checkEffort(request, report)
    checkChoiceHasTools(request, report)
    checkConversation(request, report)
  },
  words: {
    ...lenientWords,
    authorization: found => ({
      ...found,
      code: 'The caller does not have permission to execute the specified operation',
      message:
        'No API key was provided. Please include it in the Authorization header as a bearer token.',
    }),
    // In front sits a parser that answers in plain text (from memory).
    missing: unreadable,
    type: unreadable,
    'no-model': unreadable,
    'choice-without-tools': found => ({
      ...found,
      message:
        'Invalid arguments passed to the model: A tool_choice was set on the request but no tools were specified.',
    }),
    'parallel-without-tools': tolerate,
  },
  // Flat, with a sentence for a code (issue definable.ai #112, 2026-02).
  envelope({ status, code, message }) {
    return status === 422 ? message : { code: String(code ?? INVALID), error: message }
  },
  failures: {
    401: {
      code: 'The caller does not have permission to execute the specified operation',
      message: 'Invalid or missing API key.',
    },
    404: { code: 'Some requested entity was not found', message: 'Not found' },
    429: {
      code: 'Some resource has been exhausted',
      message: 'Too many requests. Please slow down.',
    },
    500: { code: 'Internal error', message: 'Internal error' },
    503: {
      code: 'The service is currently unavailable',
      message: 'The model is currently at capacity due to high demand. Please try again later.',
    },
  },
  // The grok-4 models think out of sight (vendor guide to reasoning, 2026; recorded 2026-03).
  thinks: ({ model }) => /^grok-(3-mini|code)/.test(model),
  countsUnseen: ({ model }) => /^grok-4/.test(model) && !/non-reasoning/.test(model),
  dress: plainDress({
    responseId: uuid,
    callId: random => `call_${digits(random, 8)}`,
    reasoning: 'reasoning_content',
    silence: '',
    usage: xaiUsage,
    message: (message, choice, { thinking }) => ({
      role: message.role,
      content: message.content,
      ...(thinking && { reasoning_content: choice.reasoning }),
      ...callsField(choice),
      refusal: null,
    }),
    // The role comes with whatever comes first.
    opens: false,
    wholeCalls: () => true,
    chunk: (chunk, { answer, first, choice, delta, moment }) => ({
      ...chunk,
      choices: choice
        ? [
            {
              index: choice.index,
              delta: first ? { ...delta, role: 'assistant' } : delta,
              ...(moment?.is === 'end' && { finish_reason: finishOf(chunk) }),
            },
          ]
        : [],
      system_fingerprint: fingerprint(answer.id),
    }),
  }),
  headers: (_kind, random) => ({ 'x-request-id': uuid(random) }),
  streamType: 'text/event-stream',
  indent: 0,
}

/** Issues uni-api #105 and NativeTavern #83, 2025 and 2026. */
function checkPenalties({ body, model }: ChatRequest, report: Report): void {
  if (!/^grok-(3-mini|[4-9])/.test(model)) return
  const names = {
    presence_penalty: 'presencePenalty',
    frequency_penalty: 'frequencyPenalty',
    stop: 'stop',
  } as const
  for (const [name, shown] of Object.entries(names)) {
    if (!isGiven(body[name])) continue
    report(refusal('vendor', [name], `Model ${model} does not support parameter ${shown}.`))
  }
}

/** Known from client code (2026-08). */
function checkEffort({ body, model }: ChatRequest, report: Report): void {
  if (body.reasoning_effort !== 'none' || !/^grok-4\.5/.test(model)) return
  const text = "This model does not support 'reasoning_effort' value 'none'"
  report(refusal('vendor', ['reasoning_effort'], text))
}

function unreadable(found: Refusal, _body: Body, text: string): Refusal {
  const name = String(found.path.at(-1) ?? 'model')
  const why =
    found.rule === 'type'
      ? `${pathText(found.path)}: invalid type, expected ${found.expected ?? 'another'}`
      : `missing field \`${name}\``
  const message = `Failed to deserialize the JSON body into the target type: ${why} at line 1 column ${text.length}`
  return { ...found, status: 422, message }
}

/** `completion_tokens` leaves reasoning out, the total does not (recorded 2026). */
function xaiUsage({ input, output, cached, reasoning }: AnswerUsage): Body {
  return {
    prompt_tokens: input,
    completion_tokens: output - reasoning,
    total_tokens: input + output,
    prompt_tokens_details: {
      text_tokens: input,
      audio_tokens: 0,
      image_tokens: 0,
      cached_tokens: cached,
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    num_sources_used: 0,
    cost_in_usd_ticks: (input + output * 5) * 500,
  }
}

function fingerprint(id: string): string {
  return `fp_${id.slice(0, 8)}${id.slice(9, 11)}`
}

function finishOf(chunk: Body): unknown {
  const [choice]: readonly unknown[] = Array.isArray(chunk.choices) ? chunk.choices : []
  return typeof choice === 'object' && choice !== null && 'finish_reason' in choice
    ? choice.finish_reason
    : null
}

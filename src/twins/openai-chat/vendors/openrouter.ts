import type { AnswerChoice, AnswerUsage, ChatAnswer } from '../answer.ts'
import {
  callHead,
  callPiece,
  callsField,
  finishReason,
  plainUsage,
  reasonAt,
  spoken,
} from '../dress.ts'
import { isGiven, isRecord } from '../json.ts'
import type { Dress, Manners, Reword } from '../manners.ts'
import { type Report, refusal } from '../refusal.ts'
import type { Body, ChatRequest } from '../request.ts'
import { requestFields } from '../request-fields.ts'
import { checkConversation, isForced, lenientWords } from '../rules-compatible.ts'
import { type ChunkPart, DONE, frame, type Moment } from '../stream.ts'
import { envelopeOf } from './openai.ts'

/** OpenRouter: passes on to others, whose errors it wraps. */
export const openrouter: Manners = {
  name: 'openrouter',
  prefixes: ['/api/v1', '/v1', ''],
  needsKey: true,
  models: {
    listed: [
      'openai/gpt-5.2',
      'openai/gpt-4.1-mini',
      'anthropic/claude-sonnet-4.5',
      'google/gemini-3-flash-preview',
      'deepseek/deepseek-chat',
      'z-ai/glm-4.6',
    ],
    ownedBy: 'openrouter',
    list: entries => ({ data: entries.map(({ id, created }) => entryOf(String(id), created)) }),
  },
  fields: requestFields,
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check(request, report) {
    checkModelId(request, report)
    checkConversation(request, report)
  },
  words: {
    ...lenientWords,
    // Its own tools have types such as `openrouter:web_search` (recorded 2026).
    value: found => (found.path.includes('messages') ? found : undefined),
    authorization: found => ({ ...found, message: 'Missing Authentication header', code: 401 }),
    'no-model': found => ({ ...found, message: 'No models provided', code: 400 }),
    'choice-shape': upstream,
    'absent-tool': upstream,
    'no-content': upstream,
    'orphan-result': upstream,
    'unknown-result': upstream,
    'duplicate-result': upstream,
    'missing-results': upstream,
  },
  // Codes are numbers, the HTTP status as a rule (recorded 2026).
  envelope: ({ message, code, status, extra = {} }) => {
    const { metadata, ...beside } = extra
    const error = { message, code: typeof code === 'number' ? code : status }
    return { error: { ...error, ...(isGiven(metadata) && { metadata }) }, ...beside }
  },
  failures: {
    401: { message: 'No auth credentials found', code: 401 },
    402: { message: 'Insufficient credits', code: 402 },
    429: { message: 'Provider returned error', code: 429 },
    500: { message: 'Internal Server Error', code: 500 },
    502: { message: 'Provider returned error', code: 502 },
    503: { message: 'No instances available', code: 503 },
  },
  // A chunk that looks like any other but for its error, and then the usual end (recorded 2025).
  streamFailure({ message, status }, random, now) {
    const created = Math.floor(now / 1000)
    const chunk = {
      id: `gen-${created}-${random.text(20)}`,
      object: 'chat.completion.chunk',
      created,
      model: 'unknown',
      provider: 'Twin',
      error: { code: status === 500 ? 502 : status, message },
      choices: [
        {
          index: 0,
          delta: { content: '', role: 'assistant' },
          finish_reason: 'error',
          native_finish_reason: 'error',
        },
      ],
    }
    return `${frame(chunk)}${DONE}`
  },
  // With a forced call reasoning is dropped without a word (issue pydantic-ai #6957).
  thinks: request => asksReasoning(request) && !isForced(request),
  dress: {
    responseId: (random, now) => `gen-${Math.floor(now / 1000)}-${random.text(20)}`,
    callId: (random, name, _index, { model }) =>
      /^google\//.test(model)
        ? `tool_${name}_${random.text(20)}`
        : /^anthropic\//.test(model)
          ? `toolu_01${random.text(22)}`
          : `call_${random.text(24)}`,
    whole,
    stream: {
      opens: true,
      joinsOnlyCall: false,
      wholeCalls: () => false,
      delta,
      chunk,
      counts: 'own-if-asked',
      comment: ': OPENROUTER PROCESSING',
    },
  } satisfies Dress,
  headers: () => ({}),
  streamType: 'text/event-stream',
  indent: 0,
}

function entryOf(id: string, created: unknown): Body {
  return {
    id,
    canonical_slug: id,
    name: id,
    created,
    context_length: 200_000,
    architecture: {
      modality: 'text->text',
      input_modalities: ['text'],
      output_modalities: ['text'],
    },
    pricing: { prompt: '0.000001', completion: '0.000005' },
    supported_parameters: ['max_tokens', 'reasoning', 'tool_choice', 'tools'],
  }
}

function checkModelId(request: ChatRequest, report: Report): void {
  if (request.model.includes('/')) return
  const text = `${request.model} is not a valid model ID`
  report(refusal('unknown-model', ['model'], text, { code: 400, extra: USER }))
}

const USER = { user_id: 'user_twin' }

/** What the vendor behind it finds (issue outlines #1666, 2025-06: its body as an indented text). */
function upstream(...[found, body]: Parameters<Reword>): ReturnType<Reword> {
  const raw = JSON.stringify(envelopeOf(found), undefined, 2)
  const metadata = { raw, provider_name: providerOf(String(body.model ?? '')), is_byok: false }
  return { ...found, message: 'Provider returned error', code: 400, extra: { metadata, ...USER } }
}

const PROVIDERS: { readonly [maker: string]: string } = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  google: 'Google AI Studio',
  deepseek: 'DeepSeek',
  mistralai: 'Mistral',
  'z-ai': 'Z.AI',
}

function providerOf(model: string): string {
  return PROVIDERS[model.split('/')[0] ?? ''] ?? 'Fireworks'
}

function asksReasoning({ body, model }: ChatRequest): boolean {
  const { reasoning, reasoning_effort: effort, include_reasoning: include } = body
  if (isRecord(reasoning)) {
    return reasoning.enabled !== false && reasoning.effort !== 'none' && reasoning.exclude !== true
  }
  if (include === true || typeof effort === 'string') return effort !== 'none'
  // Some models cannot do without (recorded 2025).
  return /-r1|minimax-m|thinking|gpt-oss/.test(model)
}

const FORMATS: { readonly [maker: string]: string } = {
  openai: 'openai-responses-v1',
  anthropic: 'anthropic-claude-v1',
  google: 'google-gemini-v1',
}

/** Reasoning in the form that has to be sent back as it is (recorded 2026). */
function detailsOf(choice: AnswerChoice, answer: ChatAnswer, text: string): Body[] {
  const maker = answer.request.model.split('/')[0] ?? ''
  const format = FORMATS[maker] ?? 'unknown'
  const shown = text === '' ? [] : [{ type: 'reasoning.text', text, format, index: 0 }]
  if (maker !== 'google') return shown
  return [...shown, sealed(choice, answer, shown.length)]
}

/** Google's state of thought: opaque, and bound to the first call if there is one. */
function sealed(choice: AnswerChoice, answer: ChatAnswer, index: number): Body {
  const data = Buffer.from(`twin:${answer.id}:${choice.index}`).toString('base64')
  const id = choice.calls[0]?.id
  const format = 'google-gemini-v1'
  return { type: 'reasoning.encrypted', data, format, ...(id !== undefined && { id }), index }
}

/** The reason in the words of the vendor behind it. */
function nativeReason(choice: AnswerChoice, model: string): string {
  if (/^google\//.test(model)) return choice.end === 'length' ? 'MAX_TOKENS' : 'STOP'
  if (!/^anthropic\//.test(model)) return finishReason(choice)
  if (choice.end === 'calls') return 'tool_use'
  return choice.end === 'length' ? 'max_tokens' : 'end_turn'
}

function usageBody(usage: AnswerUsage): Body {
  const prompt = usage.input / 1e6
  const completion = (usage.output * 5) / 1e6
  return {
    ...plainUsage(usage),
    cost: prompt + completion,
    is_byok: false,
    prompt_tokens_details: {
      cached_tokens: usage.cached,
      cache_write_tokens: usage.cacheWrite,
      audio_tokens: 0,
      video_tokens: 0,
    },
    cost_details: {
      upstream_inference_cost: prompt + completion,
      upstream_inference_prompt_cost: prompt,
      upstream_inference_completions_cost: completion,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      image_tokens: 0,
      audio_tokens: 0,
    },
  }
}

function whole(answer: ChatAnswer): Body {
  const { model } = answer.request
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    provider: providerOf(model),
    system_fingerprint: null,
    choices: answer.choices.map(choice => {
      const reasoning = answer.thinking ? choice.reasoning : ''
      const details = detailsOf(choice, answer, reasoning)
      const words = spoken(choice)
      return {
        index: choice.index,
        logprobs: null,
        finish_reason: finishReason(choice),
        native_finish_reason: nativeReason(choice, model),
        message: {
          role: 'assistant',
          content: words === '' && choice.calls.length > 0 ? null : words,
          refusal: null,
          reasoning: reasoning === '' ? null : reasoning,
          ...callsField(choice),
          ...(details.length > 0 && { reasoning_details: details }),
        },
      }
    }),
    usage: usageBody(answer.usage),
  }
}

function delta(moment: Moment, choice: AnswerChoice, answer: ChatAnswer): Body | undefined {
  const role = 'assistant'
  // Before calls, the state of thought comes first; after text, last.
  const calls = choice.calls.length > 0
  switch (moment.is) {
    case 'open':
      return calls ? stateDelta(choice, answer) : undefined
    case 'reasoning': {
      const details = detailsOf(choice, answer, moment.text).filter(({ text }) => isGiven(text))
      return { content: '', role, reasoning: moment.text, reasoning_details: details }
    }
    case 'text':
    case 'refusal':
      return { content: moment.text, role }
    case 'call':
      return { content: null, role, tool_calls: [callHead(moment.call, moment.text)] }
    case 'arguments':
      return { content: null, role, tool_calls: [callPiece(moment.call, moment.text)] }
    case 'end':
      return (calls ? undefined : stateDelta(choice, answer)) ?? { content: '', role }
  }
}

function stateDelta(choice: AnswerChoice, answer: ChatAnswer): Body | undefined {
  const details = detailsOf(choice, answer, '')
  if (details.length === 0) return undefined
  return { content: '', role: 'assistant', reasoning: null, reasoning_details: details }
}

function chunk({ answer, choice, moment, delta: change, counts }: ChunkPart): Body {
  const { model } = answer.request
  // The counts come in one more chunk that repeats the end of the first choice.
  const [first] = answer.choices
  const shown = counts ? first : choice
  const ended = counts || moment?.is === 'end'
  const reason = counts && first ? finishReason(first) : reasonAt(moment, choice)
  return {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: answer.created,
    model: answer.model,
    provider: providerOf(model),
    choices: [
      {
        index: shown?.index ?? 0,
        delta: counts ? { content: '', role: 'assistant' } : change,
        finish_reason: reason,
        native_finish_reason: ended && shown ? nativeReason(shown, model) : null,
      },
    ],
    ...(counts && { usage: usageBody(answer.usage) }),
  }
}

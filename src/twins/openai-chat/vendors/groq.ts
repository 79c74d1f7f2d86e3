import type { AnswerCall, AnswerChoice, AnswerUsage, ChatAnswer } from '../answer.ts'
import { plainUsage, uuid } from '../dress.ts'
import { isRecord, textOf } from '../json.ts'
import type { Dress, Manners } from '../manners.ts'
import { messageVariants } from '../message-fields.ts'
import { plainDress } from '../plain-dress.ts'
import { type Refusal, refusal } from '../refusal.ts'
import type { Body, ChatRequest } from '../request.ts'
import { requestFields } from '../request-fields.ts'
import { checkConversation, lenientWords } from '../rules-compatible.ts'
import { type Fields, json, may, orNull, text } from '../shapes.ts'
import { argumentErrors } from './groq-arguments.ts'

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Groq: checks what the model says, too. */
export const groq: Manners = {
  name: 'groq',
  prefixes: ['/openai/v1', '/v1', ''],
  needsKey: true,
  models: {
    listed: [
      'openai/gpt-oss-120b',
      'openai/gpt-oss-20b',
      'llama-3.3-70b-versatile',
      'llama-3.1-8b-instant',
      'meta-llama/llama-4-scout-17b-16e-instruct',
      'meta-llama/llama-4-maverick-17b-128e-instruct',
      'moonshotai/kimi-k2-instruct-0905',
      'qwen/qwen3-32b',
    ],
    ownedBy: 'Groq',
  },
  fields: fieldsOf(),
  reading: { unknown: 'refused', nulls: 'absent' },
  functions: true,
  check: checkConversation,
  words: {
    ...lenientWords,
    authorization: found => ({ ...found, message: 'Invalid API Key', code: 'invalid_api_key' }),
    'unknown-argument': unsupported,
    'unknown-field': unsupported,
    missing: found => ({ ...found, message: `${propertyPlace(found)} : property is missing` }),
    type: found => ({
      ...found,
      message: `${propertyPlace(found)} : value must be ${found.expected ?? ''}`,
    }),
  },
  // No `param` (recorded 2026-02), and a code only where there is one.
  envelope: ({ message, type, code, extra }) => ({
    error: { message, type, ...(code !== null && { code }), ...extra },
  }),
  failures: {
    401: { message: 'Invalid API Key', code: 'invalid_api_key' },
    413: { message: 'Request too large', type: 'tokens', code: 'rate_limit_exceeded' },
    429: {
      message:
        'Rate limit reached for model in organization on requests per minute (RPM): Limit 30, Used 30, Requested 1. Please try again in 1s.',
      type: 'requests',
      code: 'rate_limit_exceeded',
    },
    500: { message: 'Internal Server Error', type: 'internal_server_error' },
    503: { message: 'Service Unavailable', type: 'service_unavailable' },
  },
  // Failures have an event of their own, unlike chunks (recorded 2026-02).
  streamFailure({ status, message, type, code, extra }) {
    const error = { message, type, ...(code !== null && { code }), ...extra, status_code: status }
    return `event: error\ndata: ${JSON.stringify({ error })}\n\n`
  },
  thinks: ({ model, body }) =>
    /gpt-oss|qwen3|deepseek-r1/.test(model) &&
    body.include_reasoning !== false &&
    body.reasoning_format !== 'hidden' &&
    body.reasoning_effort !== 'none',
  inspect,
  dress: groqDress(),
  headers: (_kind, random) => ({ 'x-request-id': `req_01${random.text(24, LOWER)}` }),
  streamType: 'text/event-stream',
  indent: 0,
}

function groqDress(): Dress {
  const plain = plainDress({
    responseId: random => `chatcmpl-${uuid(random)}`,
    callId: (random, _name, _index, { model }) =>
      /gpt-oss/.test(model) ? `fc_${uuid(random)}` : random.text(9, LOWER),
    reasoning: 'reasoning',
    silence: undefined,
    usage: groqUsage,
    beside: () => ({ logprobs: null }),
    message: (message, choice, { thinking }) =>
      thinking && choice.reasoning === '' ? { ...message, reasoning: undefined } : message,
    top: answer => ({
      system_fingerprint: `fp_${answer.id.slice(9, 17)}${answer.id.slice(18, 20)}`,
    }),
    delta: (delta, moment, _choice, { request }) =>
      moment.is === 'reasoning' && /gpt-oss/.test(request.model)
        ? { ...delta, channel: 'analysis' }
        : delta,
    wholeCalls: () => true,
    counts: 'last',
    chunk: (chunk, { answer, first, counts }) => ({
      ...chunk,
      ...(first && { x_groq: { id: requestId(answer), seed: seedOf(answer) } }),
      ...(counts && { x_groq: { id: requestId(answer), usage: groqUsage(answer.usage) } }),
    }),
  })
  return {
    ...plain,
    whole: (answer, random) => ({
      ...plain.whole(answer, random),
      usage_breakdown: null,
      x_groq: { id: requestId(answer), seed: seedOf(answer) },
      service_tier: 'on_demand',
    }),
  }
}

/** Both are made from the answer's id, so that all chunks agree. */
function requestId({ id }: ChatAnswer): string {
  return `req_01${id.replaceAll('-', '').slice(8, 32)}`
}

function seedOf({ id }: ChatAnswer): number {
  return Number.parseInt(id.slice(9, 16), 16)
}

/** Fields that Groq knows besides OpenAI's, and without those that it does not (2026). */
function fieldsOf(): Fields {
  const {
    audio: _audio,
    moderation: _moderation,
    modalities: _modalities,
    prediction: _prediction,
    prompt_cache_options: _options,
    safety_identifier: _identifier,
    verbosity: _verbosity,
    web_search_options: _search,
    messages,
    ...shared
  } = requestFields
  const assistant = { ...messageVariants.assistant, reasoning: orNull(text) }
  return {
    ...shared,
    messages: {
      required: true,
      shape: {
        is: 'array',
        least: 1,
        of: { is: 'tagged', tag: 'role', variants: { ...messageVariants, assistant } },
      },
    },
    service_tier: orNull(text),
    citation_options: may(json),
    compound_custom: may(json),
    disable_tool_validation: may(json),
    documents: may(json),
    exclude_domains: may(json),
    include_domains: may(json),
    include_reasoning: may(json),
    reasoning_format: may(json),
    search_settings: may(json),
  }
}

/** Issues chatbot #21 and llms #17 (`'messages.0' : for 'role:user' ...`). */
function unsupported(found: Refusal, body: Body): Refusal {
  const name = String(found.path.at(-1))
  const [first, index] = found.path
  const detail = `property '${name}' is unsupported`
  if (first !== 'messages' || typeof index !== 'number')
    return { ...found, code: null, message: detail }
  const messages = Array.isArray(body.messages) ? body.messages : []
  const message: unknown = messages[index]
  const role = isRecord(message) ? (textOf(message.role) ?? '') : ''
  const place = `'${found.path.slice(0, -1).join('.')}'`
  const text = `'messages.${index}' : for 'role:${role}' the following must be satisfied[(${place} : ${detail})]`
  return { ...found, code: null, message: text }
}

function propertyPlace({ path }: Refusal): string {
  return `'${path.join('.')}'`
}

/**
 * A call that does not fit its tool's schema, a call although none was allowed, and none although
 * one was required are the model's failures, told as the client's (recorded 2026-02; issues
 * mastra #9688 and litellm #21242).
 */
function inspect(choice: AnswerChoice, request: ChatRequest): Refusal | undefined {
  const [first] = choice.calls
  const { mode } = request.choice
  if (!first && (mode === 'required' || mode === 'tool') && choice.end !== 'length') {
    return toolUseFailed('Tool choice is required, but model did not call a tool', '')
  }
  if (!first && /^<function=/m.test(choice.text) && request.tools.length > 0) {
    return toolUseFailed(ADJUST, choice.text)
  }
  if (first && mode === 'none' && request.tools.length > 0) {
    return toolUseFailed('Tool choice is none, but model called a tool', generated(first))
  }
  if (choice.end === 'length' || request.body.disable_tool_validation === true) return undefined
  for (const call of choice.calls) {
    const why = callProblem(call, request)
    if (why !== undefined) return toolUseFailed(why, generated(call))
  }
  return undefined
}

/** A call that the model wrote in words of its own (Groq docs, "tool use", 2026). */
const ADJUST =
  "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details."

function callProblem(call: AnswerCall, request: ChatRequest): string | undefined {
  const tool = request.tools.find(({ name }) => name === call.name)
  const prefix = 'Tool call validation failed: tool call validation failed:'
  if (!tool) return `${prefix} attempted to call tool '${call.name}' which was not in request.tools`
  let value: unknown
  try {
    value = JSON.parse(call.arguments === '' ? '{}' : call.arguments)
  } catch {
    // Text from memory.
    return 'Failed to parse tool call arguments as JSON'
  }
  const errors = argumentErrors(value, tool.parameters ?? { type: 'object' })
  if (errors.length === 0) return undefined
  return `${prefix} parameters for tool ${call.name} did not match schema: errors: [${errors.join(', ')}]`
}

function toolUseFailed(message: string, generation: string): Refusal {
  const extra = { failed_generation: generation }
  return refusal('tool-use-failed', [], message, { code: 'tool_use_failed', extra })
}

/** What the model wrote, as Groq shows it. */
function generated(call: AnswerCall): string {
  return `{"name": ${JSON.stringify(call.name)}, "arguments": ${call.arguments}}`
}

function groqUsage(usage: AnswerUsage): Body {
  const seconds = usage.output / 250
  return {
    queue_time: 0.05,
    ...plainUsage(usage),
    prompt_time: 0.01,
    completion_time: seconds,
    total_time: seconds + 0.01,
    ...(usage.reasoning > 0 && {
      completion_tokens_details: { reasoning_tokens: usage.reasoning },
    }),
  }
}

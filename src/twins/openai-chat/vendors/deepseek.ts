import type { AnswerUsage } from '../answer.ts'
import { hex, plainUsage, uuid } from '../dress.ts'
import { isRecord } from '../json.ts'
import { type Manners, type Reword, tolerate } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { pathText, type Refusal, type Report, refusal } from '../refusal.ts'
import type { Body, ChatRequest } from '../request.ts'
import { fieldsWithoutRoles } from '../request-fields.ts'
import {
  callWithoutReasoning,
  checkConversation,
  isForced,
  lenientWords,
  thinkingSwitch,
} from '../rules-compatible.ts'

const ROLES = ['system', 'user', 'assistant', 'tool', 'latest_reminder']

/**
 * DeepSeek. V4 models think unless told otherwise, and so does the old name `deepseek-reasoner`;
 * `deepseek-chat` is V4 that does not think (vendor guide to thinking mode, 2026).
 */
export const deepseek: Manners = {
  name: 'deepseek',
  prefixes: ['', '/v1', '/beta'],
  needsKey: true,
  models: {
    listed: ['deepseek-chat', 'deepseek-reasoner', 'deepseek-v4-flash', 'deepseek-v4-pro'],
    ownedBy: 'deepseek',
  },
  fields: fieldsWithoutRoles('developer', 'function'),
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check(request, report) {
    checkModelName(request, report)
    checkConversation(request, report)
    checkThinking(request, report)
  },
  words: {
    ...lenientWords,
    authorization: found => ({
      ...found,
      message: 'Authentication Fails (auth header format should be Bearer sk-...)',
      type: 'authentication_error',
    }),
    missing: unreadable(({ path }) => `missing field \`${String(path.at(-1))}\``),
    'no-model': unreadable(() => 'missing field `model`'),
    type: unreadable(({ found, path }) => `${place(path)}invalid type: ${serdeKind(found)}`),
    value: unreadable(unknownVariant),
    'content-part': unreadable(({ path }) => `${place(path)}unknown variant, expected \`text\``),
    'orphan-result': found => ({
      ...found,
      message:
        "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
    }),
    'unknown-result': insufficient,
    'duplicate-result': tolerate,
    'missing-results': insufficient,
  },
  // Every refusal gives the same code and no parameter (issue OpenManus #744, 2025-03).
  envelope: ({ message, type }) => ({
    error: { message, type, param: null, code: 'invalid_request_error' },
  }),
  failures: {
    401: {
      message: 'Authentication Fails, Your api key: ****0000 is invalid',
      type: 'authentication_error',
    },
    402: { message: 'Insufficient Balance', type: 'unknown_error' },
    429: { message: 'Rate limit reached', type: 'rate_limit_reached_error' },
    500: { message: 'Internal server error', type: 'server_error' },
    503: {
      message:
        'Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.',
      type: 'service_unavailable_error',
    },
  },
  thinks,
  dress: plainDress({
    responseId: uuid,
    callId: (random, _name, index) => `call_${String(index).padStart(2, '0')}_${random.text(24)}`,
    model: name => (name === 'deepseek-chat' ? 'deepseek-v4-flash' : name),
    reasoning: 'reasoning_content',
    silence: '',
    usage: deepseekUsage,
    beside: () => ({ logprobs: null }),
    top: ({ id }) => ({
      system_fingerprint: `fp_${id.slice(0, 8)}${id.slice(9, 11)}_prod0820_fp8_kvcache_20260402`,
    }),
    message: (message, choice) => ({
      ...message,
      ...(choice.calls.length > 0 && { tool_calls: withIndex(message.tool_calls) }),
    }),
    delta(delta, moment, _choice, { thinking }) {
      if (moment.is === 'open' && thinking) {
        return { role: 'assistant', content: null, reasoning_content: '' }
      }
      if (moment.is === 'reasoning') return { content: null, ...delta }
      if (moment.is === 'text') return { ...delta, ...(thinking && { reasoning_content: null }) }
      if (moment.is === 'end') return { content: '', ...(thinking && { reasoning_content: null }) }
      return delta
    },
    counts: 'last',
    nullCounts: true,
    comment: ': keep-alive',
  }),
  headers: (_kind, random) => ({ 'x-ds-trace-id': hex(random, 32) }),
  streamType: 'text/event-stream; charset=utf-8',
  indent: 0,
}

function thinks(request: ChatRequest): boolean {
  return thinkingSwitch(request) ?? request.model !== 'deepseek-chat'
}

/** Text from memory. */
function checkModelName(request: ChatRequest, report: Report): void {
  if (/^deepseek-/.test(request.model)) return
  report(refusal('unknown-model', ['model'], 'Model Not Exist'))
}

/**
 * While it thinks, no call can be forced (issue DeepSeek-V3 #1376), and every message that calls
 * must bring its reasoning back, an empty one being enough (vendor guide; issue opencode #24083).
 */
function checkThinking(request: ChatRequest, report: Report): void {
  if (!thinks(request)) return
  if (isForced(request)) {
    report(refusal('vendor', ['tool_choice'], 'Thinking mode does not support this tool_choice'))
  }
  const index = callWithoutReasoning(request.messages)
  if (index === undefined) return
  const text = 'The `reasoning_content` in the thinking mode must be passed back to the API.'
  report(refusal('vendor', ['messages', index, 'reasoning_content'], text))
}

function insufficient(found: Refusal): Refusal {
  const message =
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)"
  return { ...found, message }
}

/** The words of the parser in front (issues qwen-code #2158, forgecode #2008, cc-switch #3330). */
function unreadable(why: (found: Refusal) => string): Reword {
  return (found, _body, text) => ({
    ...found,
    // The true column is where the parser stopped, which nothing here knows.
    message: `Failed to deserialize the JSON body into the target type: ${why(found)} at line 1 column ${text.length}`,
  })
}

function unknownVariant({ found, path }: Refusal): string {
  const words = path.includes('content') ? ['text'] : path.at(-1) === 'role' ? ROLES : []
  const listed = words.map(word => `\`${word}\``).join(', ')
  const expected = words.length > 1 ? `expected one of ${listed}` : `expected ${listed}`
  const tail = words.length > 0 ? `, ${expected}` : ''
  return `${place(path)}unknown variant \`${String(found)}\`${tail}`
}

function place(path: Refusal['path']): string {
  return path.length > 0 ? `${pathText(path)}: ` : ''
}

function serdeKind(value: unknown): string {
  if (value === null) return 'null, expected another type'
  if (Array.isArray(value)) return 'sequence, expected a string'
  if (isRecord(value)) return 'map, expected a string'
  const kind = typeof value === 'number' ? 'integer' : typeof value
  return `${kind} \`${String(value)}\`, expected another type`
}

function deepseekUsage(usage: AnswerUsage): Body {
  const { input, cached, reasoning } = usage
  return {
    ...plainUsage(usage),
    prompt_tokens_details: { cached_tokens: cached },
    ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
    prompt_cache_hit_tokens: cached,
    prompt_cache_miss_tokens: input - cached,
  }
}

function withIndex(calls: unknown): unknown {
  return Array.isArray(calls) ? calls.map((call: Body, index) => ({ index, ...call })) : calls
}

import type { AnswerChoice, ChatAnswer } from '../answer.ts'
import { digits, finishReason, plainUsage } from '../dress.ts'
import { itemsOf } from '../json.ts'
import { type Manners, tolerate } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { type Refusal, type Report, refusal } from '../refusal.ts'
import { type ChatRequest, callsOf } from '../request.ts'
import { requestFields } from '../request-fields.ts'

/**
 * Ollama: needs no key, ignores `tool_choice` and `parallel_tool_calls`, and takes conversations in
 * any order.
 */
export const ollama: Manners = {
  name: 'ollama',
  prefixes: ['/v1'],
  needsKey: false,
  models: { listed: ['llama3.2', 'qwen3', 'gpt-oss:20b', 'mistral', 'gemma3'], ownedBy: 'library' },
  fields: requestFields,
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check(request, report) {
    checkTools(request, report)
    checkHistory(request, report)
  },
  words: {
    'content-type': tolerate,
    'no-model': found => ({ ...found, message: 'model is required' }),
    missing: found => (found.path.at(-1) === 'messages' ? noMessages(found) : undefined),
    empty: found => (found.path.at(-1) === 'messages' ? noMessages(found) : undefined),
    type: found => ({ ...found, message: goText(found) }),
    value: tolerate,
    range: tolerate,
    'too-long': tolerate,
    pattern: tolerate,
    'too-many-properties': tolerate,
  },
  envelope: ({ message, status, type }) => ({
    error: { message, type: typeOf(status, type), param: null, code: null },
  }),
  failures: {
    401: { message: 'Unauthorized' },
    404: { message: "model 'unknown' not found" },
    429: { message: 'too many requests' },
    500: { message: 'llama runner process has terminated: exit status 2' },
    503: { message: 'server busy, please try again.  maximum pending requests exceeded' },
  },
  thinks: ({ model, body }) =>
    /gpt-oss|qwen3|deepseek-r1|thinking|magistral/.test(model) && body.reasoning_effort !== 'none',
  adapt: prompt => ({ ...prompt, choice: { mode: 'auto' }, parallel: true }),
  dress: plainDress({
    responseId: random => `chatcmpl-${digits(random, 3)}`,
    callId: random => `call_${random.text(8, 'abcdefghijklmnopqrstuvwxyz0123456789')}`,
    reasoning: 'reasoning',
    silence: '',
    usage: plainUsage,
    top: () => ({ system_fingerprint: 'fp_ollama' }),
    message: (message, choice, { thinking }) => ({
      role: message.role,
      content: message.content,
      ...(thinking && choice.reasoning !== '' && { reasoning: choice.reasoning }),
      ...(choice.calls.length > 0 && { tool_calls: withIndex(message.tool_calls) }),
    }),
    delta(delta, moment) {
      // The id comes before the index, and content is always there (recorded 2026-08).
      if (moment.is === 'call') {
        const { id, index, name } = moment.call
        const called = { name, arguments: moment.text }
        return { content: '', tool_calls: [{ id, index, type: 'function', function: called }] }
      }
      return moment.is === 'reasoning' ? { content: '', ...delta } : delta
    },
    chunk: (chunk, { answer, moment, choice }) =>
      moment?.is === 'end' && choice && forgetsReason(answer, choice)
        ? { ...chunk, choices: [{ index: choice.index, delta: {}, finish_reason: null }] }
        : chunk,
    wholeCalls: () => true,
  }),
  headers: () => ({}),
  streamType: 'text/event-stream',
  indent: 0,
}

/** Now and then a stream ends without a reason (known from client code, 2026-08): one in ten. */
function forgetsReason(answer: ChatAnswer, choice: AnswerChoice): boolean {
  return answer.id.endsWith('7') && finishReason(choice) === 'stop'
}

/** Models whose template has no place for tools. */
const TOOLLESS = /^(gemma[23]?|llama[23]|phi3?|codellama|llava|dolphin-mistral)(:|$)/

/** Source: Ollama's answer for gemma3:4b, quoted in many issues of its clients, 2025 and 2026. */
function checkTools({ model, body }: ChatRequest, report: Report): void {
  if (itemsOf(body.tools).length === 0 || !TOOLLESS.test(model)) return
  const tagged = model.includes(':') ? model : `${model}:latest`
  const text = `registry.ollama.ai/library/${tagged} does not support tools`
  report(refusal('vendor', ['tools'], text))
}

/** The arguments in the history must be JSON (Ollama's source, 2026). */
function checkHistory(request: ChatRequest, report: Report): void {
  for (const [index, message] of request.messages.entries()) {
    for (const [place, call] of callsOf(message).entries()) {
      if (isJson(call.arguments)) continue
      const path = ['messages', index, 'tool_calls', place, 'function', 'arguments']
      report(refusal('vendor', path, 'invalid tool call arguments'))
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function noMessages(found: Refusal): Refusal {
  return { ...found, message: "[] is too short - 'messages'" }
}

/** Go's words for a value of the wrong type. */
function goText({ found, path }: Refusal): string {
  const kind = Array.isArray(found) ? 'array' : typeof found === 'boolean' ? 'bool' : typeof found
  const place = path.filter(step => typeof step === 'string').join('.')
  return `json: cannot unmarshal ${kind} into Go struct field ChatCompletionRequest.${place}`
}

function typeOf(status: number, type: string): string {
  if (status === 404) return 'not_found_error'
  return status === 400 ? type : 'api_error'
}

function withIndex(calls: unknown): unknown {
  return itemsOf(calls).map((call, index) => (typeof call === 'object' ? { ...call, index } : call))
}

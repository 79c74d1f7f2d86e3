import type { AnswerUsage } from '../answer.ts'
import { callHead, hex, plainUsage, uuid } from '../dress.ts'
import { type Manners, type Reword, tolerate } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { dottedPath, type Refusal, type Report, refusal } from '../refusal.ts'
import type { Body, ChatRequest } from '../request.ts'
import { fieldsWithoutRoles } from '../request-fields.ts'
import { checkConversation, isForced, lenientWords } from '../rules-compatible.ts'
import { checkJsonWord } from '../rules-openai.ts'

const ENGINE = '<400> InternalError.Algo.InvalidParameter: '
/** Issue aider #4712, 2025-12. */
const WRONG_KEY =
  'Incorrect API key provided. For details, see: https://www.alibabacloud.com/help/en/model-studio/error-code#apikey-error'

/** Qwen on DashScope's compatible endpoint. */
export const qwen: Manners = {
  name: 'qwen',
  prefixes: ['/compatible-mode/v1', '/v1', ''],
  needsKey: true,
  models: {
    listed: ['qwen3-max', 'qwen3.5-plus', 'qwen-plus', 'qwen-flash', 'qwen3-coder-plus'],
    ownedBy: 'system',
  },
  fields: fieldsWithoutRoles('developer'),
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check(request, report) {
    checkThinking(request, report)
    checkConversation(request, report)
    checkJsonWord(request, report)
  },
  words: {
    ...lenientWords,
    authorization: found => ({ ...found, message: WRONG_KEY, code: 'invalid_api_key' }),
    'no-model': found => ({ ...found, message: 'you must provide a model parameter.' }),
    type: wrongType,
    value: wrongValue,
    empty: emptyCalls,
    'orphan-result': engine(
      () =>
        'messages with role "tool" must be a response to a preceeding message with "tool_calls".',
    ),
    'unknown-result': engine(unanswered),
    'duplicate-result': tolerate,
    'missing-results': engine(unanswered),
    'json-word': engine(found => found.message),
  },
  // Issue eino #994, 2026-04: the ids stand beside the error.
  envelope({ message, type, param, code }, random) {
    const request = uuid(random)
    const error = { message, type, param, code }
    return { error, id: `chatcmpl-${request}`, request_id: request }
  },
  failures: {
    401: { message: WRONG_KEY, code: 'invalid_api_key' },
    429: {
      message: 'You exceeded your current requests list.',
      type: 'limit_requests',
      code: 'limit_requests',
    },
    500: {
      message: '<500> InternalError.Algo: An error occurred in model serving.',
      type: 'internal_server_error',
      code: 'internal_server_error',
    },
    503: {
      message: '<503> InternalError.Algo: The service is temporarily unavailable.',
      type: 'internal_server_error',
      code: 'internal_server_error',
    },
  },
  thinks,
  dress: plainDress({
    responseId: random => `chatcmpl-${uuid(random)}`,
    callId: random => `call_${hex(random, 24)}`,
    reasoning: 'reasoning_content',
    silence: '',
    usage: qwenUsage,
    beside: () => ({ logprobs: null }),
    top: () => ({ system_fingerprint: null }),
    message: (message, choice) => ({
      ...message,
      ...(choice.calls.length > 0 && {
        tool_calls: choice.calls.map(({ id, index, name, arguments: input }) => ({
          function: { arguments: input, name },
          id,
          index,
          type: 'function',
        })),
      }),
    }),
    delta(delta, moment, _choice, { thinking }) {
      if (moment.is === 'open' && thinking) {
        return { content: null, role: 'assistant', reasoning_content: '' }
      }
      if (moment.is === 'reasoning') return { content: null, ...delta }
      if (moment.is === 'text' && thinking) return { ...delta, reasoning_content: null }
      if (moment.is === 'end') return { content: '', ...(thinking && { reasoning_content: null }) }
      if (moment.is === 'call') return { content: null, tool_calls: [callHead(moment.call, '')] }
      // Continuations repeat the call with an empty id.
      if (moment.is === 'arguments') {
        const piece = { arguments: moment.text }
        const { index } = moment.call
        return { content: null, tool_calls: [{ index, id: '', type: 'function', function: piece }] }
      }
      return delta
    },
    nullCounts: true,
  }),
  headers: (_kind, random) => ({ 'x-request-id': uuid(random) }),
  streamType: 'text/event-stream;charset=UTF-8',
  indent: 0,
}

/**
 * Whether the model thinks: as `enable_thinking` says, else by its name. Commercial models before
 * 3.5 start without (vendor guide to deep thinking, 2026).
 */
function thinks({ model, body }: ChatRequest): boolean {
  if (typeof body.enable_thinking === 'boolean') return body.enable_thinking
  return (
    /^qwq|thinking|^qwen3\.[5-9]|^qwen[4-9]|^qwen3-\d+(\.\d+)?b/.test(model) &&
    !/instruct/.test(model)
  )
}

/**
 * While it thinks, no call can be forced (issue eino #994, 2026-04); the open models of the first
 * qwen3 think only in a stream (issue langchain4j #3974); qwen3-coder knows no `required` (text
 * made after the first).
 */
function checkThinking(request: ChatRequest, report: Report): void {
  const details = { param: null, code: 'invalid_parameter_error' }
  const { choice, model, stream } = request
  if (thinks(request)) {
    if (isForced(request)) {
      const text = `${ENGINE}The tool_choice parameter does not support being set to required or object in thinking mode`
      report(refusal('vendor', ['tool_choice'], text, details))
    }
    if (!stream && /^qwen3-\d+(\.\d+)?b/.test(model)) {
      const text = 'parameter.enable_thinking must be set to false for non-streaming calls'
      report(refusal('vendor', ['enable_thinking'], text, details))
    }
  } else if (/^qwen3-coder/.test(model) && choice.mode === 'required') {
    const text = `${ENGINE}The tool_choice parameter does not support being set to required`
    report(refusal('vendor', ['tool_choice'], text, details))
  }
}

/** A fault that the engine finds, not the gateway before it. */
function engine(say: (found: Refusal) => string): Reword {
  return found => ({
    ...found,
    message: `${ENGINE}${say(found)}`,
    param: null,
    code: 'invalid_parameter_error',
  })
}

/** The vendor names the place, not the ids (issues qwen-code #606, gemini-cli #5031). */
function unanswered(found: Refusal): string {
  const index = found.path[1]
  return `An assistant message with "tool_calls" must be followed by tool messages responding to each "tool_call_id". The following tool_call_ids did not have response messages: message[${index}].role`
}

/** Places are written with a dot before the index, and quoted once more in `param`. */
function wrongType(found: Refusal): Refusal {
  const place = dottedPath(found.path)
  const [, rest = ''] = found.message.split(': expected ')
  return {
    ...found,
    message: `Invalid type for '${place}': expected ${rest}`,
    param: `'${place}'`,
  }
}

/** Issue redmine_ai_helper #242, 2026-03, bracket and quotes as they are. */
function wrongValue(found: Refusal): Refusal | undefined {
  if (found.path.includes('content')) return undefined
  if (found.path.at(-1) !== 'role') return found
  const text = `${String(found.found)} is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.['${found.path[1]}].role'`
  return { ...found, message: text, param: null, code: null }
}

/** Issue vscode-unify-chat-provider #65, 2026-03. */
function emptyCalls(found: Refusal): Refusal | undefined {
  if (found.path.at(-1) !== 'tool_calls') return found
  return engine(() => 'Empty tool_calls is not supported in message')(found, {}, '')
}

function qwenUsage(usage: AnswerUsage): Body {
  const { cached, reasoning } = usage
  return {
    ...plainUsage(usage),
    ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
    prompt_tokens_details: { cached_tokens: cached },
  }
}

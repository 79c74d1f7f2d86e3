import type { AnswerChoice, ChatAnswer } from '../answer.ts'
import { hex, plainUsage } from '../dress.ts'
import { isGiven, textOf } from '../json.ts'
import type { Manners } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { type Refusal, type Report, refusal } from '../refusal.ts'
import { type Body, type ChatRequest, callsOf, contentText } from '../request.ts'
import { checkChoiceShape, checkNamedTool } from '../rules-tools.ts'
import { mistralFields } from './mistral-fields.ts'

/** Mistral: the strictest reader of all, with flat errors. */
export const mistral: Manners = {
  name: 'mistral',
  prefixes: ['/v1', ''],
  needsKey: true,
  models: {
    listed: [
      'mistral-large-latest',
      'mistral-medium-latest',
      'mistral-small-latest',
      'magistral-medium-latest',
      'codestral-latest',
      'devstral-latest',
    ],
    ownedBy: 'mistralai',
  },
  fields: mistralFields,
  reading: { unknown: 'refused', nulls: 'typed' },
  functions: false,
  check(request, report) {
    if (request.body.tool_choice !== 'any') checkChoiceShape(request, report)
    checkNamedTool(request, report)
    checkNames(request, report)
    checkRoles(request, report)
    checkAssistants(request, report)
    checkCallIds(request, report)
    checkCounts(request, report)
    checkLast(request, report)
  },
  words: {
    authorization: found => ({ ...found, message: 'Unauthorized' }),
    'no-model': found => unprocessable(found, 'missing', 'Field required', ['model']),
    missing: found => unprocessable(found, 'missing', 'Field required'),
    type: found => unprocessable(found, typeError(found), `Input should be ${validKind(found)}`),
    value: wrongValue,
    'unknown-argument': found => unprocessable(found, 'extra_forbidden', EXTRA),
    'unknown-field': found => unprocessable(found, 'extra_forbidden', EXTRA),
    range: found => unprocessable(found, 'value_error', `Input should be ${found.expected ?? ''}`),
    'absent-tool': found => ({ ...found, param: null }),
    'choice-shape': found =>
      unprocessable(found, 'value_error', 'Input should be a valid tool choice'),
  },
  envelope,
  failures: {
    401: { message: 'Unauthorized' },
    429: { message: 'Requests rate limit exceeded', type: 'rate_limited', code: '1300' },
    500: { message: 'Internal server error', type: 'internal_server_error', code: '1000' },
    503: { message: 'Service unavailable.', type: 'unreachable_backend', code: '1100' },
  },
  thinks,
  dress: plainDress({
    responseId: random => hex(random, 32),
    callId: random => random.text(9),
    silence: '',
    reason: mistralReason,
    usage: usage => ({
      ...plainUsage(usage),
      prompt_tokens_details: { cached_tokens: usage.cached },
    }),
    message: (message, choice, answer) => ({
      role: 'assistant',
      ...(choice.calls.length > 0 && { tool_calls: choice.calls.map(callOf) }),
      content: thoughtful(message.content, choice, answer),
    }),
    delta(delta, moment, choice) {
      if (moment.is === 'reasoning') return { content: [thought(moment.text)] }
      // Calls come whole, all of them with the last chunk.
      if (moment.is === 'call') return undefined
      if (moment.is !== 'end') return delta
      const calls = choice.calls.map(callOf)
      return { content: '', ...(calls.length > 0 && { tool_calls: calls }) }
    },
    // The key only marks that reasoning is streamed; the delta above puts it into parts.
    reasoning: 'reasoning_content',
    wholeCalls: () => true,
    counts: 'last',
  }),
  headers: (_kind, random) => ({
    'mistral-correlation-id': hex(random, 32),
    'x-ratelimit-limit-req-minute': '100',
    'x-ratelimit-remaining-req-minute': '91',
    'x-ratelimit-limit-tokens-minute': '100000',
    'x-ratelimit-remaining-tokens-minute': '98156',
  }),
  streamType: 'text/event-stream; charset=utf-8',
  indent: 0,
}

const EXTRA = 'Extra inputs are not permitted'

/** Flat; a body that does not fit is told by the framework in front (issue openclaude #739). */
function envelope({ status, message, type, code, extra }: Refusal): Body {
  if (extra?.detail !== undefined) return { detail: extra.detail }
  if (status === 401) return { detail: message }
  return { object: 'error', message, type, param: null, code, raw_status_code: status }
}

function unprocessable(found: Refusal, kind: string, text: string, path = found.path): Refusal {
  const detail = [{ type: kind, loc: ['body', ...path], msg: text, input: found.found ?? null }]
  return { ...found, status: 422, extra: { detail } }
}

function wrongValue(found: Refusal): Refusal {
  const words = found.expected?.replaceAll(', and ', ' or ').replaceAll(' and ', ' or ') ?? ''
  return unprocessable(found, 'literal_error', `Input should be ${words}`)
}

function typeError({ expected = '' }: Refusal): string {
  const [, noun = ''] = /^(?:an?|one of a) (\w+)/.exec(expected) ?? []
  const kinds: { readonly [noun: string]: string } = {
    string: 'string_type',
    integer: 'int_type',
    decimal: 'float_type',
    boolean: 'bool_type',
    array: 'list_type',
    object: 'dict_type',
  }
  return kinds[noun] ?? 'value_error'
}

function validKind({ expected = '' }: Refusal): string {
  return expected.replace(/^(?:one of )?an? /, 'a valid ').replace('decimal', 'number')
}

/** What may follow what (mistral-common's validator, 2026). */
const FOLLOWERS: { readonly [role: string]: readonly string[] } = {
  system: ['system', 'user', 'assistant'],
  user: ['user', 'system', 'assistant'],
  assistant: ['assistant', 'user', 'tool'],
  tool: ['tool', 'assistant'],
}

/** Issue datapizza-ai #98, 2025-12; crush #279 for a result after a user. */
function checkRoles(request: ChatRequest, report: Report): void {
  let previous = 'user'
  for (const [index, message] of request.messages.entries()) {
    const role = textOf(message.role) ?? ''
    if (!(FOLLOWERS[previous] ?? []).includes(role)) {
      report(order(['messages', index], `Unexpected role '${role}' after role '${previous}'`))
    }
    previous = role
  }
}

/** Issue new-api #2858, 2026-02. */
function checkLast(request: ChatRequest, report: Report): void {
  const last = request.messages.at(-1)
  if (!last || ['user', 'tool'].includes(String(last.role)) || last.prefix === true) return
  const text = `Expected last role User or Tool (or Assistant with prefix True) for serving but got ${String(last.role)}`
  report(order(['messages', request.messages.length - 1], text))
}

/** Issue camel #1467, 2025-01. */
function checkCounts(request: ChatRequest, report: Report): void {
  for (const [index, message] of request.messages.entries()) {
    const calls = callsOf(message).length
    if (calls === 0) continue
    const rest = request.messages.slice(index + 1)
    const end = rest.findIndex(({ role }) => role !== 'tool')
    const results = end < 0 ? rest.length : end
    if (results === calls) continue
    report(order(['messages', index], 'Not the same number of function calls and responses'))
  }
}

function order(path: Refusal['path'], text: string): Refusal {
  const details = { type: 'invalid_request_message_order', param: null, code: '3230' }
  return refusal('vendor', path, text, details)
}

/** Issue ironclaw #1241, 2026. */
function checkCallIds(request: ChatRequest, report: Report): void {
  for (const [index, message] of request.messages.entries()) {
    const ids = callsOf(message).map(call => call.id)
    if (message.role === 'tool') ids.push(textOf(message.tool_call_id) ?? '')
    const wrong = ids.find(id => !/^[a-zA-Z0-9]{9}$/.test(id))
    if (wrong === undefined) continue
    const text = `Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`
    const details = { type: 'invalid_function_call', param: null, code: '3280' }
    report(refusal('vendor', ['messages', index], text, details))
  }
}

/** The text is mistral-common's (2026); its code here is not known. */
function checkNames(request: ChatRequest, report: Report): void {
  for (const [index, { name }] of request.tools.entries()) {
    if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) continue
    const text = `Function name was ${name} but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64.`
    const details = { type: 'invalid_function_call', param: null, code: '3280' }
    report(refusal('vendor', ['tools', index, 'function', 'name'], text, details))
  }
}

/** Issue solbrowse #16, 2025-06. */
function checkAssistants(request: ChatRequest, report: Report): void {
  for (const [index, message] of request.messages.entries()) {
    if (message.role !== 'assistant' || callsOf(message).length > 0) continue
    if (isGiven(message.content) && hasContent(message.content)) continue
    const text = 'Assistant message must have either content or tool_calls, but not none.'
    report(refusal('vendor', ['messages', index], text, { param: null }))
  }
}

function hasContent(content: unknown): boolean {
  return Array.isArray(content) ? content.length > 0 : contentText(content) !== ''
}

function thinks({ model, body }: ChatRequest): boolean {
  if (body.reasoning_effort === 'none') return false
  return (
    /^magistral/.test(model) || body.prompt_mode === 'reasoning' || isGiven(body.reasoning_effort)
  )
}

function callOf({ id, index, name, arguments: input }: AnswerChoice['calls'][number]): Body {
  return { id, type: 'function', function: { name, arguments: input }, index }
}

function thoughtful(content: unknown, choice: AnswerChoice, { thinking }: ChatAnswer): unknown {
  if (!thinking || choice.reasoning === '') return content
  const said = choice.text === '' ? [] : [{ type: 'text', text: choice.text }]
  return [thought(choice.reasoning), ...said]
}

function thought(text: string): Body {
  return { type: 'thinking', thinking: [{ type: 'text', text }] }
}

/** Besides the common reasons there is `model_length`, for a full context. */
function mistralReason(choice: AnswerChoice): string {
  if (choice.end === 'calls') return 'tool_calls'
  return choice.end === 'length' ? 'length' : 'stop'
}

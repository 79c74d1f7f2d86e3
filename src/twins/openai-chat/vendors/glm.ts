import type { AnswerChoice, AnswerUsage } from '../answer.ts'
import { digits, finishReason, hex, plainUsage } from '../dress.ts'
import { type Manners, tolerate } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { type Refusal, type Report, refusal } from '../refusal.ts'
import type { Body, ChatRequest } from '../request.ts'
import { fieldsWithoutRoles } from '../request-fields.ts'
import { checkConversation, lenientWords, thinkingSwitch } from '../rules-compatible.ts'
import { checkChoiceHasTools } from '../rules-tools.ts'

/** GLM on Z.AI and on its Chinese sister site; the second prefix is the coding plan's. */
export const glm: Manners = {
  name: 'glm',
  prefixes: ['/api/paas/v4', '/api/coding/paas/v4', '/v4', '/v1', ''],
  needsKey: true,
  models: {
    listed: ['glm-4.5', 'glm-4.5-air', 'glm-4.6', 'glm-4.7', 'glm-5', 'glm-5.2', 'glm-5.3'],
    ownedBy: 'z-ai',
  },
  fields: fieldsWithoutRoles('developer', 'function'),
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check(request, report) {
    checkModelCode(request, report)
    checkChoiceHasTools(request, report)
    checkConversation(request, report)
    checkChoice(request, report)
  },
  words: {
    ...lenientWords,
    authorization: found => ({ ...found, message: 'token expired or incorrect', code: '401' }),
    value: wrongValue,
    'no-model': badParameter,
    missing: badParameter,
    type: badParameter,
    range: badParameter,
    empty: badParameter,
    pattern: badParameter,
    'choice-without-tools': badParameter,
    'parallel-without-tools': tolerate,
    'absent-tool': badParameter,
    'choice-shape': badParameter,
    'no-content': badParameter,
    'orphan-result': badParameter,
    'unknown-result': badParameter,
    'duplicate-result': tolerate,
    'missing-results': badParameter,
  },
  // Issue wallbreaker #20, 2026-07: a code as text, and no type.
  envelope: ({ code, message }) => ({ error: { code: String(code ?? '1210'), message } }),
  failures: {
    401: { message: 'token expired or incorrect', code: '401' },
    429: { message: 'Rate limit reached for requests', code: '1302' },
    500: { message: 'Operation failed', code: '500' },
    503: {
      message: 'The service may be temporarily overloaded, please try again later',
      code: '1305',
    },
  },
  thinks,
  dress: plainDress({
    responseId: (random, now) => `${timestamp(now)}${hex(random, 18)}`,
    callId: random => `call_-${digits(random, 19)}`,
    reasoning: 'reasoning_content',
    silence: '',
    reason: glmReason,
    usage: glmUsage,
    top: ({ id }) => ({ request_id: id }),
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
    delta(delta, moment) {
      if (moment.is === 'end') return { role: 'assistant', content: '' }
      return moment.is === 'open' ? delta : { role: 'assistant', ...delta }
    },
    // Arguments come whole unless `tool_stream` asks otherwise (vendor guide, 2026).
    wholeCalls: ({ request }) => request.body.tool_stream !== true,
    counts: 'last',
    opens: false,
  }),
  headers: (_kind, random) => ({ 'x-log-id': hex(random, 32) }),
  streamType: 'text/event-stream;charset=UTF-8',
  indent: 0,
}

/** Thinking is on unless switched off; before 4.5 there was none. GLM-5.3 cannot switch it off. */
function thinks(request: ChatRequest): boolean {
  const { model } = request
  if (/^glm-5\.3/.test(model)) return true
  return thinkingSwitch(request) ?? /^glm-(4\.[5-9]|[5-9])/.test(model)
}

function checkModelCode(request: ChatRequest, report: Report): void {
  if (/^(glm|charglm|codegeex|autoglm)-/i.test(request.model)) return
  const text = 'Unknown Model, please check the model code.'
  report(refusal('unknown-model', ['model'], text, { code: '1211' }))
}

/**
 * Only `auto` is taken (issues hindsight #4246 and AstrBot #7177, 2026). The coding plan's address
 * took a named tool (recorded 2026-03), so there only words are refused.
 */
function checkChoice(request: ChatRequest, report: Report): void {
  const { tool_choice: chosen } = request.body
  if (chosen === undefined || chosen === null || chosen === 'auto') return
  if (request.path.startsWith('/api/coding/') && typeof chosen === 'object') return
  const text = 'Tool choice must be auto'
  report(refusal('vendor', ['tool_choice'], text, { code: '1210' }))
}

/** One text for all that is wrong with a body (issue oh-my-openagent #6753, 2026-08). */
function badParameter(found: Refusal): Refusal {
  const message = 'Invalid API parameter, please check the documentation.'
  return { ...found, message, code: '1210' }
}

/** The text about roles is from memory. */
function wrongValue(found: Refusal): Refusal | undefined {
  if (found.path.includes('content')) return undefined
  if (found.path.at(-1) !== 'role') return badParameter(found)
  return { ...found, message: 'Incorrect role information', code: '1214' }
}

/** What is filtered counts as sensitive (vendor API reference, 2026). */
function glmReason(choice: AnswerChoice): string {
  return choice.end === 'content-filter' ? 'sensitive' : finishReason(choice)
}

function glmUsage(usage: AnswerUsage): Body {
  const { cached, reasoning } = usage
  return {
    ...plainUsage(usage),
    completion_tokens_details: { reasoning_tokens: reasoning },
    prompt_tokens_details: { cached_tokens: cached },
  }
}

function timestamp(now: number): string {
  return new Date(now).toISOString().replace(/\D/g, '').slice(0, 14)
}

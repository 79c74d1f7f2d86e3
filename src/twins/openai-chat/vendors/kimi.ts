import { hex, plainUsage } from '../dress.ts'
import { type Manners, type Reword, tolerate } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { type Report, refusal } from '../refusal.ts'
import type { ChatRequest } from '../request.ts'
import { requestFields } from '../request-fields.ts'
import {
  callWithoutReasoning,
  checkConversation,
  isForced,
  lenientWords,
  thinkingSwitch,
} from '../rules-compatible.ts'

/** Kimi on Moonshot's platform. */
export const kimi: Manners = {
  name: 'kimi',
  prefixes: ['/v1', ''],
  needsKey: true,
  models: {
    listed: ['kimi-k3', 'kimi-k2.7-code', 'kimi-k2.6', 'kimi-k2.5', 'moonshot-v1-8k'],
    ownedBy: 'moonshot',
  },
  fields: requestFields,
  reading: { unknown: 'ignored', nulls: 'absent' },
  functions: false,
  check(request, report) {
    checkModelName(request, report)
    checkConversation(request, report)
    checkEffort(request, report)
    checkChoice(request, report)
    checkReasoning(request, report)
  },
  words: {
    ...lenientWords,
    authorization: found => ({
      ...found,
      message: 'Invalid Authentication',
      type: 'invalid_authentication_error',
    }),
    'no-model': prefixed,
    missing: prefixed,
    type: prefixed,
    range: prefixed,
    'absent-tool': prefixed,
    'choice-shape': prefixed,
    'orphan-result': found => ({
      ...found,
      message: 'Invalid request: tool_call_id  is not found',
    }),
    'unknown-result': found => ({
      ...found,
      message: `Invalid request: tool_call_id ${String(found.found)} is not found`,
    }),
    'duplicate-result': tolerate,
    'missing-results': found => ({
      ...found,
      message: `Invalid request: ${found.message.charAt(0).toLowerCase()}${found.message.slice(1)}`,
    }),
  },
  // Issue oh-my-pi #827, 2026-04: neither parameter nor code.
  envelope: ({ message, type }) => ({ error: { message, type } }),
  failures: {
    401: { message: 'Invalid Authentication', type: 'invalid_authentication_error' },
    403: {
      message:
        'Your account is not active, exceeded current quota, please check your plan and billing details',
      type: 'exceeded_current_quota_error',
    },
    429: {
      message: 'The engine is currently overloaded, please try again later',
      type: 'engine_overloaded_error',
    },
    500: { message: 'Internal server error', type: 'server_error' },
    503: {
      message: 'The engine is currently overloaded, please try again later',
      type: 'engine_overloaded_error',
    },
  },
  thinks,
  dress: plainDress({
    responseId: random => `chatcmpl-${hex(random, 24)}`,
    // Counted anew in each answer, so ids come back in later turns (issue kimi-cli #2405).
    callId: (_random, name, index) => `${name}:${index}`,
    reasoning: 'reasoning_content',
    silence: '',
    usage: usage => ({
      ...plainUsage(usage),
      ...(usage.cached > 0 && { cached_tokens: usage.cached }),
      ...(usage.reasoning > 0 && {
        completion_tokens_details: { reasoning_tokens: usage.reasoning },
      }),
    }),
    counts: 'last',
  }),
  headers: (_kind, random) => ({ 'msh-request-id': hex(random, 32) }),
  streamType: 'text/event-stream',
  indent: 0,
}

/** K3 and the thinking and coding models always think, K2.5 and later unless told otherwise. */
function thinks(request: ChatRequest): boolean {
  const { model } = request
  if (/k3|thinking|k2\.7|for-coding/.test(model)) return true
  return thinkingSwitch(request) ?? /k2\.[5-9]/.test(model)
}

/** Issue dify #39778, 2026-07. */
function checkModelName(request: ChatRequest, report: Report): void {
  if (/^(kimi|moonshot|k3)/.test(request.model)) return
  const text = `Not found the model ${request.model} or Permission denied`
  const details = { status: 404, type: 'resource_not_found_error' }
  report(refusal('unknown-model', ['model'], text, details))
}

/** That `none` is turned down is known from client code (2026-08); the text is made up. */
function checkEffort(request: ChatRequest, report: Report): void {
  if (request.body.reasoning_effort !== 'none') return
  const text = "Invalid request: reasoning_effort 'none' is not supported"
  report(refusal('vendor', ['reasoning_effort'], text))
}

/**
 * A model that thinks takes no forced call, but K3 takes `required` (issues inspect_ai #5152 and
 * big-AGI #1161, 2026). The older models know no `required` (vendor guide, 2025); its text there
 * is not known.
 */
function checkChoice(request: ChatRequest, report: Report): void {
  if (!isForced(request)) return
  const { choice, model } = request
  const path = ['tool_choice']
  const word = choice.mode === 'required' ? 'required' : 'specified'
  if (thinks(request)) {
    if (word === 'required' && /k3/.test(model)) return
    report(refusal('vendor', path, `tool_choice '${word}' is incompatible with thinking enabled`))
  } else if (word === 'required' && !/k2\.[5-9]/.test(model)) {
    report(refusal('vendor', path, "Invalid request: tool_choice 'required' is not supported"))
  }
}

/** Issues continue #11600 and #11711, 2026-03. */
function checkReasoning(request: ChatRequest, report: Report): void {
  if (!thinks(request)) return
  const index = callWithoutReasoning(request.messages)
  if (index === undefined) return
  const text = `thinking is enabled but reasoning_content is missing in assistant tool call message at index ${index}`
  report(refusal('vendor', ['messages', index, 'reasoning_content'], text))
}

/** The prefix is the vendor's; the rest is OpenAI's text for want of a better one. */
function prefixed(...[found]: Parameters<Reword>): ReturnType<Reword> {
  return { ...found, message: `Invalid request: ${found.message}` }
}

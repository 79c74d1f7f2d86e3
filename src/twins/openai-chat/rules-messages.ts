import { isGiven, recordsOf, textOf } from './json.ts'
import { dottedPath, type Path, type Report, refusal } from './refusal.ts'
import { type Body, type ChatRequest, callsOf } from './request.ts'

/**
 * Only an assistant's message that calls something, or declines, may go without content (OpenAI
 * API reference, 2026-07; text from memory).
 */
export function checkContentPresent(request: ChatRequest, report: Report): void {
  for (const [index, message] of request.messages.entries()) {
    if (isGiven(message.content)) continue
    const { role } = message
    const excused = ['tool_calls', 'function_call', 'refusal', 'audio']
    if (role === 'assistant' && excused.some(name => isGiven(message[name]))) continue
    const path = ['messages', index, 'content']
    const text = "Invalid value for 'content': expected a string, got null."
    report(refusal('no-content', path, text, { param: dottedPath(path), found: null }))
  }
}

/** Where each type of content part may stand, by the role of its message. */
const PLACES: { readonly [role: string]: readonly string[] } = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text'],
  function: ['text'],
}

/**
 * Images belong in users' messages (text from memory), and any other part out of place is refused
 * with the text that OpenAI has for audio (recorded 2026-03 for a model that cannot hear).
 */
export function checkPartPlaces(request: ChatRequest, hears: boolean, report: Report): void {
  for (const [index, message] of request.messages.entries()) {
    const role = textOf(message.role) ?? ''
    for (const part of recordsOf(message.content)) {
      const type = textOf(part.type)
      const fits = type === undefined || (PLACES[role] ?? []).includes(type)
      if (fits && (type !== 'input_audio' || hears)) continue
      const path = ['messages', index]
      const text =
        type === 'image_url'
          ? `Invalid 'messages[${index}]'. Image URLs are only allowed for messages with role 'user', but this message with role '${role}' contains an image URL.`
          : `Invalid 'messages[${index}]'. Content blocks are expected to be either text or image_url type.`
      report(refusal('content-part', path, text, { code: 'invalid_value' }))
    }
  }
}

/** Roles that the model does not know (recorded for o1-mini, 2025; issue shell_gpt #717). */
export function checkRoles(request: ChatRequest, denied: readonly string[], report: Report): void {
  for (const [index, message] of request.messages.entries()) {
    const role = textOf(message.role) ?? ''
    if (!denied.includes(role)) continue
    const path = ['messages', index, 'role']
    const text = `Unsupported value: 'messages[${index}].role' does not support '${role}' with this model.`
    report(refusal('unsupported-role', path, text, { code: 'unsupported_value', found: role }))
  }
}

/**
 * Each call must be answered right after the message that makes it, by one result each and by
 * nothing else (issues dataline #172, LLaMa-MCP-Streamlit #1, agno #5116).
 */
export function checkOrder(request: ChatRequest, report: Report): void {
  let index = 0
  while (index < request.messages.length) {
    const message = request.messages[index] ?? {}
    if (message.role === 'tool') {
      reportLone(message, index, report)
      index++
    } else if (message.role === 'function') {
      checkFunctionName(message, index, report)
      index++
    } else {
      const calls = message.role === 'assistant' ? callsOf(message).map(call => call.id) : []
      index = calls.length > 0 ? checkResults(request, index, calls, report) : index + 1
    }
  }
}

/** Checks the results that follow the calls of the message at `index`; returns where they end. */
function checkResults(
  request: ChatRequest,
  index: number,
  calls: readonly string[],
  report: Report,
): number {
  const answered = new Map<string, number>()
  let next = index + 1
  for (; request.messages[next]?.role === 'tool'; next++) {
    const id = textOf(request.messages[next]?.tool_call_id)
    const path = ['messages', next, 'tool_call_id']
    if (id === undefined) {
      reportNoId(next, report)
    } else if (!calls.includes(id)) {
      const text = `Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`
      report(refusal('unknown-result', path, text, { param: dottedPath(path), found: id }))
    } else {
      const before = answered.get(id)
      if (before !== undefined) {
        const text = `Invalid parameter: Duplicate value for 'tool_call_id' of '${id}', in messages[${before}] and messages[${next}].`
        report(refusal('duplicate-result', path, text, { param: dottedPath(path), found: id }))
      }
      answered.set(id, next)
    }
  }
  reportMissing(
    calls.filter(id => !answered.has(id)),
    ['messages', next, 'role'],
    report,
  )
  return next
}

function reportMissing(missing: readonly string[], path: Path, report: Report): void {
  if (missing.length === 0) return
  const text = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${missing.join(', ')}`
  report(refusal('missing-results', path, text, { param: dottedPath(path), found: missing }))
}

function reportLone(message: Body, index: number, report: Report): void {
  if (textOf(message.tool_call_id) === undefined) reportNoId(index, report)
  const path = ['messages', index, 'role']
  // The vendor's own spelling of "preceding".
  const text =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
  report(refusal('orphan-result', path, text, { param: dottedPath(path) }))
}

/** Text from memory. */
function reportNoId(index: number, report: Report): void {
  const path = ['messages', index, 'tool_call_id']
  const text =
    "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'."
  report(refusal('no-call-id', path, text, { param: dottedPath(path) }))
}

/** Text from memory. */
function checkFunctionName(message: Body, index: number, report: Report): void {
  if (textOf(message.name) !== undefined) return
  const path = ['messages', index, 'name']
  const text = "Missing parameter 'name': messages with role 'function' must have a 'name'."
  report(refusal('no-function-name', path, text, { param: dottedPath(path) }))
}

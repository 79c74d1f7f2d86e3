import { isGiven, textOf } from './json.ts'
import { tolerate, type Words } from './manners.ts'
import type { Report } from './refusal.ts'
import { type Body, type ChatRequest, callsOf } from './request.ts'
import { checkContentPresent, checkOrder } from './rules-messages.ts'
import { checkChoiceShape, checkNamedTool } from './rules-tools.ts'

/**
 * The rules that compatible vendors are taken to share with OpenAI. For some of them nothing shows
 * whether they check the order of calls and results; a twin checks it all the same.
 */
export function checkConversation(request: ChatRequest, report: Report): void {
  checkChoiceShape(request, report)
  checkNamedTool(request, report)
  checkContentPresent(request, report)
  checkOrder(request, report)
}

/** What most compatible vendors let pass: ids of any length, and part types of their own. */
export const lenientWords: Words = {
  'too-long': found => (isId(found.path.at(-1)) ? undefined : found),
  'content-part': tolerate,
  value: found => (found.path.includes('content') ? undefined : found),
}

function isId(step: string | number | undefined): boolean {
  return step === 'id' || step === 'tool_call_id'
}

/** The first assistant's message that calls but gives no reasoning back, an empty one counting. */
export function callWithoutReasoning(messages: readonly Body[]): number | undefined {
  const index = messages.findIndex(
    message =>
      message.role === 'assistant' &&
      callsOf(message).length > 0 &&
      !isGiven(message.reasoning_content) &&
      !isGiven(message.reasoning),
  )
  return index < 0 ? undefined : index
}

/** Whether `thinking` is switched on or off in the body; `undefined` if it is not said. */
export function thinkingSwitch(request: ChatRequest): boolean | undefined {
  const { thinking } = request.body
  if (typeof thinking !== 'object' || thinking === null || !('type' in thinking)) return undefined
  const type = textOf(thinking.type)
  return type === undefined ? undefined : type !== 'disabled'
}

/** Whether the request forces a call. */
export function isForced(request: ChatRequest): boolean {
  return request.choice.mode === 'required' || request.choice.mode === 'tool'
}

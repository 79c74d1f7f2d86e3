import type { Random } from '../random.ts'
import type { AnswerCall, AnswerChoice, AnswerUsage, ChatAnswer } from './answer.ts'
import type { Body } from './request.ts'
import type { Moment } from './stream.ts'

/** `finish_reason` as OpenAI has it, for a choice that has ended. */
export function finishReason(choice: AnswerChoice): string {
  switch (choice.end) {
    case 'calls':
      return 'tool_calls'
    case 'content-filter':
      return 'content_filter'
    default:
      return choice.end
  }
}

/** A call as OpenAI has it. */
export function wholeCall(call: AnswerCall): Body {
  const { id, name, custom } = call
  if (custom) return { id, type: 'custom', custom: { name, input: call.arguments } }
  return { id, type: 'function', function: { name, arguments: call.arguments } }
}

/** What is said aloud: the text, or the words of a refusal where there is no field for them. */
export function spoken(choice: AnswerChoice): string {
  return choice.text === '' ? (choice.refusal ?? '') : choice.text
}

/** A call's first delta, as OpenAI has it: everything but the arguments, or all of it. */
export function callHead(call: AnswerCall, text: string): Body {
  const { index, id, name, custom } = call
  if (custom) return { index, id, type: 'custom', custom: { name, input: text } }
  return { index, id, type: 'function', function: { name, arguments: text } }
}

/** A further piece of a call's arguments, as OpenAI has it. */
export function callPiece(call: AnswerCall, text: string): Body {
  const { index, custom } = call
  return custom ? { index, custom: { input: text } } : { index, function: { arguments: text } }
}

/** The common part of the token counts. */
export function plainUsage({ input, output }: AnswerUsage): Body {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
}

/** `tool_calls` of a message, or nothing to spread if there are none. */
export function callsField(choice: AnswerChoice): Body {
  return choice.calls.length > 0 ? { tool_calls: choice.calls.map(wholeCall) } : {}
}

/** The reason a moment's chunk gives: the choice's at its end, else `null`. */
export function reasonAt(
  moment: Moment | undefined,
  choice: AnswerChoice | undefined,
  reason: (choice: AnswerChoice) => string = finishReason,
): string | null {
  return moment?.is === 'end' && choice ? reason(choice) : null
}

/** Whether the request forced one tool by its name. */
export function isNamedChoice(answer: ChatAnswer): boolean {
  return answer.request.choice.mode === 'tool'
}

const HEX = '0123456789abcdef'

/** Hexadecimal digits. */
export function hex(random: Random, length: number): string {
  return random.text(length, HEX)
}

/** Decimal digits. */
export function digits(random: Random, length: number): string {
  return random.text(length, '0123456789')
}

/** A random UUID. */
export function uuid(random: Random): string {
  const rest = `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}`
  return `${rest}-${random.text(1, '89ab')}${hex(random, 3)}-${hex(random, 12)}`
}

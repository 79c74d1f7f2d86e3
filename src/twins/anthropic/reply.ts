import type { Answer, AnswerBlock, AnswerUsage } from './answer.ts'
import {
  isObject,
  JsonSyntaxError,
  jsonSource,
  parseJson,
  type Writable,
  writeJson,
} from './json.ts'

/** The body of a whole answer, members in the vendor's order. */
export function writeAnswer(answer: Answer): string {
  const { id, model, blocks, stopReason, stopSequence, stopDetails } = answer
  return writeJson({
    model,
    id,
    type: 'message',
    role: 'assistant',
    content: blocks.map(block => blockMember(block, answer)),
    stop_reason: stopReason,
    stop_sequence: stopSequence,
    stop_details: stopDetails && { ...stopDetails },
    usage: usageMember(answer, answer.usage),
  })
}

/** The usage of a whole answer, and of the event that opens a stream. */
export function usageMember(answer: Answer, usage: AnswerUsage): Writable {
  const { fresh, read, write5m, write1h, output, thinking } = usage
  return {
    input_tokens: fresh,
    cache_creation_input_tokens: write5m + write1h,
    cache_read_input_tokens: read,
    cache_creation: {
      ephemeral_5m_input_tokens: write5m,
      ephemeral_1h_input_tokens: write1h,
    },
    output_tokens: output,
    output_tokens_details: answer.showsThinkingTokens ? { thinking_tokens: thinking } : undefined,
    service_tier: 'standard',
    inference_geo: answer.region,
  }
}

/** The `caller` that newer answers carry on each call. */
export function callerMember({ isRecent }: Answer): Writable | undefined {
  return isRecent ? { type: 'direct' } : undefined
}

/** A block of a whole answer. */
export function blockMember(block: AnswerBlock, answer: Answer): Writable {
  if (block.type === 'server_result') return resultMember(block)
  if (block.type !== 'tool_use' && block.type !== 'server_tool_use') return { ...block }
  const { type, id, name } = block
  const input = jsonSource(inputSource(block.arguments))
  return { type, id, name, input, caller: callerMember(answer) }
}

/** The result of a tool that the vendor ran itself; it comes in one piece, in streams too. */
export function resultMember(block: Extract<AnswerBlock, { type: 'server_result' }>): Writable {
  return { type: block.tag, tool_use_id: block.id, content: jsonSource(block.result) }
}

/**
 * The text of `input`: the model's own arguments, spelling and all, if they are an object. Anything
 * else cannot be said in this protocol: a call that was cut off stays in the content (Claude docs,
 * "handling stop reasons", 2026), and its `input` is then empty.
 */
export function inputSource(text: string): string {
  try {
    return isObject(parseJson(text).value) ? text.trim() : '{}'
  } catch (error) {
    if (error instanceof JsonSyntaxError) return '{}'
    throw error
  }
}

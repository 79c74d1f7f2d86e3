import type { Random } from '../random.ts'
import type { Answer, AnswerBlock } from './answer.ts'
import { isObject, JsonSyntaxError, parseJson, type Writable, writeJson } from './json.ts'
import { callerMember, resultMember, usageMember } from './reply.ts'

const PING = 'event: ping\ndata: {"type": "ping"}\n\n'

/**
 * The events of a streamed answer, framed. Pings, the blanks before the last brace of each event
 * and the places where texts are cut come from `random`, as they seem random in recorded streams.
 */
export function streamAnswer(answer: Answer, random: Random): string[] {
  const events: string[] = [messageStart(answer, random)]
  // The vendor sends one ping early on; more may follow anywhere.
  let isPinged = answer.blocks.length === 0
  if (isPinged) events.push(PING)
  for (const [index, block] of answer.blocks.entries()) {
    for (const event of blockEvents(block, index, answer, random)) {
      events.push(frame(event, random))
      if (!isPinged || random.below(24) === 0) events.push(PING)
      isPinged = true
    }
  }
  events.push(frame(messageDelta(answer), random), frame({ type: 'message_stop' }, random))
  return events
}

type Event = { readonly type: string } & { readonly [name: string]: Writable | undefined }

function frame(event: Event, random: Random): string {
  const json = writeJson(event)
  return `event: ${event.type}\ndata: ${json.slice(0, -1)}${' '.repeat(random.below(16))}}\n\n`
}

function messageStart(answer: Answer, random: Random): string {
  const { usage } = answer
  // The first count may be short of the last one: 43 became 61 in one recording.
  const shortfall = random.below(4) === 0 ? Math.min(usage.fresh, 1 + random.below(18)) : 0
  const opening = {
    ...usage,
    fresh: usage.fresh - shortfall,
    output: Math.min(usage.output, 1 + random.below(8)),
    thinking: 0,
  }
  const message = {
    model: answer.model,
    id: answer.id,
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: usageMember({ ...answer, showsThinkingTokens: false }, opening),
  }
  return frame({ type: 'message_start', message }, random)
}

function messageDelta(answer: Answer): Event {
  const { stopReason, stopSequence, stopDetails, usage } = answer
  return {
    type: 'message_delta',
    delta: {
      stop_reason: stopReason,
      stop_sequence: stopSequence,
      stop_details: stopDetails && { ...stopDetails },
    },
    usage: {
      input_tokens: usage.fresh,
      cache_creation_input_tokens: usage.write5m + usage.write1h,
      cache_read_input_tokens: usage.read,
      output_tokens: usage.output,
      output_tokens_details: answer.showsThinkingTokens
        ? { thinking_tokens: usage.thinking }
        : undefined,
    },
  }
}

function blockEvents(block: AnswerBlock, index: number, answer: Answer, random: Random): Event[] {
  const start = (member: Writable): Event => ({
    type: 'content_block_start',
    index,
    content_block: member,
  })
  const delta = (member: Writable): Event => ({ type: 'content_block_delta', index, delta: member })
  const stop: Event = { type: 'content_block_stop', index }
  switch (block.type) {
    case 'text': {
      const deltas = pieces(block.text, random).map(text => delta({ type: 'text_delta', text }))
      return [start({ type: 'text', text: '' }), ...deltas, stop]
    }
    case 'thinking': {
      const deltas = pieces(block.thinking, random).map(thinking =>
        delta({ type: 'thinking_delta', thinking }),
      )
      const sign = delta({ type: 'signature_delta', signature: block.signature })
      return [start({ type: 'thinking', thinking: '', signature: '' }), ...deltas, sign, stop]
    }
    case 'redacted_thinking':
      return [start({ ...block }), stop]
    case 'server_result':
      return [start(resultMember(block)), stop]
    case 'server_tool_use':
    case 'tool_use': {
      const { type, id, name } = block
      const deltas = ['', ...argumentPieces(block.arguments, random)].map(part =>
        delta({ type: 'input_json_delta', partial_json: part }),
      )
      return [start({ type, id, name, input: {}, caller: callerMember(answer) }), ...deltas, stop]
    }
  }
}

/** A call without arguments streams no text at all. */
function argumentPieces(text: string, random: Random): string[] {
  return isEmptyObject(text) ? [] : pieces(text, random)
}

function isEmptyObject(text: string): boolean {
  if (text.trim() === '') return true
  try {
    const { value } = parseJson(text)
    return isObject(value) && Object.keys(value).length === 0
  } catch (error) {
    if (error instanceof JsonSyntaxError) return false
    throw error
  }
}

/** Cuts a text at random places, never inside a character; an empty text has no pieces. */
function pieces(text: string, random: Random): string[] {
  const characters = [...text]
  const found: string[] = []
  for (let at = 0; at < characters.length; ) {
    const length = 1 + random.below(random.below(3) === 0 ? 48 : 12)
    found.push(characters.slice(at, at + length).join(''))
    at += length
  }
  return found
}

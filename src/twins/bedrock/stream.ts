import { type Writable, writeJson } from '../anthropic/json.ts'
import type { Random } from '../random.ts'
import type { Answer, AnswerBlock } from './answer.ts'
import { frameEvent } from './frame.ts'

const PADDING = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** The framed events of an answer. Only calls open with a word; each event is padded at random. */
export function streamAnswer(answer: Answer, random: Random): string[] {
  const event = (type: string, members: { readonly [name: string]: Writable }) =>
    frameEvent(
      type,
      writeJson({ ...members, p: PADDING.slice(0, 1 + random.below(PADDING.length)) }),
    )
  const { stopReason, usage, latencyMs } = answer
  const blocks = answer.blocks.flatMap((block, contentBlockIndex) => {
    const opening = block.type === 'call' ? { toolUseId: block.id, name: block.name } : undefined
    return [
      ...(opening
        ? [event('contentBlockStart', { contentBlockIndex, start: { toolUse: opening } })]
        : []),
      ...deltasOf(block, random).map(delta =>
        event('contentBlockDelta', { contentBlockIndex, delta }),
      ),
      event('contentBlockStop', { contentBlockIndex }),
    ]
  })
  return [
    event('messageStart', { role: 'assistant' }),
    ...blocks,
    event('messageStop', { stopReason }),
    event('metadata', { metrics: { latencyMs }, usage }),
  ]
}

function deltasOf(block: AnswerBlock, random: Random): Writable[] {
  switch (block.type) {
    case 'text':
      return pieces(block.text, random).map(text => ({ text }))
    case 'reasoning': {
      const { signature } = block
      const texts = pieces(block.text, random).map(text => ({ reasoningContent: { text } }))
      return signature === undefined ? texts : [...texts, { reasoningContent: { signature } }]
    }
    case 'redacted':
      return [{ reasoningContent: { redactedContent: block.data } }]
    case 'call': {
      // Arguments of nothing come as one empty piece.
      const text = block.arguments.trim() === '{}' ? '' : block.arguments
      const inputs = text === '' ? [''] : pieces(text, random)
      return inputs.map(input => ({ toolUse: { input } }))
    }
  }
}

function pieces(text: string, random: Random): string[] {
  const letters = [...text]
  const found: string[] = []
  for (let at = 0; at < letters.length; ) {
    const next = at + 3 + random.below(14)
    found.push(letters.slice(at, next).join(''))
    at = next
  }
  return found
}

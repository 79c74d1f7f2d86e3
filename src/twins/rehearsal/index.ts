import type { TwinBlock, TwinModel, TwinTurn } from '../model.ts'
import { converse } from './conversation.ts'

/**
 * The rehearsal model: a deterministic, rule-based stand-in for a language model.
 *
 * It reads the declared tools and the conversation, picks tools by their names, descriptions and
 * parameters, fills arguments from the user's words, and phrases an answer out of the results. Its
 * rules are general: it knows no tool, place or product. The same prompt gives the same answer,
 * whatever the seed.
 */
export function rehearsal(): TwinModel {
  return { name: 'rehearsal', answer: prompt => withinLimit(converse(prompt), prompt.maxTokens) }
}

/** Characters that a token is taken for, as the twins take it for their estimates of usage. */
const CHARACTERS_PER_TOKEN = 4

/** Cuts a turn off where its tokens are used up, in the middle of a word or of a call's arguments. */
function withinLimit(turn: TwinTurn, maxTokens: number | undefined): TwinTurn {
  if (maxTokens === undefined || maxTokens <= 0) return turn
  let room = maxTokens * CHARACTERS_PER_TOKEN
  const blocks: TwinBlock[] = []
  for (const block of turn.blocks) {
    const said = block.type === 'call' ? block.arguments : block.text
    if (said.length <= room) {
      blocks.push(block)
      room -= said.length
      continue
    }
    const rest = said.slice(0, room)
    if (block.type === 'call') blocks.push({ ...block, arguments: rest })
    else if (rest !== '') blocks.push({ ...block, text: rest })
    return { ...turn, blocks, end: 'length' }
  }
  return turn
}

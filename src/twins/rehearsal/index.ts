import type { TwinModel } from '../model.ts'
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
  return { name: 'rehearsal', answer: prompt => converse(prompt) }
}

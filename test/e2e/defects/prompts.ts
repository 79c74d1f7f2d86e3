import type { TwinModel, TwinPrompt, TwinTurn } from '../../../src/twins/model.ts'

/** A model that says the same every time, and what it understood of each request. */
export interface Listener {
  readonly model: TwinModel
  readonly prompts: readonly TwinPrompt[]
}

/** Builds one; by default it says that it rains. */
export function listener(
  turn: TwinTurn = { blocks: [{ type: 'text', text: 'It rains.' }] },
): Listener {
  const prompts: TwinPrompt[] = []
  const answer = (prompt: TwinPrompt) => {
    prompts.push(prompt)
    return turn
  }
  return { model: { name: 'listener', answer }, prompts }
}

/** The model that stands for a vendor in these tests. */
export const MODEL_OF = {
  openai: 'gpt-4o',
  anthropic: 'claude-sonnet-4-5',
  google: 'gemini-3-flash-preview',
  mistral: 'mistral-large-latest',
} as const
/** The vendors of `MODEL_OF`. */
export const VENDORS = ['openai', 'anthropic', 'google', 'mistral'] as const

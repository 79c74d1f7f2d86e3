import { reject } from './error.ts'
import type { Surface } from './surface.ts'

/** One field that does not hold what it should; `place` is as complaints name it. */
export interface FieldFault {
  readonly place: string
  readonly text: string
}

/**
 * Turns a request down for all its bad fields at once, if there are any.
 *
 * Sources: gemini-cli issues #7869 (AI Studio) and #7878 (the other back end), 2025.
 */
export function refuseFields(faults: readonly FieldFault[], { name }: Surface): void {
  if (faults.length === 0) return
  if (name === 'studio') {
    reject(faults.map(({ place, text }) => `* GenerateContentRequest.${place}: ${text}\n`).join(''))
  }
  const lines = faults.map(({ place, text }) => `\n  * ${place}: [FIELD_INVALID] ${text}`)
  reject(`The GenerateContentRequest proto is invalid:${lines.join('')}`)
}

const PAGES = {
  model: 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini',
  calling: 'https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling',
  signatures: 'https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures',
} as const

/** Turns a request down as Vertex does: with a reason and a page to read. */
export function unable(reason: string, page: keyof typeof PAGES = 'model'): never {
  reject(`Unable to submit request because ${reason}. Learn more: ${PAGES[page]}`)
}

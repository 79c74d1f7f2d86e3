import { reject } from './error.ts'
import { unable } from './faults.ts'
import { type Content, type GeminiRequest, type Part, textOf } from './request.ts'
import { isDummy, isGenuine } from './signature.ts'

/**
 * Rules on thought signatures: from Gemini 3 on, the first call of each step of the current turn
 * must carry one. Older turns are not looked at. Source: Gemini API docs, "thought signatures", 2026.
 */
export function checkSignatures(request: GeminiRequest): void {
  if (!request.model.needsSignatures) return
  for (const content of currentTurn(request.contents)) {
    if (content.role !== 'model') continue
    const first = content.parts.find(({ kind }) => kind === 'functionCall')
    if (first && first.signature === undefined) refuseMissing(first, content, request)
    for (const part of content.parts) refuseForgery(part, request)
  }
}

/** What follows the user's last own words: a content of the user's with more than responses. */
function currentTurn(contents: readonly Content[]): readonly Content[] {
  const start = contents.findLastIndex(
    ({ role, parts }) => role !== 'model' && parts.some(({ kind }) => kind !== 'functionResponse'),
  )
  return contents.slice(start + 1)
}

/** Sources: Antigravity-Manager issue #1513, 2026-02; gemini-cli-openai issue #156, 2025-12. */
function refuseMissing({ at }: Part, { index }: Content, { surface }: GeminiRequest): never {
  const name = textOf(at, 'name')
  if (surface.name === 'vertex') {
    unable(
      `function call \`${name}\` in the ${index + 1}. content block is missing a \`thought_signature\``,
      'signatures',
    )
  }
  reject(
    `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
  )
}

/**
 * Sources: gemini-cli issue #13467, 2025-11; 9router issue #301, 2026-03. That a signature belongs to
 * the function that was called is the twin's own strictness: it finds signatures that were mixed up.
 */
function refuseForgery({ kind, at, signature }: Part, { surface }: GeminiRequest): void {
  if (signature === undefined || isDummy(signature)) return
  const signed = kind === 'functionCall' ? textOf(at, 'name') : undefined
  if (isGenuine(signature, signed, surface.name)) return
  if (surface.name === 'vertex') unable('Thought signature is not valid.')
  reject('Corrupted thought signature.')
}

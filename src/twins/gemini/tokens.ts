import { isList, isObject, type Json } from './json.ts'
import { type GeminiRequest, type Part, textOf } from './request.ts'

/** Tokens of a text by the twins' rule of thumb: four characters each, at least one if not empty. */
export function countText(text: string): number {
  return Math.ceil(text.length / 4)
}

/** Tokens of a JSON value. */
export function countValue(value: Json | undefined): number {
  if (typeof value === 'string') return countText(value)
  if (isList(value)) return value.reduce((total: number, item) => total + countValue(item), 0)
  if (!isObject(value)) return value === undefined ? 0 : 1
  return Object.entries(value).reduce(
    (total, [name, member]) => total + countText(name) + countValue(member),
    0,
  )
}

/** What the vendor counts for one picture or page. Source: Gemini API docs, "tokens", 2026. */
const MEDIA_TOKENS = 258

/** The input of a request in tokens. */
export interface PromptTokens {
  readonly text: number
  readonly images: number
  /** What the responses of the last step add; streams count it late. */
  readonly responses: number
  readonly total: number
}

/** Estimates the input tokens of a request. */
export function countPrompt({ system, contents, declarations }: GeminiRequest): PromptTokens {
  const parts = [...(system ?? []), ...contents.flatMap(content => content.parts)]
  const media = parts.flatMap(mediaTypesOf)
  const images = media.filter(type => type.startsWith('image/')).length * MEDIA_TOKENS
  const others = media.length * MEDIA_TOKENS - images
  const spoken = parts.reduce((sum, part) => sum + countPart(part), others + 1)
  const text = declarations.reduce((sum, { at }) => sum + countValue(at) + 8, spoken)
  const last = contents.at(-1)?.parts.filter(({ kind }) => kind === 'functionResponse') ?? []
  const responses = last.reduce((sum, part) => sum + countPart(part), 0)
  return { text, images, responses, total: text + images }
}

function countPart({ kind, text, at }: Part): number {
  switch (kind) {
    case 'text':
      return countText(text)
    case 'functionCall':
      return countText(textOf(at, 'name') ?? '') + countValue(at['args']) + 4
    case 'functionResponse':
      return countText(textOf(at, 'name') ?? '') + countValue(at['response']) + 4
    case 'inlineData':
    case 'fileData':
      return 0
    default:
      return countValue(at)
  }
}

/** The types of the pictures, sounds and documents in a part, those in a response included. */
export function mediaTypesOf({ kind, at }: Part): readonly string[] {
  if (kind === 'inlineData' || kind === 'fileData') return [textOf(at, 'mimeType') ?? '']
  const parts = at['parts']
  if (kind !== 'functionResponse' || !isList(parts)) return []
  return parts.filter(isObject).flatMap(part => {
    const data = part['inlineData'] ?? part['fileData']
    return isObject(data) ? [textOf(data, 'mimeType') ?? ''] : []
  })
}

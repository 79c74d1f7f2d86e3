import type { JsonObject } from '../../core/json.ts'
import type { AudioPart, DocumentPart, ImagePart } from '../../core/message.ts'
import { cachePoint, lose, type Writing } from './wire.ts'

const IMAGES = ['png', 'jpeg', 'gif', 'webp']

const DOCUMENTS: { readonly [mediaType: string]: string | undefined } = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/markdown': 'md',
}

/**
 * Writes a picture, document or sound. What this wire cannot say is replaced, in place, by a line
 * that says what is missing, and reported as a loss of meaning.
 */
export function encodeMedia(
  part: ImagePart | DocumentPart | AudioPart,
  path: string,
  writing: Writing,
): JsonObject[] {
  const why = writing.quirks.media === false ? `the model does not take ${part.type}s` : undefined
  const block = why ?? blockOf(part, path, writing)
  if (typeof block === 'string') {
    lose(writing, path, block, 'dropped', true)
    return [{ text: `[${part.type} left out: ${block}]` }]
  }
  return part.type === 'audio' ? [block] : [block, ...cachePoint(part.cache, path, writing)]
}

/** The block in the wire's words, or why there is none. */
function blockOf(
  part: ImagePart | DocumentPart | AudioPart,
  path: string,
  writing: Writing,
): JsonObject | string {
  const { source } = part
  if (part.type === 'audio') return 'the model does not take sound'
  if (source.kind === 'url') return 'its bytes must be in the request, not an address of them'
  if (source.kind === 'file') return 'a file id of another vendor names nothing here'
  if (part.type === 'image') {
    if (source.kind === 'text') return `pictures of type ${source.mediaType} are not taken as text`
    const format = source.mediaType.replace(/^image\//, '').replace(/^jpg$/, 'jpeg')
    if (!IMAGES.includes(format)) return `pictures of type ${source.mediaType} are not taken`
    return { image: { format, source: { bytes: source.data } } }
  }
  const { mediaType } = source
  const isPlain = mediaType.startsWith('text/') || mediaType === 'application/json'
  const format = DOCUMENTS[mediaType] ?? (isPlain ? 'txt' : undefined)
  if (format === undefined) return `documents of type ${mediaType} are not taken`
  const bytes = source.kind === 'text' ? Buffer.from(source.text).toString('base64') : source.data
  return { document: { format, name: nameOf(part, path, writing), source: { bytes } } }
}

/**
 * A name is required: letters, digits, hyphens, brackets, parentheses, and no two spaces in a row.
 * Source: AWS API reference, "DocumentBlock", 2026.
 */
function nameOf({ name }: DocumentPart, path: string, writing: Writing): string {
  if (name === undefined) return 'document'
  const legal = name
    .replace(/[^A-Za-z0-9\s\-()[\]]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
  if (legal !== name) {
    lose(
      writing,
      path,
      `the document's name became \`${legal || 'document'}\``,
      'approximated',
      false,
    )
  }
  return legal || 'document'
}

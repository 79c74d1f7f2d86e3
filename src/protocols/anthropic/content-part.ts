import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  OpaquePart,
} from '../../core/message.ts'
import { asObject, optionalString, type Place, place, string } from '../../wire/read.ts'
import {
  type Building,
  decodeCache,
  encodeCache,
  keepUnknown,
  lose,
  NAME,
  ownExtras,
  type Reading,
  restore,
  type Writing,
} from './wire.ts'

const IMAGE_FIELDS: ReadonlySet<string> = new Set(['type', 'source'])
const DOCUMENT_FIELDS: ReadonlySet<string> = new Set(['type', 'source', 'title'])

/** A block of this protocol that no part of the house can hold, as it is. */
export function opaque(kind: string, value: Json): OpaquePart {
  return { type: 'opaque', protocol: NAME, kind, value }
}

/** Reads an `image` block; `at` is the block's place. */
export function decodeImage(
  block: JsonObject,
  at: Place,
  reading: Reading,
): ImagePart | OpaquePart {
  const inside = place('image', at)
  const wire = asObject(block['source'], place('source', inside))
  const source = decodeSource(wire, place('source', inside))
  if (!source) return opaque('image', block)
  const part: Building<ImagePart> = { type: 'image', source }
  const cache = decodeCache(block, inside)
  if (cache) part.cache = cache
  const extras = keepUnknown(block, IMAGE_FIELDS, at, reading)
  if (extras) part.extras = extras
  return part
}

/**
 * Reads a `document` block. One made of text blocks becomes a text, and keeps its blocks for the
 * way back, because citations count them; one that holds pictures stays opaque.
 */
export function decodeDocument(
  block: JsonObject,
  at: Place,
  reading: Reading,
): DocumentPart | OpaquePart {
  const inside = place('document', at)
  const wire = asObject(block['source'], place('source', inside))
  const text = wire['type'] === 'content' ? textOfContent(wire['content']) : undefined
  const source: MediaSource | undefined =
    text === undefined
      ? decodeSource(wire, place('source', inside))
      : { kind: 'text', mediaType: 'text/plain', text }
  if (!source) return opaque('document', block)
  const part: Building<DocumentPart> = { type: 'document', source }
  const name = optionalString(block, 'title', inside)
  if (name !== undefined) part.name = name
  const cache = decodeCache(block, inside)
  if (cache) part.cache = cache
  const extras = keepUnknown(block, DOCUMENT_FIELDS, at, reading)
  if (text !== undefined) part.extras = { [NAME]: { ...ownExtras(extras), $source: wire } }
  else if (extras) part.extras = extras
  return part
}

/** Reads a source; `undefined` for a kind, or with a field, that only this protocol knows. */
function decodeSource(wire: JsonObject, at: Place): MediaSource | undefined {
  const kind = string(wire, 'type', at)
  const inside = place(kind, at)
  const fields = Object.keys(wire).length
  switch (kind) {
    case 'base64': {
      const mediaType = string(wire, 'media_type', inside)
      const data = string(wire, 'data', inside)
      return fields === 3 ? { kind: 'base64', mediaType, data } : undefined
    }
    case 'text': {
      const mediaType = string(wire, 'media_type', inside)
      const text = string(wire, 'data', inside)
      return fields === 3 ? { kind: 'text', mediaType, text } : undefined
    }
    case 'url': {
      const url = string(wire, 'url', inside)
      return fields === 2 ? { kind: 'url', url } : undefined
    }
    case 'file': {
      const id = string(wire, 'file_id', inside)
      return fields === 2 ? { kind: 'file', id } : undefined
    }
    default:
      return undefined
  }
}

/** The text of a `content` source; `undefined` if it holds more than text. */
function textOfContent(content: Json | undefined): string | undefined {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return undefined
  const texts: string[] = []
  for (const block of content) {
    const text = isObject(block) && block['type'] === 'text' ? block['text'] : undefined
    if (typeof text !== 'string') return undefined
    texts.push(text)
  }
  return texts.join('\n')
}

/**
 * Writes a picture, document or sound. What this wire cannot say is replaced, in place, by a line
 * that says what is missing, and reported as a loss of meaning.
 */
export function encodeMedia(
  part: ImagePart | DocumentPart | AudioPart,
  path: string,
  writing: Writing,
): JsonObject {
  const source = encodeSource(part, writing)
  if (typeof source === 'string') {
    lose(writing, path, source, 'dropped', true)
    return { type: 'text', text: `[${part.type} left out: ${source}]` }
  }
  const block: JsonObject = { type: part.type, source }
  if (part.type === 'document' && part.name !== undefined) block['title'] = part.name
  if (part.type !== 'audio' && part.cache) block['cache_control'] = encodeCache(part.cache)
  const own = ownExtras(part.extras)
  const blocks = own?.['$source']
  // The blocks count only while they still say what the part says.
  if (isObject(blocks) && part.source.kind === 'text') {
    if (textOfContent(blocks['content']) === part.source.text) block['source'] = blocks
  }
  return restore(block, own)
}

/** The source in the wire's words, or why there is none. */
function encodeSource(
  part: ImagePart | DocumentPart | AudioPart,
  writing: Writing,
): JsonObject | string {
  const { source } = part
  if (part.type === 'audio') return 'the model does not take sound'
  if (writing.quirks.media === false) return `the model does not take ${part.type}s`
  switch (source.kind) {
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      // The id names a file in the client's account with another vendor.
      return writing.isOwn
        ? { type: 'file', file_id: source.id }
        : `a file id of another vendor names nothing here`
    case 'text':
      return part.type === 'document'
        ? { type: 'text', media_type: 'text/plain', data: source.text }
        : `pictures of type ${source.mediaType} are not taken as text`
    case 'base64':
      return encodeBase64(part.type, source, writing)
  }
}

function encodeBase64(
  type: 'image' | 'document',
  source: Extract<MediaSource, { kind: 'base64' }>,
  writing: Writing,
): JsonObject | string {
  const { mediaType, data } = source
  if (type === 'image' || writing.isOwn || mediaType === 'application/pdf') {
    return { type: 'base64', media_type: mediaType, data }
  }
  // Documents are PDF or plain text here (Anthropic SDK 1.11, 2026-11-19).
  return mediaType.startsWith('text/') || mediaType === 'application/json'
    ? { type: 'text', media_type: 'text/plain', data: Buffer.from(data, 'base64').toString() }
    : `documents of type ${mediaType} are not taken`
}

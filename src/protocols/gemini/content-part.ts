import type { Json, JsonObject } from '../../core/json.ts'
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  OpaquePart,
} from '../../core/message.ts'
import { optionalString, type Place, place, string } from '../../wire/read.ts'
import {
  type Building,
  lose,
  messageAt,
  NAME,
  objectAt,
  ownExtras,
  restore,
  textAt,
  type Writing,
} from './wire.ts'

/** A picture, a sound or a document. */
export type MediaPart = ImagePart | DocumentPart | AudioPart

/** A part of this protocol that no part of the house can hold, as it is. */
export function opaque(kind: string, value: Json): OpaquePart {
  return { type: 'opaque', protocol: NAME, kind, value }
}

/** The field of a part that says what it is; of an unknown one, its first. */
export function kindOfPart(part: JsonObject): string {
  for (const key in part) {
    if (key !== 'thought' && key !== 'thoughtSignature' && key !== 'partMetadata') return key
  }
  return 'part'
}

/**
 * Reads `inlineData` or `fileData` of a part. `undefined`: of a kind, such as a film or a file of
 * unknown type, that only this protocol understands.
 */
export function decodeMedia(part: JsonObject, at: Place | undefined): MediaPart | undefined {
  const inline = messageAt(part, 'inlineData', at)
  if (inline) {
    const inside = place('inlineData', at)
    const mediaType = string(inline, 'mimeType', inside)
    const data = plainBase64(string(inline, 'data', inside))
    const kind = kindOfMedia(mediaType)
    return kind && media(kind, { kind: 'base64', mediaType, data }, inline, 'inlineData')
  }
  const file = messageAt(part, 'fileData', at)
  if (!file) return undefined
  const inside = place('fileData', at)
  const uri = string(file, 'fileUri', inside)
  const mediaType = optionalString(file, 'mimeType', inside)
  const kind = mediaType === undefined ? undefined : kindOfMedia(mediaType)
  if (!kind || mediaType === undefined) return undefined
  const source: MediaSource = isVendorsFile(uri)
    ? { kind: 'file', id: uri }
    : { kind: 'url', url: uri, mediaType }
  return media(kind, source, file, 'fileData')
}

/** Reads media of an answer, where a wrong type is passed over. */
export function decodeAnswerMedia(part: JsonObject): MediaPart | undefined {
  const inline = objectAt(part, 'inlineData')
  if (!inline || textAt(inline, 'mimeType') === '' || textAt(inline, 'data') === '')
    return undefined
  return decodeMedia(part, undefined)
}

const MEDIA_FIELDS: ReadonlySet<string> = new Set(['data', 'mimeType', 'fileUri'])

function media(
  type: MediaPart['type'],
  source: MediaSource,
  wire: JsonObject,
  field: string,
): MediaPart {
  const part: Building<MediaPart> = { type, source }
  const kept: JsonObject = {}
  for (const key in wire) {
    const value = wire[key]
    if (MEDIA_FIELDS.has(key) || value === undefined || value === null) continue
    if (key === 'displayName' && part.type === 'document' && typeof value === 'string') {
      part.name = value
    } else kept[key] = value
  }
  if (source.kind === 'file') kept['mimeType'] = textAt(wire, 'mimeType')
  for (const _ in kept) {
    part.extras = { [NAME]: { [`$${field}`]: kept } }
    break
  }
  return part
}

function kindOfMedia(mediaType: string): MediaPart['type'] | undefined {
  if (mediaType.startsWith('image/')) return 'image'
  if (mediaType.startsWith('audio/')) return 'audio'
  const isDocument = mediaType.startsWith('text/') || mediaType.startsWith('application/')
  return isDocument ? 'document' : undefined
}

/** Addresses that mean something to the vendor alone. */
function isVendorsFile(uri: string): boolean {
  return !/^https?:/.test(uri) || uri.startsWith('https://generativelanguage.googleapis.com/')
}

/** Both alphabets are taken here; the house keeps the standard one. */
function plainBase64(data: string): string {
  return data.includes('-') || data.includes('_')
    ? data.replaceAll('-', '+').replaceAll('_', '/')
    : data
}

/**
 * Writes a picture, document or sound. What this wire cannot say is replaced, in place, by a line
 * that says what is missing, and reported as a loss of meaning.
 */
export function encodeMedia(part: MediaPart, path: string, writing: Writing): JsonObject {
  const { source } = part
  const own = ownExtras(part.extras)
  switch (source.kind) {
    case 'base64': {
      const inline: JsonObject = { mimeType: source.mediaType, data: source.data }
      return whole(part, 'inlineData', inline, own)
    }
    case 'url':
      return encodeUrl(part, source.url, source.mediaType, path, writing)
    case 'file': {
      const kept = own && objectAt(own, '$fileData')
      if (kept) return whole(part, 'fileData', { fileUri: source.id }, own)
      // The id names a file in the client's account with another vendor.
      const what = 'a file id of another vendor names nothing here'
      lose(writing, path, what, 'dropped', true)
      return { text: `[${part.type} left out: ${what}]` }
    }
    case 'text': {
      const data = Buffer.from(source.text, 'utf8').toString('base64')
      const inline: JsonObject = { mimeType: source.mediaType, data }
      return whole(part, 'inlineData', inline, own)
    }
  }
}

function whole(
  part: MediaPart,
  field: string,
  inner: JsonObject,
  own: JsonObject | undefined,
): JsonObject {
  if (part.type === 'document' && part.name !== undefined && own) inner['displayName'] = part.name
  if (own) restore(inner, objectAt(own, `$${field}`))
  return restore({ [field]: inner }, own)
}

function encodeUrl(
  part: MediaPart,
  url: string,
  told: string | undefined,
  path: string,
  writing: Writing,
): JsonObject {
  const mimeType = told ?? mediaTypeOf(url, part.type)
  if (!writing.isOwn) {
    const what = `a ${part.type} by address, which this vendor may not fetch`
    lose(writing, path, what, 'approximated', false)
  }
  return whole(part, 'fileData', { fileUri: url, mimeType }, ownExtras(part.extras))
}

const MEDIA_TYPES: { readonly [ending: string]: string } = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
}

const USUAL: { readonly [T in MediaPart['type']]: string } = {
  image: 'image/jpeg',
  document: 'application/pdf',
  audio: 'audio/mpeg',
}

/** The vendor wants a type beside an address; its ending tells, or else the kind of part. */
function mediaTypeOf(url: string, type: MediaPart['type']): string {
  const ending = /\.([a-z0-9]{2,4})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(MEDIA_TYPES, ending) ? (MEDIA_TYPES[ending] ?? USUAL[type]) : USUAL[type]
}

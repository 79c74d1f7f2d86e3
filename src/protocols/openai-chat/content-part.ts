import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  UserPart,
} from '../../core/message.ts'
import { asObject, optionalString, type Place, pathOf, place, string } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import {
  bind,
  decodeTextPart,
  encodeTextPart,
  type Reading,
  readCache,
  type Writing,
  writeCache,
} from './text-content.ts'
import {
  type Building,
  dataUrl,
  leftover,
  NAME,
  objectAt,
  ownExtras,
  parameter,
  refused,
  restore,
  sourceOfUrl,
} from './wire.ts'

const KNOWN_IMAGE = new Set(['type', 'image_url', 'cache_control'])
const KNOWN_AUDIO = new Set(['type', 'input_audio', 'cache_control'])
const KNOWN_FILE = new Set(['type', 'file', 'cache_control'])
const KNOWN_IMAGE_URL = new Set(['url'])
const KNOWN_INPUT_AUDIO = new Set(['data', 'format'])
const KNOWN_FILE_BODY = new Set(['file_data', 'file_id', 'filename'])

/**
 * Reads a part of a user message or tool result. Types that are not known are kept as they are:
 * vendors add their own, such as `video_url`.
 *
 * @throws ToolgateError with the path inside the part.
 */
export function decodePart(value: Json, at: Place, reading: Reading): UserPart {
  const part = asObject(value, at)
  const text = decodeTextPart(part, at, reading)
  if (text) return text
  const type = string(part, 'type', at)
  switch (type) {
    case 'image_url':
      return decodeImage(part, at, reading)
    case 'input_audio':
      return decodeAudio(part, at, reading)
    case 'file':
      return decodeFile(part, at, reading)
    default:
      return { type: 'opaque', protocol: NAME, kind: type, value: part }
  }
}

/** Fields that stand beside and inside the part's own object; the inner ones under `$` and its key. */
function keep(
  part: JsonObject,
  known: ReadonlySet<string>,
  key: string,
  inner: JsonObject,
  knownInner: ReadonlySet<string>,
): JsonObject | undefined {
  let kept = leftover(part, known)
  const innerKept = leftover(inner, knownInner)
  if (innerKept) {
    kept ??= {}
    kept[`$${key}`] = innerKept
  }
  return kept
}

function decodeImage(part: JsonObject, at: Place, reading: Reading): ImagePart {
  const value = part['image_url']
  // Mistral's own form is the bare URL.
  const inner = typeof value === 'string' ? { url: value } : asObject(value, place('image_url', at))
  const url = string(inner, 'url', place('image_url', at))
  const image: Building<ImagePart> = { type: 'image', source: sourceOfUrl(url) }
  const cache = readCache(part)
  if (cache) image.cache = cache
  const kept = keep(part, KNOWN_IMAGE, 'image_url', inner, KNOWN_IMAGE_URL)
  if (kept) {
    image.extras = { [NAME]: kept }
    bind(kept, at, reading)
  }
  return image
}

function decodeAudio(part: JsonObject, at: Place, reading: Reading): AudioPart {
  const innerAt = place('input_audio', at)
  const inner = asObject(part['input_audio'], innerAt)
  const data = string(inner, 'data', innerAt)
  const format = string(inner, 'format', innerAt)
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
  const audio: Building<AudioPart> = { type: 'audio', source: { kind: 'base64', mediaType, data } }
  const kept = keep(part, KNOWN_AUDIO, 'input_audio', inner, KNOWN_INPUT_AUDIO)
  if (kept) {
    audio.extras = { [NAME]: kept }
    bind(kept, at, reading)
  }
  return audio
}

function decodeFile(part: JsonObject, at: Place, reading: Reading): DocumentPart {
  const innerAt = place('file', at)
  const inner = asObject(part['file'], innerAt)
  const document: Building<DocumentPart> = { type: 'document', source: fileSource(inner, innerAt) }
  const name = optionalString(inner, 'filename', innerAt)
  if (name !== undefined) document.name = name
  const cache = readCache(part)
  if (cache) document.cache = cache
  const kept = keep(part, KNOWN_FILE, 'file', inner, KNOWN_FILE_BODY)
  if (kept) {
    document.extras = { [NAME]: kept }
    bind(kept, at, reading)
  }
  return document
}

function fileSource(file: JsonObject, at: Place): MediaSource {
  const id = optionalString(file, 'file_id', at)
  if (id !== undefined) return { kind: 'file', id }
  const data = string(file, 'file_data', at)
  const source = sourceOfUrl(data)
  if (source.kind === 'base64' || /^https?:/.test(data)) return source
  const path = pathOf(place('file_data', at))
  const param = parameter(path)
  throw refused(
    `Invalid file data: '${param}'. Expected a base64-encoded data URL with a valid file MIME type.`,
    param,
    'invalid_value',
    path,
  )
}

/**
 * Writes a part of a user message, or of a tool result where pictures may stand there. What this
 * wire has no form for becomes words about it, or is left out, with a loss at `path`.
 */
export function encodePart(part: UserPart, path: string, writing: Writing): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeTextPart(part, writing.quirks)
    case 'image':
      return encodeImage(part, path, writing)
    case 'document':
      return encodeDocument(part, path, writing)
    case 'audio':
      return encodeAudio(part, path, writing)
    case 'opaque':
      if (part.protocol === NAME && isObject(part.value)) return part.value
      lose(writing, path, `a part of type ${part.kind}`)
      return undefined
  }
}

function lose(writing: Writing, path: string, what: string): void {
  writing.losses.push({ path, what, action: 'dropped', meaning: true })
}

/** Words in place of a part; the model at least knows that there was something. */
function standIn(writing: Writing, path: string, what: string, text: string): JsonObject {
  writing.losses.push({ path, what, action: 'approximated', meaning: true })
  return { type: 'text', text }
}

/** Finishes a part: its own object with what was kept inside, then what was kept beside it. */
function whole(
  type: string,
  inner: JsonObject,
  part: ImagePart | DocumentPart | AudioPart,
  quirks: Quirks,
): JsonObject {
  const kept = ownExtras(part.extras)
  if (kept) restore(inner, objectAt(kept, `$${type}`))
  const wire: JsonObject = { type, [type]: inner }
  restore(wire, kept)
  if (part.type !== 'audio') writeCache(wire, part.cache, quirks)
  return wire
}

function encodeImage(part: ImagePart, path: string, writing: Writing): JsonObject {
  const { source } = part
  switch (source.kind) {
    case 'base64':
      return whole(
        'image_url',
        { url: dataUrl(source.mediaType, source.data) },
        part,
        writing.quirks,
      )
    case 'url':
      return whole('image_url', { url: source.url }, part, writing.quirks)
    case 'file':
      return standIn(
        writing,
        path,
        'a picture by file id',
        '[A picture that is not available here]',
      )
    case 'text':
      return standIn(writing, path, 'a picture as text', source.text)
  }
}

function encodeDocument(part: DocumentPart, path: string, writing: Writing): JsonObject {
  const { source } = part
  const called = part.name === undefined ? '' : ` "${part.name}"`
  switch (source.kind) {
    case 'base64': {
      const inner: JsonObject = { file_data: dataUrl(source.mediaType, source.data) }
      if (part.name !== undefined) inner['filename'] = part.name
      else if (!writing.own) inner['filename'] = fileName(source.mediaType)
      return whole('file', inner, part, writing.quirks)
    }
    case 'file': {
      if (!writing.own)
        return standIn(
          writing,
          path,
          "a document by another vendor's file id",
          `[A document${called} that is not available here]`,
        )
      const inner: JsonObject = { file_id: source.id }
      if (part.name !== undefined) inner['filename'] = part.name
      return whole('file', inner, part, writing.quirks)
    }
    case 'url': {
      if (!writing.own)
        return standIn(writing, path, 'a document by URL', `[Document${called}: ${source.url}]`)
      const inner: JsonObject = { file_data: source.url }
      if (part.name !== undefined) inner['filename'] = part.name
      return whole('file', inner, part, writing.quirks)
    }
    case 'text': {
      writing.losses.push({
        path,
        what: 'a document as text',
        action: 'approximated',
        meaning: false,
      })
      return { type: 'text', text: `[Document${called}]\n${source.text}` }
    }
  }
}

/** A name for a nameless file; OpenAI refuses data without one. */
function fileName(mediaType: string): string {
  const kind = mediaType.slice(mediaType.indexOf('/') + 1)
  return `document.${/^[a-z0-9]{1,8}$/.test(kind) ? kind : 'bin'}`
}

function encodeAudio(part: AudioPart, path: string, writing: Writing): JsonObject | undefined {
  const { source } = part
  if (source.kind !== 'base64')
    return standIn(
      writing,
      path,
      'a sound that is not inline',
      '[A sound that is not available here]',
    )
  const kind = source.mediaType.slice(source.mediaType.indexOf('/') + 1)
  const format = kind === 'mpeg' ? 'mp3' : kind === 'x-wav' ? 'wav' : kind
  return whole('input_audio', { data: source.data, format }, part, writing.quirks)
}

import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  TextPart,
  UserPart,
} from '../../core/message.ts'
import {
  asObject,
  optionalString,
  type Place,
  pathOf,
  place,
  string,
  wrongValue,
} from '../../wire/read.ts'
import { bind, partFields, type Reading, readCache, type Writing } from './text-content.ts'
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

const KNOWN_TEXT = new Set(['type', 'text'])
const KNOWN_IMAGE = new Set(['type', 'image_url', 'file_id'])
const KNOWN_FILE = new Set(['type', 'file_data', 'file_id', 'file_url', 'filename'])
const KNOWN_AUDIO = new Set(['type', 'input_audio'])
const KNOWN_INPUT_AUDIO = new Set(['data', 'format'])

/** Every type of part that this API knows somewhere (live answers, 2026-08-30). */
const PART_TYPES = [
  'input_text',
  'input_image',
  'input_audio',
  'output_text',
  'refusal',
  'input_file',
  'computer_screenshot',
  'summary_text',
  'encrypted_content',
]

/** A type that the vendor takes and does not list. */
const UNLISTED = 'scoped_content'

/** Types that only an assistant's message may hold. */
const MODEL_TYPES = new Set(['output_text', 'refusal'])

/** The error for a part that cannot stand where it is. */
export function wrongPart(type: string, at: Place, allowed: readonly string[]): Error {
  return wrongValue(place('type', at), `'${type}' cannot stand here`, { allowed, value: type })
}

/**
 * Reads a part of a user message or of a tool's output. Types without a place in the model are kept
 * as they are.
 *
 * @throws ToolgateError with the path inside the part.
 */
export function decodePart(value: Json, at: Place, reading: Reading): UserPart {
  const part = asObject(value, at)
  const type = string(part, 'type', at)
  switch (type) {
    case 'input_text':
      return decodeText(part, at, reading)
    case 'input_image':
      return decodeImage(part, at, reading)
    case 'input_file':
      return decodeFile(part, at, reading)
    case 'input_audio':
      return decodeAudio(part, at, reading)
    default:
      if (MODEL_TYPES.has(type) || !(PART_TYPES.includes(type) || type === UNLISTED))
        throw wrongPart(type, at, PART_TYPES)
      return { type: 'opaque', protocol: NAME, kind: type, value: part }
  }
}

/** Reads a text of a user, of a system message or of a tool. */
export function decodeText(part: JsonObject, at: Place, reading: Reading): TextPart {
  const text: Building<TextPart> = { type: 'text', text: string(part, 'text', at) }
  const cache = readCache(part)
  if (cache) text.cache = cache
  return keep(text, leftover(part, KNOWN_TEXT), at, reading)
}

function keep<T extends Building<TextPart | ImagePart | DocumentPart | AudioPart>>(
  into: T,
  kept: JsonObject | undefined,
  at: Place,
  reading: Reading,
): T {
  if (!kept) return into
  into.extras = { [NAME]: kept }
  bind(kept, at, reading)
  return into
}

function decodeImage(part: JsonObject, at: Place, reading: Reading): ImagePart {
  const id = optionalString(part, 'file_id', at)
  const source: MediaSource =
    id === undefined ? sourceOfUrl(string(part, 'image_url', at)) : { kind: 'file', id }
  const image: Building<ImagePart> = { type: 'image', source }
  const cache = readCache(part)
  if (cache) image.cache = cache
  return keep(image, leftover(part, KNOWN_IMAGE), at, reading)
}

function decodeFile(part: JsonObject, at: Place, reading: Reading): DocumentPart {
  const document: Building<DocumentPart> = { type: 'document', source: fileSource(part, at) }
  const name = optionalString(part, 'filename', at)
  if (name !== undefined) document.name = name
  const cache = readCache(part)
  if (cache) document.cache = cache
  return keep(document, leftover(part, KNOWN_FILE), at, reading)
}

function fileSource(file: JsonObject, at: Place): MediaSource {
  const id = optionalString(file, 'file_id', at)
  if (id !== undefined) return { kind: 'file', id }
  const url = optionalString(file, 'file_url', at)
  if (url !== undefined) return { kind: 'url', url }
  const source = sourceOfUrl(string(file, 'file_data', at))
  if (source.kind === 'base64') return source
  const path = pathOf(place('file_data', at))
  const param = parameter(path)
  throw refused(
    `Invalid file data: '${param}'. Expected a base64-encoded data URL with a valid file MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got a value without the 'data:' prefix.`,
    param,
    'invalid_value',
    path,
  )
}

function decodeAudio(part: JsonObject, at: Place, reading: Reading): AudioPart {
  const innerAt = place('input_audio', at)
  const inner = asObject(part['input_audio'], innerAt)
  const data = string(inner, 'data', innerAt)
  const format = string(inner, 'format', innerAt)
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
  const audio: Building<AudioPart> = { type: 'audio', source: { kind: 'base64', mediaType, data } }
  let kept = leftover(part, KNOWN_AUDIO)
  const innerKept = leftover(inner, KNOWN_INPUT_AUDIO)
  if (innerKept) kept = { ...kept, $input_audio: innerKept }
  return keep(audio, kept, at, reading)
}

/**
 * Writes a part of a user message or of a tool's output. What this wire has no form for becomes
 * words about it, or is left out, with a loss at `path`.
 */
export function encodePart(part: UserPart, path: string, writing: Writing): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text, ...partFields(part) }
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
  return { type: 'input_text', text }
}

function encodeImage(part: ImagePart, path: string, writing: Writing): JsonObject {
  const { source } = part
  switch (source.kind) {
    case 'base64':
      return image({ image_url: dataUrl(source.mediaType, source.data) }, part)
    case 'url':
      return image({ image_url: source.url }, part)
    case 'file':
      if (writing.own) return image({ file_id: source.id }, part)
      return standIn(
        writing,
        path,
        "a picture by another vendor's file id",
        '[A picture that is not available here]',
      )
    case 'text':
      return standIn(writing, path, 'a picture as text', source.text)
  }
}

function image(source: JsonObject, part: ImagePart): JsonObject {
  return { type: 'input_image', ...source, ...partFields(part) }
}

function encodeDocument(part: DocumentPart, path: string, writing: Writing): JsonObject {
  const { source } = part
  const called = part.name === undefined ? '' : ` "${part.name}"`
  switch (source.kind) {
    case 'base64': {
      const name = part.name ?? (writing.own ? undefined : fileName(source.mediaType))
      return file({ file_data: dataUrl(source.mediaType, source.data) }, name, part)
    }
    case 'url':
      return file({ file_url: source.url }, part.name, part)
    case 'file':
      if (writing.own) return file({ file_id: source.id }, part.name, part)
      return standIn(
        writing,
        path,
        "a document by another vendor's file id",
        `[A document${called} that is not available here]`,
      )
    case 'text':
      writing.losses.push({
        path,
        what: 'a document as text',
        action: 'approximated',
        meaning: false,
      })
      return { type: 'input_text', text: `[Document${called}]\n${source.text}` }
  }
}

function file(source: JsonObject, name: string | undefined, part: DocumentPart): JsonObject {
  const wire: JsonObject = { type: 'input_file', ...source }
  if (name !== undefined) wire['filename'] = name
  restore(wire, ownExtras(part.extras))
  return wire
}

/** A name for a nameless file; OpenAI refuses data without one. */
function fileName(mediaType: string): string {
  const kind = mediaType.slice(mediaType.indexOf('/') + 1)
  return `document.${/^[a-z0-9]{1,8}$/.test(kind) ? kind : 'bin'}`
}

function encodeAudio(part: AudioPart, path: string, writing: Writing): JsonObject {
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
  const inner: JsonObject = { data: source.data, format }
  restore(inner, objectAt(ownExtras(part.extras) ?? {}, '$input_audio'))
  return { type: 'input_audio', input_audio: inner, ...partFields(part) }
}

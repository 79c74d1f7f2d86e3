import type { Json } from '../core/json.ts'
import type { ResultPart } from '../core/message.ts'
import { wordsOf } from './thrown.ts'

const MARK = Symbol.for('toolgate.output')

/** What a tool answers when plain text or JSON does not say it. Made by `output()`. */
export interface ToolOutput {
  readonly [MARK]: true
  readonly content: readonly ResultPart[]
  readonly isError: boolean
}

/** Puts together a tool's answer out of texts, pictures and files. `isError`: default false. */
export function output(
  parts: string | readonly (string | ResultPart)[],
  options: { readonly isError?: boolean } = {},
): ToolOutput {
  const list = typeof parts === 'string' ? [parts] : parts
  return {
    [MARK]: true,
    content: list.map(part => (typeof part === 'string' ? { type: 'text', text: part } : part)),
    isError: options.isError ?? false,
  }
}

/** A picture for a result: PNG, JPEG, GIF or WebP. `mediaType` such as `image/png`. */
export function image(bytes: Uint8Array, mediaType: string): ResultPart {
  return { type: 'image', source: { kind: 'base64', mediaType, data: base64(bytes) } }
}

/** A file for a result: PDF, or any kind of text. `mediaType` such as `application/pdf`. */
export function file(bytes: Uint8Array, mediaType: string, name?: string): ResultPart {
  const source = { kind: 'base64', mediaType, data: base64(bytes) } as const
  return { type: 'document', source, ...(name === undefined ? {} : { name }) }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Pictures that the vendors of all protocols take (their documentation, 2026-11). */
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const TEXTS = /^text\/|^application\/(json|xml|yaml|x-yaml|javascript|sql|toml)$|\+(json|xml)$/

/**
 * A part as every vendor takes it, for the conversation may go on with another one, and what one of
 * them refuses would end the run and all that follow. Files of text are told as text, which guards
 * see and limits hold for; of other files and pictures than those that all take it is said what is
 * missing.
 */
function takenPart(part: ResultPart): ResultPart {
  if (part.type === 'text' || part.type === 'opaque') return part
  const { source } = part
  if (source.kind === 'text') return fileText(part, source.text)
  if (source.kind !== 'base64') return part
  const mediaType = source.mediaType.split(';')[0]?.trim().toLowerCase() ?? ''
  const size = source.data.length
  if (size === 0) return missing(part, 'it is empty')
  if (size % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(source.data))
    return missing(part, 'its data is not base64')
  if (TEXTS.test(mediaType)) return fileText(part, Buffer.from(source.data, 'base64').toString())
  const taken = part.type === 'image' ? PICTURES : ['application/pdf']
  if (part.type !== 'audio' && taken.includes(mediaType))
    return { ...part, source: { ...source, mediaType } }
  return missing(part, `not every model takes ${mediaType || 'a part without a type'}`)
}

function fileText(part: ResultPart, value: string): ResultPart {
  const name = part.type === 'document' && part.name !== undefined ? `[${part.name}]\n` : ''
  return { type: 'text', text: `${name}${value}` }
}

function missing(part: ResultPart, why: string): ResultPart {
  const what = part.type === 'image' ? 'picture' : part.type === 'document' ? 'file' : part.type
  return { type: 'text', text: `[A ${what} is left out: ${why}.]` }
}

/** What the model is given of an answer, before it is cut to size. */
export interface Answer {
  readonly content: readonly ResultPart[]
  readonly isError: boolean
}

/**
 * Says a tool's answer in parts: text as it is, everything else as JSON. What JSON cannot say (a
 * cycle, a big integer, bytes) is an error that says so, not a crash and not `{}`.
 */
export function answerOf(value: unknown): Answer {
  if (isOutput(value)) return { content: value.content.map(takenPart), isError: value.isError }
  if (typeof value === 'string') return text(value)
  if (value === undefined || value === null) return text('Done: the tool returned nothing.')
  if (typeof value === 'number') return text(String(value))
  if (value instanceof Error) return { ...text(`Error: ${wordsOf(value)}`), isError: true }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return unsaid('it is bytes, which a tool gives as image() or file()')
  try {
    const said = JSON.stringify(listed(value)) ?? wordsOf(value)
    // What keeps nothing in properties of its own says `{}`, and that would be a lie.
    if (said === '{}' && !isPlain(value)) return unsaid(`it is a ${nameOf(value)}`)
    return text(said)
  } catch (cause) {
    return unsaid(wordsOf(cause))
  }
}

/** Maps and sets as the lists that they are iterated as. */
function listed(value: unknown): unknown {
  return value instanceof Map || value instanceof Set ? [...value] : value
}

function isPlain(value: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || 'toJSON' in Object(value)
}

function nameOf(value: unknown): string {
  const name: unknown = Object(value).constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'thing without a name'
}

function unsaid(why: string): Answer {
  return { ...text(`The tool ran, but its result cannot be said as JSON: ${why}`), isError: true }
}

function text(value: string): Answer {
  return { content: [{ type: 'text', text: value }], isError: false }
}

function isOutput(value: unknown): value is ToolOutput {
  return typeof value === 'object' && value !== null && MARK in value
}

/** Bytes of a picture or file as base64; a larger one is left out, and said to be. */
const MOST_MEDIA_BYTES = 20 * 1024 * 1024

/** An answer within its size; `cut` says what of it the model was not given. */
export interface CutAnswer extends Answer {
  readonly cut: string | undefined
}

/** Cuts an answer to so many bytes of text in all, at a character, with a note of what is missing. */
export function cutAnswer(answer: Answer, maxBytes: number): CutAnswer {
  let left = maxBytes
  const missing: string[] = []
  const content: ResultPart[] = []
  for (const part of answer.content) {
    const data = part.type === 'text' ? undefined : mediaBytes(part)
    if (data !== undefined && data > MOST_MEDIA_BYTES) missing.push(`a part of ${data} bytes`)
    if (part.type !== 'text') {
      if (data === undefined || data <= MOST_MEDIA_BYTES) content.push(part)
      continue
    }
    const size = Buffer.byteLength(part.text)
    if (size <= left) content.push(part)
    else {
      const shown = headOf(part.text, left)
      if (shown !== '') content.push({ ...part, text: shown })
      missing.push(`${size - Buffer.byteLength(shown)} of ${size} bytes of text`)
    }
    left = Math.max(0, left - size)
  }
  if (missing.length === 0) return { ...answer, cut: undefined }
  const cut = `${missing.join(' and ')} left out: the result is larger than the limit`
  content.push({ type: 'text', text: `[Cut: ${cut}.]` })
  return { content, isError: answer.isError, cut }
}

function mediaBytes(part: ResultPart): number | undefined {
  if (part.type === 'text' || part.type === 'opaque') return undefined
  return part.source.kind === 'base64' ? part.source.data.length : undefined
}

/** The longest beginning of a text within so many bytes that ends with a whole character. */
function headOf(value: string, bytes: number): string {
  const all = Buffer.from(value.slice(0, bytes + 4))
  let end = Math.min(bytes, all.length)
  // A byte of the form 10xxxxxx belongs to a character that began before it.
  while (end > 0 && end < all.length && (all.at(end) ?? 0) >> 6 === 2) end--
  return all.subarray(0, end).toString()
}

/** Any value as JSON: for events and records, where what cannot be said is named. */
export function asJson(value: unknown): Json {
  try {
    const said = JSON.stringify(value)
    return said === undefined ? null : JSON.parse(said)
  } catch {
    return wordsOf(value)
  }
}

import { reject, rejectMissing } from './error.ts'
import {
  anything,
  type Check,
  checkMembers,
  listOf,
  type Members,
  needed,
  object,
  oneOf,
  optional,
  refuseOthers,
  rejectType,
  rejectWord,
  text,
} from './fields.ts'
import { isObject } from './json.ts'

/** Every part type that this API knows somewhere (live answer, 2026-08-30). */
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

/** Where the examples of the vendor's texts come from: "img bytes here". */
const IMAGE_EXAMPLE = 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='
const FILE_EXAMPLE = 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/

/** Texts of the checks on images (issues quoting `input[n].content[n].image_url`, 2026). */
const imageUrl: Check = (value, path) => {
  if (typeof value !== 'string') return rejectType(value, path, 'a string')
  if (/^https?:\/\/\S+$/i.test(value)) return
  if (!value.startsWith('data:')) {
    const said = `Invalid '${path}'. Expected a valid URL, but got a value with an invalid format.`
    reject(said, path, 'invalid_value')
  }
  const fault = imageFault(value)
  if (fault === undefined) return
  const said = `Invalid '${path}'. Expected a base64-encoded data URL with an image MIME type (e.g. '${IMAGE_EXAMPLE}'), but got ${fault}.`
  reject(said, path, 'invalid_value')
}

function imageFault(url: string): string | undefined {
  const type = /^data:([^;,]*)/.exec(url)?.[1] ?? ''
  if (!/^image\/[\w.+-]+$/.test(type)) return `unsupported MIME type '${type}'`
  const mark = url.indexOf(';base64,')
  if (mark < 0) return "a value without the ';base64' separator"
  const data = url.slice(mark + ';base64,'.length)
  if (data === '') return 'empty base64-encoded bytes'
  return BASE64.test(data) ? undefined : 'an invalid base64-encoded value'
}

/**
 * Files come as data URLs, and sound and film are none. The text is recorded (2026-02) but for its
 * middle, which is that of the same text on Chat Completions.
 */
const fileData: Check = (value, path) => {
  if (typeof value !== 'string') return rejectType(value, path, 'a string')
  const type = /^data:([^;,]*)/.exec(value)?.[1]
  if (type !== undefined && !/^(audio|video)\//.test(type)) return
  const fault =
    type === undefined ? "a value without the 'data:' prefix" : `unsupported MIME type '${type}'`
  const said = `Invalid file data: '${path}'. Expected a base64-encoded data URL with a valid file MIME type (e.g. '${FILE_EXAMPLE}'), but got ${fault}.`
  reject(said, path, 'invalid_value')
}

const breakpoint = optional(object({ mode: needed(oneOf('explicit')) }))
const detail = optional(oneOf('low', 'high', 'auto', 'original'))

const INPUT_PARTS: { readonly [type: string]: Members } = {
  input_text: { text: needed(text()), prompt_cache_breakpoint: breakpoint },
  input_image: {
    image_url: optional(imageUrl),
    file_id: optional(text()),
    detail,
    prompt_cache_breakpoint: breakpoint,
  },
  input_file: {
    file_data: optional(fileData),
    file_id: optional(text()),
    file_url: optional(text()),
    filename: optional(text()),
    detail,
    prompt_cache_breakpoint: breakpoint,
  },
}

const USER_PARTS: { readonly [type: string]: Members } = {
  ...INPUT_PARTS,
  scoped_content: { content: needed(anything), scope: optional(anything) },
  input_audio: {
    input_audio: needed(object({ data: needed(text()), format: needed(oneOf('mp3', 'wav')) })),
  },
}

const ASSISTANT_PARTS: { readonly [type: string]: Members } = {
  output_text: {
    text: needed(text()),
    annotations: optional(listOf(anything)),
    logprobs: optional(listOf(anything)),
  },
  refusal: { refusal: needed(text()) },
}

/**
 * A part, checked in two steps as the vendor does: a type that it knows nowhere is an error of the
 * type, one that does not belong here is an error of the part (live answers, 2026-08-30).
 */
function partOf(parts: { readonly [type: string]: Members }, isContent: boolean): Check {
  return (value, path) => {
    if (!isObject(value)) return rejectType(value, path, 'an object')
    const { type } = value
    if (type === undefined) rejectMissing(`${path}.type`)
    if (typeof type !== 'string') return rejectType(type, `${path}.type`, 'a string')
    const members = Object.hasOwn(parts, type) ? parts[type] : undefined
    if (!members) {
      if (isContent && !PART_TYPES.includes(type)) rejectWord(type, `${path}.type`, PART_TYPES)
      return rejectWord(type, path, Object.keys(parts))
    }
    checkMembers(value, members, path)
    refuseOthers(value, { ...members, type: needed(anything) }, path)
  }
}

/** Text, or a list of parts. */
function textOr(part: Check): Check {
  return (value, path) => {
    if (typeof value === 'string') return
    if (!Array.isArray(value)) rejectType(value, path, 'one of an array of objects or string')
    listOf(part)(value, path)
  }
}

/** The content of a user's, a system's or a developer's message. */
export const userContent: Check = textOr(partOf(USER_PARTS, true))

/** The content of an assistant's message. */
export const assistantContent: Check = textOr(partOf(ASSISTANT_PARTS, true))

/** The output of a call (text as quoted in litellm's tests, 2026). */
export const callOutput: Check = textOr(partOf(INPUT_PARTS, false))

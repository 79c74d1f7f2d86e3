import type { JsonObject } from '../../core/json.ts'
import type { BoundField } from '../../core/loss.ts'
import type {
  AssistantPart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  UserPart,
} from '../../core/message.ts'
import {
  asObject,
  optionalBoolean,
  optionalString,
  type Place,
  place,
  string,
  wrongValue,
} from '../../wire/read.ts'
import { decodeMedia, kindOfPart, opaque } from './content-part.ts'
import { decodeSignature } from './reasoning.ts'
import { argumentsText, historyCallId } from './tool-call.ts'
import { type Building, leftover, messageAt, NAME, type Reading } from './wire.ts'

const TEXT_FIELDS: ReadonlySet<string> = new Set(['text', 'thought', 'thoughtSignature'])
const CALL_FIELDS: ReadonlySet<string> = new Set(['functionCall', 'thoughtSignature'])
const INNER_FIELDS: ReadonlySet<string> = new Set(['id', 'name', 'args'])
const MEDIA_FIELDS: ReadonlySet<string> = new Set(['inlineData', 'fileData'])

/** What it is worth to carry a field beside a part's own that only this protocol has. */
export function weighPart(key: string): BoundField['weight'] {
  return key === 'videoMetadata' || key === 'mediaProcessing' ? 'meaning' : 'hint'
}

/** Whether a part holds something under `key`. */
export function holds(part: JsonObject, key: string): boolean {
  const value = part[key]
  return value !== undefined && value !== null
}

/** Reads a part of a user's content that is no result. */
export function decodeUserPart(part: JsonObject, at: Place, reading: Reading): UserPart {
  if (holds(part, 'text')) return decodeText(part, at, reading)
  return decodeOther(part, at, reading)
}

/** Reads a part of a model's content; the indices are those of its content and of itself in it. */
export function decodeModelPart(
  part: JsonObject,
  index: number,
  indexInside: number,
  at: Place,
  reading: Reading,
): AssistantPart {
  if (holds(part, 'functionCall')) return decodeCall(part, index, indexInside, at, reading)
  if (holds(part, 'text') || isBareSignature(part)) {
    return optionalBoolean(part, 'thought', at)
      ? decodeThought(part, at, reading)
      : decodeText(part, at, reading)
  }
  const other = decodeOther(part, at, reading)
  return other.type === 'document' ? opaque(kindOfPart(part), part) : other
}

/** A signature whose empty text a client left out. */
function isBareSignature(part: JsonObject): boolean {
  if (!holds(part, 'thoughtSignature')) return false
  for (const key in part) if (!TEXT_FIELDS.has(key) && holds(part, key)) return false
  return true
}

/** Reads a text of either side. */
export function decodeText(part: JsonObject, at: Place, reading: Reading): TextPart {
  const read: Building<TextPart> = { type: 'text', text: optionalString(part, 'text', at) ?? '' }
  return signed(read, part, TEXT_FIELDS, at, reading)
}

function decodeThought(part: JsonObject, at: Place, reading: Reading): ReasoningPart {
  const text = optionalString(part, 'text', at) ?? ''
  const read: Building<ReasoningPart> = { type: 'reasoning', text }
  return signed(read, part, TEXT_FIELDS, at, reading)
}

function decodeCall(
  part: JsonObject,
  index: number,
  indexInside: number,
  at: Place,
  reading: Reading,
): ToolCallPart {
  const inside = place('functionCall', at)
  const call = messageAt(part, 'functionCall', at) ?? {}
  const name = string(call, 'name', inside)
  if (name === '') throw wrongValue(place('name', inside), 'Name cannot be empty.')
  const args = call['args']
  const read: Building<ToolCallPart> = {
    type: 'tool-call',
    id: optionalString(call, 'id', inside) || historyCallId(index, indexInside),
    name,
    arguments:
      args === undefined || args === null
        ? '{}'
        : argumentsText(asObject(args, place('args', inside)), reading.root),
    kind: 'function',
  }
  signed(read, part, CALL_FIELDS, at, reading)
  const more = leftover(call, INNER_FIELDS, inside, reading, () => 'hint')
  if (more) read.extras = { [NAME]: { ...read.extras?.[NAME], $functionCall: more } }
  return read
}

function signed<T extends Building<TextPart | ReasoningPart | ToolCallPart>>(
  read: T,
  part: JsonObject,
  known: ReadonlySet<string>,
  at: Place,
  reading: Reading,
): T {
  const signature = optionalString(part, 'thoughtSignature', at)
  const state = signature === undefined ? undefined : decodeSignature(signature)
  if (state) read.state = state
  const kept = leftover(part, known, at, reading, weighPart)
  if (kept) read.extras = { [NAME]: kept }
  return read
}

/** Media, and all that only this protocol understands, such as code that the vendor ran. */
function decodeOther(part: JsonObject, at: Place, reading: Reading): UserPart {
  const media = decodeMedia(part, at)
  if (media) {
    const kept = leftover(part, MEDIA_FIELDS, at, reading, weighPart)
    return kept ? { ...media, extras: { [NAME]: { ...media.extras?.[NAME], ...kept } } } : media
  }
  for (const key in part) {
    if (key !== 'thought' && key !== 'thoughtSignature' && holds(part, key)) {
      return opaque(kindOfPart(part), part)
    }
  }
  const why = "required oneof field 'data' must have one initialized field"
  throw wrongValue(place('data', at), why)
}

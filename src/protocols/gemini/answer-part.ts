import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  AudioPart,
  ImagePart,
  OpaquePart,
  ReasoningState,
  ToolCallPart,
} from '../../core/message.ts'
import { decodeAnswerMedia, kindOfPart, opaque } from './content-part.ts'
import { decodeSignature, encodeSignature } from './reasoning.ts'
import { argumentsText, callPart, objectArguments } from './tool-call.ts'
import { type Building, NAME, objectAt, ownExtras, restOf, restore, textAt } from './wire.ts'

const TEXT_FIELDS: ReadonlySet<string> = new Set(['text', 'thought', 'thoughtSignature'])
const CALL_FIELDS: ReadonlySet<string> = new Set(['functionCall', 'thoughtSignature', 'thought'])
const INNER_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'name',
  'args',
  'partialArgs',
  'willContinue',
])
const MEDIA_FIELDS: ReadonlySet<string> = new Set(['inlineData', 'thought'])

/** A text or thought of an answer. */
export interface AnswerText {
  readonly kind: 'text' | 'reasoning'
  readonly text: string
  readonly state: ReasoningState | undefined
  readonly extras: JsonObject | undefined
}

/** The state in the signature of a part of an answer. */
export function stateOf(part: JsonObject): ReasoningState | undefined {
  return decodeSignature(textAt(part, 'thoughtSignature'))
}

/** Reads a text; `undefined` if the part is none. A signature alone is an empty text. */
export function decodeAnswerText(part: JsonObject): AnswerText | undefined {
  const text = part['text']
  if (typeof text !== 'string') {
    const isBare = textAt(part, 'thoughtSignature') !== '' && !restOf(part, TEXT_FIELDS)
    if (!isBare) return undefined
  }
  return {
    kind: part['thought'] === true ? 'reasoning' : 'text',
    text: typeof text === 'string' ? text : '',
    state: stateOf(part),
    extras: restOf(part, TEXT_FIELDS),
  }
}

/** What else stands on a part with a call, and inside the call. */
export function callExtras(part: JsonObject, call: JsonObject): JsonObject | undefined {
  const kept = restOf(part, CALL_FIELDS)
  const more = restOf(call, INNER_FIELDS)
  return more ? { ...kept, $functionCall: more } : kept
}

/** Reads a part that is neither text nor call: a picture, a sound, or what only this wire knows. */
export function decodeAnswerOther(part: JsonObject): ImagePart | AudioPart | OpaquePart {
  const media = decodeAnswerMedia(part)
  if (media && media.type !== 'document') {
    const kept = restOf(part, MEDIA_FIELDS)
    return kept ? { ...media, extras: { [NAME]: { ...media.extras?.[NAME], ...kept } } } : media
  }
  return opaque(kindOfPart(part), part)
}

/**
 * Reads the parts of an answer. Texts of one kind that stand together are one, up to a signature,
 * because a stream cuts them anywhere; empty ones without a signature say nothing. `root` is what
 * exact texts are cut from, `newCallId` gives the id of a call that has none.
 */
export function decodeAnswerParts(
  entries: readonly Json[],
  root: Json,
  newCallId: (position: number) => string,
): AssistantPart[] {
  const parts: AssistantPart[] = []
  let calls = 0
  for (const entry of entries) {
    if (!isObject(entry)) continue
    const call = objectAt(entry, 'functionCall')
    if (call) {
      const part: Building<ToolCallPart> = {
        type: 'tool-call',
        id: textAt(call, 'id') || newCallId(calls),
        name: textAt(call, 'name'),
        arguments: argumentsText(call['args'], root),
        kind: 'function',
      }
      calls++
      const state = stateOf(entry)
      if (state) part.state = state
      const extras = callExtras(entry, call)
      if (extras) part.extras = { [NAME]: extras }
      parts.push(part)
      continue
    }
    const text = decodeAnswerText(entry)
    if (text) addText(parts, text)
    else parts.push(decodeAnswerOther(entry))
  }
  return parts
}

function addText(parts: AssistantPart[], { kind, text, state, extras }: AnswerText): void {
  if (text === '' && !state && !extras) return
  const last = parts.at(-1)
  const isOpen = last?.type === kind && !last.state && !last.extras
  const part: Building<Extract<AssistantPart, { type: 'text' | 'reasoning' }>> = {
    type: kind,
    text: isOpen ? last.text + text : text,
  }
  if (state) part.state = state
  if (extras) part.extras = { [NAME]: extras }
  if (isOpen) parts[parts.length - 1] = part
  else parts.push(part)
}

/** Writes a part of an answer; `undefined` for one that says nothing here. */
export function encodeAnswerPart(part: AssistantPart, isCut: boolean): Json | undefined {
  switch (part.type) {
    case 'text':
    case 'reasoning': {
      const { text, state } = part
      if (text === '' && !state) return undefined
      const wire: JsonObject = part.type === 'text' ? { text } : { text, thought: true }
      if (state) wire['thoughtSignature'] = encodeSignature(state)
      return restore(wire, ownExtras(part.extras))
    }
    case 'refusal':
      return part.text === '' ? undefined : { text: part.text }
    case 'tool-call':
      return encodeAnswerCall(part, isCut)
    case 'opaque':
      return part.protocol === NAME ? part.value : undefined
    default:
      return encodeAnswerMedia(part)
  }
}

/**
 * Writes a call for a client. One whose arguments were cut off is left out, as the vendor does; one
 * with arguments that are no JSON object carries their text under `_raw`.
 */
function encodeAnswerCall(part: ToolCallPart, isCut: boolean): JsonObject | undefined {
  const { args, form } =
    part.kind === 'custom'
      ? ({ args: { input: part.arguments }, form: 'whole' } as const)
      : objectArguments(part.arguments)
  if (isCut && form === 'wrapped') return undefined
  const wire = callPart(part, args, part.id)
  if (part.state) wire['thoughtSignature'] = encodeSignature(part.state)
  return wire
}

function encodeAnswerMedia(part: ImagePart | AudioPart): JsonObject {
  const { source } = part
  const own = ownExtras(part.extras)
  if (source.kind === 'base64') {
    const inlineData: JsonObject = { mimeType: source.mediaType, data: source.data }
    if (own) restore(inlineData, objectAt(own, '$inlineData'))
    return restore({ inlineData }, own)
  }
  if (source.kind === 'url') return { fileData: { fileUri: source.url } }
  return { text: `[${part.type} left out: the protocol cannot carry it]` }
}

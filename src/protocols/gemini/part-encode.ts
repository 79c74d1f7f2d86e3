import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type {
  AssistantPart,
  ReasoningPart,
  ReasoningState,
  TextPart,
  ToolCallPart,
  UserPart,
} from '../../core/message.ts'
import { encodeMedia } from './content-part.ts'
import { isOwnState } from './reasoning.ts'
import { callPart, isMinted, objectArguments } from './tool-call.ts'
import { lose, NAME, ownExtras, restore, type Writing } from './wire.ts'

/** Writes a part of a model's content; `undefined` for what is left out, which is reported. */
export function encodeModelPart(
  part: Exclude<AssistantPart, ToolCallPart>,
  path: string,
  writing: Writing,
): Json | undefined {
  switch (part.type) {
    case 'reasoning':
      return encodeThought(part, path, writing)
    case 'refusal':
      return encodeText({ type: 'text', text: part.text }, path, writing)
    default:
      return encodeUserPart(part, path, writing)
  }
}

/** Writes a part that may stand in a user's content. */
export function encodeUserPart(part: UserPart, path: string, writing: Writing): Json | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, path, writing)
    case 'opaque':
      if (part.protocol === NAME && isObject(part.value)) return part.value
      lose(writing, path, `\`${part.kind}\` belongs to another protocol`, 'dropped', true)
      return undefined
    default:
      return encodeMedia(part, path, writing)
  }
}

/** Writes a text. An empty one says nothing, but it may carry a signature, or be the client's own. */
export function encodeText(part: TextPart, path: string, writing: Writing): JsonObject | undefined {
  const signature = signatureOf(part.state, path, writing)
  if (part.text === '' && signature === undefined && !writing.isOwn) return undefined
  return signed({ text: part.text }, signature, part.extras)
}

/** Thoughts without a signature are worth nothing to the vendor; its own client may say them. */
function encodeThought(
  part: ReasoningPart,
  path: string,
  writing: Writing,
): JsonObject | undefined {
  const signature = signatureOf(part.state, path, writing)
  if (signature === undefined && !writing.isOwn) {
    if (!part.state) {
      lose(writing, path, 'reasoning without a signature was left out', 'dropped', false)
    }
    return undefined
  }
  return signed({ text: part.text, thought: true }, signature, part.extras)
}

/** Writes a call; `state` is its own, or one that was kept for it elsewhere. */
export function encodeCall(
  part: ToolCallPart,
  state: ReasoningState | undefined,
  path: string,
  writing: Writing,
): JsonObject {
  let args: Json = { input: part.arguments }
  if (part.kind === 'function') {
    const read = objectArguments(part.arguments)
    if (read.form !== 'whole') {
      const what = 'the arguments were no JSON object'
      lose(writing, `${path}.arguments`, what, 'repaired', false)
    }
    args = read.args
  }
  const wire = callPart(part, args, sentId(part.id, writing))
  const signature = signatureOf(state, path, writing)
  if (signature !== undefined) wire['thoughtSignature'] = signature
  return wire
}

/** An id as it is sent: only where the vendor takes ids, and never one that was made here. */
export function sentId(id: string, { quirks, isOwn }: Writing): string {
  return (quirks.sendCallIds ?? isOwn) && !isMinted(id) ? id : ''
}

function signatureOf(
  state: ReasoningState | undefined,
  path: string,
  writing: Writing,
): string | undefined {
  if (!state) return undefined
  if (isOwnState(state) && writing.quirks.thoughtSignatures !== 'none') return state.data
  const whose = isOwnState(state) ? 'that this model does not take' : 'of another family'
  lose(writing, path, `a signature ${whose} was left out`, 'dropped', false)
  return undefined
}

function signed(
  wire: JsonObject,
  signature: string | undefined,
  extras: TextPart['extras'],
): JsonObject {
  if (signature !== undefined) wire['thoughtSignature'] = signature
  return restore(wire, ownExtras(extras))
}

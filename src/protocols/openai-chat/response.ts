import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { AssistantPart, ToolCallPart } from '../../core/message.ts'
import type { FinishKind, ModelResponse } from '../../core/response.ts'
import type { EncodeContext } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { callSignature, isSignature, signatureState } from '../thought-signature.ts'
import { decodeInBandError, isErrorBody } from './error-decode.ts'
import { decodeFinish, finishWord } from './finish.ts'
import {
  allDetails,
  BETWEEN,
  decodeReasoning,
  REASONING_FIELDS,
  reasoningText,
  thinkingText,
} from './reasoning.ts'
import { argumentText, callExtras, encodeCall, mintedId, writeSignature } from './tool-call.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import {
  type Building,
  filledLeftover,
  NAME,
  objectAt,
  ownExtras,
  restore,
  textAt,
} from './wire.ts'

/** The fields of an answer that are read; the rest is kept. */
export const KNOWN_ANSWER = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'error',
  'obfuscation',
])
/** The fields of a choice that are read. */
export const KNOWN_CHOICE = new Set(['index', 'message', 'delta', 'finish_reason'])
/** The fields of a message that are read. */
export const KNOWN_MESSAGE = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  ...REASONING_FIELDS,
])

/** The id of the only call that the deprecated form can hold. */
export const LEGACY_ID = 'call_fn_0'

/**
 * Reads a vendor's whole answer. The first choice is the answer; further ones (`n` above 1) are kept
 * as they came and go only to clients of this protocol.
 *
 * @throws ToolgateError the vendor's own error in a 200, `malformed_call` for a call without a name,
 * and `vendor_contradiction` if there is no answer in it.
 */
export function decodeResponse(wire: Json, quirks: Quirks): ModelResponse {
  if (isErrorBody(wire)) throw decodeInBandError(wire)
  const body = isObject(wire) ? wire : NOTHING
  const choices = Array.isArray(body['choices']) ? body['choices'] : []
  const choice = choices[0]
  if (!isObject(choice)) throw contradiction("The vendor's answer holds no choice.")
  if (isErrorBody(choice)) throw decodeInBandError(choice)
  const message = objectAt(choice, 'message') ?? NOTHING
  if (textAt(choice, 'finish_reason') === 'error')
    throw new ToolgateError('vendor_error', 'The vendor ended its answer with an error.', {
      origin: 'vendor',
    })
  const id = textAt(body, 'id')
  const content = decodeMessage(message, id, body)
  const response: Building<ModelResponse> = {
    id,
    model: textAt(body, 'model'),
    content,
    finish: decodeFinish(
      choice,
      content.some(part => part.type === 'tool-call'),
      content.some(part => part.type === 'refusal'),
    ),
  }
  if (typeof body['created'] === 'number') response.created = body['created']
  const usage = objectAt(body, 'usage')
  if (usage) response.usage = decodeUsage(usage, quirks)
  const extras = answerExtras(body, choice, message)
  if (choices.length > 1) extras['$choices'] = choices.slice(1)
  for (const _ in extras) {
    response.extras = { [NAME]: extras }
    break
  }
  return response
}

const NOTHING: JsonObject = {}

function contradiction(message: string): ToolgateError {
  return new ToolgateError('vendor_contradiction', message, { origin: 'vendor' })
}

function answerExtras(body: JsonObject, choice: JsonObject, message: JsonObject): JsonObject {
  const extras = filledLeftover(body, KNOWN_ANSWER) ?? {}
  const choiceExtras = filledLeftover(choice, KNOWN_CHOICE)
  if (choiceExtras) extras['$choice'] = choiceExtras
  const messageExtras = filledLeftover(message, KNOWN_MESSAGE)
  if (messageExtras) extras['$message'] = messageExtras
  return extras
}

function decodeMessage(message: JsonObject, id: string, root: Json): AssistantPart[] {
  const parts: AssistantPart[] = decodeReasoning(message)
  const content = message['content']
  if (typeof content === 'string') {
    if (content !== '') parts.push({ type: 'text', text: content })
  } else if (Array.isArray(content)) {
    for (const part of content) if (isObject(part)) contentPart(parts, part)
  }
  const refusal = textAt(message, 'refusal')
  if (refusal !== '') parts.push({ type: 'refusal', text: refusal })
  const calls = message['tool_calls']
  if (Array.isArray(calls)) {
    let position = 0
    for (const call of calls) if (isObject(call)) parts.push(decodeCall(call, id, position++, root))
  }
  const legacy = objectAt(message, 'function_call')
  if (legacy) parts.push(decodeCall({ id: LEGACY_ID, function: legacy }, id, 0, root))
  return parts
}

/** A part of content that came as a list (Mistral). */
function contentPart(into: AssistantPart[], part: JsonObject): void {
  const type = textAt(part, 'type')
  if (type === 'text') {
    const text = textAt(part, 'text')
    if (text !== '') into.push({ type: 'text', text })
  } else if (type === 'thinking') {
    const text = thinkingText(part)
    if (text !== '') into.push({ type: 'reasoning', text })
  } else if (type === 'refusal') into.push({ type: 'refusal', text: textAt(part, 'refusal') })
  else into.push({ type: 'opaque', protocol: NAME, kind: type, value: part })
}

function decodeCall(call: JsonObject, id: string, position: number, root: Json): ToolCallPart {
  const custom = objectAt(call, 'custom')
  const inner = custom ?? objectAt(call, 'function') ?? NOTHING
  const name = textAt(inner, 'name')
  if (name === '')
    throw new ToolgateError(
      'malformed_call',
      "The vendor's answer holds a tool call without a name.",
      {
        origin: 'vendor',
      },
    )
  const part: Building<ToolCallPart> = {
    type: 'tool-call',
    id: textAt(call, 'id') || mintedId(id, position),
    name,
    arguments: argumentText(inner[custom ? 'input' : 'arguments'], root),
    kind: custom ? 'custom' : 'function',
  }
  const signature = callSignature(call)
  if (signature !== '') part.state = signatureState(signature)
  const extras = callExtras(call, filledLeftover)
  if (extras) part.extras = { [NAME]: extras }
  return part
}

/** Whether the client asked in the deprecated form, and gets its answer in that form. */
export function isLegacy(context: EncodeContext): boolean {
  return ownExtras(context.request.extras)?.['$legacy'] === true
}

/** The error that stands for a call too badly written to be given out. */
export function malformedCall(): ToolgateError {
  return new ToolgateError('malformed_call', 'The model wrote a tool call that cannot be read.', {
    origin: 'vendor',
  })
}

/**
 * Writes an answer for a client. Reasoning goes out as `reasoning_content`, and with its signatures
 * as `reasoning_details`, so that a client can echo it; parts of other protocols' own stay out.
 *
 * @throws ToolgateError `malformed_call` if the model's call could not be read.
 */
export function encodeResponse(response: ModelResponse, context: EncodeContext): JsonObject {
  const { kind } = response.finish
  if (kind === 'malformed-call') throw malformedCall()
  const kept = ownExtras(response.extras)
  const legacy = isLegacy(context)
  const refused = response.content.some(part => part.type === 'refusal')
  const message = encodeMessage(response, kind, legacy)
  restore(message, kept && objectAt(kept, '$message'))
  const choice: JsonObject = {
    index: 0,
    message,
    logprobs: null,
    finish_reason: finishWord(kind, refused, legacy),
  }
  restore(choice, kept && objectAt(kept, '$choice'))
  const others = kept?.['$choices']
  const body: JsonObject = {
    id: response.id || context.newId('chatcmpl-', 29),
    object: 'chat.completion',
    created: response.created ?? context.now,
    model: response.model || context.request.model,
    choices: Array.isArray(others) ? [choice, ...others] : [choice],
  }
  if (response.usage) body['usage'] = encodeUsage(response.usage)
  restore(body, kept)
  return body
}

function encodeMessage(response: ModelResponse, kind: FinishKind, legacy: boolean): JsonObject {
  let text = ''
  let refusal: string | null = null
  const calls: Json[] = []
  let first: ToolCallPart | undefined
  let apart = false
  for (const part of response.content) {
    if (part.type === 'text') {
      if (part.text === '') continue
      text += (apart && text !== '' ? BETWEEN : '') + part.text
      apart = false
      continue
    }
    apart = true
    if (part.type === 'refusal') refusal = (refusal ?? '') + part.text
    else if (part.type === 'tool-call') {
      first ??= part
      calls.push(encodeAnswerCall(part))
    }
  }
  const filtered = kind === 'content-filter' || kind === 'refusal'
  const silent = calls.length > 0 || refusal !== null || filtered
  const message: JsonObject = {
    role: 'assistant',
    content: text === '' && silent ? null : text,
    refusal,
  }
  const reasoning = reasoningText(response.content)
  if (reasoning !== '') message['reasoning_content'] = reasoning
  const details = allDetails(response.content)
  if (details.length > 0) message['reasoning_details'] = details
  if (first && legacy) message['function_call'] = legacyCall(first)
  else if (first) message['tool_calls'] = calls
  return message
}

function encodeAnswerCall(part: ToolCallPart): JsonObject {
  const call = encodeCall(part)
  writeSignature(call, part.state)
  if (isSignature(part.state)) call['thought_signature'] = part.state.data
  return call
}

function legacyCall(part: ToolCallPart): JsonObject {
  return { name: part.name, arguments: part.arguments.trim() === '' ? '{}' : part.arguments }
}

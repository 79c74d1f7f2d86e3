import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { AssistantPart } from '../../core/message.ts'
import type { ModelResponse, Usage } from '../../core/response.ts'
import type { EncodeContext } from '../protocol.ts'
import type { Quirks } from '../quirks.ts'
import { decodeInBandError } from './error-decode.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { encodeItems } from './output-encode.ts'
import { decodeItem } from './output-item.ts'
import { echo } from './response-echo.ts'
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

/** Fields of an answer that are read, and those that only say the request again. */
const KNOWN_ANSWER = new Set([
  'id',
  'object',
  'created_at',
  'model',
  'status',
  'output',
  'output_text',
  'usage',
  'error',
  'incomplete_details',
  'instructions',
  'tools',
  'tool_choice',
  'text',
  'parallel_tool_calls',
])

/**
 * Reads a vendor's whole answer.
 *
 * @throws ToolgateError the vendor's own error in a 200, `malformed_call` for a call without a name,
 * and `vendor_contradiction` if there is no answer in it.
 */
export function decodeResponse(wire: Json, _quirks: Quirks): ModelResponse {
  if (!isObject(wire)) throw contradiction("The vendor's answer is not a JSON object.")
  const failure = failureIn(wire)
  if (failure) throw failure
  const output = wire['output']
  if (!Array.isArray(output)) throw contradiction("The vendor's answer holds no output.")
  const id = textAt(wire, 'id')
  const content: AssistantPart[] = []
  let calls = 0
  for (const item of output) {
    if (!isObject(item)) continue
    for (const part of decodeItem(item, id, calls, wire)) {
      if (part.type === 'tool-call') calls++
      content.push(part)
    }
  }
  const response: Building<ModelResponse> = {
    id,
    model: textAt(wire, 'model'),
    content,
    finish: decodeFinish(
      wire,
      calls > 0,
      content.some(part => part.type === 'refusal'),
    ),
  }
  if (typeof wire['created_at'] === 'number') response.created = wire['created_at']
  const usage = objectAt(wire, 'usage')
  if (usage) response.usage = decodeUsage(usage)
  const extras = answerExtras(wire)
  if (extras) response.extras = { [NAME]: extras }
  return response
}

/** The error that a response is, by its status or in place of an answer. */
export function failureIn(response: JsonObject): ToolgateError | undefined {
  const status = response['status']
  if (status === 'failed' || response['type'] === 'error') return decodeInBandError(response)
  if (isObject(response['error']) && status !== 'completed' && status !== 'incomplete')
    return decodeInBandError(response)
  return undefined
}

/** What only this protocol understands of an answer. */
export function answerExtras(response: JsonObject): JsonObject | undefined {
  return filledLeftover(response, KNOWN_ANSWER)
}

function contradiction(message: string): ToolgateError {
  return new ToolgateError('vendor_contradiction', message, { origin: 'vendor' })
}

/** The error that stands for a call too badly written to be given out. */
export function malformedCall(): ToolgateError {
  return new ToolgateError('malformed_call', 'The model wrote a tool call that cannot be read.', {
    origin: 'vendor',
  })
}

/** The id of an answer: the vendor's if it has one, else a new one. */
export function responseId(id: string, context: EncodeContext): string {
  return id.startsWith('resp_') ? id : context.newId('resp_', 48)
}

/** What a response object says beside the settings of its request. */
export interface ResponseState {
  readonly id: string
  readonly model: string
  readonly created: number
  readonly status: string
  readonly incomplete_details: JsonObject | null
  readonly error: JsonObject | null
  readonly output: JsonObject[]
  readonly usage: Usage | undefined
  readonly kept: JsonObject | undefined
}

/** Writes a response object around its output, with the settings of the request said again. */
export function responseBody(state: ResponseState, settings: JsonObject): JsonObject {
  const { id, created, status, usage } = state
  const body: JsonObject = {
    id,
    object: 'response',
    created_at: created,
    status,
    error: state.error,
    incomplete_details: state.incomplete_details,
    model: state.model,
    output: state.output,
    ...settings,
    usage: usage ? encodeUsage(usage) : null,
  }
  restore(body, state.kept)
  return body
}

/**
 * Writes an answer for a client: each part as an item, in the order of the model. Parts of other
 * protocols' own stay out.
 *
 * @throws ToolgateError `malformed_call` if the model's call could not be read.
 */
export function encodeResponse(response: ModelResponse, context: EncodeContext): JsonObject {
  if (response.finish.kind === 'malformed-call') throw malformedCall()
  const refused = response.content.some(part => part.type === 'refusal')
  const finish = encodeFinish(response.finish, refused)
  return responseBody(
    {
      id: responseId(response.id, context),
      model: response.model || context.request.model,
      created: response.created ?? context.now,
      status: finish.status,
      incomplete_details: finish.incomplete_details,
      error: null,
      output: encodeItems(response.content, finish.status, context),
      usage: response.usage,
      kept: ownExtras(response.extras),
    },
    echo(context),
  )
}

import { ToolgateError } from '../../core/error.ts'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { stringifyJson, tryParseJson } from '../../wire/json.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { HeldAnswer, HeldAnswers, HeldAsked, HeldPage } from '../held-answers.ts'
import { isFilled, NAME, objectAt, refused, textAt } from './wire.ts'

/** Letters of an item id with its prefix. */
const ID_LENGTH = 52

/** Prefixes of items by their type, as the vendor has them. */
const PREFIXES: { readonly [type: string]: string } = {
  message: 'msg_',
  reasoning: 'rs_',
  function_call: 'fc_',
  function_call_output: 'fc_',
  custom_tool_call: 'ctc_',
  custom_tool_call_output: 'ctc_',
}

/** The events that end a stream with an answer. */
const ENDS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete'])

const LEAST_LIMIT = 1
const MOST_LIMIT = 100
const USUAL_LIMIT = 20

/** How Responses speaks of the answers that its server holds (OpenAI API reference, 2026-07). */
export const heldAnswers: HeldAnswers = {
  asked,
  added,
  whole,
  answerIn,
  bodyIn,
  list,
  deleted: id => ({ id, object: 'response', deleted: true }),
  unknown: unknownResponse,
  // Both texts are quoted by clients, 2026.
  over: () => refused('Cannot cancel a synchronous response.', null, null, ['id']),
  notStreamed: () =>
    refused(
      'Only background responses that were created with stream=true can be streamed.',
      null,
      null,
      ['stream'],
    ),
}

/** Unless it is told not to, the vendor holds every answer. */
function asked(request: JsonObject): HeldAsked {
  const from = textAt(request, 'previous_response_id')
  const references = itemsOf(request)
    .filter(isReference)
    .map(item => textAt(item, 'id'))
  const partial = references.length > 0 || isFilled(request['conversation'])
  const keep = request['store'] !== false && request['background'] !== true
  return { references, keep, ...(partial && { partial }), ...(from === '' ? {} : { from }) }
}

function itemsOf(request: JsonObject): JsonObject[] {
  const { input } = request
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  return Array.isArray(input) ? input.filter(isObject) : []
}

/** An item with an id and nothing else may leave its type out (live answers, 2026-08-31). */
function isReference(item: JsonObject): boolean {
  if (item['type'] === 'item_reference') return true
  return !isFilled(item['type']) && !isFilled(item['role']) && typeof item['id'] === 'string'
}

function added(
  request: JsonObject,
  newId: (prefix: string, length: number) => string,
): JsonObject[] {
  return itemsOf(request)
    .filter(item => !isReference(item))
    .map(item => {
      const type = textAt(item, 'type') || 'message'
      const id = textAt(item, 'id') || newId(PREFIXES[type] ?? 'item_', ID_LENGTH)
      return { id, ...item, type, ...(type === 'message' ? { content: partsOf(item) } : {}) }
    })
}

/** A message's content as the vendor lists it: a text as a list of one part. */
function partsOf(item: JsonObject): Json {
  const { content = null } = item
  if (typeof content !== 'string') return content
  const type = item['role'] === 'assistant' ? 'output_text' : 'input_text'
  return [{ type, text: content }]
}

function whole(
  request: JsonObject,
  before: readonly JsonObject[],
  found: ReadonlyMap<string, JsonObject>,
): JsonObject {
  const { previous_response_id: _, ...rest } = request
  const own = itemsOf(request).map(
    item => (isReference(item) && found.get(textAt(item, 'id'))) || item,
  )
  return { ...rest, input: [...before, ...own].flatMap(unbound) }
}

/**
 * An item that says all by itself. The vendor knows items by their ids, together with what belongs
 * to them; without an id they are free. Reasoning that only an id would tell says nothing then.
 */
function unbound(item: JsonObject): JsonObject[] {
  if (isReference(item)) return [item]
  const { id: _, ...rest } = item
  if (item['type'] !== 'reasoning') return [rest]
  const says = [item['encrypted_content'], item['summary'], item['content']].some(isFilled)
  return says ? [rest] : []
}

function answerIn(body: Json): HeldAnswer | undefined {
  if (!isObject(body) || !ENDS.has(`response.${textAt(body, 'status')}`)) return undefined
  const id = textAt(body, 'id')
  const { output } = body
  if (id === '' || !Array.isArray(output)) return undefined
  return { id, items: output.filter(isObject) }
}

function bodyIn({ event, data }: SseEvent): string | undefined {
  if (!ENDS.has(event)) return undefined
  const told = tryParseJson(data)
  const response = isObject(told) ? objectAt(told, 'response') : undefined
  return response && stringifyJson(response)
}

/** The vendor lists the newest first, twenty at a time, unless it is told otherwise. */
function list(items: readonly JsonObject[], page: HeldPage): JsonObject {
  const { after, limit: wanted, order = 'desc' } = page
  const limit = wanted === undefined ? USUAL_LIMIT : Number(wanted)
  if (!Number.isInteger(limit) || limit < LEAST_LIMIT || limit > MOST_LIMIT)
    throw refused(
      `Invalid 'limit': expected an integer from ${LEAST_LIMIT} to ${MOST_LIMIT}.`,
      'limit',
      'invalid_value',
      ['limit'],
    )
  if (order !== 'asc' && order !== 'desc')
    throw refused(
      `Invalid value: '${order}'. Supported values are: 'asc' and 'desc'.`,
      'order',
      'invalid_value',
      ['order'],
    )
  const sorted = order === 'asc' ? [...items] : [...items].reverse()
  const from = after === undefined ? 0 : sorted.findIndex(({ id }) => id === after) + 1
  const data = sorted.slice(from, from + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: from + limit < sorted.length,
  }
}

function unknownResponse(id: string): ToolgateError {
  return notFound(`Response with id '${id}' not found.`, 'id', null)
}

/**
 * What the vendor says where a request leans on something that is not held: an earlier answer, a
 * conversation, a prompt template, an item (measured by others, 2026-08-31).
 */
export function refuseUnheld(field: string, value: Json): ToolgateError {
  const id = isObject(value) ? textAt(value, 'id') : String(value)
  if (field === 'previous_response_id')
    return refused(
      `Previous response with id '${id}' not found.`,
      field,
      'previous_response_not_found',
      [field],
    )
  const [kind = 'Item', param = 'input'] = UNHELD[field] ?? []
  return notFound(`${kind} with id '${id}' not found.`, field, param)
}

/** What else is held, and the parameter that the vendor names when it is not there. */
const UNHELD: { readonly [field: string]: readonly [kind: string, param: string | null] } = {
  conversation: ['Conversation', null],
  prompt: ['Prompt', null],
}

function notFound(message: string, field: string, param: string | null): ToolgateError {
  return new ToolgateError('not_found', message, {
    details: {
      path: [field],
      protocol: NAME,
      vendor: { type: 'invalid_request_error', param, code: null },
    },
  })
}

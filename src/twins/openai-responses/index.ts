import type { TwinModel } from '../model.ts'
import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from '../vendor.ts'
import { type Answer, dress } from './answer.ts'
import { checkKey, findRoute, organizationOf, readDocument } from './door.ts'
import { failureReply, Rejection, rejectionReply } from './error.ts'
import { replyHeaders } from './headers.ts'
import type { JsonObject } from './json.ts'
import { toPrompt } from './prompt.ts'
import { bodyText, endOf, itemBody, responseBody } from './reply.ts'
import type { ResponsesRequest } from './request.ts'
import { cancel, remove, retrieve } from './retrieval.ts'
import { admit } from './rules.ts'
import { type Progress, type ResponseStore, responseStore } from './store.ts'
import { streamAnswer, streamFailure } from './stream.ts'

export { isResponsesPath } from './door.ts'

/**
 * The twin of OpenAI's Responses API: `POST /v1/responses`, `GET` and `DELETE /v1/responses/{id}`
 * and `POST /v1/responses/{id}/cancel`, each also without `/v1`.
 *
 * Taken without effect: hosted tools (nobody runs them) and `max_tool_calls`, `moderation`,
 * `truncation`, `context_management`, `prompt_cache_*` and log probabilities. Conversations and
 * prompt templates are not kept, so that each of them is unknown.
 */
export const openaiResponsesTwin: TwinVendor = {
  name: 'openai-responses',
  handle: handleResponses,
  failure: failureReply,
  streamFailure: responsesStreamFailure,
}

/** Answers a request to one of the twin's paths, refusals included. */
export async function handleResponses(
  request: TwinRequest,
  context: TwinContext,
): Promise<TwinReply> {
  try {
    return await route(request, context)
  } catch (error) {
    if (error instanceof Rejection) return rejectionReply(error, context)
    throw error
  }
}

/**
 * The events with which a stream breaks off, framed together: `error`, then `response.failed` for
 * the response that was being streamed in this context, or for one made up.
 */
export function responsesStreamFailure(context: TwinContext): string {
  const { answer, count } = streamed.get(context) ?? { answer: unknownAnswer(context), count: 0 }
  return streamFailure(answer, count)
}

/** Whether a response is being streamed in this context, so that a failure would be its failure. */
export function isStreamingResponse(context: TwinContext): boolean {
  return streamed.has(context)
}

// What a twin keeps belongs to what speaks through it, so that two twins share nothing.
const stores = new WeakMap<TwinModel, ResponseStore>()
// A stream's failure tells of the response that was under way in the same context.
const streamed = new WeakMap<TwinContext, { readonly answer: Answer; readonly count: number }>()

function storeOf(model: TwinModel): ResponseStore {
  const store = stores.get(model) ?? responseStore()
  stores.set(model, store)
  return store
}

async function route(request: TwinRequest, context: TwinContext): Promise<TwinReply> {
  const target = findRoute(request)
  checkKey(request)
  const store = storeOf(context.model)
  switch (target.name) {
    case 'create':
      return create(admit(readDocument(request), store, organizationOf(request)), store, context)
    case 'retrieve': {
      const found = retrieve(target.id, store, request.query)
      return 'body' in found ? jsonReply(found.body, context) : streamReply(found.events, context)
    }
    case 'cancel':
      return jsonReply(cancel(target.id, store), context)
    case 'delete':
      return jsonReply(remove(target.id, store), context)
  }
}

async function create(
  request: ResponsesRequest,
  store: ResponseStore,
  context: TwinContext,
): Promise<TwinReply> {
  const { model, random, now } = context
  const turn = await model.answer(toPrompt(request), random.below(2 ** 31))
  const answer = dress(turn, request, now(), random)
  const events = request.isStream ? streamAnswer(answer, random.fork()) : []
  const bodies = bodiesOf(answer)
  // What is streamed, or waited for, is done at once.
  const progress = request.isBackground && !request.isStream ? 'queued' : 'done'
  if (request.isStored || request.isBackground) {
    store.keep({
      id: answer.id,
      bodies,
      isBackground: request.isBackground,
      progress,
      input: [...request.history, ...request.items].map(({ at }) => at),
      output: answer.items.map(itemBody),
      events,
    })
  }
  const { organization } = request
  if (!request.isStream) return jsonReply(bodies[progress], context, organization)
  streamed.set(context, { answer, count: events.length })
  return streamReply(events, context, organization)
}

function bodiesOf(answer: Answer): { readonly [progress in Progress]: JsonObject } {
  return {
    queued: responseBody(answer, 'queued'),
    in_progress: responseBody(answer, 'in_progress'),
    done: responseBody(answer, endOf(answer), { isWhole: true }),
    cancelled: responseBody(answer, 'cancelled'),
  }
}

function jsonReply(body: JsonObject, context: TwinContext, organization?: string): TwinReply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headersOf(context, organization) },
    body: bodyText(body),
  }
}

function streamReply(
  events: readonly string[],
  context: TwinContext,
  organization?: string,
): TwinReply {
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      ...headersOf(context, organization),
    },
    events,
  }
}

function headersOf({ random }: TwinContext, organization?: string): Record<string, string> {
  return replyHeaders(random, organization === undefined ? {} : { organization })
}

/** The response of a stream that nobody asked for here. */
function unknownAnswer(context: TwinContext): Answer {
  const request = admit({ model: 'gpt-5', input: ' ' }, responseStore(), '')
  return dress({ blocks: [] }, request, context.now(), context.random)
}

import type { TwinModel } from '../model.ts'
import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from '../vendor.ts'
import { type Answer, dress, warmUp } from './answer.ts'
import { type PromptCache, promptCache } from './cache.ts'
import { checkKey, findRoute, readDocument, readEdition } from './door.ts'
import { failureReply, Rejection, rejectionReply, streamFailureEvent } from './error.ts'
import { mintId, rateLimits, replyHeaders } from './headers.ts'
import { getModel, listModels } from './models-list.ts'
import { refuseChangedPauses, rememberPause } from './paused.ts'
import { toPrompt } from './prompt.ts'
import { writeAnswer } from './reply.ts'
import type { MessagesRequest } from './request.ts'
import { admit } from './rules.ts'
import { streamAnswer } from './stream.ts'
import { countPrompt } from './tokens.ts'

/**
 * The twin of Anthropic's Messages API: `POST /v1/messages`, `POST /v1/messages/count_tokens`,
 * `GET /v1/models` and `GET /v1/models/{id}`, each with or without an `/anthropic` prefix.
 */
export const anthropicTwin: TwinVendor = {
  name: 'anthropic',
  async handle(request, context) {
    try {
      return await route(request, context)
    } catch (error) {
      if (error instanceof Rejection) return rejectionReply(error, context)
      throw error
    }
  },
  failure: failureReply,
  streamFailure: streamFailureEvent,
}

// A prompt cache belongs to what speaks through the twin, so that two twins share nothing.
const caches = new WeakMap<TwinModel, PromptCache>()

function cacheOf(model: TwinModel): PromptCache {
  const cache = caches.get(model) ?? promptCache()
  caches.set(model, cache)
  return cache
}

async function route(request: TwinRequest, context: TwinContext): Promise<TwinReply> {
  const target = findRoute(request)
  checkKey(request)
  const edition = readEdition(request, target.name === 'count')
  switch (target.name) {
    case 'models':
      return jsonReply(listModels(request.query), context)
    case 'model':
      return jsonReply(getModel(target.id), context)
    case 'count': {
      const { total } = countPrompt(admit(readDocument(request), edition))
      return jsonReply(JSON.stringify({ input_tokens: total }), context)
    }
    case 'create':
      return create(admit(readDocument(request), edition), context)
  }
}

async function create(request: MessagesRequest, context: TwinContext): Promise<TwinReply> {
  refuseChangedPauses(request, context.model)
  const answer = await ask(request, context)
  rememberPause(answer, context.model)
  if (!request.isStream) return jsonReply(writeAnswer(answer), context)
  const requestId = mintId('req', context.random)
  return {
    status: 200,
    headers: {
      ...replyHeaders(requestId, 'text/event-stream; charset=utf-8'),
      'cache-control': 'no-cache',
      ...rateLimits(context),
    },
    events: streamAnswer(answer, context.random.fork()),
  }
}

async function ask(request: MessagesRequest, context: TwinContext): Promise<Answer> {
  const { model, random, now } = context
  const cacheUse = cacheOf(model).use(request, now())
  if (request.maxTokens === 0) return warmUp(request, cacheUse, random)
  const turn = await model.answer(toPrompt(request), random.below(2 ** 32))
  return dress(turn, request, cacheUse, random)
}

function jsonReply(body: string, context: TwinContext): TwinReply {
  const headers = {
    ...replyHeaders(mintId('req', context.random), 'application/json'),
    ...rateLimits(context),
  }
  return { status: 200, headers, body }
}

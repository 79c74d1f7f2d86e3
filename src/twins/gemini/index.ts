import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from '../vendor.ts'
import { dress } from './answer.ts'
import { checkKey, checkQuery, findRoute, framingOf, type Route, readDocument } from './door.ts'
import {
  type Framing,
  failureReply,
  Rejection,
  rejectionReply,
  streamFailureEvent,
} from './error.ts'
import { JSON_TYPE, replyHeaders } from './headers.ts'
import { type Writable, writePretty } from './json-writer.ts'
import { getModel, listModels } from './models-list.ts'
import { toPrompt } from './prompt.ts'
import { wholeAnswer } from './reply.ts'
import type { GeminiRequest } from './request.ts'
import { admit, admitCount } from './rules.ts'
import { streamEvents, streamList } from './stream.ts'
import type { Manners, StudioOptions, VertexOptions } from './surface.ts'
import { countPrompt } from './tokens.ts'

/**
 * The twin of the Gemini API in AI Studio: `POST /{version}/models/{model}:generateContent`,
 * `:streamGenerateContent` and `:countTokens`, `GET /{version}/models` and `/models/{model}`, with
 * `v1beta`, `v1` or `v1alpha`.
 */
export function studioTwin(options: StudioOptions = {}): TwinVendor {
  const { callIds = 'model', bareStreamErrors = false } = options
  const manners = { callIds, bareStreamErrors, rejectsCallIds: false } as const
  return twinOf('gemini', { ...manners, surface: 'studio' })
}

/** The twin of AI Studio with its usual manners. */
export const geminiTwin: TwinVendor = studioTwin()

/**
 * The twin of Gemini on Vertex AI: `POST /{version}/projects/{project}/locations/{location}/
 * publishers/google/models/{model}:…` and the same without project, with `v1` or `v1beta1`.
 */
export function vertexTwin(options: VertexOptions = {}): TwinVendor {
  const { callIds = 'never', rejectsCallIds = false, bareStreamErrors = false } = options
  return twinOf('vertex', { surface: 'vertex', callIds, rejectsCallIds, bareStreamErrors })
}

// What fails later must be framed as the request was, and only the context is the same by then.
const framings = new WeakMap<TwinContext, Framing>()

function twinOf(name: string, manners: Manners): TwinVendor {
  const framed = (context: TwinContext) => framings.get(context) ?? 'object'
  return {
    name,
    async handle(request, context) {
      const framing = framingOf(request)
      framings.set(context, framing)
      try {
        return await answer(request, framing, manners, context)
      } catch (error) {
        if (error instanceof Rejection) return rejectionReply(error, framing, context)
        throw error
      }
    },
    failure: (status, context, options) =>
      failureReply(status, manners, framed(context), context, options),
    streamFailure: context => streamFailureEvent(manners, framed(context)),
  }
}

async function answer(
  request: TwinRequest,
  framing: Framing,
  manners: Manners,
  context: TwinContext,
): Promise<TwinReply> {
  const route = findRoute(request, manners)
  if (!route) return notFound(request, context)
  checkKey(request, route.surface)
  checkQuery(request, route)
  switch (route.name) {
    case 'models':
      return jsonReply(listModels(request.query), context)
    case 'model':
      return jsonReply(getModel(route.model, route.surface.version), context)
    case 'count':
      return jsonReply(countMember(admitCount(readDocument(request), route)), context)
    default:
      return generate(admit(readDocument(request), route), route, framing, manners, context)
  }
}

async function generate(
  request: GeminiRequest,
  route: Route,
  framing: Framing,
  manners: Manners,
  context: TwinContext,
): Promise<TwinReply> {
  const { model, random, now } = context
  const turn = await model.answer(toPrompt(request), random.below(2 ** 32))
  const dressed = dress(turn, { request, manners, random, now: now() })
  if (route.name === 'generate') return jsonReply(wholeAnswer(dressed, random), context)
  const isList = framing === 'list'
  return {
    status: 200,
    headers: {
      ...replyHeaders(isList ? JSON_TYPE : 'text/event-stream', random),
      'content-disposition': 'attachment',
    },
    events: (isList ? streamList : streamEvents)(dressed, random.fork()),
  }
}

function countMember(request: GeminiRequest): Writable {
  const { total, text, images } = countPrompt(request)
  return {
    totalTokens: total,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: text },
      ...(images > 0 ? [{ modality: 'IMAGE', tokenCount: images }] : []),
    ],
  }
}

function jsonReply(body: Writable, { random }: TwinContext): TwinReply {
  const headers = replyHeaders(JSON_TYPE, random)
  return { status: 200, headers, body: `${writePretty(body)}\n` }
}

/** A path or a method that is unknown gets a page for people, not JSON. */
function notFound({ path }: TwinRequest, { random }: TwinContext): TwinReply {
  const shown = path.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return {
    status: 404,
    headers: replyHeaders('text/html; charset=UTF-8', random),
    body: `<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> The requested URL <code>${shown}</code> was not found on this server.\n`,
  }
}

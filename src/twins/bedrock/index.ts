import { isObject, type JsonDocument, JsonSyntaxError, parseJson } from '../anthropic/json.ts'
import type { TwinContext, TwinReply, TwinRequest, TwinVendor } from '../vendor.ts'
import { dress, writeAnswer } from './answer.ts'
import { checkCaller, findTarget, type Target } from './door.ts'
import { errorReply, failureReply, Rejection, replyHeaders, streamFailure } from './error.ts'
import { invoke } from './invoke.ts'
import { toPrompt } from './prompt.ts'
import { checkRules } from './rules.ts'
import { checkShape } from './shape.ts'
import { streamAnswer } from './stream.ts'

/**
 * The twin of Amazon Bedrock: `POST /model/{id}/converse` and `/converse-stream`, for Claude also
 * `/invoke` and `/invoke-with-response-stream`; with a key or with a signature by the access key of
 * AWS's own documentation.
 */
export const bedrockTwin: TwinVendor = {
  name: 'bedrock',
  async handle(request, context) {
    try {
      return await answer(request, context)
    } catch (error) {
      if (error instanceof Rejection) return errorReply(error, context)
      throw error
    }
  },
  failure: failureReply,
  streamFailure,
}

async function answer(request: TwinRequest, context: TwinContext): Promise<TwinReply> {
  checkCaller(request, context.now())
  const target = findTarget(request)
  const document = read(request.body)
  return target.isInvoked
    ? invoke(request, document, target, context)
    : converse(document, target, context)
}

async function converse(
  document: JsonDocument,
  { model, isStream }: Target,
  context: TwinContext,
): Promise<TwinReply> {
  const { random } = context
  const body = document.value
  if (!isObject(body))
    throw new Rejection(
      'Malformed input request: #: expected type: JSONObject, please reformat your input and try again.',
    )
  checkShape(body)
  checkRules(body, model)
  const prompt = toPrompt(body, document, model)
  const turn = await context.model.answer(prompt, random.below(2 ** 32))
  const answer = dress(turn, prompt, model, random)
  if (!isStream) {
    const headers = replyHeaders(random, 'application/json')
    return { status: 200, headers, body: writeAnswer(answer) }
  }
  return {
    status: 200,
    headers: replyHeaders(random, 'application/vnd.amazon.eventstream'),
    events: streamAnswer(answer, random.fork()),
    binary: true,
  }
}

function read(text: string): JsonDocument {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new Rejection('Unable to parse request body as JSON.', 400, 'SerializationException')
  }
}

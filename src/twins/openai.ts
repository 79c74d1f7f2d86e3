import { openaiChatTwin } from './openai-chat/index.ts'
import {
  handleResponses,
  isResponsesPath,
  isStreamingResponse,
  responsesStreamFailure,
} from './openai-responses/index.ts'
import type { TwinVendor } from './vendor.ts'

const chat = openaiChatTwin('openai')

/**
 * The twin of OpenAI as a whole: Chat Completions, the list of models and Responses at one address,
 * spoken through by one model. A failure is told in the same envelope by both.
 */
export const openaiTwin: TwinVendor = {
  name: chat.name,
  handle: (request, context) =>
    isResponsesPath(request.path)
      ? handleResponses(request, context)
      : chat.handle(request, context),
  failure: chat.failure,
  streamFailure: context =>
    isStreamingResponse(context) ? responsesStreamFailure(context) : chat.streamFailure(context),
}

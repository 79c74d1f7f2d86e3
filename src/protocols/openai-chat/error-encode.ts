import type { ToolgateError, WirePath } from '../../core/error.ts'
import { errorEncoder, type Sentence } from '../error-envelope.ts'
import { NAME, parameter } from './wire.ts'

/** Words errors as OpenAI does over Chat Completions. */
export const { encodeError, encodeErrorBody } = errorEncoder({
  protocol: NAME,
  maxCallId: 40, // vercel/ai issue #5171
  status: () => undefined,
  parameter,
  param: () => undefined,
  // The name stands inside the definition, whoever counted the tools.
  toolName: index => `tools[${index}].function.name`,
  about: (error, path, param) =>
    // Fabric issue #239.
    error.code === 'missing_field' && param === 'model'
      ? { message: 'you must provide a model parameter', param: null }
      : aboutCalls(error, path, param),
  unknownModel: model => `The model \`${model}\` does not exist or you do not have access to it.`,
})

/** What OpenAI says about calls and results that do not fit together. */
function aboutCalls(
  error: ToolgateError,
  path: WirePath,
  param: string | null,
): Sentence | undefined {
  const index = path[0] === 'messages' && typeof path[1] === 'number' ? path[1] : undefined
  const place = index === undefined ? param : `messages.[${index}]`
  const role = index === undefined ? param : `${place}.role`
  switch (error.code) {
    case 'unanswered_tool_calls':
      return {
        message: `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${(error.details.callIds ?? []).join(', ')}`,
        param: role,
      }
    case 'orphan_tool_result':
    case 'misplaced_tool_result':
      return {
        // The misspelling is the vendor's own, and clients match on it.
        message:
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        param: role,
      }
    case 'duplicate_tool_result':
      return {
        message: duplicateResult(error, index),
        param: index === undefined ? param : `${place}.tool_call_id`,
      }
    case 'invalid_tool_arguments':
      return { message: error.message, param: argumentsParam(error, param), code: 'invalid_value' }
    case 'unknown_tool':
      if (path[0] !== 'tool_choice') return undefined
      return {
        message: `Invalid value for 'tool_choice': no function named '${error.details.names?.[0] ?? ''}' was specified in the 'tools' parameter.`,
        param: 'tool_choice',
      }
    default:
      return undefined
  }
}

/** The place of a call's arguments, from the message and the number of the call in it. */
function argumentsParam(error: ToolgateError, param: string | null): string | null {
  const { callIndex } = error.details
  return param === null || typeof callIndex !== 'number'
    ? param
    : `${param}.tool_calls[${callIndex}].function.arguments`
}

/** Two answers to one call (agno issue #5116). */
function duplicateResult(error: ToolgateError, index: number | undefined): string {
  const id = error.details.callIds?.[0] ?? ''
  const { first } = error.details
  if (typeof first === 'number' && index !== undefined)
    return `Invalid parameter: Duplicate value for 'tool_call_id' of '${id}', in messages[${first}] and messages[${index}].`
  const where = index === undefined ? '' : `, in messages[${index}]`
  return `Invalid parameter: Duplicate value for 'tool_call_id' of '${id}'${where}.`
}

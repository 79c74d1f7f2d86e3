import type { ToolgateError, WirePath } from '../../core/error.ts'
import { errorEncoder, type Sentence } from '../error-envelope.ts'
import { NAME, parameter } from './wire.ts'

/** Words errors as OpenAI does over Responses. */
export const { encodeError, encodeErrorBody } = errorEncoder({
  protocol: NAME,
  maxCallId: 64, // ungate issue #26
  // Unlike on Chat Completions, an unknown model is a bad request (recorded 2025 to 2026).
  status: error => (error.code === 'model_not_found' ? 400 : undefined),
  // What stands in the conversation is told by the house as a message.
  parameter: path => parameter(path[0] === 'messages' ? ['input', ...path.slice(1)] : path),
  param: error => (error.code === 'model_not_found' ? 'model' : undefined),
  toolName: index => `tools[${index}].name`,
  about: aboutCalls,
  unknownModel: model => `The requested model '${model}' does not exist.`,
})

/** What OpenAI says about calls and results that do not fit together. */
function aboutCalls(error: ToolgateError, path: WirePath): Sentence | undefined {
  const id = error.details.callIds?.[0] ?? ''
  switch (error.code) {
    case 'unanswered_tool_calls':
      // trae-agent issue #245.
      return { message: `No tool output found for function call ${id}.`, param: INPUT }
    case 'orphan_tool_result':
    case 'misplaced_tool_result':
      // vscode issue #320060.
      return {
        message: `No tool call found for function call output with call_id ${id}.`,
        param: INPUT,
      }
    case 'duplicate_tool_result':
      return { message: error.message, param: INPUT, code: 'invalid_value' }
    case 'invalid_tool_arguments':
      return { message: error.message, param: INPUT, code: 'invalid_value' }
    case 'unknown_tool':
      if (path[0] !== 'tool_choice') return undefined
      // The vendor names the kind of tool, not the tool (answers measured 2026-04).
      return {
        message: `Tool choice 'function' not found in 'tools' parameter.${named(error)}`,
        param: 'tool_choice',
      }
    default:
      return undefined
  }
}

const INPUT = 'input'

/** Which tool it is, which the vendor leaves to the reader. */
function named(error: ToolgateError): string {
  const name = error.details.names?.[0]
  return name === undefined ? '' : ` There is no tool named '${name}'.`
}

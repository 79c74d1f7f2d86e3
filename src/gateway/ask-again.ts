import type {
  AssistantMessage,
  AssistantPart,
  ToolMessage,
  ToolResultPart,
} from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse, Usage } from '../core/response.ts'
import { newId } from './ids.ts'
import type { BrokenCall } from './validate-calls.ts'

/** What a model has to be asked again with. */
export interface Again {
  /** In the vendor's own words. */
  readonly response: ModelResponse
  /** None: the vendor paused its turn. */
  readonly broken: readonly BrokenCall[]
}

/**
 * A request that goes on from an answer with broken calls: what the model said, and for each of its
 * calls what is wrong with it, or that it was not run because of another. Without broken calls it
 * goes on from a turn that was paused.
 *
 * @param response in the vendor's own words for ids and names, as it was decoded
 */
export function askAgain(
  request: ModelRequest,
  response: ModelResponse,
  broken: readonly BrokenCall[],
): ModelRequest {
  if (broken.length === 0) return goOnFrom(request, response)
  const results: ToolResultPart[] = []
  const content = response.content.map((part): AssistantPart => {
    if (part.type !== 'tool-call') return part
    const failed = broken.find(({ index }) => index === results.length)
    const id = part.id === '' ? newId('call_', 29) : part.id
    results.push(answerTo(id, part.name, failed))
    return id === part.id ? part : { ...part, id }
  })
  const said: AssistantMessage = { role: 'assistant', at: -1, content }
  const told: ToolMessage = { role: 'tool', at: -1, content: results }
  return { ...request, messages: [...request.messages, said, told] }
}

function goOnFrom(request: ModelRequest, { content }: ModelResponse): ModelRequest {
  const said: AssistantMessage = { role: 'assistant', at: -1, content, paused: true }
  return { ...request, messages: [...request.messages, said] }
}

function answerTo(callId: string, name: string, failed: BrokenCall | undefined): ToolResultPart {
  const text = failed
    ? `This call was not run, because it is not valid.\n${failed.problems.map(one => `- ${one.message}`).join('\n')}\nMake the call again so that it keeps the tool's schema.`
    : 'This call was not run, because another call beside it was not valid. Make it again if it is still needed.'
  return {
    type: 'tool-result',
    callId,
    name,
    at: -1,
    content: [{ type: 'text', text }],
    ...(failed ? { isError: true } : {}),
  }
}

/** The tokens of several answers together. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (!one || !other) return other ?? one
  const sum = (name: 'cached' | 'cacheWrite' | 'reasoning') =>
    one[name] === undefined && other[name] === undefined
      ? {}
      : { [name]: (one[name] ?? 0) + (other[name] ?? 0) }
  return {
    ...other,
    input: one.input + other.input,
    output: one.output + other.output,
    ...sum('cached'),
    ...sum('cacheWrite'),
    ...sum('reasoning'),
  }
}

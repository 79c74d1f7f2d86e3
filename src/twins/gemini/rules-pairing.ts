import { reject } from './error.ts'
import {
  type Content,
  callsOf,
  type GeminiRequest,
  type Part,
  responsesOf,
  textOf,
} from './request.ts'

/** The refusals about turns. Sources: gemini-cli issues #4217, #11814 and #16415, 2025 and 2026. */
const COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.'
const CALL_ORDER =
  'Please ensure that function call turn comes immediately after a user turn or after a function response turn.'
const RESPONSE_ORDER =
  'Please ensure that function response turn comes immediately after a function call turn.'

/** Rules on the order of turns: every call answered at once, no response without a call. */
export function checkPairing(request: GeminiRequest): void {
  const turns = request.contents.map(content => ({ content, kind: turnKind(content) }))
  for (const [place, { content, kind }] of turns.entries()) {
    const before = turns[place - 1]
    if (kind === 'calls' && before?.kind !== 'user' && before?.kind !== 'responses') {
      reject(CALL_ORDER)
    }
    const answers = kind === 'responses' || kind === 'mixed'
    if (answers && before?.kind !== 'calls') reject(RESPONSE_ORDER)
    if (answers && before)
      refuseMismatch(openCalls(before.content), looseResponses(content), request)
    if (before?.kind === 'calls' && !answers) reject(COUNT)
  }
  refuseModelTurnLast(request)
  // A last turn of calls leaves all of them unanswered.
  if (turns.at(-1)?.kind === 'calls') reject(COUNT)
}

/**
 * What a content is to its neighbours. Responses beside something else are `mixed`: they answer
 * their calls, but no call may follow (pydantic-ai issue #4210, 2026). Where Google runs the tools,
 * the model's own contents hold responses, too (recorded conversation of 2026-02).
 */
function turnKind(content: Content): 'user' | 'model' | 'calls' | 'responses' | 'mixed' {
  if (openCalls(content).length > 0) return 'calls'
  if (looseResponses(content).length === 0) return content.role === 'model' ? 'model' : 'user'
  return content.parts.every(({ kind }) => kind === 'functionResponse') ? 'responses' : 'mixed'
}

/** Calls that are not answered in their own content. */
function openCalls(content: Content): readonly Part[] {
  return callsOf(content).slice(responsesOf(content).length)
}

/** Responses to calls of an earlier content. */
function looseResponses(content: Content): readonly Part[] {
  return responsesOf(content).slice(callsOf(content).length)
}

/**
 * Newer models want each response to name a call, by its id, too, if both have one. Sources:
 * archestra pull request #7583 and CLIProxyAPI issue #5199, 2026-08.
 */
function refuseMismatch(
  calls: readonly Part[],
  responses: readonly Part[],
  { model }: GeminiRequest,
): void {
  if (calls.length !== responses.length) reject(COUNT)
  if (!model.matchesResponses) return
  const open = [...calls]
  for (const response of responses) {
    const place = open.findIndex(call => answersCall(response, call))
    if (place < 0) reject('Request contains an invalid argument.')
    open.splice(place, 1)
  }
}

function answersCall(response: Part, call: Part): boolean {
  const callId = textOf(call.at, 'id')
  const responseId = textOf(response.at, 'id')
  const sameId = !callId || !responseId || callId === responseId
  return sameId && textOf(call.at, 'name') === textOf(response.at, 'name')
}

/** Source: LibreChat agents pull request #323, 2026-07-21. */
function refuseModelTurnLast({ contents, model }: GeminiRequest): void {
  const last = contents.at(-1)
  if (last?.role !== 'model' || model.takesModelTurnLast) return
  if (last.parts.at(-1)?.kind === 'functionResponse') return
  reject(
    'Requests ending with a model turn are not supported unless the last part is a function response.',
  )
}

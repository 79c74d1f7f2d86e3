import { Rejection, reject } from './error.ts'
import { isGiven, type JsonObject, objectOf, textOf } from './json.ts'
import type { ResponseStore, StoredResponse } from './store.ts'

/**
 * Rules on what a request continues, in the order in which the vendor looks: a conversation, a
 * prompt template, an earlier response, then whether there is any input (measured by others,
 * 2026-08-31). The twin keeps neither conversations nor templates, so each of them is unknown.
 */
export function checkState(body: JsonObject, store: ResponseStore): void {
  const { conversation, prompt, previous_response_id: previous } = body
  if (isGiven(conversation) && isGiven(previous)) {
    const said =
      "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'pre..._id' or 'conversation'."
    reject(said, null, 'mutually_exclusive_parameters')
  }
  if (isGiven(conversation)) {
    const id = textOf(conversation) ?? textOf(objectOf(conversation).id) ?? ''
    refuseUnknown('Conversation', id)
  }
  if (isGiven(prompt)) refuseUnknown('Prompt', textOf(objectOf(prompt).id) ?? '')
  if (isGiven(previous) && previousOf(body, store) === undefined) {
    const said = `Previous response with id '${String(previous)}' not found.`
    reject(said, 'previous_response_id', 'previous_response_not_found')
  }
  const { input } = body
  if (input === '' || (Array.isArray(input) && input.length === 0)) {
    const said =
      'One of "input" or "previous_response_id" or \'prompt\' or \'conversation\' must be provided.'
    reject(said, null, 'missing_required_parameter')
  }
}

/** The stored response that a request continues, if it names one that is there. */
export function previousOf(body: JsonObject, store: ResponseStore): StoredResponse | undefined {
  return store.find(textOf(body.previous_response_id) ?? '')
}

function refuseUnknown(kind: string, id: string): never {
  throw new Rejection(`${kind} with id '${id}' not found.`, { status: 404 })
}

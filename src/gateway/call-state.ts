import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ReasoningPart,
  ReasoningState,
  ToolMessage,
} from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import type { Emit, StreamPart } from '../core/stream.ts'
import type { Front } from '../protocols/protocol.ts'
import { signatureState, splitId } from '../protocols/thought-signature.ts'

/** In place of a call's id, for the state of an empty text; no vendor's id begins with a dollar. */
const TEXT = '$text'

/** What another gateway puts before a call's id in `reasoning_details` (Bifrost, 2026). */
const PREFIX = 'tool_call_'

/**
 * Puts the state of calls where it belongs, on the calls: from ids that it was hung on, which become
 * as short as they were, in calls and results alike, and from reasoning that names its call. Gives
 * back the same request if there is none of it.
 *
 * @param asIs whether reasoning stays as it is: some vendors want it back untouched
 */
export function liftState(request: ModelRequest, asIs = false): ModelRequest {
  let lifted: Message[] | undefined
  let ids: ReadonlyMap<string, string> = NONE
  for (const [index, message] of request.messages.entries()) {
    let fitted: Message = message
    if (message.role === 'assistant') {
      ids = shortIds(message)
      fitted = liftMessage(message, ids, asIs)
    } else if (message.role === 'tool') fitted = shortenResults(message, ids)
    if (fitted === message) continue
    lifted ??= [...request.messages]
    lifted[index] = fitted
  }
  return lifted ? { ...request, messages: lifted } : request
}

const NONE: ReadonlyMap<string, string> = new Map()

/** The ids of a turn that have a signature in them, each with what it was before. */
function shortIds(message: AssistantMessage): ReadonlyMap<string, string> {
  let found: Map<string, string> | undefined
  let taken: Set<string> | undefined
  let counts: Map<string, number> | undefined
  for (const part of message.content) {
    if (part.type !== 'tool-call') continue
    const { id: short, signature } = splitId(part.id)
    if (signature === '') continue
    found ??= new Map()
    taken ??= callIdsOf(message)
    counts ??= new Map()
    // Where a gateway made ids of names, the calls of one function differ in the signature alone.
    let id = short
    let more = counts.get(short) ?? 2
    while (taken.has(id)) id = `${short}_${more++}`
    counts.set(short, more)
    taken.add(id)
    found.set(part.id, id)
  }
  return found ?? NONE
}

function callIdsOf({ content }: AssistantMessage): Set<string> {
  return new Set(content.flatMap(part => (part.type === 'tool-call' ? [part.id] : [])))
}

function liftMessage(
  message: AssistantMessage,
  ids: ReadonlyMap<string, string>,
  asIs: boolean,
): Message {
  const states = asIs ? undefined : statesOf(message)
  if (ids === NONE && !states) return message
  const content: AssistantPart[] = []
  for (const part of message.content) {
    if (part.type === 'tool-call') {
      const { signature } = splitId(part.id)
      const hung = signature === '' ? states?.get(part.id) : signatureState(signature)
      const state = part.state ?? hung
      const id = ids.get(part.id) ?? part.id
      const isSame = state === part.state && id === part.id
      content.push(isSame ? part : { ...part, id, ...(state && { state }) })
    } else if (part.type === 'reasoning' && part.state && names(part.state, states)) {
      if (part.state.id === TEXT)
        content.push({ type: 'text', text: '', state: asSignature(part.state) })
      else if (part.text !== '') content.push({ type: 'reasoning', text: part.text })
    } else content.push(part)
  }
  return { ...message, content }
}

function names(state: ReasoningState, states: ReadonlyMap<string, ReasoningState> | undefined) {
  return states?.has(callIdOf(state)) === true
}

/** The states of calls that stand in a turn's reasoning, by the id that they name. */
function statesOf(message: AssistantMessage): ReadonlyMap<string, ReasoningState> | undefined {
  let found: Map<string, ReasoningState> | undefined
  let calls: ReadonlySet<string> | undefined
  for (const part of message.content) {
    if (part.type !== 'reasoning' || part.state?.id === undefined) continue
    const id = callIdOf(part.state)
    calls ??= callIdsOf(message)
    if (id !== TEXT && !calls.has(id)) continue
    found ??= new Map()
    found.set(id, asSignature(part.state))
  }
  return found
}

function callIdOf({ id = '' }: ReasoningState): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id
}

function asSignature({ family, data }: ReasoningState): ReasoningState {
  return { family, kind: 'signature', data }
}

function shortenResults(message: ToolMessage, ids: ReadonlyMap<string, string>): ToolMessage {
  let changed = false
  const content = message.content.map(result => {
    const callId = ids.get(result.callId) ?? splitId(result.callId).id
    if (callId === result.callId) return result
    changed = true
    return { ...result, callId }
  })
  return changed ? { ...message, content } : message
}

/** Whether the state of a call needs a second place on this wire: clients drop what they do not know. */
function isForeign(state: ReasoningState | undefined, front: Front): state is ReasoningState {
  return state !== undefined && state.family !== front.stateFamily
}

function reasoningFor(state: ReasoningState, id: string): ReasoningPart {
  const { family, data } = state
  return { type: 'reasoning', text: '', state: { family, kind: 'encrypted', data, id } }
}

/**
 * Says the state of calls once more as reasoning before them, in the place that clients of the wire
 * hand back. The state of an empty text, which would be left out, takes its place.
 */
export function lowerState(response: ModelResponse, front: Front): ModelResponse {
  let hasCalls = false
  let changed = false
  const content: AssistantPart[] = []
  for (const part of response.content) {
    if (part.type === 'tool-call') {
      hasCalls = true
      if (isForeign(part.state, front)) {
        content.push(reasoningFor(part.state, part.id))
        changed = true
      }
    } else if (part.type === 'text' && part.text === '' && isForeign(part.state, front)) {
      changed = true
      if (hasCalls) content.push(reasoningFor(part.state, TEXT))
      continue
    }
    content.push(part)
  }
  return changed ? { ...response, content } : response
}

type BlockPart = Extract<StreamPart, { index: number }>

/** The same for a stream. One for each stream. */
export class StreamLower {
  readonly #front: Front
  /** Calls so far, each with whether its state was said. */
  readonly #calls = new Map<number, { readonly id: string; said: boolean }>()
  /** New indices by old ones, once a block was put in. */
  #indices: Map<number, number> | undefined
  #count = 0
  /** The start of a text that has said nothing yet. */
  #held: Extract<StreamPart, { type: 'text-start' }> | undefined

  constructor(front: Front) {
    this.#front = front
  }

  push(part: StreamPart, emit: Emit<StreamPart>): void {
    switch (part.type) {
      case 'text-delta':
      case 'tool-call-delta':
      case 'reasoning-delta':
        if (this.#held) this.#release(emit)
        emit(this.#indices ? this.#moved(part) : part)
        return
      case 'text-start':
        this.#held = part
        return
      case 'text-end':
        this.#endText(part, emit)
        return
      case 'tool-call-start':
        this.#startCall(part, emit)
        return
      case 'tool-call-end':
        if (this.#held) this.#release(emit)
        emit(this.#moved(part))
        this.#endCall(part, emit)
        return
      case 'reasoning-start':
      case 'opaque':
        if (this.#held) this.#release(emit)
        emit(this.#opened(part))
        return
      case 'reasoning-end':
        if (this.#held) this.#release(emit)
        emit(this.#moved(part))
        return
      default:
        if (this.#held) this.#release(emit)
        emit(part)
    }
  }

  #release(emit: Emit<StreamPart>): void {
    const held = this.#held
    this.#held = undefined
    if (held) emit(this.#opened(held))
  }

  #endText(part: Extract<StreamPart, { type: 'text-end' }>, emit: Emit<StreamPart>): void {
    if (this.#held && isForeign(part.state, this.#front)) {
      this.#held = undefined
      this.#indices ??= this.#identity()
      if (this.#calls.size > 0) this.#insert(part.state, TEXT, emit)
      return
    }
    if (this.#held) this.#release(emit)
    emit(this.#moved(part))
  }

  #startCall(part: Extract<StreamPart, { type: 'tool-call-start' }>, emit: Emit<StreamPart>): void {
    if (this.#held) this.#release(emit)
    const said = isForeign(part.state, this.#front)
    this.#calls.set(part.index, { id: part.id, said })
    if (said && part.state) this.#insert(part.state, part.id, emit)
    emit(this.#opened(part))
  }

  #endCall(part: Extract<StreamPart, { type: 'tool-call-end' }>, emit: Emit<StreamPart>): void {
    const call = this.#calls.get(part.index)
    if (!call || call.said || !isForeign(part.state, this.#front)) return
    call.said = true
    this.#insert(part.state, call.id, emit)
  }

  /** Puts a block in; from here on the old indices are no longer the new ones. */
  #insert(state: ReasoningState, id: string, emit: Emit<StreamPart>): void {
    this.#indices ??= this.#identity()
    const index = this.#count++
    emit({ type: 'reasoning-start', index })
    const { state: carried } = reasoningFor(state, id)
    emit({ type: 'reasoning-end', index, ...(carried && { state: carried }) })
  }

  #identity(): Map<number, number> {
    const indices = new Map<number, number>()
    for (let index = 0; index < this.#count; index++) indices.set(index, index)
    return indices
  }

  #opened<T extends BlockPart>(part: T): T {
    const index = this.#count++
    this.#indices?.set(part.index, index)
    return index === part.index ? part : { ...part, index }
  }

  #moved<T extends BlockPart>(part: T): T {
    const index = this.#indices?.get(part.index) ?? part.index
    return index === part.index ? part : { ...part, index }
  }
}

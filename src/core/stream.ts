import type { ToolgateError } from './error.ts'
import { type Extras, PROTOCOL_NAMES } from './extras.ts'
import type { AssistantPart, AudioPart, ImagePart, OpaquePart, ReasoningState } from './message.ts'
import type { FinishReason, ModelResponse, Usage } from './response.ts'

/**
 * One step of a streamed answer. Laws that every decoder keeps and every encoder relies on:
 * `message-start` comes first and once; every block opens once, gets its deltas and closes once;
 * block indices count up from 0 in the order of opening; the stream ends with exactly one of
 * `message-end` (all blocks closed) and `error`. Two tool calls may be open at once only when the
 * vendor really interleaves their arguments.
 */
export type StreamPart =
  | {
      readonly type: 'message-start'
      readonly id: string
      readonly model: string
      readonly created?: number
      readonly extras?: Extras
    }
  | {
      readonly type: 'text-start'
      readonly index: number
      readonly refusal?: true
      /** What is known at once; `text-end` says it again, and has the last word. */
      readonly extras?: Extras
    }
  | { readonly type: 'text-delta'; readonly index: number; readonly text: string }
  | {
      readonly type: 'text-end'
      readonly index: number
      readonly state?: ReasoningState
      readonly extras?: Extras
    }
  | {
      readonly type: 'reasoning-start'
      readonly index: number
      /** What is known at once; `reasoning-end` says it again, and has the last word. */
      readonly extras?: Extras
    }
  | { readonly type: 'reasoning-delta'; readonly index: number; readonly text: string }
  | {
      readonly type: 'reasoning-end'
      readonly index: number
      readonly state?: ReasoningState
      readonly extras?: Extras
    }
  | {
      readonly type: 'tool-call-start'
      readonly index: number
      readonly id: string
      readonly name: string
      readonly kind: 'function' | 'custom'
      readonly state?: ReasoningState
      /** What is known at once; `tool-call-end` says it again, and has the last word. */
      readonly extras?: Extras
    }
  | { readonly type: 'tool-call-delta'; readonly index: number; readonly text: string }
  | {
      readonly type: 'tool-call-end'
      readonly index: number
      readonly state?: ReasoningState
      readonly extras?: Extras
    }
  /** A part that comes in one piece: an opaque one, a picture or a sound. */
  | {
      readonly type: 'opaque'
      readonly index: number
      readonly part: OpaquePart | ImagePart | AudioPart
    }
  /** The latest totals; a later one replaces an earlier one. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'message-end'; readonly finish: FinishReason; readonly extras?: Extras }
  | { readonly type: 'error'; readonly error: ToolgateError }

/** Takes what a push object produces. */
export type Emit<T> = (value: T) => void

interface OpenBlock {
  kind: 'text' | 'refusal' | 'reasoning' | 'tool-call'
  text: string
  id: string
  name: string
  callKind: 'function' | 'custom'
  state: ReasoningState | undefined
}

/**
 * Folds a stream into the response it stands for; the only place that does so.
 *
 * @throws the stream's own error if it ended with one, and a plain `Error` if a law is broken.
 */
export function assemble(parts: Iterable<StreamPart>): ModelResponse {
  const open = new Map<number, OpenBlock>()
  const done: (AssistantPart | undefined)[] = []
  let start: Extract<StreamPart, { type: 'message-start' }> | undefined
  let end: Extract<StreamPart, { type: 'message-end' }> | undefined
  let usage: Usage | undefined

  const block = (index: number, kinds: readonly OpenBlock['kind'][]): OpenBlock => {
    const found = open.get(index)
    if (!found || !kinds.includes(found.kind)) throw new Error(`no open block ${index}`)
    return found
  }
  const begin = (index: number, kind: OpenBlock['kind']): OpenBlock => {
    if (!start || end) throw new Error(`block ${index} outside the message`)
    if (index !== done.length) throw new Error(`block ${index} opened out of order`)
    const made: OpenBlock = {
      kind,
      text: '',
      id: '',
      name: '',
      callKind: 'function',
      state: undefined,
    }
    open.set(index, made)
    done.push(undefined)
    return made
  }

  for (const part of parts) {
    switch (part.type) {
      case 'message-start':
        if (start) throw new Error('second message-start')
        start = part
        break
      case 'text-start':
        begin(part.index, part.refusal ? 'refusal' : 'text')
        break
      case 'reasoning-start':
        begin(part.index, 'reasoning')
        break
      case 'tool-call-start': {
        const made = begin(part.index, 'tool-call')
        made.id = part.id
        made.name = part.name
        made.callKind = part.kind
        made.state = part.state
        break
      }
      case 'text-delta':
        block(part.index, ['text', 'refusal']).text += part.text
        break
      case 'reasoning-delta':
        block(part.index, ['reasoning']).text += part.text
        break
      case 'tool-call-delta':
        block(part.index, ['tool-call']).text += part.text
        break
      case 'text-end':
      case 'reasoning-end':
      case 'tool-call-end': {
        const kind = part.type.slice(0, -4)
        const found = block(
          part.index,
          kind === 'text'
            ? ['text', 'refusal']
            : kind === 'reasoning'
              ? ['reasoning']
              : ['tool-call'],
        )
        open.delete(part.index)
        done[part.index] = close(found, part.state ?? found.state, part.extras)
        break
      }
      case 'opaque':
        begin(part.index, 'text')
        open.delete(part.index)
        done[part.index] = part.part
        break
      case 'usage':
        if (!start || end) throw new Error('usage outside the message')
        usage = part.usage
        break
      case 'message-end':
        if (!start) throw new Error('message-end without a start')
        if (end) throw new Error('second message-end')
        if (open.size > 0) throw new Error(`message ended with open blocks ${[...open.keys()]}`)
        end = part
        break
      case 'error':
        throw part.error
    }
  }
  if (!start || !end) throw new Error('the stream has no start or no end')
  const extras = mergeExtras(start.extras, end.extras)
  return {
    id: start.id,
    model: start.model,
    ...(start.created === undefined ? {} : { created: start.created }),
    content: done.filter(part => part !== undefined),
    finish: end.finish,
    ...(usage ? { usage } : {}),
    ...(extras ? { extras } : {}),
  }
}

/** What stood at the start and what came at the end, for each protocol; the end has the last word. */
function mergeExtras(first: Extras | undefined, last: Extras | undefined): Extras | undefined {
  if (!first || !last) return first ?? last
  const merged: { -readonly [P in keyof Extras]: Extras[P] } = { ...first }
  for (const name of PROTOCOL_NAMES)
    if (last[name]) merged[name] = { ...first[name], ...last[name] }
  return merged
}

function close(
  block: OpenBlock,
  state: ReasoningState | undefined,
  extras: Extras | undefined,
): AssistantPart {
  const more = { ...(state ? { state } : {}), ...(extras ? { extras } : {}) }
  switch (block.kind) {
    case 'text':
      return { type: 'text', text: block.text, ...more }
    case 'refusal':
      return { type: 'refusal', text: block.text, ...(extras ? { extras } : {}) }
    case 'reasoning':
      return { type: 'reasoning', text: block.text, ...more }
    case 'tool-call':
      return {
        type: 'tool-call',
        id: block.id,
        name: block.name,
        arguments: block.text,
        kind: block.callKind,
        ...more,
      }
  }
}

/** The stream that a whole response would have been: the inverse of `assemble`, one delta a block. */
export function disassemble(response: ModelResponse): StreamPart[] {
  const parts: StreamPart[] = [
    {
      type: 'message-start',
      id: response.id,
      model: response.model,
      ...(response.created === undefined ? {} : { created: response.created }),
      ...(response.extras ? { extras: response.extras } : {}),
    },
  ]
  for (const [index, part] of response.content.entries()) {
    const early = 'extras' in part && part.extras ? { extras: part.extras } : {}
    const more = { ...('state' in part && part.state ? { state: part.state } : {}), ...early }
    switch (part.type) {
      case 'text':
        parts.push({ type: 'text-start', index, ...early })
        if (part.text !== '') parts.push({ type: 'text-delta', index, text: part.text })
        parts.push({ type: 'text-end', index, ...more })
        break
      case 'refusal':
        parts.push({ type: 'text-start', index, refusal: true, ...early })
        if (part.text !== '') parts.push({ type: 'text-delta', index, text: part.text })
        parts.push({ type: 'text-end', index, ...early })
        break
      case 'reasoning':
        parts.push({ type: 'reasoning-start', index, ...early })
        if (part.text !== '') parts.push({ type: 'reasoning-delta', index, text: part.text })
        parts.push({ type: 'reasoning-end', index, ...more })
        break
      case 'tool-call': {
        const { id, name, kind } = part
        parts.push({ type: 'tool-call-start', index, id, name, kind, ...early })
        if (part.arguments !== '')
          parts.push({ type: 'tool-call-delta', index, text: part.arguments })
        parts.push({ type: 'tool-call-end', index, ...more })
        break
      }
      case 'opaque':
      case 'image':
      case 'audio':
        parts.push({ type: 'opaque', index, part })
        break
    }
  }
  if (response.usage) parts.push({ type: 'usage', usage: response.usage })
  parts.push({ type: 'message-end', finish: response.finish })
  return parts
}

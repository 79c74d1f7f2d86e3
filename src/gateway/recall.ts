import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ReasoningState,
  ToolCallPart,
} from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import type { StreamPart } from '../core/stream.ts'
import type { Back } from '../protocols/protocol.ts'
import { isDummy } from '../protocols/thought-signature.ts'
import type { ResolvedModel } from '../providers/index.ts'
import type { Vault } from '../store/vault.ts'
import {
  type KeptState,
  type KeyScope,
  keptStates,
  readKept,
  stateKey,
  suits,
  writeKept,
} from './kept-state.ts'

/** What became of the state of one exchange's calls: turns, and entries that were kept. */
export interface RecallFacts {
  found: number
  missing: number
  kept: number
}

/** The most turns of a conversation, from its end, whose state is looked for. */
const MOST_TURNS = 200

/**
 * Keeps and puts back the reasoning state of one exchange, for the vendor, model and client that it
 * belongs to.
 */
export class Recall {
  readonly facts: RecallFacts = { found: 0, missing: 0, kept: 0 }
  readonly #vault: Vault
  readonly #scope: KeyScope
  readonly #account: string
  /** Whether the vendor wants reasoning back that has no state. */
  readonly #plain: boolean

  constructor(vault: Vault, tenant: string, target: ResolvedModel) {
    const { account, provider, model, quirks } = target
    this.#vault = vault
    this.#scope = { tenant, provider: provider.name, model }
    this.#account = account.name
    this.#plain = quirks.reasoningField !== undefined || quirks.reasoningEcho === true
  }

  /**
   * Puts back what the client dropped: into turns with calls that carry no state at all. Answers at
   * once unless a shared store has to be asked; the same request if there is nothing to put back.
   */
  putBack(request: ModelRequest): ModelRequest | Promise<ModelRequest> {
    const turns = this.#bareTurns(request)
    if (turns.length === 0) return request
    const found = new Map<string, string>()
    const unknown: string[] = []
    for (const { calls } of turns) {
      const before = found.size
      for (const { key } of calls) {
        const text = this.#vault.read(key)
        if (text !== undefined) found.set(key, text)
      }
      // A turn is kept as a whole: of parallel calls, those without state are nowhere.
      if (found.size === before) for (const { key } of calls) unknown.push(key)
    }
    if (unknown.length === 0 || !this.#vault.isShared) return this.#fill(request, turns, found)
    return this.#vault.fetch(unknown).then(more => {
      for (const [key, text] of more) found.set(key, text)
      return this.#fill(request, turns, found)
    })
  }

  #bareTurns({ messages }: ModelRequest): BareTurn[] {
    const turns: BareTurn[] = []
    for (let index = messages.length - 1; index >= 0 && turns.length < MOST_TURNS; index--) {
      const message = messages[index]
      if (message?.role !== 'assistant' || !isBare(message, this.#plain)) continue
      const calls = message.content.filter(part => part.type === 'tool-call')
      if (calls.length === 0) continue
      turns.push({
        index,
        message,
        calls: calls.map(call => ({ call, key: stateKey(this.#scope, call) })),
      })
    }
    return turns
  }

  #fill(
    request: ModelRequest,
    turns: readonly BareTurn[],
    found: ReadonlyMap<string, string>,
  ): ModelRequest {
    let messages: Message[] | undefined
    for (const { index, message, calls } of turns) {
      const kept = new Map<ToolCallPart, KeptState>()
      for (const { call, key } of calls) {
        const text = found.get(key)
        const read = text === undefined ? undefined : readKept(text)
        if (read && suits(read, this.#account)) kept.set(call, read)
      }
      if (kept.size === 0) {
        this.facts.missing++
        continue
      }
      this.facts.found++
      messages ??= [...request.messages]
      messages[index] = filled(message, kept)
    }
    this.#vault.count(this.facts.found, this.facts.missing)
    return messages ? { ...request, messages } : request
  }

  /** Keeps the state of an answer's calls. */
  keep(content: readonly AssistantPart[]): void {
    for (const { call, kept } of keptStates(content, this.#account, this.#plain)) {
      this.#vault.write(stateKey(this.#scope, call), writeKept(kept))
      this.facts.kept++
    }
  }
}

interface BareTurn {
  readonly index: number
  readonly message: AssistantMessage
  readonly calls: readonly { readonly call: ToolCallPart; readonly key: string }[]
}

/** Whether a turn says nothing of the state that it may have had. */
function isBare(message: AssistantMessage, plain: boolean): boolean {
  return message.content.every(part => {
    if (part.type !== 'reasoning' && part.type !== 'tool-call') return true
    if (part.state) return isDummy(part.state)
    return part.type === 'tool-call' || !plain || part.text === ''
  })
}

/** A turn with what was kept for its calls, in the order in which it came. */
function filled(
  message: AssistantMessage,
  kept: ReadonlyMap<ToolCallPart, KeptState>,
): AssistantMessage {
  const hasReasoning = [...kept.values()].some(({ head, near }) => head[0] ?? near[0])
  const content: AssistantPart[] = []
  const after: AssistantPart[] = []
  let start = 0
  for (const part of message.content) {
    // What a client keeps of reasoning without its state stands in what is put back.
    if (part.type === 'reasoning' && hasReasoning) continue
    if (part.type !== 'tool-call') {
      content.push(part)
      continue
    }
    const state = kept.get(part)
    if (state) {
      content.splice(start, 0, ...state.head)
      content.push(...state.near)
      after.push(...state.after)
    }
    content.push(state?.state ? { ...part, state: state.state } : part)
    start = content.length
  }
  return { ...message, content: [...content, ...after] }
}

/** Whether answers of a model may hold state that it wants back. */
export function usesState(back: Back, target: ResolvedModel, request: ModelRequest): boolean {
  const { quirks } = target
  switch (back.name) {
    case 'gemini':
      return quirks.thoughtSignatures !== 'none'
    case 'anthropic': {
      const { reasoning = target.reasoning } = request
      return reasoning ? reasoning.mode !== 'off' : quirks.thinking === 'always-adaptive'
    }
    case 'converse':
      return (quirks.thinking ?? 'none') !== 'none'
    case 'openai-responses':
      return quirks.efforts?.length !== 0
    default:
      return (
        (quirks.thoughtSignatures ?? 'none') !== 'none' ||
        quirks.reasoningDetails === true ||
        quirks.reasoningField !== undefined ||
        quirks.reasoningEcho === true
      )
  }
}

/**
 * Whether a request holds state that the wire's own vendor would refuse, or, where it checks
 * signatures, reasoning that has none.
 */
export function hasForeignState(
  request: ModelRequest,
  { stateFamily }: Back,
  { quirks }: ResolvedModel,
): boolean {
  return request.messages.some(
    message =>
      message.role === 'assistant' &&
      message.content.some(part => {
        if (part.type !== 'reasoning' && part.type !== 'tool-call' && part.type !== 'text')
          return false
        if (part.state) return part.state.family !== stateFamily
        return part.type === 'reasoning' && quirks.thinking !== undefined
      }),
  )
}

interface Gathered {
  readonly part: 'text' | 'reasoning' | 'tool-call'
  readonly id: string
  readonly name: string
  text: string
  state: ReasoningState | undefined
}

/** Gathers from a stream what is to be kept of it, and keeps it at its end. */
export class StreamKeeper {
  readonly #recall: Recall
  readonly #blocks: Gathered[] = []

  constructor(recall: Recall) {
    this.#recall = recall
  }

  push(part: StreamPart): void {
    switch (part.type) {
      case 'reasoning-delta':
      case 'tool-call-delta': {
        const block = this.#blocks[part.index]
        if (block) block.text += part.text
        return
      }
      case 'text-delta': {
        // Only whether there is any counts.
        const block = this.#blocks[part.index]
        if (block?.text === '') block.text = part.text
        return
      }
      case 'text-start':
        this.#open(part.index, 'text')
        return
      case 'reasoning-start':
        this.#open(part.index, 'reasoning')
        return
      case 'tool-call-start':
        this.#open(part.index, 'tool-call', part.id, part.name, part.state)
        return
      case 'text-end':
      case 'reasoning-end':
      case 'tool-call-end': {
        const block = this.#blocks[part.index]
        if (block && part.state) block.state = part.state
        return
      }
      case 'message-end':
        if (this.#blocks.some(block => block?.part === 'tool-call')) this.#keep()
    }
  }

  #open(
    index: number,
    part: Gathered['part'],
    id = '',
    name = '',
    state: ReasoningState | undefined = undefined,
  ): void {
    this.#blocks[index] = { part, id, name, text: '', state }
  }

  #keep(): void {
    const content = this.#blocks.map(({ part, id, name, text, state }): AssistantPart => {
      const more = state && { state }
      return part === 'tool-call'
        ? { type: part, id, name, arguments: text, kind: 'function', ...more }
        : { type: part, text, ...more }
    })
    this.#recall.keep(content)
  }
}

import type { AssistantMessage, Message, ReasoningState, ToolMessage } from '../core/message.ts'
import type { TextRule } from '../protocols/quirks.ts'
import { renamed } from './history.ts'

/**
 * Fits a conversation that may have been had with another model: ids that are illegal here, or stand
 * twice, are made anew, and the state of another family's reasoning is left out, for it is worth
 * nothing to this model and its vendor may refuse it. Neighbouring answers, as a paused one and the
 * rest of it, become one: not every vendor takes two in a row.
 *
 * @param family of the model, if it is known; else all state is kept
 */
export function fitHistory(
  messages: readonly Message[],
  callId: TextRule,
  family: string | undefined,
): Message[] {
  const used = new Set<string>()
  let turn = new Map<string, string>()
  let count = 0
  const mint = (id: string): string => {
    let minted = id
    while (used.has(minted) || !callId.pattern.test(minted) || minted.length > callId.max)
      minted = `call_h${count++}`
    used.add(minted)
    turn.set(id, minted)
    return minted
  }
  const fitted: Message[] = []
  for (const message of messages) {
    const last = fitted.at(-1)
    const at = fitted.length
    if (message.role === 'assistant') {
      if (last?.role !== 'assistant') turn = new Map()
      const answer = fitAnswer({ ...message, at }, mint, family)
      const joined = last?.role === 'assistant' ? joinAnswers(last, answer) : undefined
      if (joined) fitted[at - 1] = joined
      else fitted.push(answer)
    } else fitted.push(message.role === 'tool' ? fitResults(message, turn, at) : { ...message, at })
  }
  return fitted
}

/** Two answers as one; `undefined` if each has what only its own protocol knows of a whole answer. */
function joinAnswers(
  first: AssistantMessage,
  second: AssistantMessage,
): AssistantMessage | undefined {
  if (first.extras && second.extras) return undefined
  return { ...first, ...second, at: first.at, content: [...first.content, ...second.content] }
}

function fitAnswer(
  message: AssistantMessage,
  mint: (id: string) => string,
  family: string | undefined,
): AssistantMessage {
  const isForeign = (state: ReasoningState | undefined): boolean =>
    state !== undefined && family !== undefined && state.family !== family
  const content = message.content.map(part => {
    const own = part.type === 'tool-call' ? renamed(part, mint(part.id)) : part
    if (!('state' in own) || !isForeign(own.state)) return own
    const { state: _, ...rest } = own
    return rest
  })
  // What is left of reasoning without words and without its state says nothing.
  const said = content.filter(
    part => part.type !== 'reasoning' || part.text !== '' || 'state' in part,
  )
  return { ...message, content: said }
}

function fitResults(
  message: ToolMessage,
  ids: ReadonlyMap<string, string>,
  at: number,
): ToolMessage {
  const content = message.content.map(part => ({
    ...part,
    at,
    callId: ids.get(part.callId) ?? part.callId,
  }))
  return { ...message, at, content }
}

import type { JsonObject } from '../../core/json.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolMessage,
  ToolResultPart,
  UserMessage,
} from '../../core/message.ts'
import { NAME } from './wire.ts'

interface Turn {
  readonly message: AssistantMessage & { readonly content: AssistantPart[] }
  results: ToolResultPart[] | undefined
}

/**
 * Puts items into the order of the house: the model's items in a row are one message, and outputs
 * stand right behind the turn that made their calls. On this wire they may stand anywhere later, so
 * that one is moved up; its `at` still tells where it was.
 */
export class ConversationOrder {
  readonly messages: Message[] = []
  /** Whether items are named here that only the vendor holds. */
  hasReferences = false
  readonly #continues: boolean
  readonly #turns = new Map<string, Turn>()
  #turn: Turn | undefined
  /** Outputs in a row whose calls are not here. */
  #orphans: ToolResultPart[] | undefined

  constructor(continues: boolean) {
    this.#continues = continues
  }

  /** Whether the last thing said is text, so that a new item must be told apart from it. */
  get endsInText(): boolean {
    const last = this.#turn?.message.content.at(-1)
    return last?.type === 'text' || last?.type === 'refusal'
  }

  /** Adds a message of its own. */
  add(message: Message): void {
    this.#turn = undefined
    this.#orphans = undefined
    this.messages.push(message)
  }

  /** Adds an item of the client's that only this protocol knows. */
  added(kind: string, item: JsonObject, index: number): void {
    const message: UserMessage = {
      role: 'user',
      content: [{ type: 'opaque', protocol: NAME, kind, value: item }],
      at: index,
      extras: { [NAME]: { $item: true } },
    }
    this.add(message)
  }

  /** Adds a part to the model's turn, which it begins if need be. */
  said(part: AssistantPart, index: number): void {
    let turn = this.#turn
    if (!turn) {
      turn = {
        message: { role: 'assistant', content: [], at: index },
        results: undefined,
      }
      this.add(turn.message)
      this.#turn = turn
    }
    turn.message.content.push(part)
    if (part.type === 'tool-call') this.#turns.set(part.id, turn)
  }

  /** Adds an output, behind the turn of its call. */
  answered(result: ToolResultPart, item: JsonObject): void {
    this.#turn = undefined
    const turn = this.#turns.get(result.callId)
    if (turn) {
      if (turn.results) turn.results.push(result)
      else this.#insert(turn, result)
    } else if (this.#isElsewhere()) this.added(String(item['type']), item, result.at)
    else if (this.#orphans) this.#orphans.push(result)
    else {
      const content = [result]
      this.add({ role: 'tool', content, at: result.at })
      this.#orphans = content
    }
  }

  #insert(turn: Turn, result: ToolResultPart): void {
    turn.results = [result]
    const group: ToolMessage = { role: 'tool', content: turn.results, at: result.at }
    this.messages.splice(this.messages.indexOf(turn.message) + 1, 0, group)
    this.#orphans = undefined
  }

  /**
   * Whether a call that is not here may be with the vendor, in a place that the house has no
   * message for: behind other items, or named by a reference.
   */
  #isElsewhere(): boolean {
    if (this.hasReferences) return true
    return this.#continues && !this.#orphans && this.messages.some(({ role }) => role !== 'system')
  }
}

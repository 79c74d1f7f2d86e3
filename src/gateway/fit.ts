import { ToolgateError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { Loss } from '../core/loss.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
} from '../core/message.ts'
import type { CustomTool, FunctionTool, ModelRequest, Tool } from '../core/request.ts'
import type { Back } from '../protocols/protocol.ts'
import type { Quirks, TextRule } from '../protocols/quirks.ts'
import type { Coercion } from '../schema/coerce.ts'
import { tryParseJson } from '../wire/json.ts'
import { lowerOutput } from './lower-output.ts'
import { lowerTools } from './lower-tools.ts'
import { keeps, mintId, mintName } from './mint.ts'

/** What must be undone in the answer. */
export interface Undo {
  /** The client's name of a tool, by the name that the vendor was told. */
  readonly names: ReadonlyMap<string, string>
  /** The client's names of free-text tools that went out as functions. */
  readonly custom: ReadonlySet<string>
  /** How arguments come back into the client's schema, by the client's name of the tool. */
  readonly schemas: ReadonlyMap<string, Coercion>
  /** How the text of a structured answer comes back into the client's schema. */
  readonly output?: Coercion
  /** Whether calls after the first are left out, because the vendor could not be told to make one. */
  readonly firstCallOnly: boolean
}

/** A request made fit for a wire: legal ids and names, no kinds of tool that the wire lacks. */
export interface Fitted {
  /** The same object as came in if nothing had to change. */
  readonly request: ModelRequest
  readonly losses: readonly Loss[]
  readonly undo: Undo | undefined
}

/**
 * Fits a checked request to the wire it will go over. Ids and names that break the wire's rules are
 * re-minted in tools, choice and history alike, and an id that stands in more than one turn is told
 * apart; the client never sees any of it. Free-text tools become functions where there are none,
 * and schemas are said in the vendor's dialect.
 *
 * @throws ToolgateError `unsupported` for a server tool of another protocol.
 */
export function fitRequest(asked: ModelRequest, back: Back, quirks: Quirks): Fitted {
  const lowered = lowerTools(asked, back, quirks)
  const { coercions: schemas } = lowered
  const { request, losses: lost, coercion: output } = lowerOutput(lowered.request, back, quirks)
  const losses: Loss[] = [...lowered.losses, ...lost]
  const names = new Names(quirks.toolName ?? back.toolName, request.tools)
  const customs = quirks.customTools ?? back.customTools
  const custom = new Set<string>()

  const fittedTools = request.tools.map((tool, index): Tool => {
    if (tool.kind === 'server') {
      refuseForeign(tool, back, index)
      return tool
    }
    const name = names.mint(tool.name)
    if (tool.kind === 'custom' && !customs) {
      custom.add(tool.name)
      losses.push(customLoss(tool, index))
      return asFunction(tool, name)
    }
    return name === tool.name ? tool : { ...tool, name }
  })
  const tools = fittedTools.some((tool, i) => tool !== request.tools[i])
    ? fittedTools
    : request.tools

  const ids = new Ids(quirks.callId ?? back.callId)
  const fitted = request.messages.map(message =>
    fitMessage(message, back, names, ids, customs, losses),
  )
  const messages = fitted.some((message, i) => message !== request.messages[i])
    ? fitted.filter(message => message.role === 'system' || message.content.length > 0)
    : request.messages

  const choice = request.toolChoice
  const { renamed } = names
  const renames = renamed.size > 0
  const single = request.parallel === false && back.parallelSwitch === false
  const same = tools === request.tools && messages === request.messages
  return {
    request: same
      ? request
      : {
          ...request,
          tools,
          messages,
          ...(renames && choice?.mode === 'tool'
            ? { toolChoice: { ...choice, name: names.mint(choice.name) } }
            : {}),
          ...(renames && (choice?.mode === 'auto' || choice?.mode === 'required') && choice.allowed
            ? { toolChoice: { ...choice, allowed: choice.allowed.map(name => names.mint(name)) } }
            : {}),
        },
    losses,
    undo:
      renames || custom.size > 0 || schemas.size > 0 || single || output
        ? { names: renamed, custom, schemas, firstCallOnly: single, ...(output && { output }) }
        : undefined,
  }
}

function refuseForeign(tool: Extract<Tool, { kind: 'server' }>, back: Back, index: number): void {
  if (tool.protocol === back.name) return
  throw new ToolgateError(
    'unsupported',
    `Tool '${tool.type}' is run by the vendor of another protocol and cannot be called here.`,
    { details: { path: ['tools', index], names: [tool.name] } },
  )
}

function customLoss(tool: CustomTool, index: number): Loss {
  return {
    path: `tools[${index}]`,
    what: tool.grammar
      ? 'a free-text tool as a function; its grammar is told but not enforced'
      : 'a free-text tool as a function with one parameter',
    action: 'emulated',
    meaning: tool.grammar !== undefined,
  }
}

function asFunction(tool: CustomTool, name: string): FunctionTool {
  const grammar = tool.grammar
    ? `The text must match this ${tool.grammar.syntax} grammar:\n${tool.grammar.definition}`
    : 'The whole input of the tool, as plain text.'
  return {
    kind: 'function',
    name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: grammar } },
      required: ['input'],
      additionalProperties: false,
    },
  }
}

function fitMessage(
  message: Message,
  back: Back,
  names: Names,
  ids: Ids,
  customs: boolean,
  losses: Loss[],
): Message {
  switch (message.role) {
    case 'system':
      return message
    case 'assistant':
      ids.turn()
      return fitAssistant(message, back, names, ids, customs, losses)
    case 'tool':
      return fitResults(message, back, names, ids, losses)
    case 'user': {
      const content = message.content.filter(part => native(part, back, message.at, losses))
      return content.length === message.content.length ? message : { ...message, content }
    }
  }
}

/** Whether a part may stay; an opaque part of another protocol is left out, and reported. */
function native(
  part: { readonly type: string; readonly protocol?: string; readonly kind?: string },
  back: Back,
  at: number,
  losses: Loss[],
): boolean {
  if (part.type !== 'opaque' || part.protocol === back.name) return true
  losses.push({
    path: `messages[${at}]`,
    what: `a '${part.kind}' part, which only its own protocol knows`,
    action: 'dropped',
    meaning: true,
  })
  return false
}

function fitAssistant(
  message: AssistantMessage,
  back: Back,
  names: Names,
  ids: Ids,
  customs: boolean,
  losses: Loss[],
): AssistantMessage {
  let changed = false
  const content: AssistantPart[] = []
  for (const part of message.content) {
    if (part.type === 'tool-call') {
      const fitted = fitCall(part, names, ids, customs)
      changed ||= fitted !== part
      content.push(fitted)
    } else if (native(part, back, message.at, losses)) content.push(part)
    else changed = true
  }
  return changed ? { ...message, content } : message
}

function fitCall(call: ToolCallPart, names: Names, ids: Ids, customs: boolean): ToolCallPart {
  const id = ids.call(call.id)
  const name = names.mint(call.name)
  if (call.kind === 'custom' && !customs) {
    return {
      ...call,
      id,
      name,
      kind: 'function',
      arguments: JSON.stringify({ input: call.arguments }),
    }
  }
  return id === call.id && name === call.name ? call : { ...call, id, name }
}

function fitResults(
  message: ToolMessage,
  back: Back,
  names: Names,
  ids: Ids,
  losses: Loss[],
): ToolMessage {
  let changed = false
  const content = message.content.map((result): ToolResultPart => {
    const callId = ids.answer(result.callId)
    const name = result.name === undefined ? undefined : names.mint(result.name)
    const parts = result.content.filter(part => native(part, back, result.at, losses))
    if (callId === result.callId && name === result.name && parts.length === result.content.length)
      return result
    changed = true
    return { ...result, callId, content: parts, ...(name === undefined ? {} : { name }) }
  })
  return changed ? { ...message, content } : message
}

const NONE: ReadonlyMap<string, string> = new Map()

/** Tool names on their way out. */
class Names {
  readonly #rule: TextRule
  readonly #tools: readonly Tool[]
  // Made when the first name has to be minted: most have not.
  #minted: Map<string, string> | undefined
  #taken: Set<string> | undefined
  #renamed: Map<string, string> | undefined

  /** @param tools no name may be minted into the name of one of them */
  constructor(rule: TextRule, tools: readonly Tool[]) {
    this.#rule = rule
    this.#tools = tools
  }

  /** The client's name by the minted one. */
  get renamed(): ReadonlyMap<string, string> {
    return this.#renamed ?? NONE
  }

  mint(name: string): string {
    if (keeps(this.#rule, name)) return name
    const known = this.#minted?.get(name)
    if (known !== undefined) return known
    this.#minted ??= new Map()
    this.#renamed ??= new Map()
    this.#taken ??= new Set(this.#tools.map(tool => tool.name))
    let minted = mintName(name, 0, this.#rule)
    for (let salt = 1; this.#taken.has(minted); salt++) minted = mintName(name, salt, this.#rule)
    this.#taken.add(minted)
    this.#minted.set(name, minted)
    this.#renamed.set(minted, name)
    return minted
  }
}

/** Call ids on their way out: legal, and each only once in the whole conversation. */
class Ids {
  readonly #rule: TextRule
  readonly #used = new Set<string>()
  /** The first salt that was not tried for an id: some vendors give the same one in every turn. */
  readonly #salts = new Map<string, number>()
  /** The minted id by the call's own, where it is another. */
  #turn: Map<string, string> | undefined

  constructor(rule: TextRule) {
    this.#rule = rule
  }

  /** A new assistant message: its ids stand for its own calls only. */
  turn(): void {
    this.#turn = undefined
  }

  call(id: string): string {
    let minted = id
    if (!keeps(this.#rule, minted) || this.#used.has(minted)) {
      let salt = this.#salts.get(id) ?? 0
      do minted = mintId(id, salt++, this.#rule)
      while (!keeps(this.#rule, minted) || this.#used.has(minted))
      this.#salts.set(id, salt)
    }
    this.#used.add(minted)
    if (minted !== id) {
      this.#turn ??= new Map()
      this.#turn.set(id, minted)
    }
    return minted
  }

  answer(id: string): string {
    return this.#turn?.get(id) ?? id
  }
}

/** The text of a free-text call that went out as a function; its own arguments if they are odd. */
export function customText(text: string): string {
  const value = tryParseJson(text)
  return isObject(value) && typeof value.input === 'string' ? value.input : text
}

import { Derived, isShared, share } from '../core/derived.ts'
import { ToolgateError } from '../core/error.ts'
import type { Loss } from '../core/loss.ts'
import type { AssistantPart, Message } from '../core/message.ts'
import type { FunctionTool, ModelRequest, Tool } from '../core/request.ts'
import type { Back } from '../protocols/protocol.ts'
import type { Quirks } from '../protocols/quirks.ts'
import type { Coercion } from '../schema/coerce.ts'
import { type Dialect, type SchemaBudget, Unfit } from '../schema/dialect.ts'
import { DIALECTS, type Lowered, lowerSchema } from '../schema/lower.ts'
import { schemaProblems } from '../schema/read.ts'
import { WRAP } from '../schema/root.ts'
import { costOf } from '../schema/size.ts'
import { upgradeSchema } from '../schema/upgrade.ts'

/** A request whose tools are declared in the words of the vendor's dialect. */
export interface LoweredTools {
  /** The same object as came in if all schemas were within the dialect. */
  readonly request: ModelRequest
  readonly losses: readonly Loss[]
  /** How the arguments of a call come back, by the client's name of the tool; only where they must. */
  readonly coercions: ReadonlyMap<string, Coercion>
}

const NONE: ReadonlyMap<string, Coercion> = new Map()

/**
 * Lowers the schemas of tools to what the vendor takes. A client of the vendor's own protocol is
 * taken at its word, unless a quirk names another dialect. A tool that was to be held to its schema,
 * and cannot be, goes without that and is reported.
 *
 * @throws ToolgateError `invalid_value` for a schema that is malformed.
 */
export function lowerTools(request: ModelRequest, back: Back, quirks: Quirks): LoweredTools {
  const isOwn = request.protocol === back.name && quirks.toolSchema === undefined
  const known = quirks.toolSchema ?? back.toolSchema?.plain
  if (isOwn || known === undefined || request.tools.length === 0)
    return { request, losses: [], coercions: NONE }
  const { tools, losses, coercions } = listsFor(back, quirks).of(request.tools, list =>
    lowerList(list, DIALECTS[known], strictDialect(back, quirks)),
  )
  const messages = wrapHistory(request.messages, coercions)
  if (tools === request.tools && messages === request.messages)
    return { request, losses, coercions }
  return { request: { ...request, tools, messages }, losses, coercions }
}

interface LoweredList extends Omit<LoweredTools, 'request'> {
  /** The same list as came in if all schemas were within the dialect. */
  readonly tools: readonly Tool[]
}

/** Agents bring the same tools with every request: they are lowered once for each model's quirks. */
const lists = new WeakMap<Quirks, Map<string, Derived<readonly Tool[], LoweredList>>>()

function listsFor(back: Back, quirks: Quirks): Derived<readonly Tool[], LoweredList> {
  const known = lists.get(quirks) ?? new Map<string, Derived<readonly Tool[], LoweredList>>()
  lists.set(quirks, known)
  const derived = known.get(back.name) ?? new Derived<readonly Tool[], LoweredList>()
  known.set(back.name, derived)
  return derived
}

function lowerList(
  list: readonly Tool[],
  plain: Dialect,
  strict: Dialect | undefined,
): LoweredList {
  const lowering = new ToolLowering(plain, strict)
  const tools = list.map((tool, i) => (tool.kind === 'function' ? lowering.lower(tool, i) : tool))
  const { losses, coercions } = lowering
  if (tools.every((tool, i) => tool === list[i])) return { tools: list, losses, coercions }
  return { tools: isShared(list) ? share(tools) : tools, losses, coercions }
}

/** The dialect of tools that are held to their schemas; absent if there are none. */
function strictDialect(back: Back, quirks: Quirks): Dialect | undefined {
  const own = back.toolSchema
  if (!own || quirks.strictTools === false) return undefined
  // Where strictness needs no dialect of its own, the quirk's is the one.
  const name = own.strict === own.plain ? (quirks.toolSchema ?? own.strict) : own.strict
  const dialect: Dialect = DIALECTS[name]
  const { strictLimits } = quirks
  if (!strictLimits || !dialect.limits) return dialect
  return { ...dialect, limits: { ...dialect.limits, ...strictLimits } }
}

class ToolLowering {
  readonly losses: Loss[] = []
  readonly coercions = new Map<string, Coercion>()
  readonly #plain: Dialect
  readonly #strict: Dialect | undefined
  readonly #spent = { tools: 0, optionals: 0, unions: 0 }

  constructor(plain: Dialect, strict: Dialect | undefined) {
    this.#plain = plain
    this.#strict = strict
  }

  lower(tool: FunctionTool, index: number): Tool {
    const path = `tools[${index}]`
    checkShape(tool, index)
    const strict = tool.strict === true && this.#strict ? this.#tryStrict(tool, path) : undefined
    const lowered = strict ?? lowerSchema(tool.parameters, this.#plain)
    for (const { at, what, action, meaning } of lowered.losses)
      this.losses.push({ path: `${path}.parameters${at}`, what, action, meaning })
    if (lowered.coercion) this.coercions.set(tool.name, lowered.coercion)
    // Where strict tools are not known at all, the encoder says so.
    const loosened = tool.strict === true && this.#strict !== undefined && !strict
    if (lowered.schema === tool.parameters && !loosened) return tool
    const { parameters: _, ...rest } = tool
    return {
      ...rest,
      ...(lowered.schema ? { parameters: lowered.schema } : {}),
      ...(loosened ? { strict: false } : {}),
    }
  }

  #tryStrict(tool: FunctionTool, path: string): Lowered | undefined {
    const dialect = this.#strict
    if (!dialect) return undefined
    try {
      const lowered = lowerSchema(tool.parameters, dialect)
      if (dialect.budget && lowered.schema) this.#spend(lowered, dialect.budget)
      return lowered
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      const place = error.at === '' ? '' : ` at ${error.at}`
      const what = `strict, because the schema${place} ${error.message}`
      this.losses.push({ path: `${path}.strict`, what, action: 'dropped', meaning: true })
      return undefined
    }
  }

  /** @throws Unfit if the request as a whole would hold too much. */
  #spend(lowered: Lowered, budget: SchemaBudget): void {
    const cost = { tools: 1, ...costOf(lowered.schema ?? {}) }
    for (const name of ['tools', 'optionals', 'unions'] as const) {
      const sum = this.#spent[name] + cost[name]
      if (sum > budget[name])
        throw new Unfit(
          '',
          `comes after others that leave no room: at most ${budget[name]} ${SAID[name]}`,
        )
    }
    for (const name of ['tools', 'optionals', 'unions'] as const) this.#spent[name] += cost[name]
  }
}

const SAID = {
  tools: 'strict tools are taken',
  optionals: 'optional properties are taken in all strict tools',
  unions: 'properties of several types are taken in all strict tools',
} as const

function checkShape(tool: FunctionTool, index: number): void {
  if (!tool.parameters) return
  const [problem] = schemaProblems(upgradeSchema(tool.parameters))
  if (!problem) return
  const place = problem.path === '' ? 'its root' : problem.path
  const what = problem.message.replace(/\.$/, '')
  const why = `the schema of tool '${tool.name}' is malformed at ${place}: ${what}`
  throw new ToolgateError('invalid_value', `${why[0]?.toUpperCase()}${why.slice(1)}.`, {
    details: { path: ['tools', index], names: [tool.name], why },
  })
}

/** Calls of the past whose arguments now stand in a property of their own. */
function wrapHistory(
  messages: readonly Message[],
  coercions: ReadonlyMap<string, Coercion>,
): readonly Message[] {
  if (![...coercions.values()].some(one => one.unwrap !== undefined)) return messages
  const wrapped = (part: AssistantPart): AssistantPart =>
    part.type === 'tool-call' && coercions.get(part.name)?.unwrap !== undefined
      ? { ...part, arguments: `{${JSON.stringify(WRAP)}:${part.arguments || '{}'}}` }
      : part
  return messages.map(message =>
    message.role === 'assistant' ? { ...message, content: message.content.map(wrapped) } : message,
  )
}

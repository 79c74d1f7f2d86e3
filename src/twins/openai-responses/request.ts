import { itemsOf, type JsonObject, objectOf, objectsOf, textOf } from './json.ts'
import type { ModelFacts } from './models.ts'
import { typeOf } from './shape-items.ts'
import type { StoredResponse } from './store.ts'
import { type EffectiveSchema, effectiveSchema } from './strict-schema.ts'

/** One item of the conversation. */
export interface Item {
  /** `message`, `function_call`, ... */
  readonly type: string
  readonly id: string | undefined
  /** Its place in the request's `input`; -1 for one out of an earlier response. */
  readonly index: number
  readonly at: JsonObject
}

/** A tool that the model may be told of. */
export interface DeclaredTool extends EffectiveSchema {
  readonly kind: 'function' | 'custom'
  readonly name: string
  readonly description: string
  /** Where it stands: `tools[0]`. */
  readonly path: string
  /** What calls say as their `namespace`: the group's name, or a deferred tool's own. */
  readonly namespace: string | undefined
  readonly at: JsonObject
}

/** What `tool_choice` asks for. */
export interface DeclaredChoice {
  /** A forced hosted tool counts as `auto`: nobody runs it here. */
  readonly mode: 'auto' | 'none' | 'required' | 'tool'
  readonly name?: string
  /** The only names allowed, if the request lists some. */
  readonly allowed?: readonly string[]
}

/** A request whose shape is right, in a form that rules can read. */
export interface ResponsesRequest {
  readonly body: JsonObject
  readonly model: ModelFacts
  /** The request's own items, references resolved. */
  readonly items: readonly Item[]
  /** The items of the responses before it. */
  readonly history: readonly Item[]
  readonly tools: readonly DeclaredTool[]
  readonly choice: DeclaredChoice
  /** The effort that counts: the one named, or the model's own. */
  readonly effort: string
  /** How reasoning is to be summed up; `null` if nobody asked. */
  readonly summary: string | null
  readonly includes: readonly string[]
  readonly isStored: boolean
  readonly isStream: boolean
  readonly isBackground: boolean
  readonly organization: string
}

/** Reads a body whose shape has been checked. */
export function readRequest(
  body: JsonObject,
  model: ModelFacts,
  previous: StoredResponse | undefined,
  organization: string,
): ResponsesRequest {
  const items = readInput(body.input)
  const history = previous
    ? [...previous.input, ...previous.output].map(at => readItem(at, -1))
    : []
  const reasoning = objectOf(body.reasoning)
  return {
    body,
    model,
    items,
    history,
    tools: [
      ...readTools(body.tools, 'tools', model),
      // Tools may also come up in the middle of a conversation.
      ...[...history, ...items]
        .filter(({ type }) => type === 'additional_tools' || type === 'tool_search_output')
        .flatMap(({ at, index }) => readTools(at.tools, `input[${index}].tools`, model)),
    ],
    choice: readChoice(body.tool_choice),
    effort: textOf(reasoning.effort) ?? model.effort,
    summary: textOf(reasoning.summary) ?? textOf(reasoning.generate_summary) ?? null,
    includes: itemsOf(body.include).map(String),
    isStored: body.store !== false,
    isStream: body.stream === true,
    isBackground: body.background === true,
    organization,
  }
}

/** The same request with its references replaced by what they stand for. */
export function withItems(request: ResponsesRequest, items: readonly Item[]): ResponsesRequest {
  return { ...request, items }
}

/** Reads one item. */
export function readItem(at: JsonObject, index: number): Item {
  return { type: typeOf(at), id: textOf(at.id), index, at }
}

/** A message's content, or a call's output, as text; other parts are left out. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return objectsOf(content)
    .flatMap(part => textOf(part.text) ?? textOf(part.refusal) ?? [])
    .join('\n')
}

function readInput(input: unknown): Item[] {
  if (typeof input !== 'string') return objectsOf(input).map(readItem)
  return input === '' ? [] : [readItem({ role: 'user', content: input }, 0)]
}

function readTools(value: unknown, path: string, model: ModelFacts): DeclaredTool[] {
  return objectsOf(value).flatMap((at, index) => {
    const place = `${path}[${index}]`
    if (at.type === 'namespace') {
      const namespace = textOf(at.name)
      return readTools(at.tools, `${place}.tools`, model).map(tool => ({ ...tool, namespace }))
    }
    return readTool(at, place, model)
  })
}

function readTool(at: JsonObject, path: string, model: ModelFacts): DeclaredTool[] {
  const { type: kind } = at
  if (kind !== 'function' && kind !== 'custom') return []
  const name = textOf(at.name) ?? ''
  return [
    {
      kind,
      name,
      description: textOf(at.description) ?? '',
      path,
      namespace: at.defer_loading === true ? name : undefined,
      at,
      ...effectiveSchema(at.parameters, at.strict, model.strict),
    },
  ]
}

function readChoice(chosen: unknown): DeclaredChoice {
  if (chosen === 'required' || chosen === 'none') return { mode: chosen }
  const choice = objectOf(chosen)
  if (choice.type === 'allowed_tools') {
    const allowed = objectsOf(choice.tools).flatMap(entry => textOf(entry.name) ?? [])
    return { mode: choice.mode === 'required' ? 'required' : 'auto', allowed }
  }
  const name = textOf(choice.name)
  const isOwn = choice.type === 'function' || choice.type === 'custom'
  return isOwn && name !== undefined ? { mode: 'tool', name } : { mode: 'auto' }
}

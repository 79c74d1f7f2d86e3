import { isGiven, isRecord, itemsOf, recordOf, recordsOf, textOf } from './json.ts'

/** A JSON object that came over the wire. */
export type Body = { readonly [name: string]: unknown }

/** A declared tool, wherever the request declares it. */
export interface ChatTool {
  readonly kind: 'function' | 'custom'
  readonly name: string
  readonly description: string
  readonly parameters: unknown
  readonly strict: boolean
}

/** What `tool_choice` or `function_call` asks for. */
export interface ChatChoice {
  readonly mode: 'auto' | 'none' | 'required' | 'tool'
  readonly name?: string
  /** The only names allowed, if the request lists some. */
  readonly allowed?: readonly string[]
}

/** A request, read leniently: what is of the wrong type counts as not sent. */
export interface ChatRequest {
  /** The path that was called, without the query. */
  readonly path: string
  readonly body: Body
  /** The body's text. */
  readonly text: string
  readonly model: string
  readonly messages: readonly Body[]
  readonly tools: readonly ChatTool[]
  readonly choice: ChatChoice
  readonly stream: boolean
  /** Asked for in the old way: `functions` and no `tools`. */
  readonly legacy: boolean
}

/** Reads a body that is an object. */
export function readRequest(body: Body, text: string, path: string): ChatRequest {
  const tools = recordsOf(body.tools).flatMap(readTool)
  const functions = recordsOf(body.functions).flatMap(entry => readFunction('function', entry))
  const legacy = tools.length === 0 && functions.length > 0
  const chosen = legacy ? body.function_call : body.tool_choice
  return {
    path,
    body,
    text,
    model: textOf(body.model) ?? '',
    messages: recordsOf(body.messages),
    tools: legacy ? functions : tools,
    choice: readChoice(chosen, tools.length + functions.length > 0),
    stream: body.stream === true,
    legacy,
  }
}

/** The calls of an assistant's message: id, name and the exact text of the arguments. */
export function callsOf(message: Body): { id: string; name: string; arguments: string }[] {
  return recordsOf(message.tool_calls).map(call => {
    const custom = recordOf(call.custom)
    const called = isRecord(call.custom) ? custom : recordOf(call.function)
    const input = isRecord(call.custom) ? custom.input : called.arguments
    return {
      id: textOf(call.id) ?? '',
      name: textOf(called.name) ?? '',
      // Mistral takes arguments as an object as well as a text.
      arguments: textOf(input) ?? (isGiven(input) ? JSON.stringify(input) : ''),
    }
  })
}

/** A message's content as text; parts that are no text are left out. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return recordsOf(content)
    .flatMap(part => textOf(part.text) ?? textOf(part.refusal) ?? [])
    .join('\n')
}

function readTool(entry: Body): ChatTool[] {
  if (entry.type === 'custom') return readFunction('custom', recordOf(entry.custom))
  return readFunction('function', recordOf(entry.function))
}

function readFunction(kind: ChatTool['kind'], entry: Body): ChatTool[] {
  const name = textOf(entry.name)
  if (name === undefined) return []
  return [
    {
      kind,
      name,
      description: textOf(entry.description) ?? '',
      parameters: entry.parameters,
      strict: entry.strict === true,
    },
  ]
}

function readChoice(chosen: unknown, hasTools: boolean): ChatChoice {
  // `any` is Mistral's word for it.
  if (chosen === 'required' || chosen === 'any') return { mode: 'required' }
  if (chosen === 'none' || chosen === 'auto') return { mode: chosen }
  if (!isRecord(chosen)) return { mode: hasTools ? 'auto' : 'none' }
  if (chosen.type === 'allowed_tools') {
    const group = recordOf(chosen.allowed_tools)
    const allowed = itemsOf(group.tools).flatMap(entry => namedBy(recordOf(entry)) ?? [])
    return { mode: group.mode === 'required' ? 'required' : 'auto', allowed }
  }
  const name = namedBy(chosen) ?? textOf(chosen.name)
  return name === undefined ? { mode: 'auto' } : { mode: 'tool', name }
}

function namedBy(entry: Body): string | undefined {
  return textOf(recordOf(entry.function).name) ?? textOf(recordOf(entry.custom).name)
}

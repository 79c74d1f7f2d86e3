import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelRequest, ServerTool, Tool, ToolChoice } from '../../core/request.ts'
import { asArray, asObject, type Place, place, string, wrongValue } from '../../wire/read.ts'
import type { Writing } from './text-content.ts'
import { isFilled, ownExtras, refused, textAt } from './wire.ts'

const AT = place('tool_choice')

/** What a request says about the choice among its tools. */
export interface DecodedChoice {
  readonly choice?: ToolChoice
  /** The choice as it came, where the model has no words for all of it. */
  readonly kept?: Json
}

/**
 * Reads `tool_choice`. Without tools, `auto` and `none` say nothing and are passed over.
 *
 * @throws ToolgateError if it is of no known form, or asks for a call where there are no tools.
 */
export function decodeToolChoice(value: Json | undefined, tools: readonly Tool[]): DecodedChoice {
  if (value === undefined || value === null) return {}
  if (typeof value === 'string') return word(value, tools)
  const choice = asObject(value, AT)
  const type = string(choice, 'type', AT)
  switch (type) {
    case 'function':
    case 'custom':
      return { choice: { mode: 'tool', name: string(choice, 'name', AT) } }
    case 'allowed_tools':
      return { choice: allowed(choice, tools) }
    default:
      return hosted(choice, type, tools)
  }
}

function word(value: string, tools: readonly Tool[]): DecodedChoice {
  switch (value) {
    case 'auto':
    case 'none':
      return tools.length === 0 ? { kept: value } : { choice: { mode: value } }
    case 'required':
      if (tools.length > 0) return { choice: { mode: value } }
      // vllm issue #40399, 2026-04.
      throw refused(
        "Tool choice 'required' must be specified with 'tools' parameter.",
        'tool_choice',
        null,
        ['tool_choice'],
      )
    default:
      throw wrongValue(AT, 'is not a known choice', {
        allowed: ['none', 'auto', 'required'],
        value,
      })
  }
}

/** A tool that the vendor runs, named by its type, or by its label where there may be many. */
function hosted(choice: JsonObject, type: string, tools: readonly Tool[]): DecodedChoice {
  const tool = serverTool(choice, type, tools)
  if (tool) return { choice: { mode: 'tool', name: tool.name }, kept: choice }
  // The vendor's own text (answers measured 2026-04).
  throw refused(`Tool choice '${type}' not found in 'tools' parameter.`, 'tool_choice', null, [
    'tool_choice',
  ])
}

function serverTool(
  choice: JsonObject,
  type: string,
  tools: readonly Tool[],
): ServerTool | undefined {
  const label = textAt(choice, 'server_label')
  for (const tool of tools) {
    if (tool.kind !== 'server') continue
    if (label !== '' && tool.name !== label) continue
    // Dated types have the plain one's name in a choice.
    if (tool.type === type || tool.type.startsWith(`${type}_`)) return tool
  }
  return undefined
}

function allowed(choice: JsonObject, tools: readonly Tool[]): ToolChoice {
  const mode = string(choice, 'mode', AT)
  if (mode !== 'auto' && mode !== 'required')
    throw wrongValue(place('mode', AT), 'is not a known mode', {
      allowed: ['auto', 'required'],
      value: mode,
    })
  const listAt = place('tools', AT)
  const names = asArray(choice['tools'], listAt).map((item, i) =>
    allowedName(item, place(i, listAt), tools),
  )
  return { mode, allowed: names }
}

function allowedName(item: Json, at: Place, tools: readonly Tool[]): string {
  const entry = asObject(item, at)
  const type = string(entry, 'type', at)
  if (type === 'function' || type === 'custom') return string(entry, 'name', at)
  return serverTool(entry, type, tools)?.name ?? type
}

/** What becomes of the tools and the choice among them. */
export interface EncodedChoice {
  /** The tools that go out, some of them left out where that says what the choice said. */
  readonly tools: readonly Tool[]
  /** The value of `tool_choice`, if one is to be sent. */
  readonly choice?: Json
}

/**
 * Says a choice in the forms that the vendor takes. Where a form is missing, the same is said by
 * leaving tools out, and reported; where that is impossible the choice becomes `auto`, and that is a
 * loss of meaning.
 */
export function encodeToolChoice(request: ModelRequest, writing: Writing): EncodedChoice {
  const wanted = request.toolChoice
  const { tools } = request
  const kept = ownExtras(request.extras)?.['$tool_choice']
  if (!wanted) return isFilled(kept) ? { tools, choice: kept } : { tools }
  if (tools.length === 0) return { tools }
  const { toolChoices: forms } = writing.quirks
  const takes = (form: 'auto' | 'none' | 'required' | 'tool' | 'allowed'): boolean =>
    forms === undefined || forms.includes(form)
  switch (wanted.mode) {
    case 'none':
      if (takes('none') && writing.quirks.noneDropsTools !== true) return { tools, choice: 'none' }
      emulated(writing, "'none', said by sending no tools")
      return { tools: [] }
    case 'tool':
      if (takes('tool')) return { tools, choice: named(wanted.name, kept, tools) }
      if (takes('required')) {
        emulated(writing, 'one tool, said by sending no other')
        return { tools: only(tools, [wanted.name]), choice: 'required' }
      }
      return weakened(only(tools, [wanted.name]), writing)
    default:
      if (!wanted.allowed) return forced(wanted.mode, tools, takes, writing)
      if (takes('allowed'))
        return { tools, choice: allowedForm(wanted.mode, wanted.allowed, tools) }
      emulated(writing, 'a subset of the tools, said by sending no others')
      return forced(wanted.mode, only(tools, wanted.allowed), takes, writing)
  }
}

function forced(
  mode: 'auto' | 'required',
  tools: readonly Tool[],
  takes: (form: 'auto' | 'required') => boolean,
  writing: Writing,
): EncodedChoice {
  if (mode === 'required' && !takes('required')) return weakened(tools, writing)
  return takes(mode) ? { tools, choice: mode } : { tools }
}

function emulated(writing: Writing, what: string): void {
  writing.losses.push({ path: 'tool_choice', what, action: 'emulated', meaning: false })
}

function weakened(tools: readonly Tool[], writing: Writing): EncodedChoice {
  const what = 'a forced tool choice, which the vendor does not take'
  writing.losses.push({ path: 'tool_choice', what, action: 'approximated', meaning: true })
  return { tools }
}

function only(tools: readonly Tool[], names: readonly string[]): readonly Tool[] {
  return tools.filter(tool => names.includes(tool.name))
}

/** A choice of one tool; one that the vendor runs is said as it came, if it came. */
function named(name: string, kept: Json | undefined, tools: readonly Tool[]): Json {
  return isFilled(kept) ? kept : reference(name, tools)
}

function allowedForm(mode: string, names: readonly string[], tools: readonly Tool[]): Json {
  return { type: 'allowed_tools', mode, tools: names.map(name => reference(name, tools)) }
}

function reference(name: string, tools: readonly Tool[]): JsonObject {
  const tool = tools.find(candidate => candidate.name === name)
  if (tool?.kind === 'custom') return { type: 'custom', name }
  if (tool?.kind !== 'server') return { type: 'function', name }
  return tool.type === 'mcp' ? { type: 'mcp', server_label: name } : { type: tool.type }
}

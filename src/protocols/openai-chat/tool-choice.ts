import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelRequest, Tool, ToolChoice } from '../../core/request.ts'
import {
  asArray,
  asObject,
  type Place,
  place,
  string,
  wrongType,
  wrongValue,
} from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import { thinks } from './reasoning-settings.ts'
import type { Writing } from './text-content.ts'
import { refused } from './wire.ts'

const AT = place('tool_choice')
const LEGACY_AT = place('function_call')

/**
 * Reads `tool_choice`. Without tools, `auto` and `none` say nothing and are passed over.
 *
 * @throws ToolgateError if it is of no known form, or asks for a call where there are no tools.
 */
export function decodeToolChoice(
  value: Json | undefined,
  tools: readonly Tool[],
): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined
  const choice = typeof value === 'string' ? word(value) : form(value)
  return needsTools(choice, tools, 'tool_choice', 'tools')
}

/** Reads the deprecated `function_call`: `none`, `auto` or `{name}`. */
export function decodeFunctionCall(
  value: Json | undefined,
  tools: readonly Tool[],
): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined
  let choice: ToolChoice
  if (value === 'none' || value === 'auto') choice = { mode: value }
  else if (typeof value === 'string')
    throw wrongValue(LEGACY_AT, 'is not a known choice', { allowed: ['none', 'auto'], value })
  else choice = { mode: 'tool', name: string(asObject(value, LEGACY_AT), 'name', LEGACY_AT) }
  return needsTools(choice, tools, 'function_call', 'functions')
}

function needsTools(
  choice: ToolChoice,
  tools: readonly Tool[],
  field: string,
  needed: string,
): ToolChoice | undefined {
  if (tools.length > 0) return choice
  if (choice.mode === 'auto' || choice.mode === 'none') return undefined
  throw refused(
    `Invalid value for '${field}': '${field}' is only allowed when '${needed}' are specified.`,
    field,
    null,
    [field],
  )
}

function word(value: string): ToolChoice {
  switch (value) {
    case 'auto':
    case 'none':
    case 'required':
      return { mode: value }
    // Mistral's word, which its own clients send.
    case 'any':
      return { mode: 'required' }
    default:
      throw wrongValue(AT, 'is not a known choice', {
        allowed: ['none', 'auto', 'required'],
        value,
      })
  }
}

function form(value: Json): ToolChoice {
  const choice = asObject(value, AT)
  if (choice['type'] === undefined)
    // The vendor's words, from openai-node issue #521.
    throw refused(
      "'$.tool_choice' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
      null,
      null,
      ['tool_choice'],
    )
  const type = string(choice, 'type', AT)
  switch (type) {
    case 'function':
    case 'custom':
      return { mode: 'tool', name: nameIn(choice, type, AT) }
    case 'allowed_tools':
      return allowed(choice)
    default:
      throw wrongValue(place('type', AT), 'is not a known form', {
        allowed: ['function', 'custom', 'allowed_tools'],
        value: type,
      })
  }
}

function nameIn(from: JsonObject, key: 'function' | 'custom', at: Place): string {
  const innerAt = place(key, at)
  return string(asObject(from[key], innerAt), 'name', innerAt)
}

function allowed(choice: JsonObject): ToolChoice {
  const at = place('allowed_tools', AT)
  const inner = asObject(choice['allowed_tools'], at)
  const mode = string(inner, 'mode', at)
  if (mode !== 'auto' && mode !== 'required')
    throw wrongValue(place('mode', at), 'is not a known mode', {
      allowed: ['auto', 'required'],
      value: mode,
    })
  const listAt = place('tools', at)
  const names = asArray(inner['tools'], listAt).map((item, i) => {
    const itemAt = place(i, listAt)
    const tool = asObject(item, itemAt)
    const type = string(tool, 'type', itemAt)
    if (type !== 'function' && type !== 'custom')
      throw wrongType(place('type', itemAt), 'a function or custom tool', type)
    return nameIn(tool, type, itemAt)
  })
  return { mode, allowed: names }
}

/** What becomes of the tools and the choice among them. */
export interface EncodedChoice {
  /** The tools that go out, some of them left out where that says what the choice said. */
  readonly tools: readonly Tool[]
  /** The value of `tool_choice`, if one is to be sent. */
  readonly choice?: Json
  /** Whether the model must not think, because it is made to call. */
  readonly thinkingOff: boolean
}

/**
 * Says a choice in the forms that the vendor takes. Where a form is missing, the same is said by
 * leaving tools out, and reported; where that is impossible the choice becomes `auto`, and that is a
 * loss of meaning.
 */
export function encodeToolChoice(request: ModelRequest, writing: Writing): EncodedChoice {
  const { quirks } = writing
  const wanted = request.toolChoice
  if (!wanted || request.tools.length === 0) return { tools: request.tools, thinkingOff: false }
  if (wanted.mode === 'none') {
    if (quirks.noneDropsTools !== true && takes(quirks, 'none'))
      return { tools: request.tools, choice: 'none', thinkingOff: false }
    emulated(writing, "'none', said by sending no tools")
    return { tools: [], thinkingOff: false }
  }
  const { tools, choice } = narrow(request.tools, wanted, writing)
  if (choice.mode === 'auto') {
    if (!choice.allowed) return { tools, ...auto(quirks), thinkingOff: false }
    return { tools, choice: allowedForm(choice.mode, choice.allowed, tools), thinkingOff: false }
  }
  const forced = forcedForm(tools, choice, quirks)
  if (forced === undefined)
    return weakened(tools, writing, 'a forced tool choice, which the vendor does not take')
  if (quirks.forcedChoiceNeedsThinkingOff !== true || !thinks(request.reasoning, quirks))
    return { tools, choice: forced, thinkingOff: false }
  if (quirks.thinkingSwitch !== undefined || quirks.efforts?.includes('none'))
    return { tools, choice: forced, thinkingOff: true }
  return weakened(
    tools,
    writing,
    'a forced tool choice, which the vendor does not take while the model thinks',
  )
}

function emulated(writing: Writing, what: string): void {
  writing.losses.push({ path: 'tool_choice', what, action: 'emulated', meaning: false })
}

function takes(quirks: Quirks, form: 'auto' | 'none' | 'required' | 'tool' | 'allowed'): boolean {
  return quirks.toolChoices === undefined || quirks.toolChoices.includes(form)
}

function auto(quirks: Quirks): { choice?: Json } {
  return takes(quirks, 'auto') ? { choice: 'auto' } : {}
}

function weakened(tools: readonly Tool[], writing: Writing, what: string): EncodedChoice {
  writing.losses.push({ path: 'tool_choice', what, action: 'approximated', meaning: true })
  return { tools, ...auto(writing.quirks), thinkingOff: false }
}

type Narrowed = {
  readonly tools: readonly Tool[]
  readonly choice: Exclude<ToolChoice, { mode: 'none' }>
}

/** Says a subset, or one tool, by the list of tools itself where the vendor has no form for it. */
function narrow(
  tools: readonly Tool[],
  wanted: Exclude<ToolChoice, { mode: 'none' }>,
  writing: Writing,
): Narrowed {
  const { quirks } = writing
  if (wanted.mode === 'tool') {
    if (takes(quirks, 'tool')) return { tools, choice: wanted }
    emulated(writing, 'one tool, said by sending no other')
    return { tools: only(tools, [wanted.name]), choice: { mode: 'required' } }
  }
  if (!wanted.allowed || takes(quirks, 'allowed')) return { tools, choice: wanted }
  emulated(writing, 'a subset of the tools, said by sending no others')
  return { tools: only(tools, wanted.allowed), choice: { mode: wanted.mode } }
}

function only(tools: readonly Tool[], names: readonly string[]): readonly Tool[] {
  return tools.filter(tool => names.includes(tool.name))
}

/** A choice that makes the model call, in the vendor's words; `undefined` if it has none. */
function forcedForm(
  tools: readonly Tool[],
  choice: Exclude<ToolChoice, { mode: 'none' }>,
  quirks: Quirks,
): Json | undefined {
  if (choice.mode === 'tool') return reference(choice.name, tools)
  if (choice.allowed) return allowedForm('required', choice.allowed, tools)
  if (takes(quirks, 'required')) return quirks.requiredWord ?? 'required'
  const [tool] = tools
  return tools.length === 1 && tool && takes(quirks, 'tool')
    ? reference(tool.name, tools)
    : undefined
}

function allowedForm(mode: string, names: readonly string[], tools: readonly Tool[]): Json {
  return {
    type: 'allowed_tools',
    allowed_tools: { mode, tools: names.map(name => reference(name, tools)) },
  }
}

function reference(name: string, tools: readonly Tool[]): JsonObject {
  const custom = tools.some(tool => tool.kind === 'custom' && tool.name === name)
  return custom ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } }
}

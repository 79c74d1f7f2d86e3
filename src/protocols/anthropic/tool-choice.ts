import { Derived, isShared } from '../../core/derived.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { Tool, ToolChoice } from '../../core/request.ts'
import { writeOnce } from '../../wire/json.ts'
import { optionalBoolean, optionalObject, place, string, wrongValue } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import { encodeTool } from './tool.ts'
import { lose, readTag, type Writing } from './wire.ts'

const CHOICES = ['auto', 'any', 'tool', 'none'] as const

/** What `tool_choice` says: two things here, one field there. */
export interface DecodedChoice {
  readonly toolChoice?: ToolChoice
  readonly parallel?: false
}

/** Reads `tool_choice`; absent and `null` say nothing. */
export function decodeToolChoice(body: JsonObject): DecodedChoice {
  const wire = optionalObject(body, 'tool_choice')
  if (!wire) return {}
  const at = place('tool_choice')
  const type = readTag(wire, CHOICES, at)
  const inside = place(type, at)
  const isSingle = type !== 'none' && optionalBoolean(wire, 'disable_parallel_tool_use', inside)
  const more = isSingle ? ({ parallel: false } as const) : {}
  switch (type) {
    case 'auto':
      return { toolChoice: { mode: 'auto' }, ...more }
    case 'any':
      return { toolChoice: { mode: 'required' }, ...more }
    case 'tool':
      return { toolChoice: { mode: 'tool', name: string(wire, 'name', inside) }, ...more }
    case 'none':
      return { toolChoice: { mode: 'none' } }
  }
}

/** The two tool fields of a request in the vendor's words. */
export interface EncodedTools {
  readonly tools: Json[]
  readonly choice: JsonObject | undefined
  /** Whether the model has no way but to call. */
  readonly isForced: boolean
}

/**
 * Writes the tools and the choice among them. This wire knows no subsets: the tools outside an
 * allowed subset are left out.
 *
 * @throws ToolgateError `invalid_value` if a call is demanded where there is no tool.
 */
export function encodeTools(writing: Writing): EncodedTools {
  const { request, quirks } = writing
  const demanded = request.toolChoice
  const choice =
    demanded && isForcing(demanded) && quirks.forcedChoice === false
      ? softened(demanded, writing)
      : demanded
  const allowed = choice && 'allowed' in choice ? choice.allowed : undefined
  const tools = allowed ? encodeList(writing, allowed) : encodeAll(writing)
  const leftOut = allowed ? request.tools.filter(tool => !allowed.includes(tool.name)).length : 0
  if (leftOut > 0 && choice === demanded) {
    const what = `tools outside the allowed subset were left out of the request: ${leftOut}`
    lose(writing, 'tool_choice', what, 'emulated', false)
  }
  if (tools.length === 0) {
    if (choice && isForcing(choice)) {
      throw wrongValue(place('tool_choice'), 'a tool call is demanded, but there are no tools')
    }
    return { tools, choice: undefined, isForced: false }
  }
  const wire = encodeChoice(choice, request.parallel)
  return { tools, choice: wire, isForced: choice !== undefined && isForcing(choice) }
}

/** The tools of shared lists as they were written for vendors with such quirks. */
const ENCODED = new Derived<readonly Tool[], Map<Quirks, { wire: Json[]; losses: Loss[] }>>()

function encodeAll(writing: Writing): Json[] {
  const { tools } = writing.request
  if (!isShared(tools)) return encodeList(writing)
  const written = ENCODED.of(tools, () => new Map())
  let known = written.get(writing.quirks)
  if (!known) {
    const losses: Loss[] = []
    known = { wire: writeOnce(encodeList({ ...writing, losses })), losses }
    written.set(writing.quirks, known)
  }
  if (known.losses.length > 0) writing.losses.push(...known.losses)
  return known.wire
}

function encodeList(writing: Writing, allowed?: readonly string[]): Json[] {
  const wire: Json[] = []
  for (const [i, tool] of writing.request.tools.entries()) {
    if (allowed && !allowed.includes(tool.name)) continue
    const encoded = encodeTool(tool, `tools[${i}]`, writing)
    if (encoded) wire.push(encoded)
  }
  return wire
}

function isForcing(choice: ToolChoice): boolean {
  return choice.mode === 'required' || choice.mode === 'tool'
}

/** For models that take no demand: the model may call, and of a named tool that one only. */
function softened(choice: ToolChoice, writing: Writing): ToolChoice {
  const what = 'this model cannot be made to call a tool; it may answer without calling'
  lose(writing, 'tool_choice', what, 'approximated', true)
  if (choice.mode === 'tool') return { mode: 'auto', allowed: [choice.name] }
  return choice.mode === 'required' ? { ...choice, mode: 'auto' } : choice
}

function encodeChoice(
  choice: ToolChoice | undefined,
  parallel: boolean | undefined,
): JsonObject | undefined {
  if (choice?.mode === 'none') return { type: 'none' }
  if (!choice && parallel !== false) return undefined
  const wire: JsonObject =
    choice?.mode === 'tool'
      ? { type: 'tool', name: choice.name }
      : { type: choice?.mode === 'required' ? 'any' : 'auto' }
  if (parallel === false) wire['disable_parallel_tool_use'] = true
  return wire
}

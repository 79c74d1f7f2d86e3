import type { Json, JsonObject } from '../../core/json.ts'
import type { FunctionTool, ToolChoice } from '../../core/request.ts'
import { optionalStrings, optionalWord, place, wrongValue } from '../../wire/read.ts'
import { encodeFunction, encodeServerTool } from './tool.ts'
import {
  isFilled,
  leftover,
  lose,
  messageAt,
  ownExtras,
  type Reading,
  restore,
  type Writing,
} from './wire.ts'

const MODES = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'] as const
const CONFIG_FIELDS: ReadonlySet<string> = new Set(['functionCallingConfig'])
const CALLING_FIELDS: ReadonlySet<string> = new Set(['mode', 'allowedFunctionNames'])

/** What `toolConfig` says, and what of it has no place in the canonical model. */
export interface DecodedChoice {
  readonly toolChoice?: ToolChoice
  readonly notes: JsonObject
}

/**
 * Reads `toolConfig`. `VALIDATED` is `auto` with all calls held to their schemas, and stays a note:
 * the schemas need not be such as other vendors can hold a model to.
 */
export function decodeToolChoice(body: JsonObject, reading: Reading): DecodedChoice {
  const notes: JsonObject = {}
  const config = messageAt(body, 'toolConfig')
  if (!config) return { notes }
  const at = place('toolConfig')
  const more = leftover(config, CONFIG_FIELDS, at, reading, key =>
    key === 'retrievalConfig' ? 'meaning' : 'hint',
  )
  if (more) notes['$toolConfig'] = more
  const calling = messageAt(config, 'functionCallingConfig', at)
  if (!calling) return { notes }
  const inside = place('functionCallingConfig', at)
  const rest = leftover(calling, CALLING_FIELDS, inside, reading, () => 'hint')
  if (rest) notes['$functionCallingConfig'] = rest
  const mode = optionalWord(calling, 'mode', MODES, inside)
  const names = optionalStrings(calling, 'allowedFunctionNames', inside)
  const allowed = names && names.length > 0 ? { allowed: names } : {}
  switch (mode) {
    case 'ANY': {
      const [only] = names ?? []
      return names?.length === 1 && only !== undefined
        ? { toolChoice: { mode: 'tool', name: only }, notes }
        : { toolChoice: { mode: 'required', ...allowed }, notes }
    }
    case 'NONE':
      return { toolChoice: { mode: 'none' }, notes }
    case 'VALIDATED':
      notes['$mode'] = mode
      reading.bound.push({
        path: 'toolConfig.functionCallingConfig.mode',
        what: 'calls held to their schemas',
        weight: 'meaning',
      })
      return { toolChoice: { mode: 'auto', ...allowed }, notes }
    case 'AUTO':
      if (names && names.length > 0) notes['$mode'] = mode
      return { toolChoice: { mode: 'auto', ...allowed }, notes }
    default:
      return names && names.length > 0
        ? { toolChoice: { mode: 'auto', ...allowed }, notes }
        : { notes }
  }
}

/** The two tool fields of a request in the vendor's words. */
export interface EncodedTools {
  readonly tools: Json[]
  readonly config: JsonObject | undefined
}

/**
 * Writes the tools and the choice among them; all functions in one entry, where the first stood.
 *
 * @throws ToolgateError `invalid_value` if a call is demanded where there is no tool.
 */
export function encodeTools(writing: Writing): EncodedTools {
  const { request, quirks, isOwn } = writing
  const own = isOwn ? ownExtras(request.extras) : undefined
  const choice = request.toolChoice
  const takesValidated = quirks.strictTools !== false
  const subset = choice?.mode === 'auto' ? choice.allowed : undefined
  const isFiltered = subset !== undefined && !takesValidated
  const tools: Json[] = []
  let declarations: JsonObject[] | undefined
  const functions: FunctionTool[] = []
  let leftOut = 0
  for (const [i, tool] of request.tools.entries()) {
    if (tool.kind !== 'function') {
      const wire = encodeServerTool(tool, `tools[${i}]`, writing)
      if (wire) tools.push(wire)
    } else if (isFiltered && !subset.includes(tool.name)) leftOut++
    else {
      if (!declarations) {
        declarations = []
        tools.push({ functionDeclarations: declarations })
      }
      declarations.push(encodeFunction(tool, quirks))
      functions.push(tool)
      if (tool.strict && !takesValidated) {
        const what = 'this model cannot be held to the schema of a tool'
        lose(writing, `tools[${i}].strict`, what, 'dropped', true)
      }
    }
  }
  if (leftOut > 0) {
    const what = `tools outside the allowed subset were left out of the request: ${leftOut}`
    lose(writing, choicePath(writing), what, 'emulated', false)
  }
  if (request.parallel === false) {
    const what = 'there is no such switch here: of several calls only the first is passed on'
    lose(writing, 'parallel_tool_calls', what, 'emulated', true)
  }
  const isStrict = takesValidated && functions.some(tool => tool.strict === true)
  const calling = encodeChoice(choice, isFiltered, isStrict, functions.length, own, writing)
  const config: JsonObject = {}
  if (calling) config['functionCallingConfig'] = calling
  restoreConfig(config, own)
  return { tools, config: isFilled(Object.keys(config)) ? config : undefined }
}

function choicePath(writing: Writing): string {
  return writing.isOwn ? 'toolConfig.functionCallingConfig' : 'tool_choice'
}

function encodeChoice(
  choice: ToolChoice | undefined,
  isFiltered: boolean,
  isStrict: boolean,
  functions: number,
  own: JsonObject | undefined,
  writing: Writing,
): JsonObject | undefined {
  // A configuration without functions is refused; those of a client of this protocol may be cached.
  if (functions === 0 && !writing.isOwn) {
    if (choice?.mode === 'required' || choice?.mode === 'tool') {
      throw wrongValue(place('tool_choice'), 'a tool call is demanded, but there are no tools')
    }
    return undefined
  }
  switch (choice?.mode) {
    case 'none':
      return { mode: 'NONE' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'required':
      return choice.allowed
        ? { mode: 'ANY', allowedFunctionNames: [...choice.allowed] }
        : { mode: 'ANY' }
    case undefined:
      return isStrict ? { mode: 'VALIDATED' } : undefined
    case 'auto': {
      const said = own?.['$mode']
      // Subsets go with `VALIDATED` only; a client that said otherwise is taken at its word.
      const mode =
        typeof said === 'string' ? said : isStrict || choice.allowed ? 'VALIDATED' : 'AUTO'
      if (isFiltered) return { mode: 'AUTO' }
      return choice.allowed ? { mode, allowedFunctionNames: [...choice.allowed] } : { mode }
    }
  }
}

/** Puts back what stood inside `toolConfig` besides the choice. */
function restoreConfig(config: JsonObject, own: JsonObject | undefined): void {
  const more = own?.['$toolConfig']
  if (typeof more === 'object' && more !== null && !Array.isArray(more)) restore(config, more)
  const inside = own?.['$functionCallingConfig']
  if (typeof inside !== 'object' || inside === null || Array.isArray(inside)) return
  const calling = config['functionCallingConfig']
  const base = typeof calling === 'object' && calling !== null && !Array.isArray(calling)
  config['functionCallingConfig'] = restore(base ? calling : {}, inside)
}

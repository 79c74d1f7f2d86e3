import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { camel } from './wire.ts'

/** What the house calls a setting, and what this protocol does. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['messages', 'contents'],
  ['tool_choice', 'toolConfig.functionCallingConfig'],
  ['max_tokens', 'generationConfig.maxOutputTokens'],
  ['stop', 'generationConfig.stopSequences'],
  ['temperature', 'generationConfig.temperature'],
  ['top_p', 'generationConfig.topP'],
  ['top_k', 'generationConfig.topK'],
  ['seed', 'generationConfig.seed'],
  ['reasoning_effort', 'generationConfig.thinkingConfig'],
  ['reasoning.effort', 'generationConfig.thinkingConfig'],
  ['service_tier', 'serviceTier'],
])

const FORMAT = 'response_format.json_schema'
const MESSAGE = /^messages\[(\d+)\](?:\.content\[(\d+)\])?(.*)$/
const TOOL = /^tools\[(\d+)\](\.parameters)?(.*)$/

/**
 * Where a thing stands in a client's own body, of which an encoder told in the words of the house.
 * Fields are told in the vendor's own spelling, whichever the client used.
 */
export function placeOf(path: string, wire: Json): string {
  const message = MESSAGE.exec(path)
  if (message) {
    const [, index, part, rest = ''] = message
    return `contents[${index}]${part === undefined ? '' : `.parts[${part}]`}${inPart(rest)}`
  }
  const body = isObject(wire) ? camel(wire) : {}
  const tool = TOOL.exec(path)
  if (tool) return toolPlace(body, Number(tool[1]), tool[2] !== undefined) + (tool[3] ?? '')
  if (path.startsWith(FORMAT)) {
    const rest = path.slice(FORMAT.length)
    // That answers are held to it is not said there.
    return `generationConfig.${formatName(body)}${rest.replace(/^\.(?:schema|strict)/, '')}`
  }
  if (path === 'response_format') return `generationConfig.${formatName(body)}`
  return (
    NAMES.get(path) ??
    path
      .replace(/^system(?=$|[.[])/, 'systemInstruction')
      .replace(/^(systemInstruction)\.content\[/, '$1.parts[')
  )
}

function inPart(rest: string): string {
  if (rest === '.arguments') return '.functionCall.args'
  if (rest === '.is_error') return '.functionResponse.response'
  // Pictures of a result stand in a list of their own.
  return rest.replace(/^\.content\[/, '.functionResponse.parts[')
}

/** All functions are counted on, over the entries that hold them; any other field is one tool. */
function toolPlace(body: JsonObject, index: number, hasSchema: boolean): string {
  const list = Array.isArray(body['tools']) ? body['tools'] : []
  let left = index
  for (const [at, entry] of list.entries()) {
    const tool = isObject(entry) ? camel(entry) : {}
    for (const key in tool) {
      const held = tool[key]
      if (held === undefined || held === null) continue
      const functions = key === 'functionDeclarations' && Array.isArray(held) ? held : undefined
      if (left < (functions?.length ?? 1)) {
        if (!functions) return `tools[${at}].${key}`
        const schema = hasSchema ? `.${schemaName(functions[left])}` : ''
        return `tools[${at}].functionDeclarations[${left}]${schema}`
      }
      left -= functions?.length ?? 1
    }
  }
  return `tools[${index}]`
}

function schemaName(declaration: Json | undefined): string {
  const found = isObject(declaration) ? camel(declaration) : {}
  return found['parametersJsonSchema'] === undefined ? 'parameters' : 'parametersJsonSchema'
}

function formatName(body: JsonObject): string {
  const config = isObject(body['generationConfig']) ? camel(body['generationConfig']) : {}
  for (const name of ['responseSchema', 'responseJsonSchema']) {
    if (config[name] !== undefined && config[name] !== null) return name
  }
  return 'responseMimeType'
}

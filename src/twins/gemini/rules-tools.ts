import { reject } from './error.ts'
import { type FieldFault, refuseFields } from './faults.ts'
import { isObject } from './json.ts'
import { type Declaration, type GeminiRequest, objectOf, objectsOf } from './request.ts'
import { checkVertexSchema, jsonSchemaComplaint, schemaFaults } from './rules-schema.ts'

/** Rules on functions, their schemas, the choice among them, and the company they keep. */
export function checkTools(request: GeminiRequest): void {
  const { declarations, surface } = request
  if (surface.name === 'vertex') {
    for (const { name, at } of declarations) {
      const parameters = objectOf(at, 'parameters')
      if (parameters) checkVertexSchema(name, parameters)
    }
  }
  const faults = declarations.flatMap(declaration => declarationFaults(declaration, request))
  refuseFields([...tooMany(request), ...faults], surface)
  refuseRepeatedNames(request)
  refuseReferences(request)
  refuseMixture(request)
  checkCalling(request)
  refuseToolsBesideCache(request)
}

const MOST_DECLARATIONS = 512

/** Source: gemini-cli issue #19083, 2026-02. */
function tooMany({ declarations }: GeminiRequest): FieldFault[] {
  const first = declarations[0]
  if (!first || declarations.length <= MOST_DECLARATIONS) return []
  const text = `At most ${MOST_DECLARATIONS} function declarations can be specified.`
  return [{ place: first.place.slice(0, first.place.lastIndexOf('[')), text }]
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/

/** Sources: Antigravity-Manager issue #1440, 2026-02 (AI Studio); ccs issue #25, 2025-11. */
const NAME_RULE = {
  studio:
    'Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.',
  vertex:
    'Invalid function name. Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.',
} as const

function declarationFaults({ place, name, at }: Declaration, request: GeminiRequest): FieldFault[] {
  const { surface, model } = request
  const setting = { surface: surface.name, generation: model.generation }
  const faults: FieldFault[] = []
  if (!NAME.test(name)) faults.push({ place: `${place}.name`, text: NAME_RULE[surface.name] })
  faults.push(...twiceSaid(at, 'parameters', 'parametersJsonSchema', place))
  faults.push(...twiceSaid(at, 'response', 'responseJsonSchema', place))
  for (const field of ['parameters', 'response'] as const) {
    const schema = objectOf(at, field)
    if (schema) faults.push(...schemaFaults(schema, `${place}.${field}`, setting))
  }
  const root = objectOf(at, 'parameters')
  const isTyped = root && root['type'] !== undefined && root['type'] !== 'TYPE_UNSPECIFIED'
  if (isTyped && root['type'] !== 'OBJECT') {
    // The rule is documented; the words are the twin's own.
    faults.push({ place: `${place}.parameters.type`, text: 'must be OBJECT' })
  }
  const json = at['parametersJsonSchema']
  if (json !== undefined && !(isObject(json) && (json['type'] ?? 'object') === 'object')) {
    faults.push({ place: `${place}.parameters_json_schema`, text: 'must be of type object' })
  }
  return faults
}

/** The rule is documented (Google Gen AI SDK 2.32, 2026); the words are the twin's own. */
function twiceSaid(
  at: Declaration['at'],
  field: string,
  other: string,
  place: string,
): FieldFault[] {
  if (at[field] === undefined || at[other] === undefined) return []
  return [{ place, text: `${field} and ${field}_json_schema must not both be set.` }]
}

/** Source: Open-WebUI-Functions issue #135, 2026-02. */
function refuseRepeatedNames({ declarations }: GeminiRequest): void {
  const seen = new Set<string>()
  for (const { name } of declarations) {
    if (seen.has(name)) reject(`Duplicate function declaration found: ${name}`)
    seen.add(name)
  }
}

function refuseReferences({ declarations }: GeminiRequest): void {
  for (const { at } of declarations) {
    const complaint = jsonSchemaComplaint(at['parametersJsonSchema'])
    if (complaint !== undefined) reject(complaint)
  }
}

/**
 * Functions and tools that Google runs. Sources: go-genai issue #323, 2025-05; LiteLLM issue #26682,
 * eino-ext issue #761 and agency-lang issue #495, 2026.
 */
function refuseMixture(request: GeminiRequest): void {
  const { declarations, builtIns, showsServerTools, model, surface } = request
  if (showsServerTools && !model.mixesTools) {
    reject(`Tool call context circulation is not enabled for models/${model.id}`)
  }
  if (declarations.length === 0 || builtIns.length === 0) return
  if (surface.name === 'vertex') {
    if (model.mixesTools) return
    reject('Multiple tools are supported only when they are all search tools.')
  }
  if (!model.mixesTools) reject('Tool use with function calling is unsupported')
  if (!showsServerTools) {
    reject(
      'Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling.',
    )
  }
}

/**
 * Sources: pydantic-ai pull request #5791, 2026-06, for the config without functions; public reports
 * of 2025-10 to 2026-07 that quote the words on `allowed_function_names`.
 */
function checkCalling({ calling, declarations, showsServerTools, surface }: GeminiRequest): void {
  const { mode, allowed, isGiven } = calling
  if (!isGiven) return
  const isTolerated = surface.name === 'vertex' || showsServerTools
  if (declarations.length === 0 && !isTolerated) {
    reject('Function calling config is set without function_declarations.')
  }
  if (allowed.length === 0) return
  if (mode !== 'ANY' && mode !== 'VALIDATED') {
    reject('Please set allowed_function_names only when function calling mode is ANY.')
  }
  if (allowed.some(name => !declarations.some(declaration => declaration.name === name))) {
    reject('allowed_function_names should be a subset of the provided function_declarations')
  }
}

/** Sources: LiteLLM issue #17304, 2025-12; instructor issue #2580, 2026-08. */
function refuseToolsBesideCache({ cachedContent, body, surface }: GeminiRequest): void {
  if (cachedContent === undefined) return
  const hasTools = objectsOf(body, 'tools').length > 0
  if (!hasTools && !('toolConfig' in body) && !('systemInstruction' in body)) return
  if (surface.name === 'vertex') {
    reject(
      'Tool config, tools and system instruction should not be set in the request when using cached content.',
    )
  }
  reject(
    'CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.\n\nProposed fix: move those values to CachedContent from GenerateContent request.',
  )
}

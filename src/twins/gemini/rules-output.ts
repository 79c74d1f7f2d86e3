import { reject } from './error.ts'
import { type FieldFault, refuseFields, unable } from './faults.ts'
import { type GeminiRequest, numberOf, objectOf, textOf } from './request.ts'
import { schemaFaults } from './rules-schema.ts'
import { countPrompt } from './tokens.ts'

/** Rules on the form of the answer and on sizes. */
export function checkOutput(request: GeminiRequest): void {
  refuseFields([...formFaults(request), ...rangeFaults(request)], request.surface)
  refuseJsonBesideTools(request)
  refuseRanges(request)
  refuseLongPrompt(request)
}

const MIME_TYPES = [
  'text/plain',
  'application/json',
  'application/xml',
  'application/yaml',
  'text/x.enum',
]

/** The rules are documented (Gemini API docs, "structured output", 2026); words from memory. */
function formFaults({ config, surface, model }: GeminiRequest): FieldFault[] {
  const place = 'generation_config'
  const mimeType = textOf(config, 'responseMimeType') || 'text/plain'
  const schema = objectOf(config, 'responseSchema')
  const hasJsonSchema = config['responseJsonSchema'] !== undefined
  const faults: FieldFault[] = []
  if (!MIME_TYPES.includes(mimeType)) {
    const list = '`text/plain`, `application/json`, `application/xml`, `application/yaml`'
    const text = `allowed mimetypes are ${list} and \`text/x.enum\`.`
    faults.push({ place: `${place}.response_mime_type`, text })
  }
  if (schema && hasJsonSchema) {
    const text = 'must not be set together with response_json_schema.'
    faults.push({ place: `${place}.response_schema`, text })
  }
  const isStructured = mimeType === 'application/json' || mimeType === 'text/x.enum'
  if ((schema || hasJsonSchema) && !isStructured) {
    const field = schema ? 'response_schema' : 'response_json_schema'
    const text = 'only allowed with response_mime_type `application/json` or `text/x.enum`.'
    faults.push({ place: `${place}.${field}`, text })
  }
  if (schema) {
    const setting = { surface: surface.name, generation: model.generation }
    faults.push(...schemaFaults(schema, `${place}.response_schema`, setting))
  }
  return faults
}

/** Well known, but quoted from memory. */
function rangeFaults({ config, stopSequences }: GeminiRequest): FieldFault[] {
  const faults: FieldFault[] = []
  const add = (field: string, text: string) =>
    faults.push({ place: `generation_config.${field}`, text })
  const topP = numberOf(config, 'topP')
  const maxOutputTokens = numberOf(config, 'maxOutputTokens')
  if (topP !== undefined && (topP < 0 || topP > 1)) {
    add('top_p', 'top_p must be in the range [0.0, 1.0].')
  }
  if (maxOutputTokens !== undefined && maxOutputTokens < 0) {
    add('max_output_tokens', 'max_output_tokens must be positive.')
  }
  if (stopSequences.length > 5) add('stop_sequences', 'at most 5 stop sequences can be specified.')
  return faults
}

/** Sources: symfony/ai issue #803, 2025-10; gemini-balance issue #264, 2025-07. */
function refuseJsonBesideTools({ config, model, declarations, builtIns }: GeminiRequest): void {
  const mimeType = textOf(config, 'responseMimeType')
  if (mimeType !== 'application/json' || model.mixesTools) return
  const words = `with a response mime type: '${mimeType}' is unsupported`
  if (declarations.length > 0) reject(`Function calling ${words}`)
  if (builtIns.length > 0) reject(`Tool use ${words}`)
}

/** Well known, but quoted from memory. */
function refuseRanges({ config, surface, model }: GeminiRequest): void {
  const temperature = numberOf(config, 'temperature')
  const maxOutputTokens = numberOf(config, 'maxOutputTokens')
  const isVertex = surface.name === 'vertex'
  if (temperature !== undefined && (temperature < 0 || temperature > 2)) {
    if (isVertex) outOfRange('temperature', temperature, '0 (inclusive)', '2.0001 (exclusive)')
    reject(
      '* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n',
    )
  }
  if (isVertex && maxOutputTokens !== undefined && maxOutputTokens > model.outputTokens) {
    const most = `${model.outputTokens + 1} (exclusive)`
    outOfRange('maxOutputTokens', maxOutputTokens, '1 (inclusive)', most)
  }
  if ((numberOf(config, 'candidateCount') ?? 1) > 1) {
    reject('Multiple candidates is not enabled for this model')
  }
}

function outOfRange(name: string, value: number, least: string, most: string): never {
  unable(
    `it has a ${name} value of ${value} but the supported range is from ${least} to ${most}. Update the value and try again`,
  )
}

function refuseLongPrompt(request: GeminiRequest): void {
  const { model } = request
  const { total } = countPrompt(request)
  if (total <= model.inputTokens) return
  reject(
    `The input token count (${total}) exceeds the maximum number of tokens allowed (${model.inputTokens}).`,
  )
}

import { detail, Rejection } from './error.ts'
import {
  anything,
  enumOf,
  type Fields,
  flag,
  float,
  int32,
  type Kind,
  many,
  mapOf,
  message,
  one,
  opaque,
  text,
  type Violation,
} from './fields.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { contentOf } from './shape-content.ts'
import { schema, toolConfigOf, toolOf } from './shape-tools.ts'
import type { Surface } from './surface.ts'

const thinkingConfig = message('GenerationConfig.ThinkingConfig', () => ({
  include_thoughts: one(flag),
  thinking_budget: one(int32),
  thinking_level: one(
    enumOf('GenerationConfig.ThinkingConfig.ThinkingLevel', [
      'THINKING_LEVEL_UNSPECIFIED',
      'MINIMAL',
      'LOW',
      'MEDIUM',
      'HIGH',
    ]),
  ),
}))

const modality = enumOf('GenerationConfig.Modality', [
  'MODALITY_UNSPECIFIED',
  'TEXT',
  'IMAGE',
  'AUDIO',
  'VIDEO',
])

const mediaResolution = enumOf('GenerationConfig.MediaResolution', [
  'MEDIA_RESOLUTION_UNSPECIFIED',
  'MEDIA_RESOLUTION_LOW',
  'MEDIA_RESOLUTION_MEDIUM',
  'MEDIA_RESOLUTION_HIGH',
])

/** Source: Google Gen AI SDK 2.32, `GenerationConfig`, 2026. */
function generationConfigOf({ name }: Surface): Kind {
  const fields: Fields = {
    candidate_count: one(int32),
    stop_sequences: many(text),
    max_output_tokens: one(int32),
    temperature: one(float),
    top_p: one(float),
    top_k: one(float),
    seed: one(int32),
    presence_penalty: one(float),
    frequency_penalty: one(float),
    response_logprobs: one(flag),
    logprobs: one(int32),
    response_mime_type: one(text),
    response_schema: one(schema),
    response_json_schema: one(anything),
    response_format: many(opaque('ResponseFormat')),
    response_modalities: many(modality),
    thinking_config: one(thinkingConfig),
    speech_config: one(opaque('SpeechConfig')),
    image_config: one(opaque('ImageConfig')),
    media_resolution: one(mediaResolution),
    enable_affective_dialog: one(flag),
    audio_transcription_config: one(opaque('AudioTranscriptionConfig')),
    translation_config: one(opaque('TranslationConfig')),
    ...(name === 'studio' && { enable_enhanced_civic_answers: one(flag) }),
    ...(name === 'vertex' && {
      audio_timestamp: one(flag),
      routing_config: one(opaque('GenerationConfig.RoutingConfig')),
      model_selection_config: one(opaque('GenerationConfig.ModelSelectionConfig')),
    }),
  }
  return message('GenerationConfig', () => fields)
}

const safetySetting = message('SafetySetting', () => ({
  category: one(
    enumOf('HarmCategory', [
      'HARM_CATEGORY_UNSPECIFIED',
      'HARM_CATEGORY_DEROGATORY',
      'HARM_CATEGORY_TOXICITY',
      'HARM_CATEGORY_VIOLENCE',
      'HARM_CATEGORY_SEXUAL',
      'HARM_CATEGORY_MEDICAL',
      'HARM_CATEGORY_DANGEROUS',
      'HARM_CATEGORY_HARASSMENT',
      'HARM_CATEGORY_HATE_SPEECH',
      'HARM_CATEGORY_SEXUALLY_EXPLICIT',
      'HARM_CATEGORY_DANGEROUS_CONTENT',
      'HARM_CATEGORY_CIVIC_INTEGRITY',
      'HARM_CATEGORY_JAILBREAK',
    ]),
  ),
  threshold: one(
    enumOf('SafetySetting.HarmBlockThreshold', [
      'HARM_BLOCK_THRESHOLD_UNSPECIFIED',
      'BLOCK_LOW_AND_ABOVE',
      'BLOCK_MEDIUM_AND_ABOVE',
      'BLOCK_ONLY_HIGH',
      'BLOCK_NONE',
      'OFF',
    ]),
  ),
  method: one(
    enumOf('SafetySetting.HarmBlockMethod', [
      'HARM_BLOCK_METHOD_UNSPECIFIED',
      'SEVERITY',
      'PROBABILITY',
    ]),
  ),
}))

const modelArmorConfig = message('ModelArmorConfig', () => ({
  prompt_template_name: one(text),
  response_template_name: one(text),
}))

/**
 * The fields of a request. `v1` of AI Studio has neither instructions nor tools (kiss-translator
 * issue #256, 2025-08, for the instructions; general knowledge for the rest).
 */
function requestFields(surface: Surface): Fields {
  const content = contentOf(surface)
  const isStudio = surface.name === 'studio'
  const plain: Fields = {
    model: one(text),
    contents: many(content),
    safety_settings: many(safetySetting),
    generation_config: one(generationConfigOf(surface)),
  }
  if (isStudio && surface.version === 'v1') return plain
  return {
    ...plain,
    system_instruction: one(content),
    tools: many(toolOf(surface)),
    tool_config: one(toolConfigOf(surface)),
    cached_content: one(text),
    labels: mapOf(text),
    service_tier: one(text),
    continuation_token: one(text),
    ...(isStudio ? { store: one(flag) } : { model_armor_config: one(modelArmorConfig) }),
  }
}

const shapes = new Map<string, { readonly generate: Kind; readonly count: Kind }>()

/** The shapes of a surface's requests, made once each. */
function shapesOf(surface: Surface): { readonly generate: Kind; readonly count: Kind } {
  const key = `${surface.package} ${surface.takesCallIds}`
  const made = shapes.get(key) ?? makeShapes(surface)
  shapes.set(key, made)
  return made
}

function makeShapes(surface: Surface): { readonly generate: Kind; readonly count: Kind } {
  const fields = requestFields(surface)
  const generate = message('GenerateContentRequest', () => fields)
  const { contents, system_instruction: instruction, tools, generation_config: config } = fields
  const counted: Fields =
    surface.name === 'studio'
      ? { ...(contents && { contents }), generate_content_request: one(generate) }
      : {
          model: one(text),
          instances: many(anything),
          ...(contents && { contents }),
          ...(instruction && { system_instruction: instruction }),
          ...(tools && { tools }),
          ...(config && { generation_config: config }),
        }
  return { generate, count: message('CountTokensRequest', () => counted) }
}

/**
 * Checks the types and names of all fields, and gives them back in one spelling; the meaning of the
 * conversation comes later.
 *
 * @throws Rejection that tells everything that is wrong, one line each.
 */
export function checkShape(body: Json, surface: Surface, isCount: boolean): JsonObject {
  const { generate, count } = shapesOf(surface)
  const violations: Violation[] = []
  const spot = { place: '', around: '', name: '' }
  const reading = { package: surface.package, violations }
  const read = (isCount ? count : generate).read(body, spot, reading)
  if (violations.length > 0) refuse(violations)
  return isObject(read) ? read : {}
}

function refuse(violations: readonly Violation[]): never {
  const lines = violations.map(violation => violation.text).join('\n')
  const fieldViolations = violations.map(({ place, text: description }) =>
    place === '' ? { description } : { field: place, description },
  )
  throw new Rejection(lines, 400, [detail('BadRequest', { fieldViolations })])
}

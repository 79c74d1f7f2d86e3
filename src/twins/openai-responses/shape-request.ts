import { Rejection, reject, rejectMissing } from './error.ts'
import {
  anyObject,
  type Check,
  checkMembers,
  decimal,
  flag,
  integer,
  listOf,
  type Members,
  needed,
  object,
  oneOf,
  optional,
  rejectType,
  rejectWord,
  tagged,
  text,
} from './fields.ts'
import { isObject, type JsonObject } from './json.ts'
import { findModel, type ModelFacts } from './models.ts'
import { conversation, idOf, input } from './shape-items.ts'
import { toolChoice, toolList, toolName } from './shape-tools.ts'
import { kindOf, listed, shortened, suggestion } from './wording.ts'

const INCLUDABLE = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
]

const include: Check = (value, path) => {
  const short = INCLUDABLE.map(shortened)
  listOf(oneOf(...INCLUDABLE), `an array of one of ${listed(short, 'or')}`)(value, path)
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** The texts about its type are odd, and measured (live answers, 2026-08-30). */
const effort: Check = (value, path) => {
  if (typeof value === 'number') {
    rejectType(value, path, "one of 'minimal', 'low', 'medium', or 'high'")
  }
  if (typeof value !== 'string') {
    return rejectType(value, path, `one of one of ${listed(EFFORTS, 'or')} or integer`)
  }
  if (!EFFORTS.includes(value)) rejectWord(value, path, EFFORTS)
}

const reasoningMembers: Members = {
  effort: optional(effort),
  summary: optional(oneOf('concise', 'detailed', 'auto')),
  context: optional(oneOf('auto', 'current_turn', 'all_turns')),
  mode: optional(text()),
}

const OLD_SUMMARY: Members = { generate_summary: optional(oneOf('concise', 'detailed', 'auto')) }

const textConfig = object({
  format: optional(
    tagged({
      json_object: {},
      text: {},
      json_schema: {
        name: needed(toolName),
        schema: needed(anyObject),
        description: optional(text()),
        strict: optional(flag),
      },
    }),
  ),
  verbosity: optional(oneOf('low', 'medium', 'high')),
})

const moderationMode = optional(object({ mode: needed(oneOf('score', 'block')) }))
const moderation = object({
  model: needed(text()),
  policy: optional(object({ input: moderationMode, output: moderationMode })),
})

const MOST_PAIRS = 16
const LONGEST_KEY = 64

const metadata: Check = (value, path) => {
  if (!isObject(value)) return rejectType(value, path, 'a metadata object')
  const entries = Object.entries(value)
  if (entries.length > MOST_PAIRS) {
    const said = `Invalid '${path}': too many properties. Expected an object with at most ${MOST_PAIRS} properties, but got an object with ${entries.length} properties instead.`
    reject(said, path, 'object_above_max_properties')
  }
  for (const [key, item] of entries) {
    if (key.length > LONGEST_KEY) {
      const said = `Invalid property name in '${path}': '${shortened(key)}' is too long. Expected a string with maximum length ${LONGEST_KEY}, but got a string with length ${key.length} instead.`
      reject(said, `${path}.${key}`, 'property_name_above_max_length')
    }
    text({ most: 512 })(item, `${path}.${key}`)
  }
}

/**
 * The fields in the order in which the vendor complains about them, which others measured against
 * the live API (2026-08-30). `conversation` was not among them; it stands beside its like.
 */
function membersOf(takesOldSummary: boolean): Members {
  return {
    input: needed(input),
    previous_response_id: optional(idOf('resp')),
    conversation: optional(conversation),
    prompt: optional(
      object({ id: needed(text()), version: optional(text()), variables: optional(anyObject) }),
    ),
    moderation: optional(moderation),
    include: optional(include),
    tools: optional(toolList),
    tool_choice: optional(toolChoice),
    metadata: optional(metadata),
    text: optional(textConfig),
    temperature: optional(decimal(0, 2)),
    top_p: optional(decimal(0, 1)),
    presence_penalty: optional(decimal(-2, 2)),
    frequency_penalty: optional(decimal(-2, 2)),
    parallel_tool_calls: optional(flag),
    stream: optional(flag),
    stream_options: optional(object({ include_obfuscation: optional(flag) })),
    background: optional(flag),
    max_output_tokens: optional(integer(16)),
    max_tool_calls: optional(integer(1)),
    reasoning: optional(object({ ...reasoningMembers, ...(takesOldSummary && OLD_SUMMARY) })),
    user: optional(text()),
    safety_identifier: optional(text({ most: 64 })),
    prompt_cache_options: optional(
      object({ mode: optional(oneOf('implicit', 'explicit')), ttl: optional(oneOf('30m')) }),
    ),
    prompt_cache_key: optional(text({ most: 64 })),
    prompt_cache_retention: optional(oneOf('in_memory', '24h')),
    truncation: optional(oneOf('auto', 'disabled')),
    instructions: optional(text()),
    store: optional(flag),
    service_tier: optional(oneOf('auto', 'default', 'fast', 'flex', 'priority')),
    top_logprobs: optional(integer(0, 20)),
    context_management: optional(
      listOf(object({ type: needed(text()), compact_threshold: optional(integer(0)) })),
    ),
    // In no document, but in each request of the vendor's own agent (@openai/codex 0.171, 2026-11).
    client_metadata: optional(anyObject),
  }
}

const KNOWN = ['model', ...Object.keys(membersOf(false))]

/** Fields of Chat Completions whose new place the vendor names (live answers, 2026-08 and -09). */
const MOVED: { readonly [name: string]: string } = {
  messages: 'input',
  response_format: 'text.format',
  reasoning_effort: 'reasoning.effort',
  max_completion_tokens: 'max_output_tokens',
}

/** A body whose shape is right, and the model that it names. */
export interface ShapedBody {
  readonly body: JsonObject
  readonly model: ModelFacts
}

/**
 * Checks the names and types of all fields, and that the model exists; what they mean together
 * comes later.
 *
 * @throws Rejection
 */
export function checkShape(body: unknown): ShapedBody {
  if (!isObject(body)) {
    throw new Rejection(
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
    )
  }
  if (body.model === undefined) rejectMissing('model')
  refuseMoved(body)
  if (body.input === undefined) rejectMissing('input')
  refuseUnknown(body)
  const { model: name } = body
  if (typeof name !== 'string') {
    const kind = name === null ? 'an object' : kindOf(name)
    const said = `Invalid type for 'model': expected a string, but got ${kind} instead.`
    return reject(said, 'model', 'invalid_type')
  }
  const model = findModel(name)
  checkMembers(body, membersOf(model?.takesOldSummary === true), '')
  if (model) return { body, model }
  return reject(`The requested model '${name}' does not exist.`, 'model', 'model_not_found')
}

function refuseMoved(body: JsonObject): void {
  for (const [name, place] of Object.entries(MOVED)) {
    if (!Object.hasOwn(body, name)) continue
    const said = `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${place}'. Try again with the new parameter. See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create.`
    reject(said, null, 'unsupported_parameter')
  }
}

function refuseUnknown(body: JsonObject): void {
  const name = Object.keys(body).find(key => !KNOWN.includes(key))
  if (name === undefined) return
  const others = KNOWN.filter(known => !Object.hasOwn(body, known))
  reject(`Unknown parameter: '${name}'.${suggestion(name, others)}`, name, 'unknown_parameter')
}

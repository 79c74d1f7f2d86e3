import { message, messageVariants, schema, tool, toolName } from './message-fields.ts'
import {
  either,
  type Fields,
  flag,
  json,
  listOf,
  may,
  must,
  object,
  oneOf,
  orNull,
  type Shape,
  text,
} from './shapes.ts'

const integer = (least?: number, most?: number): Shape => ({
  is: 'integer',
  ...(least !== undefined && { least }),
  ...(most !== undefined && { most }),
})
const number = (least: number, most: number): Shape => ({ is: 'number', least, most })
const textUpTo = (most: number): Shape => ({ is: 'string', most })

/** The most tools a request may declare (issue Tools4AI #16). */
export const MOST_TOOLS = 128

const moderation = object({
  model: must(text),
  policy: orNull(
    object({
      input: orNull(object({ mode: must(oneOf('score', 'block')) })),
      output: orNull(object({ mode: must(oneOf('score', 'block')) })),
    }),
  ),
})

const webSearch = object({
  search_context_size: may(oneOf('low', 'medium', 'high')),
  user_location: orNull(
    object({
      type: must(oneOf('approximate')),
      approximate: must(
        object({ city: may(text), country: may(text), region: may(text), timezone: may(text) }),
      ),
    }),
  ),
})

const responseFormat: Shape = {
  is: 'tagged',
  tag: 'type',
  variants: {
    json_object: {},
    json_schema: {
      json_schema: must(
        object({
          name: must(toolName),
          description: may(text),
          schema: may(schema),
          strict: orNull(flag),
        }),
      ),
    },
    text: {},
  },
}

/**
 * Every field of a Chat Completions request and its type (OpenAI API reference and openai-node
 * 6.49 types, 2026-07). `tool_choice` and `function_call` have checks of their own.
 */
export const requestFields: Fields = {
  model: must(text),
  messages: must(listOf(message, 1)),
  audio: orNull(
    object({
      format: must(oneOf('wav', 'aac', 'mp3', 'flac', 'opus', 'pcm16')),
      voice: must(either(text, object({ id: must(text) }))),
    }),
  ),
  frequency_penalty: orNull(number(-2, 2)),
  function_call: may(json),
  functions: may(
    listOf(
      object({ name: must(toolName), description: may(text), parameters: may(schema) }),
      1,
      MOST_TOOLS,
    ),
  ),
  logit_bias: orNull({ is: 'map', of: number(-100, 100) }),
  logprobs: orNull(flag),
  max_completion_tokens: orNull(integer(1)),
  max_tokens: orNull(integer(1)),
  metadata: orNull({ is: 'map', of: textUpTo(512), most: 16, longestKey: 64 }),
  modalities: orNull(listOf(oneOf('text', 'audio'))),
  moderation: orNull(moderation),
  n: orNull(integer(1, 128)),
  parallel_tool_calls: may(flag),
  prediction: orNull(
    object({
      type: must(oneOf('content')),
      content: must(either(text, listOf(object({ type: must(oneOf('text')), text: must(text) })))),
    }),
  ),
  presence_penalty: orNull(number(-2, 2)),
  prompt_cache_key: orNull(text),
  prompt_cache_options: may(
    object({ mode: may(oneOf('implicit', 'explicit')), ttl: may(oneOf('30m')) }),
  ),
  prompt_cache_retention: orNull(oneOf('in_memory', '24h')),
  reasoning_effort: orNull(text),
  response_format: may(responseFormat),
  safety_identifier: orNull(textUpTo(64)),
  seed: orNull(integer()),
  service_tier: orNull(oneOf('auto', 'default', 'flex', 'scale', 'priority')),
  stop: orNull(either(text, listOf(text, undefined, 4))),
  store: orNull(flag),
  stream: orNull(flag),
  stream_options: orNull(object({ include_usage: may(flag), include_obfuscation: may(flag) })),
  temperature: orNull(number(0, 2)),
  tool_choice: may(json),
  tools: may(listOf(tool, 1, MOST_TOOLS)),
  top_logprobs: orNull(integer(0, 20)),
  top_p: orNull(number(0, 1)),
  user: may(text),
  verbosity: orNull(oneOf('low', 'medium', 'high')),
  web_search_options: may(webSearch),
}

/** The fields of a vendor that knows all roles but these. */
export function fieldsWithoutRoles(...roles: readonly string[]): Fields {
  const known = Object.entries(messageVariants).filter(([role]) => !roles.includes(role))
  const shape: Shape = { is: 'tagged', tag: 'role', variants: Object.fromEntries(known) }
  return { ...requestFields, messages: must(listOf(shape, 1)) }
}

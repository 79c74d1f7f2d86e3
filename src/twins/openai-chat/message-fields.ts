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

/** The pattern of tool names, as OpenAI's texts quote it (issue ailoy #109). */
export const NAME_PATTERN = '^[a-zA-Z0-9_-]+$'

/** The longest id of a call on Chat Completions (issue vercel/ai #5171, 2025-03). */
export const LONGEST_CALL_ID = 40

/** The name of a tool or function. */
export const toolName: Shape = { is: 'string', least: 1, most: 64, pattern: NAME_PATTERN }

const callId: Shape = { is: 'string', least: 1, most: LONGEST_CALL_ID }
const breakpoint = may(object({ mode: must(oneOf('explicit')) }))

/** Every type of content part; where each may stand is a rule of its own. */
export const contentPart: Shape = {
  is: 'tagged',
  tag: 'type',
  variants: {
    text: { text: must(text), prompt_cache_breakpoint: breakpoint },
    image_url: {
      image_url: must(object({ url: must(text), detail: may(oneOf('auto', 'low', 'high')) })),
      prompt_cache_breakpoint: breakpoint,
    },
    input_audio: {
      input_audio: must(object({ data: must(text), format: must(oneOf('wav', 'mp3')) })),
      prompt_cache_breakpoint: breakpoint,
    },
    refusal: { refusal: must(text) },
    audio: { audio: must(json) },
    file: {
      file: must(object({ file_data: may(text), file_id: may(text), filename: may(text) })),
      prompt_cache_breakpoint: breakpoint,
    },
  },
}

/** Text or parts; whether `null` or nothing will do depends on the message and is a rule. */
export const content = orNull(either(text, listOf(contentPart, 1)))

const speaker = may({ is: 'string', least: 1, most: 64, pattern: NAME_PATTERN })

/** A call in an assistant's message. */
export const toolCall: Shape = {
  is: 'tagged',
  tag: 'type',
  variants: {
    function: {
      id: must(callId),
      function: must(object({ name: must(toolName), arguments: must(text) })),
    },
    custom: {
      id: must(callId),
      custom: must(object({ name: must(toolName), input: must(text) })),
    },
  },
}

/** Messages by role (OpenAI API reference and openai-node 6.49 types, 2026-07). */
export const messageVariants: { readonly [role: string]: Fields } = {
  system: { content, name: speaker },
  assistant: {
    content,
    name: speaker,
    refusal: orNull(text),
    audio: orNull(object({ id: must(text) })),
    tool_calls: may(listOf(toolCall, 1)),
    function_call: orNull(object({ name: must(toolName), arguments: must(text) })),
    // Clients send the answer's own message back, and this key is in it.
    annotations: orNull(json),
  },
  user: { content, name: speaker },
  function: { content, name: may(toolName) },
  // The name is in no document, but in OpenAI's own examples (cookbook, function calling, 2023-11).
  tool: { content, tool_call_id: may(callId), name: speaker },
  developer: { content, name: speaker },
}

/** One message. */
export const message: Shape = { is: 'tagged', tag: 'role', variants: messageVariants }

/** JSON Schema, read by rules of its own. */
export const schema: Shape = { is: 'map', of: json }

/** A declared tool. */
export const tool: Shape = {
  is: 'tagged',
  tag: 'type',
  variants: {
    function: {
      function: must(
        object({
          name: must(toolName),
          description: may(text),
          parameters: may(schema),
          strict: orNull(flag),
        }),
      ),
    },
    custom: {
      custom: must(
        object({
          name: must(toolName),
          description: may(text),
          format: may({
            is: 'tagged',
            tag: 'type',
            variants: {
              text: {},
              grammar: {
                grammar: must(
                  object({ definition: must(text), syntax: must(oneOf('lark', 'regex')) }),
                ),
              },
            },
          }),
        }),
      ),
    },
  },
}

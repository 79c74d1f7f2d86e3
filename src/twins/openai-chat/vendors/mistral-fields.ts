import { schema } from '../message-fields.ts'
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
} from '../shapes.ts'

const integer: Shape = { is: 'integer' }
const number: Shape = { is: 'number' }

const part: Shape = {
  is: 'tagged',
  tag: 'type',
  variants: {
    text: { text: must(text) },
    image_url: { image_url: must(either(text, object({ url: must(text), detail: orNull(text) }))) },
    document_url: { document_url: must(text), document_name: orNull(text) },
    input_audio: { input_audio: must(json) },
    file: { file_id: must(text) },
    reference: { reference_ids: must(listOf(json)) },
    thinking: { thinking: must(listOf(json)), closed: may(flag), signature: orNull(text) },
  },
}

const content = orNull(either(text, listOf(part)))

const toolCall = object({
  id: may(text),
  type: may(text),
  function: must(object({ name: must(text), arguments: must(either(text, schema)) })),
  index: may(integer),
})

const message: Shape = {
  is: 'tagged',
  tag: 'role',
  variants: {
    assistant: { content, tool_calls: orNull(listOf(toolCall)), prefix: may(flag) },
    system: { content },
    tool: { content, tool_call_id: orNull(text), name: orNull(text) },
    user: { content },
  },
}

const tool = object({
  type: may(oneOf('function')),
  function: must(
    object({
      name: must(text),
      description: may(text),
      parameters: may(schema),
      strict: may(flag),
    }),
  ),
})

/**
 * Every field of a request to Mistral, which refuses all others (vendor API reference, 2026;
 * issues openclaude #739 for `store` and crush #1590 for `reasoning_content`).
 */
export const mistralFields: Fields = {
  model: must(text),
  messages: must(listOf(message)),
  temperature: orNull(number),
  top_p: may(number),
  max_tokens: orNull(integer),
  stream: may(flag),
  stop: may(either(text, listOf(text))),
  random_seed: orNull(integer),
  metadata: orNull(schema),
  response_format: may(json),
  tools: orNull(listOf(tool)),
  tool_choice: may(json),
  presence_penalty: may(number),
  frequency_penalty: may(number),
  n: orNull(integer),
  prediction: may(json),
  parallel_tool_calls: may(flag),
  prompt_mode: orNull(oneOf('reasoning')),
  reasoning_effort: orNull(oneOf('high', 'none')),
  prompt_cache_key: orNull(text),
  guardrails: orNull(json),
  safe_prompt: may(flag),
}

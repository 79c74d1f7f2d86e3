import { z } from 'zod'

const status = z.enum(['in_progress', 'completed', 'incomplete'])
/** A part of a message item. */
export const outputPart = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()),
  }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
])
/** A part of a message item, read. */
export type OutputPart = z.infer<typeof outputPart>
/** A part of a reasoning item's summary. */
export const summaryPart = z.looseObject({ type: z.literal('summary_text'), text: z.string() })
/** An item of the output. */
export const item = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('message'),
    id: z.string().regex(/^msg_/),
    role: z.literal('assistant'),
    status,
    content: z.array(outputPart),
  }),
  z.looseObject({
    type: z.literal('function_call'),
    id: z.string().min(1),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
    status,
  }),
  z.looseObject({
    type: z.literal('custom_tool_call'),
    id: z.string().min(1),
    call_id: z.string().min(1),
    name: z.string().min(1),
    input: z.string(),
  }),
  z.looseObject({
    type: z.literal('reasoning'),
    id: z.string().min(1),
    summary: z.array(summaryPart),
    content: z
      .array(z.looseObject({ type: z.literal('reasoning_text'), text: z.string() }))
      .optional(),
    encrypted_content: z.string().nullish(),
  }),
])
/** An item of the output, read. */
export type Item = z.infer<typeof item>

const usage = z.looseObject({
  input_tokens: z.int(),
  input_tokens_details: z.looseObject({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
})
/** The response object; while it is made, it has no usage. */
export const response = z.looseObject({
  id: z.string().regex(/^resp_/),
  object: z.literal('response'),
  created_at: z.number(),
  status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
  error: z.null(),
  incomplete_details: z.object({ reason: z.string() }).nullable(),
  model: z.string().min(1),
  output: z.array(item),
  parallel_tool_calls: z.boolean(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]),
  tools: z.array(z.looseObject({ type: z.string() })),
  usage: usage.nullish(),
})
/** The response object, read. */
export type Response = z.infer<typeof response>

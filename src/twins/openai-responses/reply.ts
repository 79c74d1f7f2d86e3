import type { Answer, AnswerItem, AnswerPart } from './answer.ts'
import { type JsonObject, objectOf, objectsOf, present, textOf } from './json.ts'
import type { ResponsesRequest } from './request.ts'
import type { AnswerUsage } from './tokens.ts'

/** The status of a response. */
export type ResponseStatus =
  | 'queued'
  | 'in_progress'
  | 'completed'
  | 'incomplete'
  | 'failed'
  | 'cancelled'

/** How a finished answer ended. */
export function endOf({ cut }: Answer): ResponseStatus {
  return cut === undefined ? 'completed' : 'incomplete'
}

/**
 * The response object, members in the vendor's order (recorded 2026-07 and 2026-08). Output and
 * token counts come with the end; `isWhole` adds what only answers that are not streamed have.
 */
export function responseBody(
  answer: Answer,
  status: ResponseStatus,
  options: { readonly isWhole?: boolean; readonly error?: JsonObject } = {},
): JsonObject {
  const { id, createdAt, items, cut, usage, request } = answer
  const { body, model } = request
  const isDone = status === 'completed' || status === 'incomplete'
  return present({
    id,
    object: 'response',
    created_at: createdAt,
    status,
    background: request.isBackground,
    billing: options.isWhole && isDone ? { payer: 'developer' } : undefined,
    completed_at: status === 'completed' ? createdAt : null,
    error: options.error ?? null,
    frequency_penalty: body.frequency_penalty ?? 0,
    incomplete_details: status === 'incomplete' ? { reason: cut } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model: model.served,
    moderation: null,
    output: isDone ? items.map(itemBody) : [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    presence_penalty: body.presence_penalty ?? 0,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    prompt_cache_options: body.prompt_cache_options ?? undefined,
    prompt_cache_retention: body.prompt_cache_retention ?? model.retentions[0],
    reasoning: reasoningEcho(request),
    safety_identifier: body.safety_identifier ?? null,
    service_tier: tierOf(body.service_tier, isDone),
    store: request.isStored,
    temperature: body.temperature ?? 1,
    text: textEcho(request),
    tool_choice: body.tool_choice ?? 'auto',
    tool_usage: TOOL_USAGE,
    tools: toolsEcho(request),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? model.topP,
    truncation: body.truncation ?? 'disabled',
    usage: isDone ? usageBody(usage) : null,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  })
}

/** An item as it stands in a finished response. */
export function itemBody(item: AnswerItem): JsonObject {
  const { id, type } = item
  switch (item.type) {
    case 'reasoning':
      return present({
        id,
        type,
        content: [],
        encrypted_content: item.token?.final,
        summary: item.summary.map(text => ({ type: 'summary_text', text })),
      })
    case 'message': {
      const { status, parts, phase } = item
      const content = parts.map(partBody)
      return present({ id, type, status, content, phase, role: 'assistant' })
    }
    case 'function_call': {
      const { status, input, callId, name, namespace } = item
      return present({ id, type, status, arguments: input, call_id: callId, name, namespace })
    }
    case 'custom_tool_call': {
      const { status, callId, input, name, namespace } = item
      return present({ id, type, status, call_id: callId, input, name, namespace })
    }
  }
}

/** A part of a message. */
export function partBody({ type, text }: AnswerPart): JsonObject {
  if (type === 'refusal') return { type, refusal: text }
  return { type, annotations: [], logprobs: [], text }
}

function usageBody({ input, cached, cacheWrite, output, reasoning }: AnswerUsage): JsonObject {
  return {
    input_tokens: input,
    input_tokens_details: { cache_write_tokens: cacheWrite, cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  }
}

const TOOL_USAGE = {
  image_gen: {
    input_tokens: 0,
    input_tokens_details: { image_tokens: 0, text_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { image_tokens: 0, text_tokens: 0 },
    total_tokens: 0,
  },
  web_search: { num_requests: 0 },
}

/** `auto` becomes the kind of summary that the model gives (live answer, 2026-09-24). */
function reasoningEcho({ body, model, effort, summary }: ResponsesRequest): JsonObject {
  if (!model.reasons) return { context: null, effort: null, summary: null }
  const { context, mode } = objectOf(body.reasoning)
  return {
    context:
      context === undefined || context === null || context === 'auto' ? model.context : context,
    effort,
    mode: mode ?? 'standard',
    summary: summary === 'auto' ? 'detailed' : summary,
  }
}

/** The tier is settled at the end; the fast ones share a name (measured by others, 2026-08-31). */
function tierOf(asked: unknown, isDone: boolean): unknown {
  if (!isDone) return asked ?? 'auto'
  if (asked === 'fast' || asked === 'priority') return 'priority'
  return asked === 'flex' ? asked : 'default'
}

function textEcho({ body }: ResponsesRequest): JsonObject {
  const { format, verbosity } = objectOf(body.text)
  return { format: formatEcho(objectOf(format)), verbosity: verbosity ?? 'medium' }
}

function formatEcho(format: JsonObject): JsonObject {
  const { type, description, name, schema, strict } = format
  if (type !== 'json_schema') return { type: type ?? 'text' }
  return { type, description: description ?? null, name, schema, strict: strict === true }
}

/** The tools with what the vendor fills in; hosted ones as they were sent. */
function toolsEcho({ body, tools }: ResponsesRequest): readonly JsonObject[] {
  const echo = (at: JsonObject, path: string): JsonObject => {
    const { type, name, description, defer_loading, allowed_callers, output_schema } = at
    const shared = { type, allowed_callers, defer_loading, description: description ?? null }
    if (type === 'custom') {
      return present({ ...shared, format: at.format ?? { type: 'text' }, name })
    }
    if (type === 'namespace') {
      const inner = objectsOf(at.tools).map((tool, index) => echo(tool, `${path}.tools[${index}]`))
      return { ...at, tools: inner }
    }
    const tool = tools.find(declared => declared.path === path)
    if (!tool) return at
    const { parameters, isStrict: strict } = tool
    return present({ ...shared, name, output_schema: output_schema ?? null, parameters, strict })
  }
  return objectsOf(body.tools).map((at, index) => echo(at, `tools[${index}]`))
}

/** The text of a response object, indented as the vendor does. */
export function bodyText(body: JsonObject): string {
  return JSON.stringify(body, undefined, 2)
}

/** The words of a response's error, as a failed response has them. */
export function errorBody(error: { readonly code: unknown; readonly message: string }): JsonObject {
  return { code: textOf(error.code) ?? 'server_error', message: error.message }
}

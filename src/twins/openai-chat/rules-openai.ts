import {
  type Family,
  familyOf,
  isKnownModel,
  isResponsesModel,
  isRetiredModel,
} from './families.ts'
import { isGiven, recordOf, textOf } from './json.ts'
import { quotedList, type Report, refusal } from './refusal.ts'
import { type ChatRequest, contentText } from './request.ts'

/** The model must exist: 404, unlike the Responses endpoint (recorded 2026). */
export function checkModel(
  request: ChatRequest,
  isExtra: (model: string) => boolean,
  report: Report,
): void {
  const { model } = request
  const known = { status: 404, param: null, code: 'model_not_found' }
  if (isExtra(model)) return
  if (isRetiredModel(model)) {
    const text = `The model \`${model}\` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations`
    report(refusal('retired-model', ['model'], text, known))
  } else if (!isKnownModel(model)) {
    const text = `The model \`${model}\` does not exist or you do not have access to it.`
    report(refusal('unknown-model', ['model'], text, known))
  } else if (isResponsesModel(model)) {
    // The text is quoted by many for o1-pro and the codex models; a 404 all the same.
    const text = 'This model is only supported in v1/responses and not in v1/chat/completions.'
    report(refusal('unknown-model', ['model'], text, { status: 404 }))
  }
}

/** The effort that counts for a request: the one it names, or the model's own. */
export function effortOf(request: ChatRequest, family: Family = familyOf(request.model)): string {
  return textOf(request.body.reasoning_effort) ?? family.effort
}

/** `reasoning_effort` is unknown to plain models and limited for others (issue coroot #698). */
export function checkEffort(request: ChatRequest, family: Family, report: Report): void {
  const effort = request.body.reasoning_effort
  if (typeof effort !== 'string') return
  if (family.efforts.length === 0) {
    const text = 'Unrecognized request argument supplied: reasoning_effort'
    report(refusal('unknown-argument', ['reasoning_effort'], text, { param: null }))
  } else if (!family.efforts.includes(effort)) {
    const text = `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: ${quotedList(family.efforts)}.`
    const details = { code: 'unsupported_value', found: effort }
    report(refusal('unsupported-value', ['reasoning_effort'], text, details))
  }
}

/**
 * gpt-5.4 and later take function tools on this endpoint only while they do not reason, and some
 * reason without being asked (issues webmcp-tools #417, pipecat #4043, joplin #16451).
 */
export function checkToolsWithReasoning(
  request: ChatRequest,
  family: Family,
  report: Report,
): void {
  if (!family.toolsNeedQuiet || effortOf(request, family) === 'none') return
  if (!request.tools.some(tool => tool.kind === 'function')) return
  const { model } = request
  const advice = /^gpt-5\.4/.test(model)
    ? 'Please use /v1/responses instead.'
    : "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
  const text = `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. ${advice}`
  report(refusal('tools-with-reasoning', ['reasoning_effort'], text))
}

/** `max_tokens` does not reach models that reason (recorded 2025), nor both limits together. */
export function checkTokenLimits(request: ChatRequest, family: Family, report: Report): void {
  const { max_tokens: old, max_completion_tokens: limit } = request.body
  if (!isGiven(old)) return
  if (family.reasons) {
    const text =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    report(
      refusal('unsupported-parameter', ['max_tokens'], text, { code: 'unsupported_parameter' }),
    )
  } else if (isGiven(limit)) {
    // Text from memory.
    const text =
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    report(refusal('both-limits', ['max_tokens'], text, { code: 'invalid_parameter_combination' }))
  }
}

/** Values that change nothing are let through. */
const HARMLESS: { readonly [name: string]: readonly unknown[] } = {
  top_p: [1],
  presence_penalty: [0],
  frequency_penalty: [0],
  logprobs: [false],
}

/**
 * Parameters that a model which reasons turns down: `stop` (recorded for gpt-5-mini, 2025),
 * sampling, and `parallel_tool_calls` for the o models. Quiet models sample as others do (OpenAI
 * guide to gpt-5.2, 2026).
 */
export function checkDeniedParameters(request: ChatRequest, family: Family, report: Report): void {
  const quiet = effortOf(request, family) === 'none'
  for (const name of family.denied) {
    const value = request.body[name]
    if (!isGiven(value) || HARMLESS[name]?.includes(value)) continue
    if (quiet && name in HARMLESS) continue
    const text = `Unsupported parameter: '${name}' is not supported with this model.`
    report(refusal('unsupported-parameter', [name], text, { code: 'unsupported_parameter' }))
  }
}

/** Models that reason have one temperature (issues code-gpt-docs #445, llmcomp #69, 2025-26). */
export function checkTemperature(request: ChatRequest, family: Family, report: Report): void {
  const { temperature } = request.body
  if (!family.reasons || !isGiven(temperature) || temperature === 1) return
  if (effortOf(request, family) === 'none') return
  if (/^o3-mini/.test(request.model)) {
    const text = "Unsupported parameter: 'temperature' is not supported with this model."
    const details = { code: 'unsupported_parameter' }
    report(refusal('unsupported-parameter', ['temperature'], text, details))
    return
  }
  const text = `Unsupported value: 'temperature' does not support ${String(temperature)} with this model. Only the default (1) value is supported.`
  const details = { code: 'unsupported_value', found: temperature }
  report(refusal('unsupported-value', ['temperature'], text, details))
}

/** Only search models search (recorded 2025). */
export function checkWebSearch(request: ChatRequest, family: Family, report: Report): void {
  if (family.searches || !isGiven(request.body.web_search_options)) return
  const text = 'Web search options not supported with this model.'
  report(refusal('web-search', ['web_search_options'], text))
}

/** `stream_options` needs a stream (issues litellm #5803, lobehub #6735). */
export function checkStreamOptions(request: ChatRequest, report: Report): void {
  if (request.stream || !isGiven(request.body.stream_options)) return
  const text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
  report(refusal('stream-options', ['stream_options'], text))
}

/** JSON mode wants the word "json" somewhere in the messages (text from memory). */
export function checkJsonWord(request: ChatRequest, report: Report): void {
  if (recordOf(request.body.response_format).type !== 'json_object') return
  if (request.messages.some(message => /json/i.test(contentText(message.content)))) return
  const text =
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
  report(refusal('json-word', ['messages'], text))
}

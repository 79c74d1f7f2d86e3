import { reject } from './error.ts'
import { isGiven, objectOf, textOf } from './json.ts'
import type { ResponsesRequest } from './request.ts'
import { listed } from './wording.ts'

/**
 * Rules on what the model can do. Others measured that sampling comes before log probabilities
 * (2026-08-31); the order of the rest is not known.
 */
export function checkModelLimits(request: ResponsesRequest): void {
  checkSampling(request)
  checkLogProbabilities(request)
  checkReasoningFields(request)
  checkVerbosity(request)
  checkRetention(request)
  checkStreamOptions(request)
}

/** Values that change nothing are let through. */
const HARMLESS: { readonly [name: string]: readonly unknown[] } = {
  temperature: [1],
  top_p: [1, 0.98],
  presence_penalty: [0],
  frequency_penalty: [0],
}

/** A model samples only while it does not reason (live answers, 2026-08-30 and 2026-09-24). */
function checkSampling({ body, model, effort }: ResponsesRequest): void {
  if (!model.reasons || effort === 'none') return
  for (const [name, harmless] of Object.entries(HARMLESS)) {
    const value = body[name]
    if (!isGiven(value) || harmless.includes(value)) continue
    reject(`Unsupported parameter: '${name}' is not supported with this model.`, name)
  }
}

function checkLogProbabilities({ body, model, includes }: ResponsesRequest): void {
  if (!model.reasons) return
  const said = 'logprobs are not supported with reasoning models.'
  const code = 'unsupported_parameter'
  if (includes.includes('message.output_text.logprobs')) reject(said, 'include', code)
  if (isGiven(body.top_logprobs) && body.top_logprobs !== 0) reject(said, 'top_logprobs', code)
}

/** Texts from live answers, 2026-07-09 and 2026-08-05; encrypted content from agent-framework #7483. */
function checkReasoningFields({ body, model, includes }: ResponsesRequest): void {
  const reasoning = objectOf(body.reasoning)
  if (!model.reasons) {
    for (const name of ['effort', 'summary', 'generate_summary']) {
      if (!isGiven(reasoning[name])) continue
      const said = `Unsupported parameter: 'reasoning.${name}' is not supported with this model.`
      reject(said, `reasoning.${name}`, 'unsupported_parameter')
    }
    if (includes.includes('reasoning.encrypted_content')) {
      reject('Encrypted content is not supported with this model.', 'include')
    }
    return
  }
  const effort = textOf(reasoning.effort)
  if (effort !== undefined) checkValue(effort, model.efforts, model.id, 'reasoning.effort')
}

function checkVerbosity({ body, model }: ResponsesRequest): void {
  const verbosity = textOf(objectOf(body.text).verbosity)
  if (verbosity !== undefined) checkValue(verbosity, model.verbosities, model.id, 'text.verbosity')
}

function checkValue(value: string, values: readonly string[], model: string, path: string): void {
  if (values.includes(value)) return
  const said = `Unsupported value: '${value}' is not supported with the '${model}' model. Supported values are: ${listed(values)}.`
  reject(said, path, 'unsupported_value')
}

function checkRetention({ body, model }: ResponsesRequest): void {
  const retention = textOf(body.prompt_cache_retention)
  if (retention === undefined || model.retentions.includes(retention)) return
  const said = 'This model is compatible only with 24h extended prompt caching'
  reject(said, 'prompt_cache_retention', 'invalid_parameter')
}

/** The text is that of Chat Completions (issues litellm #5803, lobehub #6735). */
function checkStreamOptions({ body, isStream }: ResponsesRequest): void {
  if (isStream || !isGiven(body.stream_options)) return
  reject(
    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    'stream_options',
  )
}

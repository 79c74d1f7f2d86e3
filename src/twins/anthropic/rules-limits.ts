import { reject } from './error.ts'
import { asksForThinking, type MessagesRequest, objectOf, textOf } from './request.ts'
import { countPrompt } from './tokens.ts'

/** Rules on the numbers of a request: token limits, effort, sampling, the container. */
export function checkLimits(request: MessagesRequest): void {
  refuseTooManyTokens(request)
  refuseEffort(request)
  checkSampling(request)
  refuseContainer(request)
  refuseLongPrompt(request)
}

/** Source: opencode issue #2055, 2025-08. */
function refuseTooManyTokens({ maxTokens, model }: MessagesRequest): void {
  if (maxTokens === undefined || maxTokens <= model.maxTokens) return
  reject(
    `max_tokens: ${maxTokens} > ${model.maxTokens}, which is the maximum allowed number of output tokens for ${model.id}`,
  )
}

/** Sources: a recorded answer of 2026-04 (Opus 4.6); public reports about Haiku 4.5, 2026. */
function refuseEffort({ body, model }: MessagesRequest): void {
  const config = objectOf(body, 'output_config')
  const effort = config && textOf(config, 'effort')
  if (effort === undefined || model.efforts.includes(effort)) return
  reject(
    model.efforts.length === 0
      ? 'This model does not support the effort parameter.'
      : `This model does not support effort level '${effort}'. Supported levels: ${model.efforts.join(', ')}.`,
  )
}

const GUIDE =
  'Please consult our documentation at https://platform.claude.com/docs/en/build-with-claude/extended-thinking'

/** Sources: inspect_ai issue #3721, modelparams.dev issue #214, both 2026. */
function checkSampling(request: MessagesRequest): void {
  const { body, model } = request
  const { temperature, top_p: topP, top_k: topK } = body
  if (!model.takesSampling) {
    // Default values pass (Claude docs, migration guide for Opus 4.7, 2026-04).
    if (temperature !== undefined && temperature !== 1) refuseSampling('temperature')
    if (topP !== undefined && topP !== 1) refuseSampling('top_p')
    if (topK !== undefined) refuseSampling('top_k')
  }
  if (temperature !== undefined && topP !== undefined && !model.takesSamplingPair) {
    reject(
      '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
    )
  }
  if (!asksForThinking(request)) return
  const occasion = 'when thinking is enabled or in adaptive mode.'
  if (temperature !== undefined && temperature !== 1) {
    reject(`\`temperature\` may only be set to 1 ${occasion} ${GUIDE}`)
  }
  if (typeof topP === 'number' && topP < 0.95) {
    reject(`\`top_p\` must be greater than or equal to 0.95 or unset ${occasion} ${GUIDE}`)
  }
  if (topK !== undefined) reject(`\`top_k\` must be unset ${occasion} ${GUIDE}`)
}

function refuseSampling(name: string): never {
  return reject(`\`${name}\` is deprecated for this model.`)
}

/** Source: measured against the live API by others, 2026-08-31. */
function refuseContainer({ body, tools }: MessagesRequest): void {
  if (typeof body['container'] !== 'string') return
  if (tools.some(({ type }) => type.startsWith('code_execution_'))) return
  reject('container: Container identifier can only be provided when using the code execution tool')
}

/** Source: a recorded answer of 2026-08. The count is the twin's estimate. */
function refuseLongPrompt(request: MessagesRequest): void {
  const { total } = countPrompt(request)
  const { contextTokens } = request.model
  if (total > contextTokens) {
    reject(`prompt is too long: ${total} tokens > ${contextTokens} maximum`)
  }
}

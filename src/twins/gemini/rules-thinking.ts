import { reject } from './error.ts'
import { unable } from './faults.ts'
import type { GeminiRequest } from './request.ts'

/** Rules on `thinkingConfig`. */
export function checkThinking(request: GeminiRequest): void {
  const { thinking, model, surface } = request
  if (!thinking.isGiven) return
  const { budget, level, includesThoughts } = thinking
  const isVertex = surface.name === 'vertex'
  const asksToThink = includesThoughts || level !== undefined || (budget ?? 0) !== 0
  if (!model.thinking.canThink && asksToThink) {
    // Well known, but quoted from memory.
    if (isVertex) unable('thinking is not supported by this model')
    reject(`Thinking is not enabled for models/${model.id}`)
  }
  // Source: eclipse-peon-ai issue #115, 2026-08.
  if (budget !== undefined && level !== undefined) {
    reject('You can only set only one of thinking budget and thinking level.')
  }
  refuseLevel(request)
  refuseBudget(request)
  if (budget === 0 && includesThoughts) {
    // Well known, but quoted from memory.
    const words = 'is only enabled when thinking is enabled'
    if (isVertex) unable(`thinking_config.include_thoughts ${words}`)
    reject(`Thinking_config.include_thoughts ${words}.`)
  }
}

/** Sources: RooCode issue #10700, 2026-01; pi issue #9455 and oh-my-pi issue #10543, 2026-09. */
function refuseLevel({ thinking: { level }, model, surface }: GeminiRequest): void {
  const { levels } = model.thinking
  if (level === undefined || levels.some(known => known === level)) return
  if (surface.name === 'vertex') {
    unable(`Thinking level is unsupported: THINKING_LEVEL_${level}`)
  }
  if (levels.length === 0) reject('Thinking level is not supported for this model.')
  reject(
    `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`,
  )
}

/** Sources: gemini-balance issue #206 and RooCode issue #4399, 2025; pi issue #3460, 2026-04. */
function refuseBudget({ thinking: { budget }, model, surface }: GeminiRequest): void {
  const { canThink, canDisable, budget: range } = model.thinking
  const isVertex = surface.name === 'vertex'
  if (budget === undefined || budget === -1 || !canThink) return
  if (budget === 0) {
    if (canDisable) return
    if (isVertex) unable('The model does not support setting thinking_budget to 0')
    reject('Budget 0 is invalid. This model only works in thinking mode.')
  }
  const [least, most] = range
  if (budget >= least && budget <= most) return
  if (isVertex) {
    unable(
      `thinking_budget is out of range; supported values are integers from ${least} to ${most}`,
    )
  }
  reject(`The thinking budget (${budget}) is invalid.`)
}

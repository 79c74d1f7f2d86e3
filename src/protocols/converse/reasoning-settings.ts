import type { JsonObject } from '../../core/json.ts'
import { EFFORTS, type Effort } from '../../core/request.ts'
import { lose, type Writing } from './wire.ts'

/** The least budget that is taken. */
const MIN_BUDGET = 1024

/** Tokens of thinking that stand for an effort on models with budgets. */
const BUDGETS: { readonly [E in Effort]: number } = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 32_000,
  max: 32_000,
}

const PATH = 'reasoning_effort'

/** What of a request a budget for thinking does not go together with. */
export interface ThinkingLimits {
  readonly isForced: boolean
  readonly isLoopBare: boolean
}

/** How much the model thinks, in fields of the model's own. */
export interface ThinkingPlan {
  readonly fields: JsonObject
  readonly isThinking: boolean
  /** The limit of output, perhaps lowered, or set to leave room beside a budget. */
  readonly maxTokens: number | undefined
}

/**
 * Decides how, and how much, the model is asked to think. Converse has no word for it: it is a matter
 * of the model's own fields, so only models whose quirks say how are asked.
 */
export function planThinking(writing: Writing, limits: ThinkingLimits): ThinkingPlan {
  const maxTokens = limitOutput(writing)
  const off = { fields: {}, isThinking: false, maxTokens }
  const settings = writing.request.reasoning
  const { thinking = 'none' } = writing.quirks
  if (!settings) return off
  const { mode, effort } = settings
  const isOff = mode === 'off' || (mode === undefined && effort === 'none')
  if (thinking === 'none') {
    if (!isOff)
      lose(writing, PATH, 'this model is not asked to think', 'dropped', mode !== undefined)
    return off
  }
  if (isOff) {
    if (thinking !== 'always-adaptive')
      return { ...off, fields: { thinking: { type: 'disabled' } } }
    lose(writing, PATH, 'this model cannot stop thinking', 'approximated', false)
    return { ...off, fields: effortField('low', writing) }
  }
  if (thinking === 'manual' || (thinking === 'both' && mode === 'budget')) {
    const wanted = settings.budget ?? BUDGETS[effort ?? 'high']
    return planBudget(Math.max(MIN_BUDGET, wanted), maxTokens, limits, writing)
  }
  if (mode === 'budget' || mode === 'between-tools') {
    lose(writing, PATH, 'this model decides how much it thinks', 'approximated', false)
  }
  const asked = effort ?? (settings.budget === undefined ? undefined : effortFor(settings.budget))
  const display = settings.display === undefined ? {} : { display: settings.display }
  return {
    fields: {
      thinking: { type: 'adaptive', ...display },
      ...(asked === undefined ? {} : effortField(asked, writing)),
    },
    isThinking: true,
    maxTokens,
  }
}

function limitOutput(writing: Writing): number | undefined {
  const { maxTokens } = writing.request
  const most = writing.quirks.maxOutput
  if (maxTokens === undefined || most === undefined || maxTokens <= most) return maxTokens
  lose(writing, 'max_tokens', `the model puts out at most ${most}`, 'approximated', false)
  return most
}

/** A budget must stay below the limit of output, and a call that is demanded excludes it. */
function planBudget(
  wanted: number,
  asked: number | undefined,
  limits: ThinkingLimits,
  writing: Writing,
): ThinkingPlan {
  const maxTokens = asked ?? writing.quirks.maxOutput ?? wanted + 4096
  const why = limits.isForced
    ? 'thinking is off for this request: a demanded tool call does not go with it'
    : limits.isLoopBare
      ? 'thinking is off until the tool loop ends: its first turn has no reasoning'
      : maxTokens <= MIN_BUDGET
        ? `thinking is off: it needs more than the ${maxTokens} tokens of the limit`
        : undefined
  if (why !== undefined) {
    lose(writing, PATH, why, 'dropped', !limits.isLoopBare)
    return { fields: {}, isThinking: false, maxTokens: asked }
  }
  let budget = wanted
  if (budget >= maxTokens) {
    budget = Math.max(MIN_BUDGET, Math.floor(maxTokens * 0.75))
    const what = `the budget was lowered to ${budget}, below the limit of output`
    lose(writing, PATH, what, 'approximated', false)
  }
  const thinking = { type: 'enabled', budget_tokens: budget }
  return { fields: { thinking }, isThinking: true, maxTokens }
}

/** The effort whose budget is nearest below. */
function effortFor(budget: number): Effort {
  return EFFORTS.findLast(effort => effort !== 'max' && BUDGETS[effort] <= budget) ?? 'low'
}

/** The effort to send, in the nearest word that the model takes. */
function effortField(wanted: Effort, writing: Writing): JsonObject {
  const known = writing.quirks.outputEfforts ?? []
  const rank = EFFORTS.indexOf(wanted)
  const effort =
    EFFORTS.slice(0, rank + 1).findLast(word => known.includes(word)) ??
    EFFORTS.find(word => known.includes(word))
  if (effort !== wanted) {
    const what = effort ? `the nearest effort is ${effort}` : 'the model takes no effort'
    lose(writing, PATH, what, effort ? 'approximated' : 'dropped', false)
  }
  return effort === undefined ? {} : { output_config: { effort } }
}

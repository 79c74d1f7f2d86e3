import type { JsonObject } from '../../core/json.ts'
import { EFFORTS, type Effort, type ReasoningSettings } from '../../core/request.ts'
import {
  missing,
  optionalInteger,
  optionalObject,
  optionalWord,
  type Place,
  place,
  wrongValue,
} from '../../wire/read.ts'
import { type Building, lose, readTag, type Writing } from './wire.ts'

const THINKING = ['enabled', 'adaptive', 'disabled', 'between_tools'] as const
const WORDS = ['low', 'medium', 'high', 'xhigh', 'max'] as const
const DISPLAYS = ['summarized', 'omitted'] as const

/** The least budget that the vendor takes. */
const MIN_BUDGET = 1024

/**
 * What is sent when neither the client nor the catalog sets a limit, which the vendor requires: one
 * that every current model takes (Opus 4 has the lowest, 32,000) and few answers reach.
 */
const DEFAULT_MAX_TOKENS = 32_000

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

/** Reads `thinking` and `output_config.effort`; nothing if neither is set. */
export function decodeReasoningSettings(body: JsonObject): ReasoningSettings | undefined {
  const thinking = optionalObject(body, 'thinking')
  const config = optionalObject(body, 'output_config')
  const effort = config && optionalWord(config, 'effort', WORDS, place('output_config'))
  if (!thinking) return effort === undefined ? undefined : { effort }
  const settings = decodeThinking(thinking)
  if (effort !== undefined) settings.effort = effort
  return settings
}

function decodeThinking(wire: JsonObject): Building<ReasoningSettings> {
  const at = place('thinking')
  const type = readTag(wire, THINKING, at)
  if (type === 'disabled') return { mode: 'off' }
  if (type === 'between_tools') return { mode: 'between-tools' }
  const inside = place(type, at)
  const settings: Building<ReasoningSettings> =
    type === 'adaptive'
      ? { mode: 'adaptive' }
      : { mode: 'budget', budget: decodeBudget(wire, inside) }
  const display = optionalWord(wire, 'display', DISPLAYS, inside)
  if (display !== undefined) settings.display = display
  return settings
}

function decodeBudget(wire: JsonObject, at: Place): number {
  const budgetPlace = place('budget_tokens', at)
  const budget = optionalInteger(wire, 'budget_tokens', at)
  if (budget === undefined) throw missing(budgetPlace)
  if (budget < MIN_BUDGET) {
    throw wrongValue(budgetPlace, `Input should be greater than or equal to ${MIN_BUDGET}`)
  }
  return budget
}

/** The fields of a request that thinking decides on together. */
export interface ThinkingPlan {
  readonly maxTokens: number
  readonly thinking: JsonObject | undefined
  readonly effort: Effort | undefined
}

/** What of a request thinking does not go together with. */
export interface ThinkingLimits {
  /** A call is demanded. */
  readonly isForced: boolean
  /** The running tool loop began without a thinking block. */
  readonly isLoopBare: boolean
}

/**
 * Decides how, and how much, the model is asked to think. What the model does not take is said in
 * the nearest words it does take; a client's limit of output always stands.
 */
export function planThinking(writing: Writing, limits: ThinkingLimits): ThinkingPlan {
  const maxTokens = limitOutput(writing)
  const wish = wishOf(writing)
  const effort = wish.effort === undefined ? undefined : encodeEffort(wish.effort, writing)
  let thinking = wish.thinking
  if (thinking?.['type'] === 'enabled') {
    if (limits.isForced) {
      const what = 'thinking is off for this request: a demanded tool call does not go with it'
      lose(writing, thinkingPath(writing), what, 'dropped', true)
      thinking = { type: 'disabled' }
    } else if (limits.isLoopBare) {
      const what = 'thinking is off until the tool loop ends: its first turn has no thinking block'
      lose(writing, thinkingPath(writing), what, 'dropped', false)
      thinking = { type: 'disabled' }
    } else thinking = fitBudget(thinking, maxTokens, writing)
  }
  return { maxTokens, thinking, effort }
}

/** What the client calls it. */
function thinkingPath(writing: Writing): string {
  return writing.isOwn ? 'thinking' : 'reasoning_effort'
}

function effortPath(writing: Writing): string {
  return writing.isOwn ? 'output_config.effort' : 'reasoning_effort'
}

function limitOutput(writing: Writing): number {
  const { request, quirks } = writing
  const asked = request.maxTokens
  const most = quirks.maxOutput
  if (asked === undefined) {
    if (most !== undefined) return most
    const what = `no limit was set and the model's own is not known; ${DEFAULT_MAX_TOKENS} was sent`
    lose(writing, 'max_tokens', what, 'approximated', false)
    return DEFAULT_MAX_TOKENS
  }
  if (most === undefined || asked <= most) return asked
  lose(writing, 'max_tokens', `the model puts out at most ${most}`, 'approximated', false)
  return most
}

interface Wish {
  readonly thinking?: JsonObject
  /** An effort to send besides, if the model takes efforts. */
  readonly effort?: Effort
}

/** What the client wants, in a form of thinking that the model has. */
function wishOf(writing: Writing): Wish {
  const settings = writing.request.reasoning
  if (!settings) return {}
  const { mode, effort } = settings
  if (mode === 'off' || (mode === undefined && effort === 'none')) return off(settings, writing)
  if (mode !== undefined) return inMode(mode, settings, writing)
  return effort === undefined ? {} : byEffort(effort, settings, writing)
}

function off(settings: ReasoningSettings, writing: Writing): Wish {
  const effort = settings.effort === 'none' ? undefined : settings.effort
  switch (writing.quirks.thinking) {
    case 'none':
      return withEffort({}, effort)
    case 'always-adaptive':
      lose(writing, thinkingPath(writing), 'this model cannot stop thinking', 'approximated', false)
      return writing.quirks.outputEfforts?.includes('low') ? { effort: 'low' } : {}
    default:
      return withEffort({ thinking: { type: 'disabled' } }, effort)
  }
}

/** The client named a form of thinking. */
function inMode(
  mode: 'budget' | 'adaptive' | 'between-tools',
  settings: ReasoningSettings,
  writing: Writing,
): Wish {
  const { effort } = settings
  switch (writing.quirks.thinking) {
    case 'none':
      lose(writing, thinkingPath(writing), 'this model does not think', 'dropped', true)
      return withEffort({}, effort)
    case 'manual': {
      if (mode === 'budget') break
      const budget = BUDGETS[effort ?? 'high']
      lose(
        writing,
        thinkingPath(writing),
        `this model thinks by budget: ${budget}`,
        'approximated',
        false,
      )
      return withEffort({ thinking: enabled(budget, settings) }, effort)
    }
    case 'adaptive':
    case 'always-adaptive': {
      if (mode === 'adaptive') break
      if (mode === 'between-tools' && writing.quirks.thinking === 'adaptive') break
      lose(
        writing,
        thinkingPath(writing),
        'this model decides how much it thinks',
        'approximated',
        false,
      )
      const nearest = mode === 'budget' ? effortOf(settings.budget ?? BUDGETS.high) : undefined
      return withEffort({ thinking: adaptive(settings) }, effort ?? nearest)
    }
  }
  if (mode === 'between-tools') return withEffort({ thinking: { type: 'between_tools' } }, effort)
  const thinking =
    mode === 'budget'
      ? enabled(settings.budget ?? BUDGETS[effort ?? 'high'], settings)
      : adaptive(settings)
  return withEffort({ thinking }, effort)
}

/** The client named an effort only. Its own words are kept; other clients mean thinking by it. */
function byEffort(effort: Effort, settings: ReasoningSettings, writing: Writing): Wish {
  if (writing.isOwn) return { effort }
  switch (writing.quirks.thinking) {
    case 'none':
      if (writing.quirks.outputEfforts?.length) return { effort }
      lose(writing, effortPath(writing), 'this model does not think', 'dropped', false)
      return {}
    case 'manual':
      return { thinking: enabled(BUDGETS[effort], settings) }
    default:
      return { thinking: adaptive(settings), effort }
  }
}

function withEffort(wish: Wish, effort: Effort | undefined): Wish {
  return effort === undefined ? wish : { ...wish, effort }
}

function enabled(budget: number, settings: ReasoningSettings): JsonObject {
  return shown({ type: 'enabled', budget_tokens: Math.max(MIN_BUDGET, budget) }, settings)
}

function adaptive(settings: ReasoningSettings): JsonObject {
  return shown({ type: 'adaptive' }, settings)
}

function shown(thinking: JsonObject, settings: ReasoningSettings): JsonObject {
  if (settings.display !== undefined) thinking['display'] = settings.display
  return thinking
}

/** The effort whose budget is nearest below. */
function effortOf(budget: number): Effort {
  if (budget >= BUDGETS.xhigh) return 'xhigh'
  if (budget >= BUDGETS.high) return 'high'
  return budget >= BUDGETS.medium ? 'medium' : 'low'
}

/**
 * The effort to send. Where the model's efforts are not known, a client of this protocol is taken
 * at its word, and any other one's effort is left to the model, whose own default is `high`.
 */
function encodeEffort(wanted: Effort, writing: Writing): Effort | undefined {
  const known = writing.quirks.outputEfforts
  if (!known) {
    if (writing.isOwn) return wanted
    if (wanted !== 'high') {
      lose(writing, effortPath(writing), 'the model chooses its effort', 'approximated', false)
    }
    return undefined
  }
  if (known.includes(wanted)) return wanted
  const rank = EFFORTS.indexOf(wanted)
  const nearest =
    EFFORTS.slice(0, rank + 1).findLast(effort => known.includes(effort)) ??
    EFFORTS.find(effort => known.includes(effort))
  const what = nearest ? `the nearest effort is ${nearest}` : 'the model takes no effort'
  lose(writing, effortPath(writing), what, nearest ? 'approximated' : 'dropped', false)
  return nearest
}

/**
 * Keeps a budget below the limit of output, with a quarter of the limit left for the answer; where
 * the limit has no room for the least budget, thinking is off.
 */
function fitBudget(thinking: JsonObject, maxTokens: number, writing: Writing): JsonObject {
  const budget = thinking['budget_tokens']
  if (typeof budget !== 'number' || budget < maxTokens) return thinking
  // With interleaved thinking the vendor takes more, and its own clients know what they ask.
  if (writing.isOwn && maxTokens === writing.request.maxTokens) return thinking
  if (maxTokens <= MIN_BUDGET) {
    const what = `thinking is off: it needs more than the ${maxTokens} tokens of the limit`
    lose(writing, thinkingPath(writing), what, 'dropped', true)
    return { type: 'disabled' }
  }
  const fitting = Math.max(MIN_BUDGET, Math.floor(maxTokens * 0.75))
  lose(
    writing,
    thinkingPath(writing),
    `the budget was lowered to ${fitting}, below max_tokens`,
    'approximated',
    false,
  )
  return { ...thinking, budget_tokens: fitting }
}

import type { JsonObject } from '../../core/json.ts'
import type { Effort, ReasoningSettings } from '../../core/request.ts'
import { optionalBoolean, place, wrongValue } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import {
  type Building,
  integerAt,
  leftover,
  lose,
  messageAt,
  type Reading,
  type Writing,
} from './wire.ts'

const KNOWN: ReadonlySet<string> = new Set(['includeThoughts', 'thinkingBudget', 'thinkingLevel'])

/** The levels of thinking, from least to most. */
const LEVELS = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] as const
type Level = (typeof LEVELS)[number]

const EFFORT_OF: { readonly [L in Level]: Effort } = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
}

const LEVEL_OF: { readonly [E in Effort]: Level } = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
}

/** Tokens of thinking that stand for an effort on models with budgets. */
const BUDGETS: { readonly [E in Effort]: number } = {
  none: 0,
  minimal: 512,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
}

/** What Gemini 2.5 Flash takes; 0 switches thinking off (Gemini API docs, "thinking", 2026). */
const USUAL_BUDGETS = { least: 0, most: 24_576 } as const

/** What `thinkingConfig` says, and what of it has no place in the canonical model. */
export interface DecodedThinking {
  readonly settings: ReasoningSettings | undefined
  readonly rest: JsonObject | undefined
}

/** Reads `generationConfig.thinkingConfig`; the level in any case, as the vendor does. */
export function decodeReasoningSettings(config: JsonObject, reading: Reading): DecodedThinking {
  const outer = place('generationConfig')
  const wire = messageAt(config, 'thinkingConfig', outer)
  if (!wire) return { settings: undefined, rest: undefined }
  const at = place('thinkingConfig', outer)
  const settings: Building<ReasoningSettings> = {}
  const budget = integerAt(wire, 'thinkingBudget', at)
  if (budget === 0) settings.mode = 'off'
  else if (budget === -1) settings.mode = 'adaptive'
  else if (budget !== undefined) {
    if (budget < 0) throw wrongValue(place('thinkingBudget', at), `the budget ${budget} is invalid`)
    settings.mode = 'budget'
    settings.budget = budget
  }
  const given = wire['thinkingLevel']
  if (given !== undefined && given !== null && given !== 'THINKING_LEVEL_UNSPECIFIED') {
    const level = LEVELS.find(known => typeof given === 'string' && known === given.toUpperCase())
    if (!level) {
      throw wrongValue(place('thinkingLevel', at), `${JSON.stringify(given)} is no level`, {
        allowed: LEVELS,
      })
    }
    settings.effort = EFFORT_OF[level]
  }
  const shows = optionalBoolean(wire, 'includeThoughts', at)
  if (shows !== undefined) settings.display = shows ? 'summarized' : 'omitted'
  return { settings, rest: leftover(wire, KNOWN, at, reading, () => 'meaning') }
}

/** Writes how much the model should think, in the nearest words that it takes. */
export function encodeReasoningSettings(writing: Writing): JsonObject | undefined {
  const settings = writing.request.reasoning
  if (!settings) return undefined
  const { quirks, isOwn } = writing
  const isFlagged = quirks.thinkingLevels !== undefined || quirks.thinkingBudgets !== undefined
  const wire = isOwn && !isFlagged ? asSaid(settings) : fitted(settings, writing)
  const shows = showsThoughts(settings, wire, writing)
  if (shows !== undefined) wire['includeThoughts'] = shows
  for (const _ in wire) return wire
  return undefined
}

function asSaid({ mode, budget, effort }: ReasoningSettings): JsonObject {
  const wire: JsonObject = {}
  if (mode === 'off') wire['thinkingBudget'] = 0
  else if (mode === 'adaptive') wire['thinkingBudget'] = -1
  else if (mode === 'budget' && budget !== undefined) wire['thinkingBudget'] = budget
  if (effort !== undefined) wire['thinkingLevel'] = LEVEL_OF[effort]
  return wire
}

/** Whoever asks another protocol's model to think, in so many words, gets to see the thoughts. */
function showsThoughts(
  { mode, display }: ReasoningSettings,
  wire: JsonObject,
  { isOwn }: Writing,
): boolean | undefined {
  if (display === 'omitted') return isOwn ? false : undefined
  if (isOwn) return display === 'summarized' ? true : undefined
  if (wire['thinkingBudget'] === 0 || mode === 'off') return undefined
  return display === 'summarized' || mode !== undefined ? true : undefined
}

function fitted(settings: ReasoningSettings, writing: Writing): JsonObject {
  const { thinkingLevels, thinkingBudgets } = writing.quirks
  const taken = thinkingLevels ?? (thinkingBudgets ? [] : LEVELS)
  const levels = LEVELS.filter(level => taken.includes(level))
  return levels.length > 0 ? inLevels(settings, levels, writing) : inBudget(settings, writing)
}

function thinkingPath({ isOwn }: Writing): string {
  return isOwn ? 'generationConfig.thinkingConfig' : 'reasoning_effort'
}

function approximate(writing: Writing, what: string): void {
  lose(writing, thinkingPath(writing), what, 'approximated', false)
}

function isOff({ mode, effort }: ReasoningSettings): boolean {
  return mode === 'off' || (mode === undefined && effort === 'none')
}

function inLevels(
  settings: ReasoningSettings,
  levels: readonly Level[],
  writing: Writing,
): JsonObject {
  const { mode, effort, budget } = settings
  if (isOff(settings)) {
    const [lowest = 'LOW'] = levels
    approximate(writing, `this model cannot stop thinking; it was asked for ${lowest}`)
    return { thinkingLevel: lowest }
  }
  if (effort === undefined) {
    if (mode !== 'budget' || budget === undefined) return {}
    const level = nearest(LEVEL_OF[effortOf(budget)], levels)
    approximate(writing, `a thinking budget of ${budget} tokens, sent as level ${level}`)
    return { thinkingLevel: level }
  }
  const level = nearest(LEVEL_OF[effort], levels)
  if (EFFORT_OF[level] !== effort) approximate(writing, `effort ${effort}, sent as level ${level}`)
  return { thinkingLevel: level }
}

/** The level itself, else the next higher one, else the highest. */
function nearest(wanted: Level, levels: readonly Level[]): Level {
  const rank = LEVELS.indexOf(wanted)
  return levels.find(level => LEVELS.indexOf(level) >= rank) ?? levels.at(-1) ?? wanted
}

function effortOf(budget: number): Effort {
  if (budget <= BUDGETS.minimal) return 'minimal'
  if (budget <= BUDGETS.low) return 'low'
  return budget <= 8192 ? 'medium' : 'high'
}

function inBudget(settings: ReasoningSettings, writing: Writing): JsonObject {
  const { least, most } = limitsOf(writing.quirks)
  if (most === 0) {
    if (!isOff(settings)) {
      lose(writing, thinkingPath(writing), 'this model does not think', 'dropped', true)
    }
    return {}
  }
  if (isOff(settings)) {
    if (least === 0) return { thinkingBudget: 0 }
    approximate(writing, `this model cannot stop thinking; its least budget is ${least}`)
    return { thinkingBudget: least }
  }
  const { mode, effort } = settings
  const asked = mode === 'budget' ? settings.budget : undefined
  if (asked === undefined && effort === undefined) return mode ? { thinkingBudget: -1 } : {}
  const isMost = effort === 'max' || effort === 'xhigh'
  const wanted = asked ?? (isMost ? most : BUDGETS[effort ?? 'medium'])
  const budget = Math.min(most, Math.max(least, 1, wanted))
  if (asked !== undefined && asked !== budget) {
    approximate(writing, `the thinking budget of this model is ${least} to ${most}: ${budget}`)
  }
  if (asked === undefined && writing.isOwn) {
    approximate(writing, `this model thinks by budget: ${budget}`)
  }
  return { thinkingBudget: budget }
}

function limitsOf(quirks: Quirks): { readonly least: number; readonly most: number } {
  return quirks.thinkingBudgets ?? USUAL_BUDGETS
}

import { isObject, type JsonObject } from '../../core/json.ts'
import { EFFORTS, type Effort, type ReasoningSettings } from '../../core/request.ts'
import { optionalWord } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import type { Writing } from './text-content.ts'
import type { Building } from './wire.ts'

/**
 * Fields of compatible vendors that switch reasoning: DeepSeek's and GLM's `thinking`, Qwen's
 * `enable_thinking` and `thinking_budget`, OpenRouter's `reasoning`.
 */
export const VENDOR_SETTINGS = [
  'thinking',
  'enable_thinking',
  'thinking_budget',
  'reasoning',
] as const

/**
 * Reads how much the model should think: `reasoning_effort`, and the vendors' own fields, whose
 * exact form stays in the extras.
 */
export function decodeReasoningSettings(body: JsonObject): ReasoningSettings | undefined {
  const settings: Building<ReasoningSettings> = {}
  const effort = optionalWord(body, 'reasoning_effort', EFFORTS)
  const { thinking, enable_thinking: enabled, thinking_budget: budget, reasoning } = body
  if (isObject(thinking)) {
    const type = thinking['type']
    if (type === 'disabled') settings.mode = 'off'
    else if (type === 'enabled' || type === 'adaptive') settings.mode = 'adaptive'
    setBudget(settings, thinking['budget_tokens'])
  }
  if (typeof enabled === 'boolean') settings.mode = enabled ? 'adaptive' : 'off'
  setBudget(settings, budget)
  if (isObject(reasoning)) {
    if (typeof reasoning['enabled'] === 'boolean')
      settings.mode = reasoning['enabled'] ? 'adaptive' : 'off'
    setBudget(settings, reasoning['max_tokens'])
    const word = EFFORTS.find(candidate => candidate === reasoning['effort'])
    if (word !== undefined) settings.effort = word
  }
  if (effort !== undefined) settings.effort = effort
  return settings.mode === undefined && settings.effort === undefined ? undefined : settings
}

function setBudget(settings: Building<ReasoningSettings>, value: unknown): void {
  if (typeof value !== 'number' || value <= 0 || settings.mode === 'off') return
  settings.mode = 'budget'
  settings.budget = value
}

/** Whether the model will think, as far as the request and the quirks tell. */
export function thinks(settings: ReasoningSettings | undefined, quirks: Quirks): boolean {
  if (settings?.effort === 'none' || settings?.mode === 'off') return false
  if (settings?.effort !== undefined || settings?.mode !== undefined) return true
  return quirks.thinksByDefault === true
}

/**
 * The effort that stands for a budget of tokens. The steps follow the budgets that gateways use
 * for each effort: low 1,024, medium 2,048 to 8,192, high above, xhigh 32,000.
 */
function effortForBudget(tokens: number): Effort {
  if (tokens < 2048) return 'low'
  if (tokens <= 8192) return 'medium'
  return tokens < 32_000 ? 'high' : 'xhigh'
}

/** The nearest effort that the vendor takes; of two as near, the lower one. */
function nearest(effort: Effort, taken: readonly Effort[] | undefined): Effort {
  if (!taken || taken.includes(effort)) return effort
  const wanted = EFFORTS.indexOf(effort)
  let best = effort
  let distance = Number.POSITIVE_INFINITY
  for (const candidate of EFFORTS) {
    // From thinking to not thinking is no small step.
    if (!taken.includes(candidate) || (candidate === 'none' && taken.length > 1)) continue
    const away = Math.abs(EFFORTS.indexOf(candidate) - wanted)
    if (away < distance) {
      best = candidate
      distance = away
    }
  }
  return best
}

/**
 * Writes how much the model should think. `body` already holds the client's own vendor fields,
 * which stay if the vendor knows them. `off` says why the model must not think, if it must not.
 */
export function encodeReasoningSettings(
  body: JsonObject,
  settings: ReasoningSettings | undefined,
  off: string | undefined,
  writing: Writing,
): void {
  const { quirks } = writing
  const kept = off === undefined && keepsVendorSettings(body, quirks)
  if (!kept) for (const field of VENDOR_SETTINGS) forget(body, field)
  if (off !== undefined) {
    if (thinks(settings, quirks)) lose(writing, `reasoning, switched off: ${off}`, true)
    switchOff(body, quirks)
  } else if (!settings) return
  else if (kept) {
    if (settings.effort !== undefined && !isObject(body['reasoning']))
      writeEffort(body, settings.effort, writing)
  } else if (!thinks(settings, quirks)) encodeOff(body, settings, writing)
  else encodeOn(body, settings, writing)
}

function lose(writing: Writing, what: string, meaning: boolean): void {
  writing.losses.push({ path: 'reasoning_effort', what, action: 'approximated', meaning })
}

/** Deleting what is not there takes a hundred times as long as looking. */
function forget(body: JsonObject, field: string): void {
  if (field in body) delete body[field]
}

/** Drops the vendor fields that this vendor does not know; true if one that it knows is left. */
function keepsVendorSettings(body: JsonObject, quirks: Quirks): boolean {
  if (quirks.thinkingSwitch !== 'thinking') forget(body, 'thinking')
  if (quirks.thinkingSwitch !== 'enable_thinking') {
    forget(body, 'enable_thinking')
    forget(body, 'thinking_budget')
  }
  if (quirks.reasoningDetails !== true) forget(body, 'reasoning')
  return VENDOR_SETTINGS.some(field => body[field] !== undefined)
}

function switchOff(body: JsonObject, quirks: Quirks): void {
  if (quirks.thinkingSwitch === 'thinking') body['thinking'] = { type: 'disabled' }
  else if (quirks.thinkingSwitch === 'enable_thinking') body['enable_thinking'] = false
  else body['reasoning_effort'] = 'none'
}

function encodeOff(body: JsonObject, settings: ReasoningSettings, writing: Writing): void {
  const { quirks } = writing
  const { efforts } = quirks
  if (quirks.thinkingSwitch !== undefined) switchOff(body, quirks)
  else if (efforts === undefined || efforts.includes('none')) {
    if (settings.effort === 'none' || quirks.thinksByDefault === true) switchOff(body, quirks)
  } else if (quirks.thinksByDefault === true) {
    const lowest = EFFORTS.find(effort => efforts.includes(effort))
    if (lowest !== undefined) body['reasoning_effort'] = lowest
    lose(writing, 'reasoning off, which the model does not take', true)
  }
}

function encodeOn(body: JsonObject, settings: ReasoningSettings, writing: Writing): void {
  const { quirks } = writing
  const switched = quirks.thinkingSwitch
  if (switched === 'thinking') body['thinking'] = { type: 'enabled' }
  else if (switched === 'enable_thinking') {
    body['enable_thinking'] = true
    if (settings.budget !== undefined) body['thinking_budget'] = settings.budget
  }
  const budgetSaid = switched === 'enable_thinking' && settings.budget !== undefined
  if (settings.effort !== undefined) {
    writeEffort(body, settings.effort, writing)
    if (settings.budget !== undefined && !budgetSaid)
      lose(writing, `a thinking budget of ${settings.budget} tokens`, false)
  } else if (settings.budget !== undefined) {
    if (!budgetSaid) encodeBudget(body, settings.budget, writing)
  } else if (switched === undefined && quirks.thinksByDefault !== true) {
    if (quirks.efforts && quirks.efforts.length > 0)
      body['reasoning_effort'] = nearest('medium', quirks.efforts)
    lose(writing, `${settings.mode ?? 'adaptive'} thinking`, false)
  } else if (settings.mode === 'between-tools') lose(writing, 'between-tools thinking', false)
}

function encodeBudget(body: JsonObject, budget: number, writing: Writing): void {
  const { efforts } = writing.quirks
  const what = `a thinking budget of ${budget} tokens`
  if (efforts?.length === 0) {
    lose(writing, what, false)
    return
  }
  const effort = nearest(effortForBudget(budget), efforts)
  body['reasoning_effort'] = effort
  lose(writing, `${what}, sent as effort ${effort}`, false)
}

function writeEffort(body: JsonObject, effort: Effort, writing: Writing): void {
  const { efforts } = writing.quirks
  if (efforts?.length === 0) {
    // A switch has said the most of it.
    lose(writing, `effort ${effort}`, false)
    return
  }
  const taken = nearest(effort, efforts)
  body['reasoning_effort'] = taken
  if (taken !== effort) lose(writing, `effort ${effort}, sent as ${taken}`, taken === 'none')
}

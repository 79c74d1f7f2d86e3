import type { JsonObject } from '../../core/json.ts'
import { EFFORTS, type Effort, type ReasoningSettings } from '../../core/request.ts'
import { optionalObject, optionalString, optionalWord, place } from '../../wire/read.ts'
import type { Writing } from './text-content.ts'
import { type Building, objectAt, restore } from './wire.ts'

/** The fields of `reasoning` that are read; the rest is kept. */
export const KNOWN_REASONING: ReadonlySet<string> = new Set(['effort'])

const AT = place('reasoning')

/** Reads how much the model should think; the kind of summary stays in the extras. */
export function decodeReasoningSettings(body: JsonObject): ReasoningSettings | undefined {
  const reasoning = optionalObject(body, 'reasoning')
  if (!reasoning) return undefined
  const settings: Building<ReasoningSettings> = {}
  const effort = optionalWord(reasoning, 'effort', EFFORTS, AT)
  if (effort !== undefined) settings.effort = effort
  const summary =
    optionalString(reasoning, 'summary', AT) ?? optionalString(reasoning, 'generate_summary', AT)
  if (summary !== undefined) settings.display = 'summarized'
  for (const _ in settings) return settings
  return undefined
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

/** Writes how much the model should think. `kept` is what this protocol kept of the request. */
export function encodeReasoningSettings(
  body: JsonObject,
  settings: ReasoningSettings | undefined,
  kept: JsonObject | undefined,
  writing: Writing,
): void {
  const reasoning: JsonObject = {}
  const { efforts } = writing.quirks
  if (settings) {
    const effort = effortOf(settings, writing)
    if (effort !== undefined) reasoning['effort'] = effort
    if (isShown(settings) && efforts?.length !== 0) reasoning['summary'] = 'auto'
  }
  const own = kept && objectAt(kept, '$reasoning')
  if (own) {
    // The old word for it stands for the new one.
    if (own['generate_summary'] !== undefined) delete reasoning['summary']
    restore(reasoning, own)
  }
  for (const _ in reasoning) {
    body['reasoning'] = reasoning
    break
  }
}

/** Whether the client means to see thoughts: thinking that was switched on is shown by default. */
function isShown({ display, mode }: ReasoningSettings): boolean {
  if (display !== undefined) return display === 'summarized'
  return mode !== undefined && mode !== 'off'
}

function lose(writing: Writing, what: string, meaning: boolean): void {
  writing.losses.push({ path: 'reasoning.effort', what, action: 'approximated', meaning })
}

function effortOf(settings: ReasoningSettings, writing: Writing): Effort | undefined {
  const { efforts, thinksByDefault } = writing.quirks
  if (settings.mode === 'off' || settings.effort === 'none') return off(settings, writing)
  const { budget } = settings
  const wanted = settings.effort ?? (budget === undefined ? undefined : effortForBudget(budget))
  if (wanted === undefined) {
    if (settings.mode === undefined) return undefined
    const effort = thinksByDefault === true || !efforts?.length ? undefined : 'medium'
    if (thinksByDefault !== true || settings.mode === 'between-tools')
      lose(writing, `${settings.mode} thinking`, false)
    return effort && nearest(effort, efforts)
  }
  const said = budget === undefined ? `effort ${wanted}` : `a thinking budget of ${budget} tokens`
  if (efforts?.length === 0) {
    lose(writing, said, false)
    return undefined
  }
  const taken = nearest(wanted, efforts)
  if (taken !== wanted || budget !== undefined)
    lose(writing, `${said}, sent as effort ${taken}`, taken === 'none')
  return taken
}

function off(settings: ReasoningSettings, writing: Writing): Effort | undefined {
  const { efforts, thinksByDefault } = writing.quirks
  if (efforts === undefined || efforts.includes('none'))
    return settings.effort === 'none' || thinksByDefault === true ? 'none' : undefined
  if (thinksByDefault !== true) return undefined
  lose(writing, 'reasoning off, which the model does not take', true)
  return EFFORTS.find(effort => efforts.includes(effort))
}

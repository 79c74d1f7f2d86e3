import type { StrictLimits } from '../json-schema-strict.ts'
import { familyOf, isKnownModel, servedModel } from '../openai-chat/families.ts'

/** What a model can do on the Responses API. */
export interface ModelFacts {
  /** As the request names it. */
  readonly id: string
  /** The dated name that answers carry. */
  readonly served: string
  /** Thinks before it answers. */
  readonly reasons: boolean
  /** Values of `reasoning.effort`; empty if the model does not reason. */
  readonly efforts: readonly string[]
  /** What counts when the request names no effort. */
  readonly effort: string
  /** Values of `text.verbosity`. */
  readonly verbosities: readonly string[]
  /** The `top_p` that answers echo when the request has none. */
  readonly topP: number
  /** Which turns' reasoning the model sees when the request does not say. */
  readonly context: 'current_turn' | 'all_turns' | null
  /** Values of `prompt_cache_retention`, the default first. */
  readonly retentions: readonly string[]
  /** Whether messages say their `phase`. */
  readonly hasPhases: boolean
  /** Takes `reasoning.generate_summary`, the field's old name. */
  readonly takesOldSummary: boolean
  readonly strict: StrictLimits
}

/** Aliases that were not served yet when the others were written down (recorded 2025 and 2026). */
const SNAPSHOTS: { readonly [alias: string]: string } = {
  'gpt-5.4': 'gpt-5.4-2026-03-05',
  'gpt-5.5': 'gpt-5.5-2026-04-23',
  'gpt-5.6': 'gpt-5.6-sol',
  'computer-use-preview': 'computer-use-preview-2025-03-11',
}

const COMPUTER_USE = /^computer-use-preview(-\d{4}-\d{2}-\d{2})?$/
const SIZES = ['low', 'medium', 'high']

/** What is known about a model, or nothing if the vendor has no such model. */
export function findModel(id: string): ModelFacts | undefined {
  if (COMPUTER_USE.test(id)) {
    return {
      ...factsOf(id),
      reasons: true,
      efforts: SIZES,
      effort: 'medium',
      takesOldSummary: true,
    }
  }
  return isKnownModel(id) ? factsOf(id) : undefined
}

function factsOf(id: string): ModelFacts {
  const family = familyOf(id)
  const version = Number(/^gpt-(\d+(?:\.\d+)?)/.exec(id)?.[1] ?? 0)
  // From gpt-5.2 on, the chat models reason too, with one effort (live answer, 2026-08-05).
  const isThinkingChat = /chat/.test(id) && version >= 5.2
  const efforts = isThinkingChat ? ['medium'] : effortsOf(id, family.efforts)
  const reasons = isThinkingChat || family.reasons
  return {
    id,
    served: SNAPSHOTS[id] ?? servedModel(id),
    reasons,
    efforts,
    effort: isThinkingChat ? 'medium' : family.effort,
    // Older and coding models know one (issues quoting gpt-4.1-mini and gpt-5.1-codex, 2026).
    verbosities: version >= 5 && !/chat|codex/.test(id) ? SIZES : ['medium'],
    topP: version >= 5.2 ? 0.98 : 1,
    context: !reasons ? null : version >= 5.6 ? 'all_turns' : 'current_turn',
    retentions: retentionsOf(version),
    hasPhases: version >= 5.4 || id.startsWith('gpt-5.3-codex'),
    takesOldSummary: false,
    strict: family.strict,
  }
}

/** `gpt-6-astra` never stops thinking (live answer, 2026-09-24). */
function effortsOf(id: string, efforts: readonly string[]): readonly string[] {
  return /astra/.test(id) ? efforts.filter(effort => effort !== 'none') : efforts
}

/** Defaults recorded from 2026-04 to 2026-08; gpt-5.5 and later refuse the short one. */
function retentionsOf(version: number): readonly string[] {
  if (version >= 5.5) return ['24h']
  return version >= 5.2 ? ['24h', 'in_memory'] : ['in_memory', '24h']
}

import type { StrictLimits } from '../json-schema-strict.ts'

/** What a model of OpenAI's can and cannot do on Chat Completions. */
export interface Family {
  /** Thinks before it answers, out of sight. */
  readonly reasons: boolean
  /** Values of `reasoning_effort`; empty if the parameter is unknown to the model. */
  readonly efforts: readonly string[]
  /** What counts when the request names no effort. */
  readonly effort: string
  /** Roles that the model turns down. */
  readonly deniedRoles: readonly string[]
  /** Parameters that the model turns down whatever their value. */
  readonly denied: readonly string[]
  /** Turns down function tools while it reasons: gpt-5.4 and later (issue webmcp-tools #417). */
  readonly toolsNeedQuiet: boolean
  /** Takes `web_search_options`. */
  readonly searches: boolean
  /** Takes audio parts. */
  readonly hears: boolean
  /** Limits of a strict schema. */
  readonly strict: StrictLimits
}

const WORDS =
  'turbo|mini|nano|pro|chat|latest|codex|max|preview|search|audio|vision|instruct|16k|32k|spark|image|sol|terra|luna|astra'
const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}'
const KNOWN = [
  // gpt-4o-mini-2024-07-18, gpt-5.6-sol, gpt-5.1-codex-max, gpt-4-1106-preview, gpt-chat-latest
  new RegExp(String.raw`^gpt(-\d+(\.\d+)?o?)?(-(${WORDS}))*(-(${DATE}))?(-preview)?$`),
  new RegExp(`^o[134](-(mini|pro|preview|deep-research))*(-(${DATE}))?$`),
  /^chatgpt-4o-latest$/,
  /^codex-mini-latest$/,
]
const FINE_TUNED = /^ft:([^:]+):[^:]*:[^:]*:[^:]+$/
const RETIRED = /^gpt-3\.5-turbo(-16k)?-(0301|0613)$/

/**
 * Whether OpenAI serves a model of this name. The twin keeps no list of models, which would age:
 * it knows how names are built. After `gpt-` and a version come words out of a fixed set and a
 * date; the `o` models, `chatgpt-4o-latest` and `codex-mini-latest` follow; a fine-tuned model is
 * `ft:<known name>:<organisation>:<suffix>:<id>`. So a new size or date of a family is accepted
 * and a slip (`gpt-5.2-proo`) is not; a new code word has to be added here.
 */
export function isKnownModel(model: string): boolean {
  const base = FINE_TUNED.exec(model)?.[1] ?? model
  return KNOWN.some(pattern => pattern.test(base)) && base !== 'gpt'
}

/**
 * Whether a model that OpenAI serves answers on the Responses API alone: the largest of each
 * generation, those for code, for research and for driving a computer (OpenAI docs, pages of the
 * models, 2026-10).
 */
export function isResponsesModel(model: string): boolean {
  return /^(gpt-[\d.]+|o\d)-pro(-|$)|codex|deep-research|computer-use/.test(model)
}

/** Whether OpenAI has withdrawn the model (recorded for gpt-3.5-turbo-0613, 2024). */
export function isRetiredModel(model: string): boolean {
  return RETIRED.test(model)
}

/** The dated name that an answer carries when the request used an alias (recorded 2024 to 2026). */
export function servedModel(model: string): string {
  return SNAPSHOTS[model] ?? model
}

const SNAPSHOTS: { readonly [alias: string]: string } = {
  'gpt-3.5-turbo': 'gpt-3.5-turbo-0125',
  'gpt-4': 'gpt-4-0613',
  'gpt-4-turbo': 'gpt-4-turbo-2024-04-09',
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-4o-search-preview': 'gpt-4o-search-preview-2025-03-11',
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'gpt-4.1-mini': 'gpt-4.1-mini-2025-04-14',
  'gpt-4.1-nano': 'gpt-4.1-nano-2025-04-14',
  'gpt-5': 'gpt-5-2025-08-07',
  'gpt-5-mini': 'gpt-5-mini-2025-08-07',
  'gpt-5-nano': 'gpt-5-nano-2025-08-07',
  'gpt-5.1': 'gpt-5.1-2025-11-13',
  'gpt-5.2': 'gpt-5.2-2025-12-11',
  o1: 'o1-2024-12-17',
  'o1-mini': 'o1-mini-2024-09-12',
  o3: 'o3-2025-04-16',
  'o3-mini': 'o3-mini-2025-01-31',
  'o4-mini': 'o4-mini-2025-04-16',
}

const WIDE: StrictLimits = { properties: 5000, levels: 10, distinctUnions: false }
// The older limits; "6 levels of nesting exceeds limit of 5" (issue ellmer #671).
const NARROW: StrictLimits = { properties: 100, levels: 5, distinctUnions: true }

const PLAIN: Family = {
  reasons: false,
  efforts: [],
  effort: 'none',
  deniedRoles: [],
  denied: [],
  toolsNeedQuiet: false,
  searches: false,
  hears: false,
  strict: NARROW,
}

/** What a model name says about the model; unknown names count as plain chat models. */
export function familyOf(model: string): Family {
  const name = FINE_TUNED.exec(model)?.[1] ?? model
  const hears = /audio/.test(name)
  const searches = /search/.test(name)
  const version = /^gpt-(\d+(?:\.\d+)?)/.exec(name)?.[1]
  if (/^o\d/.test(name)) return { ...oSeries(name), hears, searches }
  if (version !== undefined && Number(version) >= 5 && !/chat/.test(name)) {
    return { ...gpt5(Number(version), name), hears, searches }
  }
  const wide = version !== undefined && Number(version) >= 4.1
  return { ...PLAIN, hears, searches, strict: wide ? WIDE : NARROW }
}

function oSeries(name: string): Family {
  const first = /^o1-(mini|preview)/.test(name)
  // Only o3, o4-mini and later lost `stop` (OpenAI API reference, 2026-07).
  const noStop = /^o3(?!-mini)|^o4/.test(name)
  return {
    ...PLAIN,
    reasons: true,
    efforts: first ? [] : ['low', 'medium', 'high'],
    effort: 'medium',
    // Recorded for o1-mini (2025); `function` for o3 (issue shell_gpt #717, 2025-07).
    deniedRoles: first ? ['system', 'developer', 'function'] : ['function'],
    denied: [
      'parallel_tool_calls',
      ...SAMPLING,
      ...(noStop ? ['stop'] : []),
      ...(first ? ['tools', 'functions'] : []),
    ],
  }
}

/** Parameters that a reasoning model turns down whatever their value. */
const SAMPLING = [
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
]

function gpt5(version: number, name: string): Family {
  const quiet = version >= 5.1 && version < 5.5
  return {
    ...PLAIN,
    reasons: true,
    efforts: effortsOf(version, /pro/.test(name)),
    // gpt-5.1 to 5.4 start quiet, gpt-5 and 5.5 onwards do not (issue joplin #16451).
    effort: quiet && !/pro/.test(name) ? 'none' : 'medium',
    deniedRoles: ['function'],
    denied: ['stop', ...SAMPLING],
    toolsNeedQuiet: version >= 5.4,
    strict: WIDE,
  }
}

function effortsOf(version: number, pro: boolean): string[] {
  const low = pro ? [] : version < 5.1 ? ['minimal'] : ['none']
  const high = version >= 5.6 ? ['xhigh', 'max'] : version >= 5.2 ? ['xhigh'] : []
  return [...low, ...(pro && version < 5.2 ? [] : ['low', 'medium']), 'high', ...high]
}

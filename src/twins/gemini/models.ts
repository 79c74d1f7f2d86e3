/** What is known about a Gemini model; the rules and the answers read it, never the name. */
export interface ModelFacts {
  /** The name that was asked for, without `models/`. */
  readonly id: string
  /** What answers call it: an alias resolves to the model behind it. */
  readonly version: string
  readonly line: Line
  readonly generation: number
  readonly thinking: ThinkingFacts
  /** Whether calls of the current turn must come back signed. */
  readonly needsSignatures: boolean
  /** Whether the conversation may end with the model's own turn. */
  readonly takesModelTurnLast: boolean
  /** Whether functions, built-in tools and JSON output may be asked for together. */
  readonly mixesTools: boolean
  /** Whether responses must name their calls exactly. */
  readonly matchesResponses: boolean
  /** Whether the role `function` is still taken for responses. */
  readonly takesFunctionRole: boolean
  readonly inputTokens: number
  readonly outputTokens: number
}

/** How a model may be told to think. */
export interface ThinkingFacts {
  readonly canThink: boolean
  /** Whether it thinks when the request does not say. */
  readonly isDefault: boolean
  readonly canDisable: boolean
  /** Levels that it takes; none before Gemini 3. */
  readonly levels: readonly ThinkingLevel[]
  /** The range of a budget other than 0 and -1, in tokens. */
  readonly budget: readonly [least: number, most: number]
}

/** How much a model thinks. */
export type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'

/** A model line. */
export type Line = 'pro' | 'flash' | 'flash-lite'

/** What stands behind a name. Sources: recorded answers of 2026-06 to 2026-08; the last is a guess. */
const ALIASES: { readonly [alias: string]: string } = {
  'gemini-3-pro-preview': 'gemini-3.1-pro-preview',
  'gemini-pro-latest': 'gemini-3.1-pro-preview',
  'gemini-flash-latest': 'gemini-3.6-flash',
  'gemini-flash-lite-latest': 'gemini-3.5-flash-lite',
}

/** The models that the list endpoint names. Source: Gemini API models page, read 2026-09. */
export const LISTED_MODELS: readonly string[] = [
  'gemini-2.5-flash',
  'gemini-2.5-pro',
  'gemini-2.5-flash-lite',
  'gemini-2.0-flash',
  'gemini-2.0-flash-001',
  'gemini-2.0-flash-lite',
  'gemini-flash-latest',
  'gemini-flash-lite-latest',
  'gemini-pro-latest',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-3.1-pro-preview',
  'gemini-3.1-flash-lite',
  'gemini-3.5-flash',
  'gemini-3.5-flash-lite',
  'gemini-3.6-flash',
  'gemini-3.7-flash',
  'gemini-3.8-flash',
]

const NAME =
  /^gemini-(\d{1,2})(?:\.(\d{1,2}))?-(pro|flash-lite|flash)(?:-\d{3})?(?:-(?:preview|exp|thinking-exp)(?:-\d{2}-\d{2}|-\d{2}-\d{4})?)?(?:-customtools)?$/

/** The facts of a model by its name; names of models yet to come work too. Unknown: `undefined`. */
export function findModel(id: string): ModelFacts | undefined {
  const name = (Object.hasOwn(ALIASES, id) ? ALIASES[id] : undefined) ?? id
  const [, major = '', minor = '0', given] = NAME.exec(name) ?? []
  const line = LINES.find(known => known === given)
  const generation = Number(major) + Number(minor) / (minor.length > 1 ? 100 : 10)
  // Older models were shut down; recorded answers of 2025 say 404.
  if (!line || generation < 2) return undefined
  return {
    id,
    version: name,
    line,
    generation,
    thinking: thinkingOf(line, generation, name),
    needsSignatures: generation >= 3,
    takesModelTurnLast: takesModelTurnLast(line, generation),
    mixesTools: generation >= 3,
    // Source: archestra pull request #7583, 2026-08-31, on gemini-3.7-flash.
    matchesResponses: generation >= 3.7,
    // Source: genkit pull request #5780, 2026-07-21.
    takesFunctionRole: generation < 3.6,
    inputTokens: 1_048_576,
    outputTokens: generation < 2.5 ? 8_192 : 65_536,
  }
}

const LINES = ['pro', 'flash', 'flash-lite'] as const

/** Source: LibreChat agents pull request #323, 2026-07-21, measured against the live API. */
function takesModelTurnLast(line: Line, generation: number): boolean {
  return generation < 3.5 || (generation < 3.6 && line === 'flash')
}

/**
 * Sources: Gemini API docs, "thinking", 2026-09; docker-agent issue #2051, 2026-03. That Gemini 3
 * cannot be kept from thinking is the documented rule; some of its flash models began to take a
 * budget of 0 in 2026-09.
 */
function thinkingOf(line: Line, generation: number, name: string): ThinkingFacts {
  const canThink = generation >= 2.5 || name.includes('thinking')
  return {
    canThink,
    isDefault: canThink && !(line === 'flash-lite' && generation < 3),
    canDisable: generation < 3 && line !== 'pro',
    levels: generation < 3 ? [] : levelsOf(line, generation),
    budget: budgetOf(line),
  }
}

/** Sources: proxypal issue #170, 2026-02; vellum-assistant pull request #32687, 2026-05. */
function levelsOf(line: Line, generation: number): readonly ThinkingLevel[] {
  if (line === 'pro' && generation < 3.1) return ['LOW', 'HIGH']
  if (line === 'pro' || (line === 'flash' && generation >= 3.7)) return ['LOW', 'MEDIUM', 'HIGH']
  return ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']
}

function budgetOf(line: Line): readonly [number, number] {
  if (line === 'pro') return [128, 32_768]
  return line === 'flash' ? [1, 24_576] : [512, 24_576]
}

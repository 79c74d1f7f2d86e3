/** What is known about a Claude model; the rules and the answers read it, never the name. */
export interface ModelFacts {
  /** The full name that answers carry: an alias resolves to its dated name. */
  readonly id: string
  /** The name without date; thinking signatures are bound to it. */
  readonly family: string
  readonly line: Line
  readonly version: number
  readonly maxTokens: number
  readonly contextTokens: number
  /** Which `thinking.type` values are accepted; none of the first three on models before 3.7. */
  readonly thinking: {
    readonly enabled: boolean
    readonly adaptive: boolean
    readonly disabled: boolean
    readonly betweenTools: boolean
    /** Whether it thinks when the request does not say. */
    readonly isDefault: boolean
    readonly display: 'summarized' | 'omitted'
  }
  /** Effort levels, in the alphabetical order of the vendor's complaint; none: no such parameter. */
  readonly efforts: readonly string[]
  /** Whether the last message may be the assistant's. */
  readonly takesPrefill: boolean
  /** Whether `temperature`, `top_p` and `top_k` may differ from their defaults. */
  readonly takesSampling: boolean
  /** Whether `temperature` and `top_p` may be given together. */
  readonly takesSamplingPair: boolean
  /** The complaint about a forced `tool_choice`, where there is one. */
  readonly forcedChoiceComplaint?: string
  /** How `role: "system"` inside `messages` is taken. */
  readonly systemMessages: 'accepted' | 'unsupported' | 'unexpected'
  /** Whether answers are of the newer form: `caller` on calls, thinking tokens in the usage. */
  readonly isRecent: boolean
}

/** A model line. */
export type Line = 'haiku' | 'sonnet' | 'opus' | 'fable' | 'mythos'

const ALIASES: { readonly [alias: string]: string } = {
  'claude-opus-4-5': 'claude-opus-4-5-20251101',
  'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
  'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
  'claude-opus-4-1': 'claude-opus-4-1-20250805',
  'claude-opus-4-0': 'claude-opus-4-20250514',
  'claude-sonnet-4-0': 'claude-sonnet-4-20250514',
  'claude-3-7-sonnet-latest': 'claude-3-7-sonnet-20250219',
  'claude-3-5-haiku-latest': 'claude-3-5-haiku-20241022',
  'claude-3-5-sonnet-latest': 'claude-3-5-sonnet-20241022',
  'claude-3-opus-latest': 'claude-3-opus-20240229',
}

/** The models that the list endpoint names, newest first. Source: Anthropic SDK 1.11, 2026-11-19. */
export const LISTED_MODELS: readonly string[] = [
  'claude-fable-5-2',
  'claude-mythos-5-2',
  'claude-haiku-5-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'claude-fable-5-1',
  'claude-mythos-5-1',
  'claude-opus-5',
  'claude-sonnet-5',
  'claude-fable-5',
  'claude-mythos-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-mythos-preview',
  'claude-sonnet-4-6',
  'claude-opus-4-6',
  'claude-opus-4-5-20251101',
  'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5-20250929',
]

const NEW_STYLE =
  /^claude-(haiku|sonnet|opus|fable|mythos)-(\d{1,2})(?:-(\d{1,2}))?(?:-(?:\d{8}|latest))?$/
const OLD_STYLE = /^claude-(\d)(?:-(\d))?-(haiku|sonnet|opus)(?:-(?:\d{8}|latest))?$/
const PREVIEW = /^claude-(mythos)-preview$/

/** The facts of a model by its name; names of models yet to come work too. Unknown: `undefined`. */
export function findModel(name: string): ModelFacts | undefined {
  const parsed = parseName(name)
  if (!parsed) return undefined
  const { line, version } = parsed
  const isMythical = line === 'fable' || line === 'mythos'
  const isPreview = PREVIEW.test(name)
  return {
    id: ALIASES[name] ?? name,
    family: (ALIASES[name] ?? name).replace(/-(?:\d{8}|latest)$/, ''),
    line,
    version,
    maxTokens: maxTokensOf(line, version),
    contextTokens: version >= 4.6 && !(line === 'haiku' && version < 5) ? 1_000_000 : 200_000,
    // Sources: Claude docs "thinking troubleshooting"; Bedrock "adaptive thinking"; both 2026-10.
    thinking: {
      enabled: version >= 3.7 && (version < 4.7 || isPreview),
      adaptive: version >= 4.6,
      disabled: !isMythical,
      betweenTools: version >= 5 && !isMythical,
      isDefault: isMythical || version >= 5,
      display: version >= 4.7 ? 'omitted' : 'summarized',
    },
    efforts: effortsOf(line, version),
    takesPrefill: version < 4.6,
    takesSampling: version < 4.7,
    takesSamplingPair: version < 4.1,
    ...(isMythical && { forcedChoiceComplaint: forcedChoiceComplaintOf(version) }),
    systemMessages: systemMessagesOf(version),
    isRecent: version >= 4.5,
  }
}

function parseName(name: string): { readonly line: Line; readonly version: number } | undefined {
  const preview = PREVIEW.exec(name)
  if (preview) return { line: 'mythos', version: 4.9 }
  const [, newLine, newMajor, newMinor] = NEW_STYLE.exec(name) ?? []
  if (newMajor !== undefined) return versioned(newLine, newMajor, newMinor)
  const [, oldMajor, oldMinor, oldLine] = OLD_STYLE.exec(name) ?? []
  return oldMajor === undefined ? undefined : versioned(oldLine, oldMajor, oldMinor)
}

function versioned(line: string | undefined, major: string, minor = '0') {
  const known = LINES.find(name => name === line)
  // 4.10 would come after 4.9, so two digits are squeezed in above it.
  const fraction = minor.length > 1 ? 0.9 + Number(minor) / 1_000 : Number(minor) / 10
  return known && { line: known, version: Number(major) + fraction }
}

const LINES = ['haiku', 'sonnet', 'opus', 'fable', 'mythos'] as const

/** Sources: Claude docs "models overview", 2026-10; complaints quoted in public bug reports. */
function maxTokensOf(line: Line, version: number): number {
  if (version < 3.5) return 4_096
  if (version < 3.7) return 8_192
  if (version >= 4.6 && !(line === 'haiku' && version < 5)) return 128_000
  return line === 'opus' && version < 4.5 ? 32_000 : 64_000
}

/** Source: Claude docs "effort", 2026-10. `max` came with 4.6 and `xhigh` with 4.7. */
function effortsOf(line: Line, version: number): readonly string[] {
  if (version < 4.5) return []
  if (version < 4.6) return line === 'opus' ? ['high', 'low', 'medium'] : []
  if (version < 4.7) return ['high', 'low', 'max', 'medium']
  return ['high', 'low', 'max', 'medium', 'xhigh']
}

/** Sources: public reports of 2026-06-10 (Fable 5) and 2026-09-02 (Fable 5.1). */
function forcedChoiceComplaintOf(version: number): string {
  return version > 5
    ? 'tool_choice: type "tool" and "any" are not supported for this model.'
    : 'tool_choice forces tool use is not compatible with this model'
}

/** Sources: public reports of 2026-05-21 (4.7), 2026-06-15 (4.5) and 2026-08-31 (Sonnet 5). */
function systemMessagesOf(version: number): ModelFacts['systemMessages'] {
  if (version >= 4.8) return 'accepted'
  return version >= 4.6 ? 'unsupported' : 'unexpected'
}

import { Rejection, reject } from './error.ts'
import { type Writable, writeJson } from './json.ts'
import { findModel, LISTED_MODELS, type ModelFacts } from './models.ts'

/**
 * The body of one page of the model list. Source: Anthropic SDK 1.11, models, 2026-11-19.
 *
 * @throws Rejection for a bad `limit` or an unknown cursor.
 */
export function listModels(query: URLSearchParams): string {
  const limit = limitOf(query.get('limit'))
  const all = LISTED_MODELS.flatMap(name => findModel(name) ?? [])
  const after = cursorOf(query.get('after_id'), all, 'after_id')
  const before = cursorOf(query.get('before_id'), all, 'before_id')
  const end = before ?? all.length
  const start =
    after !== undefined ? after + 1 : before !== undefined ? Math.max(0, end - limit) : 0
  const page = all.slice(start, Math.min(end, start + limit))
  return writeJson({
    data: page.map(describe),
    has_more: before !== undefined && after === undefined ? start > 0 : start + page.length < end,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  })
}

/**
 * The body that describes one model; an alias is resolved.
 *
 * @throws Rejection with 404.
 */
export function getModel(name: string): string {
  const facts = findModel(name)
  if (!facts) throw new Rejection(`model: ${name}`, 404, 'not_found_error')
  return writeJson(describe(facts))
}

function limitOf(given: string | null): number {
  if (given === null) return 20
  if (!/^-?\d+$/.test(given)) reject('limit: Input should be a valid integer')
  const limit = Number(given)
  if (limit < 1) reject('limit: Input should be greater than or equal to 1')
  if (limit > 1_000) reject('limit: Input should be less than or equal to 1000')
  return limit
}

function cursorOf(
  id: string | null,
  models: readonly ModelFacts[],
  name: string,
): number | undefined {
  if (id === null) return undefined
  const place = models.findIndex(model => model.id === id)
  return place >= 0 ? place : reject(`${name}: Invalid cursor`)
}

function describe(facts: ModelFacts): Writable {
  const { id, line, maxTokens, contextTokens } = facts
  return {
    type: 'model',
    id,
    display_name: displayName(facts),
    created_at: createdAt(id),
    lifecycle: 'active',
    line,
    max_input_tokens: contextTokens,
    max_tokens: maxTokens,
    deprecated_at: null,
    retires_at: null,
    capabilities: capabilities(facts),
  }
}

function displayName({ family }: ModelFacts): string {
  const words = family.split('-').filter(word => !/^\d+$/.test(word))
  const version = family
    .split('-')
    .filter(word => /^\d+$/.test(word))
    .join('.')
  const titled = words.map(word => word.charAt(0).toUpperCase() + word.slice(1))
  return [...titled, version].filter(Boolean).join(' ')
}

/** The date in the name; the epoch stands for an unknown one, as with the vendor. */
function createdAt(id: string): string {
  const [, year, month, day] = /-(\d{4})(\d{2})(\d{2})$/.exec(id) ?? []
  return `${year ?? '1970'}-${month ?? '01'}-${day ?? '01'}T00:00:00Z`
}

function capabilities({ thinking, efforts, version }: ModelFacts): Writable {
  const yes = (supported: boolean) => ({ supported })
  return {
    batch: yes(true),
    citations: yes(version >= 3.5),
    code_execution: yes(version >= 4.5),
    context_management: {
      supported: version >= 4,
      clear_thinking_20251015: yes(version >= 4),
      clear_tool_uses_20250919: yes(version >= 4),
      compact_20260112: yes(version >= 4.6),
    },
    effort: {
      supported: efforts.length > 0,
      low: yes(efforts.includes('low')),
      medium: yes(efforts.includes('medium')),
      high: yes(efforts.includes('high')),
      xhigh: yes(efforts.includes('xhigh')),
      max: yes(efforts.includes('max')),
    },
    image_input: yes(true),
    pdf_input: yes(version >= 3.5),
    server_tools: {
      supported: version >= 3.5,
      code_execution: yes(version >= 3.5),
      web_search: yes(version >= 3.5),
    },
    structured_outputs: yes(version >= 4.1),
    thinking: {
      supported: thinking.enabled || thinking.adaptive,
      types: {
        enabled: yes(thinking.enabled),
        adaptive: yes(thinking.adaptive),
        disabled: yes(thinking.disabled),
        between_tools: yes(thinking.betweenTools),
      },
    },
  }
}

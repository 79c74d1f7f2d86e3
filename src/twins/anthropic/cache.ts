import { createHash } from 'node:crypto'
import { isObject, type Json, type JsonObject } from './json.ts'
import { type MessagesRequest, textOf } from './request.ts'
import { countPrompt } from './tokens.ts'

/** How a request's input tokens fall: read from the cache, written to it, and neither. */
export interface CacheUse {
  readonly fresh: number
  readonly read: number
  readonly write5m: number
  readonly write1h: number
}

/** What a twin remembers of the prompts that it has seen. */
export interface PromptCache {
  /** Accounts for a request and remembers its marked prefixes. `now` is in Unix milliseconds. */
  use(request: MessagesRequest, now: number): CacheUse
}

interface Segment {
  readonly hash: string
  /** Tokens from the beginning of the prompt to the end of this segment. */
  readonly reach: number
  readonly ttl: '5m' | '1h' | undefined
}

const LIFETIMES = { '5m': 5 * 60_000, '1h': 60 * 60_000 } as const
/** How far before a mark the vendor looks. Source: Claude docs, "prompt caching", 2026. */
const LOOKBACK = 20

/**
 * A cache as the vendor's: a prefix that ends at a mark is kept for the mark's time, each read
 * renews it, and a later request reads the longest prefix that is still there. The vendor's least
 * length (1,024 tokens and more) is left out, because prompts of offline tests are short.
 */
export function promptCache(): PromptCache {
  const entries = new Map<string, { until: number; readonly lifetime: number }>()
  return {
    use(request, now) {
      const { total } = countPrompt(request)
      const segments = segmentsOf(request)
      const last = segments.findLastIndex(({ ttl }) => ttl !== undefined)
      if (last < 0) return { fresh: total, read: 0, write5m: 0, write1h: 0 }
      for (const [hash, { until }] of entries) if (until < now) entries.delete(hash)
      const reachable = segments.filter((_, place) =>
        segments.some(({ ttl }, mark) => ttl && mark >= place && mark - place < LOOKBACK),
      )
      const hit = reachable.findLast(({ hash }) => entries.has(hash))
      const entry = hit && entries.get(hit.hash)
      if (entry) entry.until = now + entry.lifetime
      const read = hit?.reach ?? 0
      const written = { '5m': 0, '1h': 0 }
      let reach = read
      for (const segment of segments) {
        if (!segment.ttl) continue
        const lifetime = LIFETIMES[segment.ttl]
        if (!entries.has(segment.hash))
          entries.set(segment.hash, { until: now + lifetime, lifetime })
        if (segment.reach <= reach) continue
        written[segment.ttl] += segment.reach - reach
        reach = segment.reach
      }
      return { fresh: total - reach, read, write5m: written['5m'], write1h: written['1h'] }
    },
  }
}

/** The prompt in the vendor's order, block by block, each with the hash of all up to it. */
function segmentsOf(request: MessagesRequest): Segment[] {
  const { tools, system, messages, body, model } = request
  const counts = countPrompt(request)
  const parts = [
    ...tools.map(({ at }, place) => ({ at, count: counts.tools[place] ?? 0, role: 'tools' })),
    ...system.map(({ at }, place) => ({ at, count: counts.system[place] ?? 0, role: 'system' })),
    ...messages.flatMap(({ role, blocks }, place) =>
      blocks.map(({ at, index }) => ({ at, count: counts.messages[place]?.[index] ?? 0, role })),
    ),
  ]
  let hash = model.id
  let reach = 0
  const automatic = markOf(body)
  return parts.map(({ at, count, role }, place) => {
    hash = createHash('sha256')
      .update(`${hash}\n${role}\n${bareText(at)}`)
      .digest('base64')
    reach += count
    const isLast = place === parts.length - 1
    return { hash, reach, ttl: markOf(at) ?? innerMarkOf(at) ?? (isLast ? automatic : undefined) }
  })
}

function markOf(at: JsonObject): '5m' | '1h' | undefined {
  const mark = at['cache_control']
  if (!isObject(mark)) return undefined
  return textOf(mark, 'ttl') === '1h' ? '1h' : '5m'
}

/** A mark on a part of a tool result counts as one on the result. */
function innerMarkOf(at: JsonObject): '5m' | '1h' | undefined {
  const content = at['content']
  if (!Array.isArray(content)) return undefined
  return content.filter(isObject).map(markOf).find(Boolean)
}

function bareText(at: JsonObject): string {
  return JSON.stringify(at, (name, value: Json) => (name === 'cache_control' ? undefined : value))
}

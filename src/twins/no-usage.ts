import { isRecord } from './shape.ts'
import type { TwinReply } from './vendor.ts'

/** Where vendors tell their counts of tokens. */
const COUNTS: ReadonlySet<string> = new Set(['usage', 'usageMetadata'])

/**
 * The same reply without counts of tokens: the fields are gone, and so are the events that held
 * nothing else. What is no JSON stays as it is.
 */
export function withoutUsage(reply: TwinReply): TwinReply {
  if (!('events' in reply)) return { ...reply, body: stripped(reply.body) ?? '' }
  const events = reply.events.flatMap(event => {
    const data = /^data: (\{.*\}) *$/m.exec(event)?.[1]
    if (data === undefined) return [event]
    const rest = stripped(data)
    return rest === undefined ? [] : [event.replace(data, () => rest)]
  })
  return { ...reply, events }
}

/** The text of a JSON value without its counts; `undefined` for a chunk that was nothing else. */
function stripped(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text
  }
  if (!holdsCounts(value)) return text
  const rest: unknown = JSON.parse(text, (key, inner: unknown) =>
    COUNTS.has(key) ? undefined : inner,
  )
  const isBare = isRecord(rest) && Array.isArray(rest['choices']) && rest['choices'].length === 0
  return isBare ? undefined : JSON.stringify(rest)
}

function holdsCounts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => COUNTS.has(key) || holdsCounts(inner))
}

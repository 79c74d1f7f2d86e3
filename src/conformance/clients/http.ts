import { request } from 'undici'
import { type Door, Refused } from '../ask.ts'

/** A server-sent event, read with none of our own code. */
export interface Event {
  readonly event: string | undefined
  readonly data: string
}

/** Posts JSON; the whole text of the answer. @throws Refused */
export async function post(
  door: Door,
  path: string,
  headers: Record<string, string>,
  body: unknown,
) {
  const answer = await request(door.base.replace(/\/$/, '') + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(door.timeoutMs ?? 60_000),
  })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Refused(answer.statusCode, parsedOr(text))
  return { text, headers: answer.headers }
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Cuts the text of a stream into events. `lineEnd` is what the protocol's vendor ends lines with.
 *
 * @throws Error for a line that is none of SSE's.
 */
export function eventsOf(text: string, lineEnd: '\n' | '\r\n' = '\n'): Event[] {
  const blank = lineEnd + lineEnd
  must(text.endsWith(blank), 'a stream ends with a blank line')
  return text
    .slice(0, -blank.length)
    .split(blank)
    .map(block => {
      let event: string | undefined
      let data = ''
      for (const line of block.split(lineEnd)) {
        if (line.startsWith('data: ')) data += line.slice(6)
        else if (line.startsWith('event: ')) event = line.slice(7)
        else must(line.startsWith(':'), `a line of a stream is data, event or comment: ${line}`)
      }
      return { event, data }
    })
    .filter(({ data }) => data !== '')
}

/** Fails with a sentence where a rule of a protocol is broken. */
export function must(condition: unknown, rule: string): asserts condition {
  if (!condition) throw new Error(`broken rule: ${rule}`)
}

import { request } from 'undici'
import { Refused } from '../ask.ts'

/** A server-sent event, read with none of our own code. */
export interface Event {
  readonly event: string | undefined
  readonly data: string
}

/** Posts JSON; the whole text of the answer. @throws Refused */
export async function post(url: string, headers: Record<string, string>, body: unknown) {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Refused(answer.statusCode, JSON.parse(text))
  return { text, headers: answer.headers }
}

/** Cuts the text of a stream into events. @throws Error for a line that is none of SSE's. */
export function eventsOf(text: string): Event[] {
  if (!text.endsWith('\n\n')) throw new Error('the stream does not end with a blank line')
  return text
    .slice(0, -2)
    .split('\n\n')
    .map(block => {
      let event: string | undefined
      let data = ''
      for (const line of block.split('\n')) {
        if (line.startsWith('data: ')) data += line.slice(6)
        else if (line.startsWith('event: ')) event = line.slice(7)
        else if (!line.startsWith(':')) throw new Error(`not a line of a stream: ${line}`)
      }
      return { event, data }
    })
    .filter(({ data }) => data !== '')
}

/** Fails with a sentence where a rule of a protocol is broken. */
export function must(condition: unknown, rule: string): asserts condition {
  if (!condition) throw new Error(`broken rule: ${rule}`)
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A vendor that says what no strict twin would: each request gets the next text as it stands. */
export interface VendorStub {
  readonly url: string
  /** Path and parsed body of each request so far. */
  readonly requests: { readonly path: string; readonly body: unknown }[]
  close(): Promise<void>
}

/** Starts one; the last answer repeats. Texts that begin with `{` are sent as JSON, others as SSE. */
export async function startVendorStub(...answers: readonly string[]): Promise<VendorStub> {
  const requests: { path: string; body: unknown }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? ''
    requests.push({ path: request.url ?? '', body: JSON.parse(text) })
    const type = answer.startsWith('{') ? 'application/json' : 'text/event-stream'
    response.writeHead(200, { 'content-type': type }).end(answer)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = portOf(server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function portOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address
}

/** A Chat Completions stream of these deltas, which ends for this reason. */
export function chatStream(deltas: readonly object[], finish = 'tool_calls'): string {
  const chunk = (delta: object, finish_reason: string | null = null) =>
    data({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason }],
    })
  return `${deltas.map(delta => chunk(delta)).join('')}${chunk({}, finish)}data: [DONE]\n\n`
}

/** A generateContent stream, one chunk for each list of parts; the end comes in one of its own. */
export function geminiStream(...chunks: readonly object[][]): string {
  const frame = (parts: object[], more: object = {}) =>
    `data: ${JSON.stringify({
      candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 },
      modelVersion: 'm',
      responseId: 'r1',
    })}\r\n\r\n`
  return (
    chunks.map(parts => frame(parts)).join('') + frame([{ text: '' }], { finishReason: 'STOP' })
  )
}

/** Events with their names, as Messages and Responses frame them. */
export function namedEvents(...events: readonly { readonly type: string }[]): string {
  return events.map(event => `event: ${event.type}\n${data(event)}`).join('')
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../core/error.ts'
import { protocolNamed } from '../protocols/index.ts'
import { DirectPump } from './direct-pump.ts'
import { newId } from './ids.ts'

const chat = protocolNamed('openai-chat')

function pump(): DirectPump {
  const request = {
    protocol: 'openai-chat' as const,
    model: 'm',
    messages: [],
    tools: [],
    stream: true,
    bound: [],
  }
  return new DirectPump(chat.streamTap(request), chat, { requestId: 'r', now: 0, request, newId })
}

const chunk = (content: string, more = '') =>
  `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}${more}}]}`

describe('DirectPump', () => {
  it.each([
    { what: 'LF', end: '\n' },
    { what: 'CRLF', end: '\r\n' },
  ])('[G1.1] gives on whole events only, wherever bytes are cut, with $what', ({ end }) => {
    const events = [chunk('é'), chunk('b'), chunk('', ',"finish_reason":"stop"'), 'data: [DONE]']
    const bytes = Buffer.from(events.map(event => event + end + end).join(''))
    for (const size of [1, 2, 3, 4, 5, 7, 11, 64, 100, bytes.length]) {
      const one = pump()
      let out = ''
      for (let at = 0; at < bytes.length; at += size) {
        out += one.push(bytes.subarray(at, at + size)).toString()
        expect(out === '' || out.endsWith(end + end)).toBe(true)
      }
      expect(out + one.end()).toBe(bytes.toString())
      expect(one.error).toBeUndefined()
    }
  })

  it('[G7.3] takes a large event in small pieces in little time', () => {
    const event = Buffer.from(`${chunk('x'.repeat(12 * 1024 * 1024))}\n\n`)
    const one = pump()
    const started = performance.now()
    let length = 0
    for (let at = 0; at < event.length; at += 1024)
      length += one.push(event.subarray(at, at + 1024)).length
    expect(length).toBe(event.length)
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('[G7.3] does not hold an event without end', () => {
    const one = pump()
    const piece = Buffer.alloc(1024 * 1024, 'x')
    let thrown: unknown
    try {
      for (let count = 0; count < 100; count++) one.push(piece)
    } catch (error) {
      thrown = error
    }
    expect(isToolgateError(thrown) && thrown.code).toBe('vendor_contradiction')
  })
})

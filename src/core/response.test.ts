import { describe, expect, it } from 'vitest'
import { type FinishKind, finishKind } from './response.ts'

describe('finishKind', () => {
  // What the vendor said, what it means with calls, what it means without.
  const table: Record<FinishKind, [withCalls: FinishKind, without: FinishKind]> = {
    stop: ['tool-calls', 'stop'],
    other: ['tool-calls', 'other'],
    'tool-calls': ['tool-calls', 'stop'],
    'stop-sequence': ['stop-sequence', 'stop-sequence'],
    length: ['length', 'length'],
    'content-filter': ['content-filter', 'content-filter'],
    refusal: ['refusal', 'refusal'],
    pause: ['pause', 'pause'],
    'malformed-call': ['malformed-call', 'malformed-call'],
  }
  const kinds = Object.keys(table).filter((kind): kind is FinishKind => kind in table)
  it.each(kinds)('%s', said => {
    const [withCalls, without] = table[said]
    expect(finishKind(said, true)).toBe(withCalls)
    expect(finishKind(said, false)).toBe(without)
  })
})

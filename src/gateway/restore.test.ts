import { describe, expect, it } from 'vitest'
import type { StreamPart } from '../core/stream.ts'
import { DIALECTS, lowerSchema } from '../schema/lower.ts'
import type { Undo } from './fit.ts'
import { StreamRestore } from './restore.ts'

const SCHEMA = { type: 'object', properties: { a: { enum: [1, 2] } }, required: ['a'] }
const { coercion } = lowerSchema(SCHEMA, DIALECTS['gemini-schema'])

const UNDO: Undo = {
  names: new Map([['told_x', 'told.x']]),
  custom: new Set(),
  firstCallOnly: false,
  schemas: new Map(coercion ? [['told.x', coercion]] : []),
}

/** What comes out for each part that goes in. */
function run(parts: readonly StreamPart[]): StreamPart[][] {
  const restore = new StreamRestore(UNDO, () => 'call_new')
  return parts.map(part => {
    const out: StreamPart[] = []
    restore.push(part, one => out.push(one))
    return out
  })
}

function call(index: number, name: string, pieces: readonly string[]): StreamPart[] {
  return [
    { type: 'tool-call-start', index, id: `call_${index}`, name, kind: 'function' },
    ...pieces.map((text): StreamPart => ({ type: 'tool-call-delta', index, text })),
    { type: 'tool-call-end', index },
  ]
}

describe('[G8.2] a call in a stream', () => {
  it('flows where its arguments need no change', () => {
    const parts = call(0, 'other', ['{"a":', '"1"}'])
    expect(run(parts)).toEqual(parts.map(part => [part]))
  })

  it('is held back, but for its beginning, where they do', () => {
    expect(run(call(0, 'told_x', ['{"a": ', '"1', '" }']))).toEqual([
      [{ type: 'tool-call-start', index: 0, id: 'call_0', name: 'told.x', kind: 'function' }],
      [],
      [],
      [],
      [
        { type: 'tool-call-delta', index: 0, text: '{"a": 1}' },
        { type: 'tool-call-end', index: 0 },
      ],
    ])
  })

  it('comes out as it was if it is cut or broken', () => {
    expect(run(call(0, 'told_x', ['{"a": "1'])).flat()).toContainEqual({
      type: 'tool-call-delta',
      index: 0,
      text: '{"a": "1',
    })
  })
})

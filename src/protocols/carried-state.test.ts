import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packState, unpackState } from './carried-state.ts'

describe('a carried state', () => {
  it('comes back as it was', () => {
    const state = fc.record(
      {
        family: fc.string({ minLength: 1 }),
        kind: fc.constantFrom('signature', 'redacted', 'encrypted'),
        data: fc.string({ unit: 'grapheme' }),
        id: fc.string({ minLength: 1 }),
      },
      { requiredKeys: ['family', 'kind', 'data'] },
    )
    fc.assert(
      fc.property(state, one => {
        expect(unpackState(packState(one))).toEqual(one)
      }),
    )
  })

  it.each(['', 'EqQBCgIYAhIM', 'gAAAAABn', 'tg1.', 'tg1.google.odd..x', 'tg1..signature..x'])(
    'is not seen in %j',
    text => expect(unpackState(text)).toBeUndefined(),
  )
})

import { describe, expect, it } from 'vitest'
import type { ReasoningState } from '../../core/message.ts'
import {
  decodeReasoning,
  decodeSignature,
  encodeReasoning,
  encodeSignature,
  isOwnState,
} from './reasoning.ts'

describe('signatures', () => {
  it.each<[ReasoningState, string]>([
    [{ family: 'anthropic', kind: 'signature', data: 'EqoD+/=' }, 'EqoD+/='],
    [{ family: 'google', kind: 'signature', data: 'a/b+c=' }, 'tg1.google.signature..a/b+c='],
    [
      { family: 'openai', kind: 'encrypted', data: 'x.y.z', id: 'rs_1' },
      'tg1.openai.encrypted.rs_1.x.y.z',
    ],
    [{ family: 'z.ai', kind: 'redacted', data: '', id: 'a.b%' }, 'tg1.z%2Eai.redacted.a%2Eb%25.'],
    [{ family: 'anthropic', kind: 'encrypted', data: 'x' }, 'tg1.anthropic.encrypted..x'],
  ])('carry %j', (state, signature) => {
    expect(encodeSignature(state)).toBe(signature)
    expect(decodeSignature(signature)).toEqual(state)
  })

  it('are empty without a state', () => {
    expect(encodeSignature(undefined)).toBe('')
    expect(decodeSignature('')).toBeUndefined()
  })

  it.each(['tg1.', 'tg1.x', 'tg1.google.magic..x', 'tg1..signature..x', 'tg1.google.signature'])(
    'that only look like another family, %s, are the family’s own',
    signature => {
      expect(decodeSignature(signature)).toEqual({
        family: 'anthropic',
        kind: 'signature',
        data: signature,
      })
    },
  )
})

describe('blocks', () => {
  it('are thinking, or redacted if nobody may read them', () => {
    const state = { family: 'anthropic', kind: 'redacted', data: 'x' } as const
    expect(encodeReasoning({ type: 'reasoning', text: '', state })).toEqual({
      type: 'redacted_thinking',
      data: 'x',
    })
    const foreign = { ...state, family: 'other' }
    expect(encodeReasoning({ type: 'reasoning', text: '', state: foreign })).toEqual({
      type: 'thinking',
      thinking: '',
      signature: 'tg1.other.redacted..x',
    })
  })

  it('are nothing without text and state', () => {
    expect(encodeReasoning({ type: 'reasoning', text: '' })).toBeUndefined()
  })

  it('keep fields that are not known', () => {
    const extras = { anthropic: { odd: 1 } }
    expect(encodeReasoning({ type: 'reasoning', text: 'a', extras })).toHaveProperty('odd', 1)
  })

  it('are read without a word about wrong types', () => {
    expect(decodeReasoning({ type: 'thinking', thinking: 5, signature: null })).toEqual({
      type: 'reasoning',
      text: '',
    })
  })
})

describe('states', () => {
  it('are read by the vendor only if they are its own', () => {
    const state = { family: 'anthropic', kind: 'signature', data: 'x' } as const
    expect(isOwnState(state)).toBe(true)
    expect(isOwnState({ ...state, kind: 'redacted' })).toBe(true)
    expect(isOwnState({ ...state, kind: 'encrypted' })).toBe(false)
    expect(isOwnState({ ...state, family: 'google' })).toBe(false)
    expect(isOwnState(undefined)).toBe(false)
  })
})

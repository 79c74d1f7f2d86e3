import { describe, expect, it } from 'vitest'
import type { Loss } from '../core/loss.ts'
import { lossesHeader, lossesOfBound, refuseLosses } from './losses.ts'

const loss = (path: string, meaning = false): Loss => ({
  path,
  what: 'a thing',
  action: 'dropped',
  meaning,
})

describe('lossesHeader', () => {
  it('counts and lists', () => {
    expect(lossesHeader([loss('seed'), loss('tools[0].strict')])).toBe(
      '2; seed dropped; tools[0].strict dropped',
    )
  })
  it('holds only what a header may hold, and is bounded', () => {
    expect(lossesHeader([loss('metadata.\n\u00e9')])).toBe('1; metadata.?? dropped')
    const many = lossesHeader(Array.from({ length: 200 }, (_, i) => loss(`messages[${i}]`)))
    expect(many.length).toBeLessThanOrEqual(1024)
    expect(many).toMatch(/^200; .*; and \d+ more$/)
  })
})

describe('lossesOfBound', () => {
  it('passes hints, reports meaning, refuses what is required', () => {
    const fields = [
      { path: 'store', what: 'storage', weight: 'hint' },
      { path: 'logit_bias', what: 'bias', weight: 'meaning' },
    ] as const
    expect(lossesOfBound(fields, 'Other')).toEqual([
      { path: 'logit_bias', what: 'bias', action: 'dropped', meaning: true },
    ])
    const needed = [{ path: 'n', what: 'several answers', weight: 'required' }] as const
    expect(() => lossesOfBound(needed, 'Other')).toThrow(/'n' .* cannot be carried to Other/)
  })
})

describe('refuseLosses', () => {
  it('refuses only what changes the meaning', () => {
    expect(() => refuseLosses([loss('a')])).not.toThrow()
    expect(() => refuseLosses([loss('a'), loss('b', true)])).toThrow(/strict mode: b \(a thing\)/)
  })
})

import { describe, expect, it } from 'vitest'
import { findModel, LISTED_MODELS } from './models.ts'

describe('findModel', () => {
  it.each([
    ['claude-3-haiku-20240307', 'haiku', 3, 'claude-3-haiku'],
    ['claude-3-5-haiku-latest', 'haiku', 3.5, 'claude-3-5-haiku'],
    ['claude-sonnet-4-0', 'sonnet', 4, 'claude-sonnet-4'],
    ['claude-sonnet-4-20250514', 'sonnet', 4, 'claude-sonnet-4'],
    ['claude-opus-4-1-20250805', 'opus', 4.1, 'claude-opus-4-1'],
    ['claude-haiku-4-5', 'haiku', 4.5, 'claude-haiku-4-5'],
    ['claude-fable-5', 'fable', 5, 'claude-fable-5'],
    ['claude-opus-7-2', 'opus', 7.2, 'claude-opus-7-2'],
  ])('reads %s', (name, line, version, family) => {
    expect(findModel(name)).toMatchObject({ line, version, family })
  })

  it('counts a tenth minor version as later than the ninth', () => {
    expect(findModel('claude-opus-5-10')?.version).toBeGreaterThan(5.9)
    expect(findModel('claude-opus-5-10')?.version).toBeLessThan(6)
  })

  it.each(['claude-sonet-4-5', 'gpt-5', '', 'claude', 'claude-opus-4-8-fast', 'Claude-opus-4-8'])(
    'does not know %j',
    name => {
      expect(findModel(name)).toBeUndefined()
    },
  )

  it('resolves aliases to dated names', () => {
    expect(findModel('claude-sonnet-4-5')?.id).toBe('claude-sonnet-4-5-20250929')
    expect(findModel('claude-opus-4-8')?.id).toBe('claude-opus-4-8')
  })

  it('tells the thinking generations apart', () => {
    const modes = (name: string) => {
      const { enabled, adaptive, disabled } = findModel(name)?.thinking ?? {}
      return [enabled, adaptive, disabled]
    }
    expect(modes('claude-3-5-haiku-20241022')).toEqual([false, false, true])
    expect(modes('claude-sonnet-4-5')).toEqual([true, false, true])
    expect(modes('claude-opus-4-6')).toEqual([true, true, true])
    expect(modes('claude-opus-4-7')).toEqual([false, true, true])
    expect(modes('claude-sonnet-5')).toEqual([false, true, true])
    expect(modes('claude-mythos-5')).toEqual([false, true, false])
    expect(modes('claude-mythos-preview')).toEqual([true, true, false])
  })

  it('knows every model that it lists', () => {
    expect(LISTED_MODELS.filter(name => findModel(name)?.id !== name)).toEqual([])
  })
})

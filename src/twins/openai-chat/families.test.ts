import { describe, expect, it } from 'vitest'
import { familyOf, isKnownModel, isRetiredModel, servedModel } from './families.ts'

describe('names of models', () => {
  it.each([
    'gpt-4o',
    'gpt-4o-mini-2024-07-18',
    'gpt-4-1106-preview',
    'gpt-4-turbo-2024-04-09',
    'gpt-3.5-turbo-16k',
    'gpt-4.1-nano-2025-04-14',
    'gpt-4o-mini-search-preview-2025-03-11',
    'gpt-5-chat-latest',
    'gpt-5.1-codex-max',
    'gpt-5.6-terra',
    'gpt-6-sol',
    'gpt-chat-latest',
    'o1-2024-12-17',
    'o3-pro',
    'chatgpt-4o-latest',
    'ft:gpt-4o-mini-2024-07-18:acme::abc123',
  ])('knows %s', name => {
    expect(isKnownModel(name)).toBe(true)
  })

  it.each([
    'gpt-5.2-proo',
    'gpt-4.1-nano-wrong',
    'gpt',
    'gpt-',
    'GPT-4o',
    'gpt-4o ',
    'gpt-oss-120b',
    'o5',
    'o3mini',
    'claude-sonnet-4-5',
    'ft:nothing:acme::abc123',
    'ft:gpt-4o',
    '',
  ])('does not know %j', name => {
    expect(isKnownModel(name)).toBe(false)
  })

  it('knows what was withdrawn and what aliases stand for', () => {
    expect(isRetiredModel('gpt-3.5-turbo-0613')).toBe(true)
    expect(isRetiredModel('gpt-3.5-turbo-0125')).toBe(false)
    expect(servedModel('gpt-4o')).toBe('gpt-4o-2024-08-06')
    expect(servedModel('gpt-5.6-sol')).toBe('gpt-5.6-sol')
    expect(servedModel('gpt-4o-2024-11-20')).toBe('gpt-4o-2024-11-20')
  })
})

describe('families', () => {
  it('tells who reasons, and how much by default', () => {
    const effort = (name: string) => (familyOf(name).reasons ? familyOf(name).effort : undefined)
    expect(effort('gpt-4o')).toBeUndefined()
    expect(effort('gpt-5-chat-latest')).toBeUndefined()
    expect(effort('o3')).toBe('medium')
    expect(effort('gpt-5')).toBe('medium')
    expect(effort('gpt-5.2')).toBe('none')
    expect(effort('gpt-5.4-mini')).toBe('none')
    expect(effort('gpt-5.5')).toBe('medium')
    expect(effort('gpt-5.6-sol')).toBe('medium')
    expect(effort('ft:o4-mini-2025-04-16:acme::x')).toBe('medium')
  })

  it('tells who keeps tools away', () => {
    const quiet = (name: string) => familyOf(name).toolsNeedQuiet
    expect(['gpt-5.4', 'gpt-5.6-terra', 'gpt-6-astra'].every(quiet)).toBe(true)
    expect(['gpt-4o', 'gpt-5', 'gpt-5.2', 'o3'].some(quiet)).toBe(false)
  })

  it('gives newer models more room for schemas', () => {
    expect(familyOf('gpt-4o').strict).toMatchObject({ properties: 100, levels: 5 })
    expect(familyOf('gpt-4.1').strict).toMatchObject({ properties: 5000, levels: 10 })
    expect(familyOf('gpt-5').strict).toMatchObject({ properties: 5000, levels: 10 })
  })
})

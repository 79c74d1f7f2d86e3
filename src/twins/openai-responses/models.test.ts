import { describe, expect, it } from 'vitest'
import { findModel } from './models.ts'

describe('models', () => {
  it.each([
    ['gpt-4o', 'gpt-4o-2024-08-06', false, 'none', 1, null, 'in_memory', false],
    ['gpt-5', 'gpt-5-2025-08-07', true, 'medium', 1, 'current_turn', 'in_memory', false],
    ['gpt-5.2', 'gpt-5.2-2025-12-11', true, 'none', 0.98, 'current_turn', '24h', false],
    ['gpt-5.4', 'gpt-5.4-2026-03-05', true, 'none', 0.98, 'current_turn', '24h', true],
    ['gpt-5.5', 'gpt-5.5-2026-04-23', true, 'medium', 0.98, 'current_turn', '24h', true],
    ['gpt-5.6', 'gpt-5.6-sol', true, 'medium', 0.98, 'all_turns', '24h', true],
    ['gpt-5.6-terra', 'gpt-5.6-terra', true, 'medium', 0.98, 'all_turns', '24h', true],
    ['o4-mini', 'o4-mini-2025-04-16', true, 'medium', 1, 'current_turn', 'in_memory', false],
  ])('%s', (id, served, reasons, effort, topP, context, retention, hasPhases) => {
    const facts = findModel(id)
    expect(facts).toMatchObject({ id, served, reasons, effort, topP, context, hasPhases })
    expect(facts?.retentions[0]).toBe(retention)
    expect(facts?.efforts.length === 0).toBe(!reasons)
  })

  it.each(['gpt-5.2-proo', 'claude-opus-4-6', '', 'gpt', 'gpt-oss-20b'])('not %j', id => {
    expect(findModel(id)).toBeUndefined()
  })

  it('of older kinds have one verbosity', () => {
    for (const id of ['gpt-4o', 'gpt-5.1-codex', 'gpt-5-chat-latest', 'o3']) {
      expect(findModel(id)?.verbosities).toEqual(['medium'])
    }
    expect(findModel('gpt-5-nano')?.verbosities).toEqual(['low', 'medium', 'high'])
  })

  it('for chats reason from gpt-5.2 on', () => {
    expect(findModel('gpt-5-chat-latest')).toMatchObject({ reasons: false, efforts: [] })
    expect(findModel('gpt-5.3-chat-latest')).toMatchObject({ reasons: true, efforts: ['medium'] })
  })
})

import { describe, expect, it } from 'vitest'
import { vertexTwin } from './index.ts'
import { complaint, studio, vertex } from './trial.ts'

const refusal = (name: string, thinkingConfig: object) =>
  complaint({ generationConfig: { thinkingConfig } }, studio(name))
const onVertex = (name: string, thinkingConfig: object) =>
  complaint({ generationConfig: { thinkingConfig } }, vertex(name), vertexTwin())
const LEARN =
  'Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini'
const ONLY_THINKS = 'Budget 0 is invalid. This model only works in thinking mode.'
const noLevel = (level: string) =>
  `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`

describe('budgets', () => {
  it('are not given together with a level', async () => {
    const both = { thinkingBudget: 1_024, thinkingLevel: 'LOW' }
    expect(await refusal('gemini-3-flash-preview', both)).toBe(
      'You can only set only one of thinking budget and thinking level.',
    )
    expect(
      await refusal('gemini-3-flash-preview', { ...both, thinkingBudget: null }),
    ).toBeUndefined()
  })

  it('of 0 are for models that can do without', async () => {
    for (const name of ['gemini-2.5-flash', 'gemini-2.5-flash-lite']) {
      expect(await refusal(name, { thinkingBudget: 0 })).toBeUndefined()
    }
    for (const name of [
      'gemini-2.5-pro',
      'gemini-3-pro-preview',
      'gemini-3-flash-preview',
      'gemini-3.5-flash',
    ]) {
      expect(await refusal(name, { thinkingBudget: 0 })).toBe(ONLY_THINKS)
    }
    expect(await onVertex('gemini-2.5-pro', { thinkingBudget: 0 })).toBe(
      `Unable to submit request because The model does not support setting thinking_budget to 0. ${LEARN}`,
    )
  })

  it('have a range', async () => {
    for (const budget of [-1, 128, 32_768]) {
      expect(await refusal('gemini-2.5-pro', { thinkingBudget: budget })).toBeUndefined()
    }
    for (const [name, budget] of [
      ['gemini-2.5-pro', 127],
      ['gemini-2.5-pro', 52_428],
      ['gemini-2.5-flash', 32_768],
      ['gemini-2.5-flash-lite', 511],
      ['gemini-2.5-flash', -2],
    ] as const) {
      expect(await refusal(name, { thinkingBudget: budget })).toBe(
        `The thinking budget (${budget}) is invalid.`,
      )
    }
    expect(await onVertex('gemini-2.5-flash', { thinkingBudget: 32_768 })).toBe(
      `Unable to submit request because thinking_budget is out of range; supported values are integers from 1 to 24576. ${LEARN}`,
    )
    expect(await refusal('gemini-3-flash-preview', { thinkingBudget: 1_024 })).toBeUndefined()
  })

  it('of 0 leave no thoughts to include', async () => {
    const config = { thinkingBudget: 0, includeThoughts: true }
    expect(await refusal('gemini-2.5-flash', config)).toBe(
      'Thinking_config.include_thoughts is only enabled when thinking is enabled.',
    )
  })
})

describe('levels', () => {
  it('came with Gemini 3', async () => {
    expect(await refusal('gemini-2.5-flash', { thinkingLevel: 'LOW' })).toBe(
      'Thinking level is not supported for this model.',
    )
    const unspecified = { thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }
    expect(await refusal('gemini-2.5-flash', unspecified)).toBeUndefined()
  })

  it('differ by model', async () => {
    for (const level of ['MINIMAL', 'low', 'MEDIUM', 'HIGH']) {
      expect(await refusal('gemini-3-flash-preview', { thinkingLevel: level })).toBeUndefined()
      expect(await refusal('gemini-3.1-flash-lite', { thinkingLevel: level })).toBeUndefined()
    }
    for (const name of [
      'gemini-3-pro',
      'gemini-3-pro-preview',
      'gemini-3.1-pro-preview',
      'gemini-3.7-flash',
      'gemini-3.8-flash',
    ]) {
      expect(await refusal(name, { thinkingLevel: 'MINIMAL' })).toBe(noLevel('MINIMAL'))
      expect(await refusal(name, { thinkingLevel: 'LOW' })).toBeUndefined()
    }
    expect(await refusal('gemini-3-pro', { thinkingLevel: 'MEDIUM' })).toBe(noLevel('MEDIUM'))
    expect(await refusal('gemini-3.1-pro-preview', { thinkingLevel: 'MEDIUM' })).toBeUndefined()
    expect(await onVertex('gemini-3.7-flash', { thinkingLevel: 'MINIMAL' })).toBe(
      `Unable to submit request because Thinking level is unsupported: THINKING_LEVEL_MINIMAL. ${LEARN}`,
    )
  })
})

describe('models that do not think', () => {
  it('refuse to be told how', async () => {
    const words = 'Thinking is not enabled for models/gemini-2.0-flash'
    expect(await refusal('gemini-2.0-flash', { includeThoughts: true })).toBe(words)
    expect(await refusal('gemini-2.0-flash', { thinkingBudget: 1_024 })).toBe(words)
    expect(await refusal('gemini-2.0-flash', { thinkingLevel: 'LOW' })).toBe(words)
    expect(await refusal('gemini-2.0-flash', { thinkingBudget: 0 })).toBeUndefined()
    expect(
      await refusal('gemini-2.0-flash-thinking-exp', { includeThoughts: true }),
    ).toBeUndefined()
    expect(await onVertex('gemini-2.0-flash', { includeThoughts: true })).toBe(
      `Unable to submit request because thinking is not supported by this model. ${LEARN}`,
    )
  })
})

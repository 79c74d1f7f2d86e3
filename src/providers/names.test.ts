import { describe, expect, it } from 'vitest'
import { distance, fitsPattern, isSlipOf, keyOf, nearest, splitDate } from './names.ts'

describe('keys', () => {
  it('are alike for dots and dashes, upper and lower case', () => {
    expect(keyOf('Claude-Sonnet-4.5')).toBe(keyOf('claude-sonnet-4-5'))
    expect(keyOf('meta-llama/Llama-3.3')).toBe('meta-llama/llama-3-3')
  })
})

describe('dates', () => {
  it.each([
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5', '-20250929'],
    ['gpt-4o-2024-08-06', 'gpt-4o', '-2024-08-06'],
    ['mistral-large-2411', 'mistral-large', '-2411'],
    ['kimi-k2-0905-preview', 'kimi-k2', '-0905-preview'],
    ['claude-3-5-haiku-latest', 'claude-3-5-haiku', '-latest'],
  ])('%s', (name, stem, date) => {
    expect(splitDate(name)).toEqual({ stem, date })
  })

  it('are not seen where there are none', () => {
    for (const name of ['gpt-4o', 'claude-sonnet-4-5', 'gpt-5.6', 'o1-preview', '-2411', '']) {
      expect(splitDate(name)).toBeUndefined()
    }
  })
})

describe('patterns', () => {
  it('take a star for any text, and nothing else', () => {
    expect(fitsPattern('gpt-4o', 'gpt-4o')).toBe(true)
    expect(fitsPattern('gpt-4o-mini', 'gpt-4o')).toBe(false)
    expect(fitsPattern('gpt-4o-mini', 'gpt-*')).toBe(true)
    expect(fitsPattern('claude-sonnet-4.5', 'Claude-*-4-5')).toBe(true)
    expect(fitsPattern('anything', '*')).toBe(true)
    expect(fitsPattern('aba', 'ab*ba')).toBe(false)
    expect(fitsPattern('abba', 'ab*ba')).toBe(true)
    expect(fitsPattern('a-x-b-y-c', 'a*b*c')).toBe(true)
    expect(fitsPattern('a-x-c', 'a*b*c')).toBe(false)
    expect(fitsPattern('gpt-4', 'gpt.4')).toBe(true)
    expect(fitsPattern('gptx4', 'gpt.4')).toBe(false)
  })
})

describe('distance', () => {
  it('counts changes, additions, omissions and swaps', () => {
    expect(distance('gpt-4o', 'gpt-4o', 3)).toBe(0)
    expect(distance('gpt-4o', 'gpt-4', 3)).toBe(1)
    expect(distance('sonet', 'sonnet', 3)).toBe(1)
    expect(distance('snonet', 'sonnet', 3)).toBe(1)
    expect(distance('opus', 'opal', 3)).toBe(2)
    expect(distance('', 'abc', 3)).toBe(3)
  })

  it('gives up beyond the most that is asked', () => {
    expect(distance('abcdef', 'uvwxyz', 2)).toBe(3)
    expect(distance('a', 'abcdefgh', 2)).toBe(3)
  })
})

describe('nearest', () => {
  const known = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'claude-sonnet-4-5', 'claude-opus-4-8', 'o1']

  it('finds what may have been meant, the nearest first', () => {
    expect(nearest('gpt-4o-mimi', known)).toEqual(['gpt-4o-mini'])
    expect(nearest('claude-sonet-4.5', known)).toEqual(['claude-sonnet-4-5'])
    expect(nearest('claude-sonnet', known)).toEqual(['claude-sonnet-4-5'])
    expect(nearest('gpt4o', known)).toEqual(['gpt-4o'])
  })

  it('finds nothing in what is only a little alike', () => {
    expect(nearest('gemini-2.5-pro', known)).toEqual([])
    expect(nearest('gemini-3-flash-preview', known)).toEqual([])
    expect(nearest('o2', known)).toEqual([])
    expect(nearest('llama', known)).toEqual([])
  })

  it('gives three at most, and each once', () => {
    const many = ['model-a', 'model-b', 'model-c', 'model-d', 'Model-A']
    expect(nearest('model-x', many)).toEqual(['model-a', 'model-b', 'model-c'])
  })
})

describe('slips', () => {
  it('are in words, never in numbers', () => {
    expect(isSlipOf('claude-sonet-4-5', 'claude-sonnet-4-5')).toBe(true)
    expect(isSlipOf('gpt-4o-mni', 'gpt-4o-mini')).toBe(true)
    expect(isSlipOf('claude-opus-9', 'claude-opus-4')).toBe(false)
    expect(isSlipOf('gpt-7', 'gpt-5')).toBe(false)
    expect(isSlipOf('claude-opal-5', 'claude-opus-5')).toBe(false)
    expect(isSlipOf('gpt-4o-mini', 'gpt-4o-mini')).toBe(false)
    expect(isSlipOf('gpt-4o', 'gpt-4o-mini')).toBe(false)
  })
})

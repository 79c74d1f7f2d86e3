import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/response.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

describe('reading', () => {
  it.each<[string, JsonObject, Usage]>([
    [
      'the least',
      { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      { input: 3, output: 2 },
    ],
    [
      'details',
      {
        prompt_tokens: 30,
        completion_tokens: 20,
        total_tokens: 50,
        prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 7 },
      },
      { input: 30, output: 20, cached: 10, cacheWrite: 5, reasoning: 7 },
    ],
    [
      'null details',
      {
        prompt_tokens: 1,
        completion_tokens: 1,
        prompt_tokens_details: null,
        completion_tokens_details: null,
      },
      { input: 1, output: 1 },
    ],
    ['nothing', {}, { input: 0, output: 0 }],
    ['nonsense', { prompt_tokens: 'x', completion_tokens: -1 }, { input: 0, output: 0 }],
  ])('%s', (_, wire, usage) => {
    expect(decodeUsage(wire, {})).toMatchObject(usage)
  })

  it('takes the cache hits of DeepSeek’s own fields', () => {
    expect(
      decodeUsage({ prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 4 }, {}),
    ).toMatchObject({ cached: 4 })
  })

  it('adds reasoning that the completion leaves out: by the total, or by the quirk', () => {
    const wire = (total: number | undefined): JsonObject => ({
      prompt_tokens: 10,
      completion_tokens: 5,
      ...(total === undefined ? {} : { total_tokens: total }),
      completion_tokens_details: { reasoning_tokens: 20 },
    })
    const quirk = { reasoningOutsideCompletion: true }
    expect(decodeUsage(wire(35), {}).output).toBe(25)
    expect(decodeUsage(wire(15), quirk).output).toBe(5)
    expect(decodeUsage(wire(undefined), {}).output).toBe(5)
    expect(decodeUsage(wire(undefined), quirk).output).toBe(25)
  })
})

describe('writing', () => {
  it('says the details as zeros where the vendor told none', () => {
    expect(encodeUsage({ input: 3, output: 2 })).toEqual({
      prompt_tokens: 3,
      completion_tokens: 2,
      total_tokens: 5,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    })
  })

  it('gives back what a vendor added', () => {
    const wire: JsonObject = {
      prompt_tokens: 3,
      completion_tokens: 2,
      total_tokens: 5,
      cost: 0.1,
      prompt_tokens_details: { cached_tokens: 1, audio_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 1, image_tokens: 3 },
    }
    expect(encodeUsage(decodeUsage(wire, {}))).toEqual(wire)
  })
})

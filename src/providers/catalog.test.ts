import { calcPrice } from '@pydantic/genai-prices'
import { describe, expect, it } from 'vitest'
import type { Usage } from '../core/response.ts'
import { anthropic } from './anthropic.ts'
import { catalogOf, type ModelEntry, natureOf, priceOf } from './catalog.ts'
import { CORRECTIONS } from './catalog-corrections.ts'
import { deepseek } from './deepseek.ts'
import { keyOf } from './names.ts'
import { openai } from './openai.ts'
import { openrouter } from './openrouter.ts'
import { TOOL_CHOICE_FORMS } from './provider.ts'
import { findProvider, PROVIDERS } from './registry.ts'

const ALL = PROVIDERS.flatMap(provider => catalogOf(provider).entries)

function entry(vendor: string, name: string): ModelEntry {
  const provider = findProvider(vendor)
  const known = provider && catalogOf(provider).names.get(keyOf(name))
  if (!known) throw new Error(`${vendor} has no ${name}`)
  return known.entry
}

describe('every entry', () => {
  it('stands under its own vendor, once', () => {
    for (const provider of PROVIDERS) {
      const { entries, names } = catalogOf(provider)
      expect(new Set(entries.map(({ id }) => keyOf(id))).size).toBe(entries.length)
      for (const model of entries) {
        expect(model.vendor).toBe(provider.name)
        expect(names.get(keyOf(model.id))).toEqual({
          spelling: model.id,
          id: model.id,
          entry: model,
        })
      }
    }
  })

  it('has sensible numbers or none', () => {
    for (const { context, maxOutput, price } of ALL) {
      for (const tokens of [context, maxOutput]) {
        if (tokens !== undefined) expect(Number.isInteger(tokens) && tokens >= 1000).toBe(true)
      }
      if (context !== undefined && maxOutput !== undefined) {
        expect(maxOutput).toBeLessThanOrEqual(context)
      }
      for (const dollars of Object.values(price ?? {})) {
        expect(dollars).toBeGreaterThanOrEqual(0)
        expect(dollars).toBeLessThan(1000)
      }
    }
  })

  it('has capabilities that do not contradict each other', () => {
    for (const { capabilities } of ALL) {
      const { tools, toolChoice } = capabilities
      expect(TOOL_CHOICE_FORMS.filter(form => toolChoice.includes(form))).toEqual(toolChoice)
      expect(toolChoice.length > 0).toBe(tools !== false)
      if (!tools) {
        expect(capabilities.parallelCalls || capabilities.strictSchemas).toBe(false)
        expect(capabilities.streamingArguments || capabilities.imagesInResults).toBe(false)
      }
    }
  })

  it('has aliases that lead to it', () => {
    for (const provider of PROVIDERS) {
      const { entries, names } = catalogOf(provider)
      for (const model of entries) {
        for (const alias of model.aliases) expect(names.get(keyOf(alias))?.entry).toBe(model)
      }
    }
  })
})

describe('the catalog', () => {
  it.each([
    ['openai', 'gpt-4o'],
    ['openai', 'gpt-4o-mini'],
    ['openai', 'o1'],
    ['openai', 'o3-mini'],
    ['openai', 'gpt-5'],
    ['openai', 'gpt-5.1'],
    ['openai', 'gpt-5.2'],
    ['openai', 'gpt-5.4'],
    ['openai', 'gpt-5.6'],
    ['anthropic', 'claude-opus-4'],
    ['anthropic', 'claude-sonnet-4'],
    ['anthropic', 'claude-3-5-haiku'],
    ['anthropic', 'claude-sonnet-4.5'],
    ['anthropic', 'claude-opus-4-8'],
    ['anthropic', 'claude-sonnet-5-5'],
    ['deepseek', 'deepseek-chat'],
    ['deepseek', 'deepseek-reasoner'],
    ['qwen', 'qwen-max'],
    ['qwen', 'qwen-plus'],
    ['glm', 'glm-4'],
    ['glm', 'glm-4.6'],
    ['glm', 'glm-5.3'],
    ['mistral', 'mistral-large'],
    ['groq', 'llama-3.3-70b-versatile'],
    ['xai', 'grok-4'],
    ['kimi', 'kimi-k2'],
    ['openrouter', 'anthropic/claude-sonnet-4.5'],
    ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  ])('of %s has %s, which takes tools', (vendor, name) => {
    expect(entry(vendor, name).capabilities.tools).toBe(true)
  })

  it('sends what the vendor takes', () => {
    const { names } = catalogOf(anthropic)
    expect(names.get('claude-opus-4')?.id).toBe('claude-opus-4-0')
    expect(names.get('claude-3-5-haiku')?.id).toBe('claude-3-5-haiku-latest')
    expect(names.get('claude-3-haiku')?.id).toBe('claude-3-haiku-20240307')
    expect(names.get('claude-opus-4-20250514')?.id).toBe('claude-opus-4-20250514')
    expect(catalogOf(deepseek).names.get('deepseek-chat')?.id).toBe('deepseek-v4-flash')
  })

  it('does not take one model for another because they cost the same', () => {
    const { names } = catalogOf(openai)
    expect(names.get('gpt-5-chat-latest')?.entry).not.toBe(names.get('gpt-5')?.entry)
    expect(names.get('gpt-5-chat')?.id).toBe('gpt-5-chat-latest')
    expect(entry('openai', 'gpt-5-chat').price).toEqual(entry('openai', 'gpt-5').price)
    expect(entry('openai', 'gpt-5-chat').capabilities.reasoning).toBe(false)
    expect(names.get('gpt-5-2025-08-07')?.id).toBe('gpt-5-2025-08-07')
  })

  it('leaves out what does not chat, or not over these protocols', () => {
    const { names } = catalogOf(openai)
    for (const name of ['whisper-1', 'text-embedding-3-small', 'gpt-image-1', 'ada']) {
      expect(names.has(keyOf(name))).toBe(false)
    }
    expect(catalogOf(anthropic).names.has('claude-2')).toBe(false)
  })

  it('leaves absent what nobody vouches for', () => {
    expect(entry('qwen', 'qwen-plus')).not.toHaveProperty('price')
    expect(entry('qwen', 'qwen-plus')).not.toHaveProperty('context')
    expect(entry('anthropic', 'claude-haiku-5-5')).not.toHaveProperty('price')
  })

  it('knows the nature of what an aggregator serves from its maker', () => {
    expect(natureOf(openrouter, 'anthropic/claude-sonnet-4.5')).toEqual({
      imagesIn: true,
      reasoning: true,
    })
    expect(natureOf(openrouter, 'openai/gpt-4o-mini:extended')).toEqual({
      imagesIn: true,
      reasoning: false,
    })
    expect(natureOf(openrouter, 'nobody/nothing')).toBeUndefined()
    expect(natureOf(anthropic, 'anthropic/claude-sonnet-4.5')).toBeUndefined()
  })

  it('has corrections for vendors that exist, each of which matters', () => {
    for (const [vendor, corrections] of Object.entries(CORRECTIONS)) {
      expect(findProvider(vendor)?.name).toBe(vendor)
      const ids = (corrections ?? []).map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const { absent, pricedAs, ...rest } of corrections ?? []) {
        expect(absent !== undefined || pricedAs !== undefined || Object.keys(rest).length > 1).toBe(
          true,
        )
        if (pricedAs !== undefined) expect(entry(vendor, pricedAs).id).toBe(pricedAs)
      }
    }
  })
})

describe('priceOf', () => {
  const at = new Date('2026-11-20T12:00:00Z')

  it.each([
    ['openai', 'gpt-4o-mini', { input: 1000, output: 100, cached: 400 }],
    ['openai', 'gpt-5.4', { input: 300_000, output: 10 }],
    ['openai', 'o3', { input: 50, output: 7 }],
    ['anthropic', 'claude-sonnet-4-5', { input: 5000, output: 10, cached: 1000, cacheWrite: 2000 }],
    ['deepseek', 'deepseek-v4-pro', { input: 5000, output: 10 }],
  ] satisfies [string, string, Usage][])(
    'agrees with the price data: %s %s',
    (vendor, name, usage) => {
      const model = entry(vendor, name)
      const expected = calcPrice(
        {
          input_tokens: usage.input,
          output_tokens: usage.output,
          cache_read_tokens: 'cached' in usage ? usage.cached : 0,
          cache_write_tokens: 'cacheWrite' in usage ? usage.cacheWrite : 0,
        },
        model.id,
        { providerId: vendor, timestamp: at },
      )
      expect(priceOf(model, usage, at)).toBeCloseTo(expected?.total_price ?? Number.NaN, 12)
    },
  )

  it('counts by hand what that comes to', () => {
    // 600 at $0.15, 400 from the cache at $0.075 and 100 at $0.60, a million each.
    const dollars = priceOf(entry('openai', 'gpt-4o-mini'), {
      input: 1000,
      output: 100,
      cached: 400,
    })
    expect(dollars).toBeCloseTo((600 * 0.15 + 400 * 0.075 + 100 * 0.6) / 1e6, 12)
  })

  it('counts by an entry`s own price once it has been replaced', () => {
    const model = { ...entry('openai', 'gpt-4o'), price: { input: 1, output: 2, cachedInput: 0.5 } }
    const usage = { input: 1_000_000, output: 1_000_000, cached: 500_000, cacheWrite: 100_000 }
    expect(priceOf(model, usage)).toBeCloseTo(0.4 + 0.25 + 0.1 + 2, 12)
  })

  it('uses the price of a correction', () => {
    const usage = { input: 1_000_000, output: 0, cached: 1_000_000 }
    expect(priceOf(entry('anthropic', 'claude-sonnet-5-5'), usage)).toBeCloseTo(0.2, 12)
  })

  it('is unknown where no price is', () => {
    expect(priceOf(entry('qwen', 'qwen-max'), { input: 1, output: 1 })).toBeUndefined()
  })

  it('is not upset by a vendor that counts badly', () => {
    const usage = { input: 10, output: 0, cached: 500, cacheWrite: 500 }
    expect(priceOf(entry('openai', 'gpt-4o'), usage)).toBeCloseTo((10 * 1.25) / 1e6, 12)
  })
})

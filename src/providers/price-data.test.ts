import { readFileSync } from 'node:fs'
import { calcPrice, findProvider } from '@pydantic/genai-prices'
import { describe, expect, it } from 'vitest'
import { type ModelEntry, priceOf } from './catalog.ts'
import { flatPrice, isPlain, pricedVendor } from './price-data.ts'
import { PROVIDERS } from './registry.ts'

const names = [...new Set(PROVIDERS.flatMap(({ priceNames = [] }) => priceNames))]
const at = new Date('2026-11-20T12:00:00Z')
const tokens = { input: 9000, output: 700, cached: 2000, cacheWrite: 1000 }

it.each(names)('what the build wrote of %s is what the package says', name => {
  const file = new URL(`../../dist/prices/${name}.json`, import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(findProvider({ providerId: name }))
})

describe('a plain price', () => {
  it.each(names)('counts as the package does: %s', name => {
    const vendor = pricedVendor(name)
    const plain = vendor?.models.filter(isPlain) ?? []
    expect(plain.length).toBeGreaterThan(0)
    for (const model of plain) {
      const price = flatPrice(model, at)
      if (!vendor || !price) continue
      const only = { ...vendor, models: [{ ...model, match: { equals: model.id } }] }
      const expected = calcPrice(
        {
          input_tokens: tokens.input,
          output_tokens: tokens.output,
          cache_read_tokens: tokens.cached,
          cache_write_tokens: tokens.cacheWrite,
        },
        model.id,
        { provider: only, timestamp: at },
      )
      const entry: Pick<ModelEntry, 'price'> = { price }
      expect(priceOf(entry, tokens, at), model.id).toBeCloseTo(expected?.total_price ?? -1, 12)
    }
  })

  it('is none that depends on the prompt or the day', () => {
    const found = (vendor: string, id: string) =>
      pricedVendor(vendor)?.models.filter(model => model.id === id) ?? []
    for (const model of [...found('openai', 'gpt-5.4'), ...found('deepseek', 'deepseek-v4-pro')])
      expect(isPlain(model), model.id).toBe(false)
    expect(found('openai', 'gpt-4o').map(isPlain)).toEqual([true])
  })
})

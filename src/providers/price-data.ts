import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { MatchLogic, ModelInfo, ModelPrice, Provider, Usage } from '@pydantic/genai-prices'

/** A vendor in the price data, with all of its models. */
export type PricedVendor = Provider

/** A model in the price data. */
export type PricedModel = ModelInfo

type Library = typeof import('@pydantic/genai-prices')
let library: Library | undefined

// Loaded when first asked for: evaluating it takes 60 ms and 18 MB.
function loadLibrary(): Library {
  if (!library) {
    const loaded: Library = createRequire(import.meta.url)('@pydantic/genai-prices')
    library = loaded
  }
  return library
}

/** The vendor of this name in the price data, if it has one. */
export function pricedVendor(name: string): PricedVendor | undefined {
  return writtenVendor(name) ?? loadLibrary().findProvider({ providerId: name })
}

/** What the library says of a vendor, where the build has written it down: read in 1 ms. */
function writtenVendor(name: string): PricedVendor | undefined {
  const file = new URL(`./prices/${name}.json`, import.meta.url)
  if (!existsSync(file)) return undefined
  const vendor: PricedVendor = JSON.parse(readFileSync(file, 'utf8'))
  return vendor
}

/** The ids that the price data gives for exactly this model, its own first. */
export function exactNames(model: PricedModel): readonly string[] {
  return [...new Set([model.id, ...equalsIn(model.match)])]
}

function equalsIn(match: MatchLogic): readonly string[] {
  if ('equals' in match) return [match.equals]
  return 'or' in match ? match.or.flatMap(equalsIn) : []
}

/** Dollars per million tokens; see `Price` of the catalog. */
export interface FlatPrice {
  readonly input: number
  readonly output: number
  readonly cachedInput?: number
  readonly cacheWrite?: number
}

/**
 * A model's price at its base tier on a day, whatever the hour; `undefined` if it is not sold by
 * the token.
 */
export function flatPrice(model: PricedModel, day: Date): FlatPrice | undefined {
  const prices = pricesOn(model, day)
  const input = base(prices?.input_mtok)
  const output = base(prices?.output_mtok)
  if (input === undefined || output === undefined) return undefined
  const cachedInput = base(prices?.cache_read_mtok)
  const cacheWrite = base(prices?.cache_write_mtok)
  return {
    input,
    output,
    ...(cachedInput === undefined ? {} : { cachedInput }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  }
}

function pricesOn(model: PricedModel, day: Date): ModelPrice | undefined {
  if (!Array.isArray(model.prices)) return model.prices
  const today = day.toISOString().slice(0, 10)
  return model.prices.findLast(({ constraint }) => {
    if (constraint === undefined) return true
    return constraint.type === 'start_date' && constraint.start_date <= today
  })?.prices
}

/** What a use is counted in here; the data has prices of other things too, such as web searches. */
const COUNTED = ['input_mtok', 'output_mtok', 'cache_read_mtok', 'cache_write_mtok']

/** Whether `flatPrice` is all there is to count with: no tiers, no dates, no hours. */
export function isPlain({ prices }: PricedModel): boolean {
  return !Array.isArray(prices) && COUNTED.every(kind => typeof prices[kind] !== 'object')
}

function base(price: ModelPrice[string]): number | undefined {
  return typeof price === 'object' ? price.base : price
}

/** Narrowed to the one model, which halves the time that the library takes to find it. */
const narrowed = new WeakMap<PricedModel, PricedVendor>()

/**
 * What a use of a model costs in dollars, with its tiers and hours; `undefined` if it has no price.
 */
export function exactCost(
  vendor: PricedVendor,
  model: PricedModel,
  usage: Usage,
  at: Date,
): number | undefined {
  let only = narrowed.get(model)
  if (!only) {
    only = { ...vendor, models: [{ ...model, match: { equals: model.id } }] }
    narrowed.set(model, only)
  }
  const result = loadLibrary().calcPrice(usage, model.id, { provider: only, timestamp: at })
  return result?.total_price
}

import type { Usage } from '../core/response.ts'
import { capabilitiesOf, joined, type Nature, quirksOf } from './capabilities.ts'
import { CORRECTIONS, type Correction } from './catalog-corrections.ts'
import { endpointsFor, endpointsOf, isServedAlike, whyUnserved } from './endpoints.ts'
import { keyOf, splitDate } from './names.ts'
import {
  exactCost,
  exactNames,
  flatPrice,
  isPlain,
  type PricedModel,
  type PricedVendor,
  pricedVendor,
} from './price-data.ts'
import type { Capabilities, Endpoint, Provider } from './provider.ts'
import { findProvider } from './registry.ts'

/** US dollars per million tokens, at the base tier. */
export interface Price {
  readonly input: number
  readonly output: number
  /** For input read from the vendor's cache. Absent: as `input`. */
  readonly cachedInput?: number
  /** For input written to the vendor's cache. Absent: as `input`. */
  readonly cacheWrite?: number
}

/** What is known about one model of one vendor. A field that nobody vouches for is absent. */
export interface ModelEntry {
  /** The id that the vendor takes. */
  readonly id: string
  /** The `Provider`'s name. */
  readonly vendor: string
  readonly title?: string
  readonly capabilities: Capabilities
  /** Tokens. */
  readonly context?: number
  /** Tokens. */
  readonly maxOutput?: number
  readonly price?: Price
  /** Short or former names that lead to it. */
  readonly aliases: readonly string[]
  readonly deprecated?: true
}

/** A name that the catalog knows: how the vendor spells it, and what it stands for. */
export interface KnownName {
  readonly spelling: string
  /** The id to send. Not always the entry's: a dated id of the same model is sent as it is. */
  readonly id: string
  readonly entry: ModelEntry
}

/** The models of one vendor. */
export interface VendorCatalog {
  readonly entries: readonly ModelEntry[]
  /** By `keyOf` the name. */
  readonly names: ReadonlyMap<string, KnownName>
}

/** Where in the price data a model stands. */
interface Source {
  readonly vendor: PricedVendor
  readonly model: PricedModel
}

const catalogs = new Map<Provider, VendorCatalog>()
/** Of those prices that depend on more than the counts of tokens. */
const sources = new WeakMap<Price, Source>()

/** What the catalog knows of a vendor. The first call for any vendor also loads the price data. */
export function catalogOf(provider: Provider): VendorCatalog {
  let catalog = catalogs.get(provider)
  if (!catalog) {
    catalog = buildCatalog(provider)
    catalogs.set(provider, catalog)
  }
  return catalog
}

/**
 * What an answer cost in US dollars, or `undefined` if the price is not known. Prices that depend
 * on the length of the prompt, the day or the hour are counted exactly; an entry whose `price` has
 * been replaced is counted by that.
 *
 * @param at when the answer was given; default now
 */
export function priceOf(
  entry: Pick<ModelEntry, 'price'>,
  usage: Usage,
  at = new Date(),
): number | undefined {
  const { price } = entry
  if (!price) return undefined
  const cached = Math.min(usage.cached ?? 0, usage.input)
  const cacheWrite = Math.min(usage.cacheWrite ?? 0, usage.input - cached)
  const source = sources.get(price)
  if (source) {
    const tokens = {
      input_tokens: usage.input,
      output_tokens: usage.output,
      cache_read_tokens: cached,
      cache_write_tokens: cacheWrite,
    }
    return exactCost(source.vendor, source.model, tokens, at)
  }
  const plain = usage.input - cached - cacheWrite
  const dollars =
    plain * price.input +
    cached * (price.cachedInput ?? price.input) +
    cacheWrite * (price.cacheWrite ?? price.input) +
    usage.output * price.output
  return dollars / 1_000_000
}

/** A model while it is put together. */
interface Draft {
  readonly id: string
  readonly names: string[]
  readonly source?: Source
  readonly correction?: Correction
}

function buildCatalog(provider: Provider): VendorCatalog {
  const drafts = new Map<string, Draft>()
  for (const name of provider.priceNames ?? []) {
    const vendor = pricedVendor(name)
    for (const model of vendor?.models ?? []) {
      if (vendor) addPriced(provider, drafts, vendor, model)
    }
  }
  for (const correction of CORRECTIONS[provider.name] ?? []) correct(drafts, correction)
  const aliases = Object.entries(provider.aliases ?? {})
  const names = new Map<string, KnownName>()
  const today = new Date()
  const entries = [...drafts.values()].map(draft => {
    const own = aliases.filter(([, id]) => id === draft.id).map(([name]) => name)
    const entry = entryOf(provider, draft, own, today)
    for (const spelling of [entry.id, ...own]) {
      names.set(keyOf(spelling), { spelling, id: entry.id, entry })
    }
    return entry
  })
  for (const [index, draft] of [...drafts.values()].entries()) {
    const entry = entries[index]
    for (const spelling of draft.names) {
      if (!entry || names.has(keyOf(spelling))) continue
      // A date says exactly which model is meant, so such a name is sent as it is.
      const id = splitDate(spelling) ? spelling : entry.id
      names.set(keyOf(spelling), { spelling, id, entry })
    }
  }
  return { entries, names }
}

function addPriced(
  provider: Provider,
  drafts: Map<string, Draft>,
  vendor: PricedVendor,
  model: PricedModel,
): void {
  const names = exactNames(model)
  const lower = model.id.toLowerCase()
  const spelling = names.includes(lower) ? lower : model.id
  const id = provider.aliases?.[spelling] ?? spelling
  const isOther = id !== spelling && vendor.models.some(other => other.id === id)
  if (isOther || drafts.has(keyOf(id)) || whyUnserved(provider, spelling) !== undefined) return
  drafts.set(keyOf(id), {
    id,
    // The price data counts some models as names of others: one that is served elsewhere is none.
    names: names.filter(name => isServedAlike(provider, name, id)),
    source: { vendor, model },
  })
}

function correct(drafts: Map<string, Draft>, correction: Correction): void {
  const key = keyOf(correction.id)
  if (correction.absent) {
    drafts.delete(key)
    return
  }
  const like =
    correction.pricedAs === undefined ? undefined : drafts.get(keyOf(correction.pricedAs))
  const source = drafts.get(key)?.source ?? like?.source
  drafts.set(key, {
    id: correction.id,
    names: drafts.get(key)?.names ?? [],
    ...(source ? { source } : {}),
    correction,
  })
}

function entryOf(
  provider: Provider,
  draft: Draft,
  aliases: readonly string[],
  today: Date,
): ModelEntry {
  const { id, source, correction } = draft
  const [endpoint, ...others] = endpointsFor(provider, endpointsOf(provider), id)
  const quirks = quirksOf(provider, endpoint, id)
  const can = (one: Endpoint) =>
    capabilitiesOf(provider, one, id, quirksOf(provider, one, id), natureOf(provider, id))
  const title = correction?.title ?? (correction?.pricedAs ? undefined : source?.model.name)
  const context = correction?.context ?? source?.model.context_window
  const maxOutput = correction?.maxOutput ?? quirks.maxOutput
  const price = correction?.price ?? (source && flatPrice(source.model, today))
  if (price && source && !correction?.price && !isPlain(source.model)) sources.set(price, source)
  return {
    id,
    vendor: provider.name,
    ...(title === undefined ? {} : { title }),
    capabilities: joined([can(endpoint), ...others.map(can)]),
    ...(context === undefined ? {} : { context }),
    ...(maxOutput === undefined ? {} : { maxOutput }),
    ...(price === undefined ? {} : { price }),
    aliases,
    ...(correction?.deprecated || source?.model.deprecated ? { deprecated: true } : {}),
  }
}

/** What a model's maker says of it, where someone else serves it under `maker/model`. */
export function natureOf(provider: Provider, id: string): Nature | undefined {
  const slash = id.indexOf('/')
  if (provider.kind === 'maker' || slash < 0) return undefined
  const maker = findProvider(id.slice(0, slash))
  if (maker?.kind !== 'maker') return undefined
  const [name = ''] = id.slice(slash + 1).split(':')
  const entry = catalogOf(maker).names.get(keyOf(name))?.entry
  if (!entry) return undefined
  const { imagesIn, reasoning } = entry.capabilities
  return { imagesIn, reasoning }
}

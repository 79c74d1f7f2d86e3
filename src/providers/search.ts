import { catalogOf } from './catalog.ts'
import { keyOf, nearest, splitDate } from './names.ts'
import type { Provider } from './provider.ts'
import { findProvider, PROVIDERS } from './registry.ts'
import { type Found, findIn, knownNames, type Seat, whyNot } from './seat.ts'

/** A model, and the account that serves it. */
export type Placed = Found & { readonly seat: Seat }

/** Why there is no model of a name. */
export interface Miss {
  readonly message: string
  /** Names that may have been meant, or that would serve instead; three at most. */
  readonly names: readonly string[]
}

/** What a name says of where to look. */
type Route =
  /** In these accounts: it names one, or their vendor. */
  | { readonly type: 'within'; readonly seats: readonly Seat[]; readonly rest: string }
  /** Wherever the model is known. */
  | { readonly type: 'bare' }
  /** Nowhere: it names a vendor that has no account. */
  | { readonly type: 'stranger'; readonly vendor: string; readonly rest: string }

/** Vendors that are not in the registry yet, so that no aggregator's id is meant by their names. */
const OTHER_VENDORS: ReadonlyMap<string, string> = new Map([['cohere', 'Cohere']])

/** Finds the account that serves a model of this name; of several, the earliest. */
export function place(seats: readonly Seat[], name: string): Placed | undefined {
  const alias = firstOf(seats, seat => findIn(seat, name, 'alias'))
  if (alias) return alias
  const route = routeOf(seats, name)
  switch (route.type) {
    case 'within':
      return (
        firstOf(route.seats, seat => findIn(seat, route.rest, 'known')) ??
        firstOf(route.seats, seat => findIn(seat, route.rest, 'open'))
      )
    case 'bare':
      return placeBare(seats, name)
    case 'stranger':
      return undefined
  }
}

/** Says why nothing serves a name, for a person. */
export function explain(seats: readonly Seat[], name: string): Miss {
  const route = routeOf(seats, name)
  if (route.type === 'stranger') return missOfStranger(seats, name, route.vendor, route.rest)
  const asked = route.type === 'within' ? route.rest : name
  const looked = route.type === 'within' ? route.seats : seats
  const prefix = name.slice(0, name.length - asked.length)
  if (route.type === 'bare') {
    const stranger = strangerOf(seats, name)
    if (stranger) return missOfStranger(seats, name, stranger.title, name)
  }
  const near = nearest(asked, looked.flatMap(knownNames)).map(other => prefix + other)
  const names = near.length > 0 ? near : offers(seats, name)
  const quoted = `\`${name}\``
  const asMaker = looked.filter(seat => route.type === 'within' || isMaker(seat))
  const why = asMaker.map(seat => whyNot(seat, asked)).find(text => text !== undefined)
  const message = why
    ? `The model ${quoted} is not served here: ${why}`
    : `The model ${quoted} does not exist, or no account here serves it.`
  return { message: names.length > 0 ? `${message} Near it: ${list(names)}.` : message, names }
}

function routeOf(seats: readonly Seat[], name: string): Route {
  const slash = name.indexOf('/')
  if (slash <= 0) return { type: 'bare' }
  const head = name.slice(0, slash).toLowerCase()
  const rest = name.slice(slash + 1)
  const named = seats.filter(seat => seat.account.name.toLowerCase() === head)
  if (named.length > 0) return { type: 'within', seats: named, rest }
  const provider = findProvider(head)
  const seated = seats.filter(seat => seat.provider === provider)
  if (seated.length > 0) return { type: 'within', seats: seated, rest }
  const vendor = provider?.title ?? OTHER_VENDORS.get(head)
  return vendor === undefined ? { type: 'bare' } : { type: 'stranger', vendor, rest }
}

/**
 * A bare name goes to its maker. Where its maker has no account it goes nowhere, unless an account
 * lists it: nobody's words are sent to a third party for want of a key.
 */
function placeBare(seats: readonly Seat[], name: string): Placed | undefined {
  const makers = seats.filter(isMaker)
  const others = seats.filter(seat => !isMaker(seat))
  const known =
    firstOf(makers, seat => findIn(seat, name, 'known')) ??
    firstOf(others, seat => findIn(seat, name, 'own'))
  if (known || strangerOf(seats, name)) return known
  return (
    firstOf(others, seat => findIn(seat, name, 'known')) ??
    firstOf(makers, seat => findIn(seat, name, 'pattern'))
  )
}

function isMaker(seat: Seat): boolean {
  return seat.provider.kind === 'maker'
}

function firstOf(
  seats: readonly Seat[],
  look: (seat: Seat) => Found | undefined,
): Placed | undefined {
  for (const seat of seats) {
    const found = look(seat)
    if (found) return { ...found, seat }
  }
  return undefined
}

/** The maker of a model, if it is known and has no account. */
function strangerOf(seats: readonly Seat[], name: string): Provider | undefined {
  const key = keyOf(name)
  const dated = splitDate(key)
  return PROVIDERS.find(provider => {
    if (provider.kind !== 'maker') return false
    if (seats.some(seat => seat.provider === provider)) return false
    const { names } = catalogOf(provider)
    return names.has(key) || (dated !== undefined && names.has(dated.stem))
  })
}

function missOfStranger(seats: readonly Seat[], name: string, vendor: string, rest: string): Miss {
  const names = offers(seats, rest)
  const offer = names.length === 0 ? '' : ` It could be had as ${list(names)}.`
  return {
    message: `The model \`${name}\` cannot be served: there is no account for ${vendor}.${offer}`,
    names,
  }
}

/** The full names under which aggregators serve a model. */
function offers(seats: readonly Seat[], name: string): readonly string[] {
  const end = `/${keyOf(name)}`
  const found = seats
    .filter(seat => seat.provider.kind === 'aggregator')
    .flatMap(seat => {
      const id = knownNames(seat).find(known => `/${keyOf(known)}`.endsWith(end))
      return id === undefined ? [] : [`${seat.account.name}/${id}`]
    })
  return found.slice(0, 3)
}

function list(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ')
}

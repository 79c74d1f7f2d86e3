import { fill } from './fill.ts'
import type { Filling } from './filling.ts'
import type { Exchange } from './history.ts'
import { isContent } from './mention.ts'
import type { Message } from './message.ts'
import { spreadCalls } from './parallel.ts'
import { type Draft, draftCalls, lacking, type Order } from './plan.ts'
import type { Parameter } from './profile.ts'
import { readResult } from './results.ts'
import { isJson } from './schema.ts'

const GOES_ON = /^\s*(?:and|what about|how about|also|or|now|then|same|but|instead)\b/i
/** A message with more content words than this stands for itself. */
const SHORT = 6

/**
 * The calls of a message that only goes on from an earlier one: `and in Rome?` takes the earlier call
 * with a new value, and `Paris` answers the question that was asked. `undefined` if it stands for itself.
 */
export function followUp(
  order: (text: string) => Order,
  exchange: Exchange,
  earlier: readonly Exchange[],
): Draft[] | undefined {
  const before = earlier.at(-1)
  const own = order(exchange.text)
  if (before === undefined || own.only !== undefined || !isShort(own.message)) return undefined
  const goesOn = GOES_ON.test(exchange.text)
  const drafts = draftCalls({ ...own, must: false })
  if (before.made.length === 0) {
    if (drafts.some(draft => draft.missing.length === 0)) return undefined
    const asked = draftCalls({ ...order(before.text), must: false })[0]
    return asked !== undefined && asked.missing.length > 0 ? [answered(asked, own)] : undefined
  }
  if (drafts.length > 0 && !(goesOn && drafts.every(draft => draft.missing.length > 0)))
    return undefined
  if (!goesOn && own.message.mentions.length === 0) return undefined
  return again(own, before)
}

function isShort(message: Message): boolean {
  return message.tokens.filter(token => isContent(token)).length <= SHORT
}

/** The earlier draft with what it lacked out of the new message. */
function answered(asked: Draft, own: Order): Draft {
  const { message } = own
  const found = fill(
    {
      message,
      profile: asked.profile,
      from: 0,
      to: message.tokens.length,
      ...(own.now === undefined ? {} : { now: own.now }),
    },
    true,
  )
  const fillings = new Map([
    ...asked.fillings,
    ...[...found].filter(([parameter]) => !asked.fillings.has(parameter)),
  ])
  return { ...asked, fillings, missing: lacking(asked.profile, fillings) }
}

/** The earlier call again, with the values that the new message gives. */
function again(own: Order, before: Exchange): Draft[] | undefined {
  const last = before.made.at(-1)?.call
  const profile = own.catalog.profiles.find(one => one.tool.name === last?.name)
  if (last === undefined || profile === undefined) return undefined
  const { message } = own
  const old = readResult(last.arguments)
  const found = fill(
    {
      message,
      profile,
      from: 0,
      to: message.tokens.length,
      ...(own.now === undefined ? {} : { now: own.now }),
    },
    true,
  )
  if (found.size === 0) return undefined
  const fillings = new Map<Parameter, Filling>()
  for (const parameter of profile.parameters) {
    const value = parameter.path.reduce<unknown>(
      (at, key) => (isJson(at) ? at[key] : undefined),
      old,
    )
    const fresh = found.get(parameter)
    if (fresh !== undefined) fillings.set(parameter, fresh)
    else if (value !== undefined)
      fillings.set(parameter, { parameter, value, strength: 1, from: 0, to: 0, more: [] })
  }
  return spreadCalls(fillings, false).map(set => ({
    profile,
    fillings: set,
    missing: lacking(profile, set),
    because: [],
  }))
}

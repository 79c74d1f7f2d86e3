import { isObject, type Json } from '../../src/core/json.ts'
import { tryParseJson } from '../../src/wire/json.ts'

/** A place in a tree: the object or array, and the key in it. */
interface Slot {
  readonly holder: Json
  readonly key: string | number
}

function slotsOf(value: Json, into: Slot[] = []): Slot[] {
  if (Array.isArray(value))
    for (const [key, inner] of value.entries()) {
      into.push({ holder: value, key })
      slotsOf(inner, into)
    }
  else if (isObject(value))
    for (const [key, inner] of Object.entries(value)) {
      into.push({ holder: value, key })
      if (inner !== undefined) slotsOf(inner, into)
    }
  return into
}

/** What may come in place of a value: the wrong types, the empty, the huge and the deep. */
const INSTEAD: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => -1,
  () => 1.5,
  () => 1e308,
  () => '',
  () => ' ',
  () => 'text',
  () => 'x'.repeat(10_000),
  () => [],
  () => [null],
  () => [[[]]],
  () => ({}),
  () => ({ type: 'text' }),
  () => ({ type: 'tool_use' }),
  () => ({ type: 'tool_result', content: {} }),
  () => ({ toString: null, constructor: 1 }),
  () => JSON.parse('{"__proto__":{"polluted":true}}'),
  () => JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`),
  () => JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`),
]

/**
 * Changes one place of a tree, chosen by `dice`: takes it away, puts something else there, gives it
 * to another key, doubles it, or swaps it with another place. The tree is changed in place.
 */
export function mutate(tree: Json, dice: () => number, garbage = 'garbage'): Json {
  const slots = slotsOf(tree)
  const slot = slots[dice() % slots.length]
  if (!slot) return INSTEAD[dice() % INSTEAD.length]?.() ?? null
  const { holder, key } = slot
  const other = slots[dice() % slots.length] ?? slot
  const value: Json = Reflect.get(Object(holder), key) ?? null
  switch (dice() % 6) {
    case 0:
      remove(holder, key)
      break
    case 1:
    case 2:
      put(holder, key, INSTEAD[dice() % INSTEAD.length]?.() ?? garbage)
      break
    case 3:
      if (isObject(holder)) {
        remove(holder, key)
        put(holder, dice() % 2 === 0 ? garbage : '__proto__', value)
      } else put(holder, key, garbage)
      break
    case 4:
      if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(value))
      else put(holder, key, [structuredClone(value), structuredClone(value)])
      break
    default:
      put(holder, key, structuredClone(Reflect.get(Object(other.holder), other.key) ?? null))
  }
  return tree
}

function remove(holder: Json, key: string | number): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else if (isObject(holder)) delete holder[key]
}

/** Defines and never assigns, so that `__proto__` becomes a key, as in parsed JSON. */
function put(holder: Json, key: string | number, value: Json): void {
  Object.defineProperty(Object(holder), key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

/** Changes one place of JSON text; text that is none stays as it is. */
export function mutateJson(text: string, seed: number, garbage: string): string {
  const tree = tryParseJson(text)
  if (tree === undefined) return text
  let state = seed + 1
  const dice = () => {
    state = (state * 48271) % 2147483647
    return state
  }
  return JSON.stringify(mutate(tree, dice, garbage))
}

import { isObject, type Json, type JsonObject } from '../core/json.ts'
import { follow } from './accepts.ts'
import { mapSchemas, SILENT } from './keywords.ts'
import type { SchemaLoss } from './lowering.ts'
import { mergeSchemas } from './merge.ts'
import { isDefinitions } from './node.ts'

const ROOT = ['type', 'properties', 'required']

/** How often a definition is written out inside of itself. */
const MOST_REPEATS = 2
/** A schema that would grow beyond this many nodes is cut where it is. */
const MOST_NODES = 2_000

/**
 * Leaves nothing at the root but `type`, `properties` and `required`: definitions are written out
 * where they are referred to, and what else stood there is reported. The same object comes back if
 * nothing is in the way.
 */
export function bareRoot(root: JsonObject, losses: SchemaLoss[]): JsonObject {
  const whole = new Writer(root, losses).write(root, [])
  const odd = Object.keys(whole).filter(key => !ROOT.includes(key))
  if (odd.length === 0) return whole
  const told = odd.filter(key => !SILENT.has(key))
  if (told.length > 0) lose(losses, `at the root: ${told.join(', ')}`, 'dropped')
  return Object.fromEntries(Object.entries(whole).filter(([key]) => ROOT.includes(key)))
}

class Writer {
  readonly #root: JsonObject
  readonly #losses: SchemaLoss[]
  #nodes = 0

  constructor(root: JsonObject, losses: SchemaLoss[]) {
    this.#root = root
    this.#losses = losses
  }

  write(node: JsonObject, trail: readonly string[]): JsonObject {
    this.#nodes++
    const { $ref, ...beside } = node
    if (typeof $ref !== 'string')
      return mapSchemas(withoutDefinitions(node), child => this.write(child, trail))
    const target = follow($ref, this.#root)
    const repeats = trail.filter(one => one === $ref).length
    if (!isObject(target) || repeats >= MOST_REPEATS || this.#nodes > MOST_NODES)
      return this.#cut(target)
    return this.write(mergeSchemas(target, beside) ?? target, [...trail, $ref])
  }

  /** A place where a definition would go on inside of itself for ever, or that leads nowhere. */
  #cut(target: Json | undefined): JsonObject {
    lose(this.#losses, 'a definition that would go on inside of itself', 'approximated')
    const type = isObject(target) ? target['type'] : undefined
    const description = 'as described above, one level deeper'
    return { ...(typeof type === 'string' ? { type } : {}), description }
  }
}

/** Once all references are written out, nothing leads to a definition. */
function withoutDefinitions(node: JsonObject): JsonObject {
  if (!Object.keys(node).some(isDefinitions)) return node
  return Object.fromEntries(Object.entries(node).filter(([key]) => !isDefinitions(key)))
}

function lose(losses: SchemaLoss[], what: string, action: SchemaLoss['action']): void {
  losses.push({ at: '', what, action, meaning: false })
}

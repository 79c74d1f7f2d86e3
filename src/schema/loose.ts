import { isObject, type JsonObject } from '../core/json.ts'
import { follow } from './accepts.ts'
import type { Dialect } from './dialect.ts'
import { mapSchemas, SILENT } from './keywords.ts'
import type { SchemaLoss } from './lowering.ts'
import { mergeSchemas } from './merge.ts'
import { isDefinitions } from './node.ts'

/** Beside a reference these two may stand, where other keywords may not. */
const BESIDE = ['description', 'default']

/**
 * Makes a schema fit a dialect that takes all keywords, but not everywhere. The same object comes
 * back if nothing is in the way.
 */
export function fitLoosely(root: JsonObject, dialect: Dialect, losses: SchemaLoss[]): JsonObject {
  const visit = (node: JsonObject, trail: readonly string[]): JsonObject => {
    const { $ref } = node
    if (dialect.references !== 'any' && typeof $ref === 'string' && isCrowded(node)) {
      const target = trail.includes($ref) ? undefined : follow($ref, root)
      const { $ref: _, ...beside } = node
      const merged = isObject(target) ? mergeSchemas(target, beside) : undefined
      if (merged) return visit(merged, [...trail, $ref])
      const lost = Object.keys(beside).filter(key => !BESIDE.includes(key))
      const what = `beside a reference: ${lost.join(', ')}`
      losses.push({ at: '', what, action: 'dropped', meaning: false })
      return Object.fromEntries(
        Object.entries(node).filter(([key]) => key === '$ref' || BESIDE.includes(key)),
      )
    }
    let out = mapSchemas(node, child => visit(child, trail))
    if (dialect.items && out['type'] === 'array' && out['items'] === undefined)
      out = { ...out, items: {} }
    return withoutOddPattern(out, losses)
  }
  return visit(root, [])
}

function isCrowded(node: JsonObject): boolean {
  return Object.keys(node).some(
    key => key !== '$ref' && !BESIDE.includes(key) && !SILENT.has(key) && !isDefinitions(key),
  )
}

/** A pattern that is no regular expression holds nothing, and vendors refuse the whole schema. */
function withoutOddPattern(node: JsonObject, losses: SchemaLoss[]): JsonObject {
  const { pattern, ...rest } = node
  if (typeof pattern !== 'string' || isPattern(pattern)) return node
  losses.push({
    at: '',
    what: `a pattern that is no regular expression: ${pattern.slice(0, 80)}`,
    action: 'dropped',
    meaning: false,
  })
  return rest
}

function isPattern(pattern: string): boolean {
  return ['u', ''].some(flags => {
    try {
      return new RegExp(pattern, flags) !== undefined
    } catch {
      return false
    }
  })
}

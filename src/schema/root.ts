import type { Json, JsonObject } from '../core/json.ts'
import { mapSchemas, typesOf } from './keywords.ts'
import { isCondition, resolve } from './simplify.ts'

/** The name of the property that holds arguments which are no object, or one of several. */
export const WRAP = 'value'

/** A schema with an object at its root. */
export interface ObjectRoot {
  /** The same object as came in if it was one. */
  readonly schema: JsonObject
  /** Whether the schema now stands in a property of its own. */
  readonly wrapped: boolean
}

/**
 * Puts an object at the root: a reference there is followed, a missing type said, and what is no
 * object, or a union where none may stand, becomes the one property of a new root.
 */
export function objectRoot(schema: JsonObject, unions: boolean): ObjectRoot {
  const followed = typeof schema['$ref'] === 'string' ? resolve(schema, schema) : schema
  if (!followed) return { schema, wrapped: false }
  const types = typesOf(followed)
  if (types.length > 0 && !types.includes('object')) return wrap(followed)
  if (!unions && hasUnion(followed)) return wrap(followed)
  const isPlain = followed['type'] === 'object'
  return { schema: isPlain ? followed : { ...followed, type: 'object' }, wrapped: false }
}

/** Whether the alternatives at the root are more than conditions on the same properties. */
function hasUnion(root: JsonObject): boolean {
  return ['anyOf', 'oneOf'].some(keyword => {
    const branches = root[keyword]
    return Array.isArray(branches) && !branches.every(isCondition)
  })
}

function wrap(schema: JsonObject): ObjectRoot {
  const { $defs, definitions, $schema, ...inner } = moved(schema)
  return {
    wrapped: true,
    schema: {
      ...($schema === undefined ? {} : { $schema }),
      type: 'object',
      properties: { [WRAP]: inner },
      required: [WRAP],
      additionalProperties: false,
      ...($defs === undefined ? {} : { $defs }),
      ...(definitions === undefined ? {} : { definitions }),
    },
  }
}

/** A schema whose references still lead where they did once its root has moved into a property. */
function moved(schema: JsonObject): JsonObject {
  const node = mapSchemas(schema, moved)
  const reference: Json | undefined = node['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#')) return node
  if (/^#\/(\$defs|definitions)(\/|$)/.test(reference)) return node
  if (reference !== '#' && !reference.startsWith('#/')) return node
  return { ...node, $ref: `#/properties/${WRAP}${reference.slice(1)}` }
}

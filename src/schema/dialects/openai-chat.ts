import type { Dialect } from '../dialect.ts'

/**
 * What OpenAI takes of a function's schema without `strict`: any JSON Schema whose root is an object
 * with `properties`, and whose arrays say their `items`. Sources: spring-ai issue #4776, aichat issue
 * #1049.
 */
export const chatFunctions: Dialect = {
  upgrade: false,
  references: 'any',
  rootUnions: true,
  rootProperties: true,
  items: true,
  closed: false,
  allRequired: false,
  types: 'lists',
  typed: false,
  literals: 'any',
  plainPatterns: false,
}

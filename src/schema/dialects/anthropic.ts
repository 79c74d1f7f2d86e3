import type { Dialect } from '../dialect.ts'

/**
 * What Anthropic takes of a tool's schema without `strict`: draft 2020-12, an object at the root with
 * no composition there, and plain names of properties. Sources: public reports of 2025 and 2026 about
 * tools of MCP servers, such as Codewhale issue #4329.
 */
export const anthropic: Dialect = {
  upgrade: true,
  references: 'any',
  rootUnions: false,
  rootProperties: false,
  items: false,
  closed: false,
  allRequired: false,
  types: 'lists',
  typed: false,
  literals: 'any',
  plainPatterns: false,
  propertyName: /^[a-zA-Z0-9_.-]{1,64}$/,
}

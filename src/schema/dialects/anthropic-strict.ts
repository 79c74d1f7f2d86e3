import type { Dialect } from '../dialect.ts'

/**
 * Anthropic's strict tools: every object closed, no recursion, no bounds, and limits on a request as
 * a whole. Sources: Anthropic SDK 1.11, transform-json-schema, 2026-11; genkit issue #5230; inbox-zero
 * issue #2323.
 */
export const anthropicStrict: Dialect = {
  upgrade: true,
  keywords: new Set([
    ...[
      'type',
      'properties',
      'required',
      'additionalProperties',
      'items',
      'anyOf',
      'enum',
      'const',
    ],
    ...['$ref', '$defs', 'definitions', 'description', 'title', 'format', 'minItems', 'default'],
  ]),
  references: 'acyclic',
  rootUnions: false,
  rootProperties: false,
  items: true,
  closed: true,
  allRequired: false,
  types: 'lists',
  typed: true,
  literals: 'plain',
  formats: {
    string: [
      ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6'],
      'uuid',
    ],
  },
  minItems: 1,
  plainPatterns: true,
  propertyName: /^[a-zA-Z0-9_.-]{1,64}$/,
  budget: { tools: 20, optionals: 24, unions: 16 },
}

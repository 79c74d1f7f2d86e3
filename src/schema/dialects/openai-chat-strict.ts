import type { Dialect, SchemaLimits } from '../dialect.ts'

/** Limits of current models. Source: OpenAI guide "structured outputs", 2026-07. */
export const WIDE_LIMITS: SchemaLimits = {
  properties: 5000,
  levels: 10,
  enumValues: 1000,
  characters: 120_000,
  distinctUnions: false,
}

/**
 * OpenAI's strict mode: every object closed, all its properties required, `$ref` alone, no
 * composition but `anyOf` below the root. Source: OpenAI guide "structured outputs", 2026-07.
 */
export const chatStrict: Dialect = {
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
    ...['$ref', '$defs', 'definitions', 'description', 'title', 'pattern', 'format', 'multipleOf'],
    ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minItems', 'maxItems'],
  ]),
  references: 'alone',
  rootUnions: false,
  rootProperties: true,
  items: true,
  closed: true,
  allRequired: true,
  types: 'lists',
  typed: true,
  literals: 'plain',
  formats: {
    string: [
      ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'],
    ],
  },
  plainPatterns: true,
  limits: WIDE_LIMITS,
}

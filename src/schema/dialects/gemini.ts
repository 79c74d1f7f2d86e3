import type { Dialect } from '../dialect.ts'

/**
 * What Gemini takes in `parametersJsonSchema`: JSON Schema, but nothing beside a reference. Sources:
 * OmniRoute issue #461 and gcli2api pull request #374, 2026.
 */
export const geminiJson: Dialect = {
  upgrade: true,
  references: 'alone',
  rootUnions: true,
  rootProperties: false,
  items: false,
  closed: false,
  allRequired: false,
  types: 'lists',
  typed: false,
  literals: 'any',
  plainPatterns: false,
}

/**
 * Gemini's own `Schema`, in `parameters`: any other field is refused by name. Sources: Google Gen AI
 * SDK 2.32, `Schema`, 2026; LibreChat issue #6971 for formats; zed issue #44875 for `const`.
 */
export const geminiSchema: Dialect = {
  upgrade: true,
  keywords: new Set([
    ...['type', 'format', 'title', 'description', 'enum', 'const', 'items', 'minItems', 'maxItems'],
    ...['properties', 'required', 'minProperties', 'maxProperties', 'minLength', 'maxLength'],
    ...['pattern', 'anyOf', 'default', 'minimum', 'maximum', '$ref', '$defs', 'definitions'],
  ]),
  references: 'none',
  rootUnions: false,
  rootProperties: false,
  items: true,
  closed: false,
  allRequired: false,
  types: 'nullable',
  typed: true,
  literals: 'words',
  formats: {
    string: ['date-time'],
    number: ['float', 'double'],
    integer: ['int32', 'int64'],
  },
  plainPatterns: true,
}

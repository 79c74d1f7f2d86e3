import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../core/json.ts'
import { bareRoot } from './bare-root.ts'
import type { SchemaLoss } from './lowering.ts'

function bare(schema: JsonObject): { schema: JsonObject; losses: SchemaLoss[] } {
  const losses: SchemaLoss[] = []
  return { schema: bareRoot(schema, losses), losses }
}

describe('a root that may hold three keywords', () => {
  it('stays the same object where it holds no others', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'object', additionalProperties: false, description: 'deep' } },
      required: ['a'],
    }
    const made = bare(schema)
    expect(made.schema).toBe(schema)
    expect(made.losses).toEqual([])
  })

  it('writes definitions out where they are referred to, with what stands beside', () => {
    const { schema, losses } = bare({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        from: { $ref: '#/$defs/place', description: 'where it begins' },
        to: { type: 'array', items: { $ref: '#/$defs/place' } },
      },
      $defs: {
        place: { type: 'object', properties: { zip: { $ref: '#/$defs/zip' } } },
        zip: { type: 'string' },
      },
    })
    const properties = { zip: { type: 'string' } }
    expect(schema).toEqual({
      type: 'object',
      properties: {
        from: { type: 'object', properties, description: 'where it begins' },
        to: { type: 'array', items: { type: 'object', properties } },
      },
    })
    expect(losses).toEqual([])
  })

  it('tells what else it had to leave out', () => {
    const { schema, losses } = bare({
      type: 'object',
      properties: {},
      additionalProperties: false,
      minProperties: 1,
    })
    expect(schema).toEqual({ type: 'object', properties: {} })
    expect(losses).toMatchObject([
      { what: 'at the root: additionalProperties, minProperties', action: 'dropped' },
    ])
  })

  it('ends a definition that refers to itself, and says so', () => {
    const tree = { type: 'object', properties: { left: { $ref: '#/definitions/tree' } } }
    const { schema, losses } = bare({
      type: 'object',
      properties: { root: { $ref: '#/definitions/tree' } },
      definitions: { tree },
    })
    const deep = { type: 'object', description: 'as described above, one level deeper' }
    const second = { type: 'object', properties: { left: deep } }
    const first = { type: 'object', properties: { left: second } }
    expect(schema).toEqual({ type: 'object', properties: { root: first } })
    expect(losses).toHaveLength(1)
    expect(losses[0]).toMatchObject({ action: 'approximated' })
  })

  it('does not grow without end where a definition doubles itself', () => {
    const twice = (name: string) => ({
      type: 'object',
      properties: { a: { $ref: name }, b: { $ref: name } },
    })
    const $defs = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`d${i}`, twice(`#/$defs/d${(i + 1) % 30}`)]),
    )
    const { schema } = bare({ type: 'object', properties: { x: { $ref: '#/$defs/d0' } }, $defs })
    expect(JSON.stringify(schema).length).toBeLessThan(1_000_000)
  })
})

import { describe, expect, it } from 'vitest'
import { vertexTwin } from './index.ts'
import { complaint, studio, vertex, withTools } from './trial.ts'

const PLACE = 'tools[0].function_declarations[0].parameters'
const line = (place: string, text: string) => `* GenerateContentRequest.${PLACE}${place}: ${text}\n`

const onStudio = (parameters: object, name = 'gemini-2.5-flash') =>
  complaint(withTools({ name: 'f', parameters }), studio(name))
const onVertex = (parameters: object) =>
  complaint(withTools({ name: 'f', parameters }), vertex('gemini-2.5-flash'), vertexTwin())
const property = (a: object, more: object = {}) => ({ type: 'OBJECT', properties: { a }, ...more })

describe('schemas on AI Studio', () => {
  it('may be written in small letters and nest', async () => {
    const deep = property({
      type: 'array',
      items: property({ type: 'string', enum: ['x', 'y'], format: 'enum', nullable: true }),
    })
    expect(await onStudio(deep)).toBeUndefined()
    expect(
      await onStudio(property({ anyOf: [{ type: 'STRING' }, { type: 'NULL' }], description: 'd' })),
    ).toBeUndefined()
    expect(await onStudio({ type: 'OBJECT', properties: {} })).toBeUndefined()
    expect(
      await onStudio(property({ type: 'INTEGER', format: 'int64', minimum: 1, maximum: '5' })),
    ).toBeUndefined()
  })

  it('say what lists hold', async () => {
    expect(await onStudio(property({ type: 'ARRAY' }))).toBe(
      line('.properties[a].items', 'missing field.'),
    )
    expect(await onStudio(property({ type: 'ARRAY', items: {} }))).toBeUndefined()
    expect(await onStudio(property({ type: 'ARRAY', items: { type: 'ARRAY' } }))).toBe(
      line('.properties[a].items.items', 'missing field.'),
    )
    expect(
      await onStudio(property({ anyOf: [{ type: 'ARRAY' }], items: { type: 'STRING' } })),
    ).toBe(
      line('.properties[a].items', 'field predicate failed: $type == Type.ARRAY') +
        line('.properties[a].any_of[0].items', 'missing field.'),
    )
    expect(await onStudio(property(property({ type: 'STRING' }, { type: 'STRING' })))).toBe(
      line('.properties[a].properties', 'field predicate failed: $type == Type.OBJECT'),
    )
  })

  it('have a type everywhere', async () => {
    const text = 'must be specified when not using one_of, any_of or all_of fields'
    expect(await onStudio(property({ description: 'anything' }))).toBe(
      line('.properties[a].type', text),
    )
    expect(await onStudio({ properties: { a: { type: 'STRING' } } })).toBe(
      line('.type', text) + line('.properties', 'field predicate failed: $type == Type.OBJECT'),
    )
    expect(await onStudio({ type: 'STRING' })).toBe(line('.type', 'must be OBJECT'))
  })

  it('know few formats', async () => {
    expect(await onStudio(property({ type: 'STRING', format: 'date-time' }))).toBeUndefined()
    expect(await onStudio(property({ type: 'STRING', format: 'uri' }))).toBe(
      line('.properties[a].format', "only 'enum' and 'date-time' are supported for STRING type"),
    )
    expect(await onStudio(property({ type: 'NUMBER', format: 'decimal' }))).toBe(
      line('.properties[a].format', "only 'float' and 'double' are supported for NUMBER type"),
    )
    expect(await onVertex(property({ type: 'STRING', format: 'uri' }))).toBeUndefined()
  })

  it('enumerate texts only', async () => {
    expect(await onStudio(property({ type: 'INTEGER', enum: ['1'] }))).toBe(
      line('.properties[a].enum', 'only allowed for STRING type'),
    )
    expect(await onStudio(property({ type: 'STRING', enum: ['x', ''] }))).toBe(
      line('.properties[a].enum[1]', 'cannot be empty'),
    )
    const empty = property({ type: 'STRING', format: 'enum', enum: [] })
    expect(await onStudio(empty)).toBeUndefined()
    expect(await onStudio(empty, 'gemini-3-flash-preview')).toBe(
      line('.properties[a].enum', 'should be non-empty for STRING type with enum format'),
    )
  })

  it('require what they define', async () => {
    const required = ['a', 'b', 'toString']
    expect(await onStudio(property({ type: 'STRING' }, { required }))).toBe(
      line('.required[1]', 'property is not defined') +
        line('.required[2]', 'property is not defined'),
    )
  })
})

describe('schemas on Vertex', () => {
  const LEARN =
    'Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling'
  const unable = (reason: string) =>
    `Unable to submit request because \`f\` functionDeclaration ${reason}. ${LEARN}`

  it('are of type OBJECT', async () => {
    const reason = '`parameters` schema should be of type OBJECT'
    expect(await onVertex({ properties: { a: { type: 'STRING' } } })).toBe(unable(reason))
    expect(await onVertex({ type: 'STRING' })).toBe(unable(reason))
  })

  it('name the nearest property that has no type', async () => {
    const reason = (path: string) => `\`${path}\` schema didn't specify the schema type field`
    expect(await onVertex(property(property({})))).toBe(unable(reason('parameters.a.a')))
    expect(await onVertex(property({ type: 'ARRAY', items: { description: 'x' } }))).toBe(
      unable(reason('parameters.a')),
    )
  })

  it('have nothing beside anyOf', async () => {
    const either = { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] }
    expect(await onVertex(property(either))).toBeUndefined()
    expect(await onVertex(property({ ...either, description: 'd' }))).toBe(
      unable(
        '`parameters.a` schema specified other fields alongside any_of. When using any_of, it must be the only field set',
      ),
    )
  })

  it('are else checked as elsewhere', async () => {
    expect(await onVertex(property({ type: 'ARRAY' }))).toBe(
      `The GenerateContentRequest proto is invalid:\n  * ${PLACE}.properties[a].items: [FIELD_INVALID] missing field.`,
    )
  })
})

describe('JSON Schemas', () => {
  const refusal = (parametersJsonSchema: unknown) =>
    complaint(withTools({ name: 'f', parametersJsonSchema }))

  it('may say almost anything', async () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], pattern: '^(?=x)' },
        b: { $ref: '#/$defs/node', description: 'd' },
        $ref: { type: 'string' },
        c: { prefixItems: [{ const: 1 }], oneOf: [{ enum: [1, 2] }] },
      },
      additionalProperties: false,
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    }
    expect(await refusal(schema)).toBeUndefined()
    expect(await refusal({ $ref: '#/$defs/x', $defs: { x: { type: 'object' } } })).toBeUndefined()
  })

  it('are objects', async () => {
    const text = `* GenerateContentRequest.${PLACE}_json_schema: must be of type object\n`
    for (const schema of ['{}', 5, true, [], { type: 'string' }])
      expect(await refusal(schema)).toBe(text)
  })

  it('have little beside a reference', async () => {
    const crowded =
      "Schema.ref '#/$defs/x' was set alongside unsupported fields.  If a schema node has Schema.ref set, then only description and default can be set alongside it; other fields they would be replaced by the expanded reference."
    for (const node of [
      { properties: { a: { $ref: '#/$defs/x', title: 'A' } } },
      { properties: { a: { anyOf: [{ $ref: '#/$defs/x', type: 'object' }] } } },
      { $defs: { y: { items: { $ref: '#/$defs/x', minLength: 1 } } } },
    ]) {
      expect(await refusal({ type: 'object', ...node })).toBe(crowded)
    }
  })
})

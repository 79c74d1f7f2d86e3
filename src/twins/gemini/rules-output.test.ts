import { describe, expect, it } from 'vitest'
import { vertexTwin } from './index.ts'
import { complaint, declaration, studio, user, vertex, withTools } from './trial.ts'

const refusal = (generationConfig: object, name = 'gemini-2.5-flash') =>
  complaint({ generationConfig }, studio(name))
const onVertex = (generationConfig: object) =>
  complaint({ generationConfig }, vertex('gemini-2.5-flash'), vertexTwin())
const line = (place: string, text: string) =>
  `* GenerateContentRequest.generation_config.${place}: ${text}\n`
const JSON_TYPE = { responseMimeType: 'application/json' }
const SCHEMA = { type: 'OBJECT', properties: { a: { type: 'STRING' } } }

describe('structured output', () => {
  it('is asked for by type and schema', async () => {
    expect(await refusal(JSON_TYPE)).toBeUndefined()
    expect(await refusal({ ...JSON_TYPE, responseSchema: SCHEMA })).toBeUndefined()
    const responseJsonSchema = { type: 'object', additionalProperties: false }
    expect(await refusal({ ...JSON_TYPE, responseJsonSchema })).toBeUndefined()
    const words = {
      responseMimeType: 'text/x.enum',
      responseSchema: { type: 'STRING', enum: ['a'] },
    }
    expect(await refusal(words)).toBeUndefined()
  })

  it('knows a few types', async () => {
    expect(await refusal({ responseMimeType: 'text/html' })).toBe(
      line(
        'response_mime_type',
        'allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`.',
      ),
    )
  })

  it('has one schema, and only with a fitting type', async () => {
    const text = 'only allowed with response_mime_type `application/json` or `text/x.enum`.'
    expect(await refusal({ responseSchema: SCHEMA })).toBe(line('response_schema', text))
    expect(await refusal({ responseJsonSchema: {}, responseMimeType: 'text/plain' })).toBe(
      line('response_json_schema', text),
    )
    expect(await refusal({ ...JSON_TYPE, responseSchema: SCHEMA, responseJsonSchema: {} })).toBe(
      line('response_schema', 'must not be set together with response_json_schema.'),
    )
  })

  it('has a schema of the vendor’s dialect', async () => {
    expect(await refusal({ ...JSON_TYPE, responseSchema: { type: 'ARRAY' } })).toBe(
      line('response_schema.items', 'missing field.'),
    )
    expect(await refusal({ ...JSON_TYPE, responseSchema: { ...SCHEMA, $defs: {} } })).toBe(
      'Invalid JSON payload received. Unknown name "$defs" at \'generation_config.response_schema\': Cannot find field.',
    )
  })

  it('does not go with tools before Gemini 3', async () => {
    const fields = { generationConfig: JSON_TYPE, ...withTools(declaration()) }
    expect(await complaint(fields)).toBe(
      "Function calling with a response mime type: 'application/json' is unsupported",
    )
    expect(await complaint({ generationConfig: JSON_TYPE, tools: [{ googleSearch: {} }] })).toBe(
      "Tool use with a response mime type: 'application/json' is unsupported",
    )
    expect(await complaint(fields, studio('gemini-3-flash-preview'))).toBeUndefined()
  })
})

describe('numbers', () => {
  it('have ranges', async () => {
    expect(await refusal({ temperature: 2, topP: 1, maxOutputTokens: 1 })).toBeUndefined()
    expect(await refusal({ temperature: 2.1 })).toBe(
      line('temperature', 'temperature must be in the range [0.0, 2.0].'),
    )
    expect(await refusal({ topP: 1.5 })).toBe(
      line('top_p', 'top_p must be in the range [0.0, 1.0].'),
    )
    expect(await refusal({ maxOutputTokens: -1 })).toBe(
      line('max_output_tokens', 'max_output_tokens must be positive.'),
    )
    expect(await refusal({ candidateCount: 2 })).toBe(
      'Multiple candidates is not enabled for this model',
    )
    expect(await refusal({ stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] })).toBe(
      line('stop_sequences', 'at most 5 stop sequences can be specified.'),
    )
  })

  it('are told in other words on Vertex', async () => {
    const learn =
      'Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini'
    expect(await onVertex({ temperature: 3 })).toBe(
      `Unable to submit request because it has a temperature value of 3 but the supported range is from 0 (inclusive) to 2.0001 (exclusive). Update the value and try again. ${learn}`,
    )
    expect(await onVertex({ maxOutputTokens: 70_000 })).toBe(
      `Unable to submit request because it has a maxOutputTokens value of 70000 but the supported range is from 1 (inclusive) to 65537 (exclusive). Update the value and try again. ${learn}`,
    )
    expect(await refusal({ maxOutputTokens: 70_000 })).toBeUndefined()
  })

  it('of input tokens have a limit', async () => {
    const contents = [user('word'.repeat(1_048_580))]
    expect(await complaint({ contents })).toBe(
      'The input token count (1048581) exceeds the maximum number of tokens allowed (1048576).',
    )
  })
})

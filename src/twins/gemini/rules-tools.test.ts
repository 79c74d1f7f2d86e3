import { describe, expect, it } from 'vitest'
import { vertexTwin } from './index.ts'
import { complaint, declaration, studio, vertex, withTools } from './trial.ts'

const FLASH = 'gemini-2.5-flash'
const G3 = 'gemini-3-flash-preview'
const onVertex = (fields: object, name = FLASH) => complaint(fields, vertex(name), vertexTwin())
const config = (functionCallingConfig: object, more: object = {}) => ({
  toolConfig: { functionCallingConfig, ...more },
})
const FLAG = { includeServerSideToolInvocations: true }
const mixed = {
  tools: [{ googleSearch: {} }, { functionDeclarations: [declaration()] }],
}

describe('functions', () => {
  const rule =
    'Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.'

  it('have names of a certain form', async () => {
    for (const name of ['a', '_a', 'a.b:c-d_9', 'x'.repeat(64)]) {
      expect(await complaint(withTools(declaration(name)))).toBeUndefined()
    }
    for (const name of ['', '9a', '-a', 'get weather', 'mcp/get', 'größe', 'x'.repeat(65)]) {
      expect(await complaint(withTools(declaration('ok'), declaration(name)))).toBe(
        `* GenerateContentRequest.tools[0].function_declarations[1].name: ${rule}\n`,
      )
    }
    const two = [declaration('a b'), declaration('c d')]
    expect(await complaint(withTools(...two))).toBe(
      `* GenerateContentRequest.tools[0].function_declarations[0].name: ${rule}\n* GenerateContentRequest.tools[0].function_declarations[1].name: ${rule}\n`,
    )
    expect(await onVertex(withTools(declaration('a b')))).toBe(
      'The GenerateContentRequest proto is invalid:\n  * tools[0].function_declarations[0].name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.',
    )
  })

  it('are at most 512', async () => {
    const many = (amount: number) =>
      Array.from({ length: amount }, (_, index) => ({ name: `f${index}` }))
    expect(await complaint(withTools(...many(512)))).toBeUndefined()
    expect(await complaint(withTools(...many(513)))).toBe(
      '* GenerateContentRequest.tools[0].function_declarations: At most 512 function declarations can be specified.\n',
    )
    expect(await onVertex(withTools(...many(513)))).toBe(
      'The GenerateContentRequest proto is invalid:\n  * tools[0].function_declarations: [FIELD_INVALID] At most 512 function declarations can be specified.',
    )
  })

  it('have names of their own', async () => {
    expect(await complaint(withTools(declaration('f'), declaration('g'), declaration('f')))).toBe(
      'Duplicate function declaration found: f',
    )
    const apart = { tools: [withTools(declaration()).tools[0], withTools(declaration()).tools[0]] }
    expect(await complaint(apart)).toBe('Duplicate function declaration found: get_weather')
  })

  it('have one schema or none', async () => {
    expect(await complaint(withTools({ name: 'f' }))).toBeUndefined()
    expect(
      await complaint(withTools(declaration('f', { parametersJsonSchema: { type: 'object' } }))),
    ).toBe(
      '* GenerateContentRequest.tools[0].function_declarations[0]: parameters and parameters_json_schema must not both be set.\n',
    )
    const response = { type: 'STRING' }
    expect(await complaint(withTools(declaration('f', { response })))).toBeUndefined()
    expect(
      await complaint(withTools(declaration('f', { response, response_json_schema: {} }))),
    ).toBe(
      '* GenerateContentRequest.tools[0].function_declarations[0]: response and response_json_schema must not both be set.\n',
    )
  })
})

describe('the calling config', () => {
  const without = 'Function calling config is set without function_declarations.'

  it('needs functions on AI Studio', async () => {
    for (const mode of ['AUTO', 'ANY', 'NONE', 'VALIDATED']) {
      expect(await complaint(config({ mode }))).toBe(without)
      expect(await complaint({ ...withTools(declaration()), ...config({ mode }) })).toBeUndefined()
    }
    expect(await complaint({ ...config({}), tools: [{ googleSearch: {} }] })).toBe(without)
    expect(await complaint({ ...config({ mode: 'AUTO' }), tools: [] })).toBe(without)
    expect(await complaint({ toolConfig: {} })).toBeUndefined()
    const search = { tools: [{ googleSearch: {} }], ...config({ mode: 'AUTO' }, FLAG) }
    expect(await complaint(search, studio(G3))).toBeUndefined()
    expect(await onVertex(config({ mode: 'AUTO' }))).toBeUndefined()
  })

  it('allows names only where a call is constrained', async () => {
    const allowed = (mode: string | undefined, ...names: string[]) =>
      complaint({
        ...withTools(declaration('f'), declaration('g')),
        ...config({ ...(mode && { mode }), allowedFunctionNames: names }),
      })
    for (const mode of ['AUTO', 'NONE', 'MODE_UNSPECIFIED', undefined]) {
      expect(await allowed(mode, 'f')).toBe(
        'Please set allowed_function_names only when function calling mode is ANY.',
      )
    }
    for (const mode of ['ANY', 'VALIDATED']) {
      expect(await allowed(mode, 'f', 'g')).toBeUndefined()
      expect(await allowed(mode, 'f', 'h')).toBe(
        'allowed_function_names should be a subset of the provided function_declarations',
      )
    }
    expect(await allowed('AUTO')).toBeUndefined()
  })
})

describe('tools that Google runs', () => {
  it('are not mixed with functions before Gemini 3', async () => {
    expect(await complaint(mixed)).toBe('Tool use with function calling is unsupported')
    expect(await onVertex(mixed)).toBe(
      'Multiple tools are supported only when they are all search tools.',
    )
    expect(await complaint({ tools: [{ googleSearch: {} }, { urlContext: {} }] })).toBeUndefined()
  })

  it('are mixed from then on, on AI Studio with a flag', async () => {
    expect(await complaint(mixed, studio(G3))).toBe(
      'Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling.',
    )
    expect(await complaint({ ...mixed, toolConfig: FLAG }, studio(G3))).toBeUndefined()
    expect(await onVertex(mixed, G3)).toBeUndefined()
  })

  it('cannot be shown before Gemini 3', async () => {
    expect(await complaint({ ...mixed, toolConfig: FLAG })).toBe(
      'Tool call context circulation is not enabled for models/gemini-2.5-flash',
    )
  })
})

describe('a cached content', () => {
  const cached = { cachedContent: 'cachedContents/abc' }

  it('holds tools and instructions itself', async () => {
    expect(await complaint(cached)).toBeUndefined()
    const words =
      'CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.\n\nProposed fix: move those values to CachedContent from GenerateContent request.'
    expect(await complaint({ ...cached, ...withTools(declaration()) })).toBe(words)
    expect(await complaint({ ...cached, systemInstruction: { parts: [{ text: 'x' }] } })).toBe(
      words,
    )
    expect(await complaint({ ...cached, toolConfig: {} })).toBe(words)
    expect(await onVertex({ ...cached, ...withTools(declaration()) })).toBe(
      'Tool config, tools and system instruction should not be set in the request when using cached content.',
    )
  })
})

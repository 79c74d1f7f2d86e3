import { describe, expect, it } from 'vitest'
import { vertexTwin } from './index.ts'
import { call, complaint, model, response, studio, user, vertex } from './trial.ts'

const DATA = "required oneof field 'data' must have one initialized field"
const LEARN =
  'Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini'

describe('contents on AI Studio', () => {
  it('must be there, with parts', async () => {
    const none = '* GenerateContentRequest.contents: contents is not specified\n'
    expect(await complaint({ contents: undefined })).toBe(none)
    expect(await complaint({ contents: [] })).toBe(none)
    expect(await complaint({ contents: [user('x'), model(), user('y')] })).toBe(
      '* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.\n',
    )
    expect(await complaint({ contents: [{ role: 'user' }] })).toBe(
      '* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.\n',
    )
  })

  it('must hold something in each part', async () => {
    expect(await complaint({ contents: [user({}, 'x'), model({ thought: true })] })).toBe(
      `* GenerateContentRequest.contents[0].parts[0].data: ${DATA}\n* GenerateContentRequest.contents[1].parts[0].data: ${DATA}\n`,
    )
    expect(await complaint({ systemInstruction: { parts: [{}] } })).toBe(
      `* GenerateContentRequest.system_instruction.parts[0].data: ${DATA}\n`,
    )
  })

  it('may hold empty texts', async () => {
    expect(await complaint({ contents: [user('')] })).toBeUndefined()
    const signed = model('Hi', { text: '', thoughtSignature: 'AAAA' })
    expect(await complaint({ contents: [user('x'), signed, user('y')] })).toBeUndefined()
    expect(await complaint({ systemInstruction: { parts: { text: '' } } })).toBeUndefined()
  })

  it('must name functions', async () => {
    const nameless = [user('x'), model(call('f')), user(response(''))]
    expect(await complaint({ contents: nameless })).toBe(
      '* GenerateContentRequest.contents[2].parts[0].function_response.name: Name cannot be empty.\n',
    )
    const bare = [user('x'), model({ functionCall: {} }), user(response('f'))]
    expect(await complaint({ contents: bare })).toBe(
      '* GenerateContentRequest.contents[1].parts[0].function_call.name: Name cannot be empty.\n',
    )
  })
})

describe('contents on Vertex', () => {
  const refusal = (fields: object) => complaint(fields, undefined, vertexTwin())

  it('must be there, with parts', async () => {
    expect(await refusal({ contents: [] })).toBe(
      `Unable to submit request because at least one contents field is required. ${LEARN}`,
    )
    const empty = `Unable to submit request because it must include at least one parts field, which describes the prompt input. ${LEARN}`
    expect(await refusal({ contents: [user('x'), model(), user('y')] })).toBe(empty)
    expect(await refusal({ contents: [user({})] })).toBe(empty)
    expect(await refusal({ systemInstruction: { parts: [] } })).toBe(empty)
  })

  it('frame what is wrong with a field in their own way', async () => {
    expect(await refusal({ contents: [user('x'), model(call('')), user(response(''))] })).toBe(
      'The GenerateContentRequest proto is invalid:\n  * contents[1].parts[0].function_call.name: [FIELD_INVALID] Name cannot be empty.\n  * contents[2].parts[0].function_response.name: [FIELD_INVALID] Name cannot be empty.',
    )
  })
})

describe('roles', () => {
  const refusal = 'Please use a valid role: user, model.'
  const talk = (role: string | undefined, path = studio('gemini-2.5-flash')) =>
    complaint({ contents: [user('x'), model(call()), { ...user(response()), role }] }, path)

  it('are two', async () => {
    for (const role of ['system', 'assistant', 'tool', 'User', '']) {
      expect(await talk(role)).toBe(refusal)
    }
    expect(await talk('user')).toBeUndefined()
    const system = { role: 'system', parts: [{ text: 'Be kind.' }] }
    expect(await complaint({ contents: [system, user('x')] })).toBe(refusal)
  })

  it('may be left out of a single content', async () => {
    expect(await complaint({ contents: [{ parts: [{ text: 'x' }] }] })).toBeUndefined()
    expect(await talk(undefined)).toBe(refusal)
  })

  it('of responses were once `function`', async () => {
    expect(await talk('function')).toBeUndefined()
    expect(await talk('function', studio('gemini-3.6-flash'))).toBe(refusal)
    expect(
      await complaint(
        { contents: [{ role: 'bot', parts: [{ text: 'x' }] }] },
        vertex('gemini-2.5-pro'),
        vertexTwin(),
      ),
    ).toBe(refusal)
  })
})

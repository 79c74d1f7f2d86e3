import { describe, expect, it } from 'vitest'
import { isList, isObject, type JsonObject } from './json.ts'
import { findModel } from './models.ts'
import { sendOnce, user } from './trial.ts'

const get = (path: string, query = '') =>
  sendOnce('', { method: 'GET', path, query: new URLSearchParams(query) })
const namesIn = ({ models }: JsonObject) =>
  isList(models) ? models.filter(isObject).map(({ name }) => name) : []

describe('a model’s name', () => {
  it('tells its generation and line', () => {
    expect(findModel('gemini-2.5-flash-preview-05-20')).toMatchObject({
      line: 'flash',
      generation: 2.5,
    })
    expect(findModel('gemini-2.5-flash-lite-preview-09-2025')).toMatchObject({ line: 'flash-lite' })
    expect(findModel('gemini-3-flash-preview')).toMatchObject({
      generation: 3,
      needsSignatures: true,
    })
    expect(findModel('gemini-3.10-pro')).toMatchObject({ generation: 3.1 })
    expect(findModel('gemini-4-flash')).toMatchObject({ generation: 4, needsSignatures: true })
    expect(findModel('gemini-2.0-flash-001')).toMatchObject({
      generation: 2,
      needsSignatures: false,
    })
  })

  it('may be another’s', () => {
    expect(findModel('gemini-flash-latest')).toMatchObject({
      id: 'gemini-flash-latest',
      version: 'gemini-3.6-flash',
      generation: 3.6,
    })
  })

  it('is none if it is old, misspelled or something else', () => {
    for (const name of [
      'gemini-1.5-pro',
      'gemini-pro',
      'gemini-3',
      'gemini-3.5-flashy',
      'text-bison',
      '',
      '__proto__',
    ]) {
      expect(findModel(name)).toBeUndefined()
    }
  })
})

describe('the list of models', () => {
  it('is given whole or in pages', async () => {
    const { json } = await get('/v1beta/models')
    const all = namesIn(json)
    expect(all).toContain('models/gemini-2.5-flash')
    expect(json['nextPageToken']).toBeUndefined()
    const first = await get('/v1beta/models', 'pageSize=5')
    expect(namesIn(first.json)).toEqual(all.slice(0, 5))
    const token = String(first.json['nextPageToken'])
    const next = await get('/v1/models', `pageSize=5&pageToken=${token}`)
    expect(namesIn(next.json)).toEqual(all.slice(5, 10))
    expect((await get('/v1beta/models', 'pageToken=x')).status).toBe(400)
    expect((await get('/v1beta/models', 'pageSize=x')).status).toBe(400)
  })

  it('describes each', async () => {
    const { json } = await get('/v1beta/models/gemini-2.5-pro')
    expect(json).toMatchObject({
      name: 'models/gemini-2.5-pro',
      displayName: 'Gemini 2.5 Pro',
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: expect.arrayContaining(['generateContent', 'countTokens']),
      thinking: true,
    })
    expect(await get('/v1beta/models/nope')).toMatchObject({
      status: 404,
      message: 'Model is not found: models/nope for api version v1beta',
    })
  })

  it('wants a key', async () => {
    expect(
      (await sendOnce('', { method: 'GET', path: '/v1beta/models', headers: {} })).status,
    ).toBe(403)
  })
})

describe('counting tokens', () => {
  const path = '/v1beta/models/gemini-2.5-flash:countTokens'
  const contents = [user('a text of some length')]

  it('takes contents, or a whole request', async () => {
    const { status, json } = await sendOnce({ contents }, { path })
    expect(status).toBe(200)
    expect(json).toEqual({
      totalTokens: 7,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 7 }],
    })
    const model = 'models/gemini-2.5-flash'
    const systemInstruction = { parts: [{ text: 'four' }] }
    const wrapped = { generateContentRequest: { model, contents, systemInstruction } }
    expect((await sendOnce(wrapped, { path })).json['totalTokens']).toBe(8)
  })

  it('has rules of its own', async () => {
    expect((await sendOnce({ contents: [] }, { path })).message).toBe(
      '* GenerateContentRequest.contents: contents is not specified\n',
    )
    expect((await sendOnce({ contents, tools: [] }, { path })).message).toBe(
      'Invalid JSON payload received. Unknown name "tools": Cannot find field.',
    )
    expect((await sendOnce({ contents }, { path: path.replace('2.5', '1.5') })).message).toContain(
      'is not supported for countTokens.',
    )
  })
})

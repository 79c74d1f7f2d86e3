import { describe, expect, it } from 'vitest'
import { vertexTwin } from './index.ts'
import { PLAIN_BODY, SSE, sendOnce, studio, vertex } from './trial.ts'

const get = (path: string, query = '') =>
  sendOnce('', { method: 'GET', path, query: new URLSearchParams(query) })
const withKey = (headers: Record<string, string>, query = '') =>
  sendOnce(PLAIN_BODY, { headers, query: new URLSearchParams(query) })
const onVertex = (headers: Record<string, string>, path = vertex('gemini-2.5-flash')) =>
  sendOnce(PLAIN_BODY, { headers, path }, vertexTwin())

describe('paths', () => {
  it('of AI Studio come in three versions', async () => {
    for (const version of ['v1beta', 'v1', 'v1alpha']) {
      const path = `/${version}/models/gemini-2.5-flash:generateContent`
      expect((await sendOnce(PLAIN_BODY, { path })).status).toBe(200)
    }
    expect(
      (await sendOnce(PLAIN_BODY, { path: '/v1beta/models/gemini-2.5-flash%3AgenerateContent' }))
        .status,
    ).toBe(200)
  })

  it('of Vertex come with and without a project', async () => {
    const method = 'publishers/google/models/gemini-2.5-flash:generateContent'
    for (const path of [
      `/v1/${method}`,
      `/v1beta1/${method}`,
      `/v1beta1/projects/p/locations/us-east5/${method}`,
    ]) {
      expect((await onVertex({ authorization: 'Bearer ya29.x' }, path)).status).toBe(200)
    }
  })

  it('that are unknown get a page', async () => {
    for (const path of [
      '/',
      '/v1/messages',
      '/v2/models/x:generateContent',
      '/v1beta/models/x:bogus',
      vertex('x'),
    ]) {
      const { status, headers, text } = await sendOnce(PLAIN_BODY, { path })
      expect(status).toBe(404)
      expect(headers['content-type']).toBe('text/html; charset=UTF-8')
      expect(text).toContain('was not found on this server.')
    }
    expect(
      (await sendOnce(PLAIN_BODY, { path: studio('gemini-2.5-flash') }, vertexTwin())).status,
    ).toBe(404)
    expect((await get(studio('gemini-2.5-flash'))).status).toBe(404)
    expect(
      (await sendOnce(PLAIN_BODY, { path: '/v1beta/models/toString:constructor' })).status,
    ).toBe(404)
  })

  it('name models', async () => {
    for (const name of ['gemini-1.5-flash', 'gemini-3.6-flahs', 'gpt-5', 'constructor']) {
      expect(await sendOnce(PLAIN_BODY, { path: studio(name) })).toMatchObject({
        status: 404,
        message: `models/${name} is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to see the list of available models and their supported methods.`,
        json: { error: { code: 404, status: 'NOT_FOUND' } },
      })
    }
    expect(await onVertex({ authorization: 'Bearer x' }, vertex('gemini-nope'))).toMatchObject({
      status: 404,
      message:
        'Publisher Model `projects/p/locations/global/publishers/google/models/gemini-nope` not found.',
    })
  })
})

describe('credentials', () => {
  it('of AI Studio are a key in a header or in the query', async () => {
    expect((await withKey({ 'x-goog-api-key': 'k' })).status).toBe(200)
    expect((await withKey({}, 'key=k')).status).toBe(200)
    expect((await withKey({ authorization: 'Bearer ya29.token' })).status).toBe(200)
    expect(await withKey({})).toMatchObject({
      status: 403,
      message:
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      json: { error: { status: 'PERMISSION_DENIED' } },
    })
  })

  it('of AI Studio that are wrong get a 400', async () => {
    const text = 'API key not valid. Please pass a valid API key.'
    const { status, json } = await withKey({ 'x-goog-api-key': 'an-invalid-key' })
    expect(status).toBe(400)
    expect(json).toEqual({
      error: {
        code: 400,
        message: text,
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'API_KEY_INVALID',
            domain: 'googleapis.com',
            metadata: { service: 'generativelanguage.googleapis.com' },
          },
          {
            '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
            locale: 'en-US',
            message: text,
          },
        ],
      },
    })
  })

  it('of AI Studio are no bearer tokens', async () => {
    const { status, json, details } = await withKey({ authorization: 'Bearer AIza-a-key' })
    expect(status).toBe(401)
    expect(json).toMatchObject({ error: { status: 'UNAUTHENTICATED' } })
    expect(details[0]).toMatchObject({ reason: 'ACCESS_TOKEN_TYPE_UNSUPPORTED' })
  })

  it('of Vertex are a token or a key', async () => {
    expect((await onVertex({ authorization: 'Bearer anything' })).status).toBe(200)
    expect((await onVertex({ 'x-goog-api-key': 'k' })).status).toBe(200)
    expect(await onVertex({})).toMatchObject({
      status: 401,
      details: [
        { reason: 'CREDENTIALS_MISSING', metadata: { service: 'aiplatform.googleapis.com' } },
      ],
    })
    expect(await onVertex({ authorization: 'Bearer invalid' })).toMatchObject({ status: 401 })
  })
})

describe('the query', () => {
  it('has few fields', async () => {
    const query = new URLSearchParams('alt=json&prettyPrint=false&key=k')
    expect((await sendOnce(PLAIN_BODY, { query })).status).toBe(200)
    const beta = new URLSearchParams('beta=true')
    expect((await sendOnce(PLAIN_BODY, { query: beta })).message).toBe(
      'Invalid JSON payload received. Unknown name "beta": Cannot bind query parameter. Field \'beta\' could not be found in request message.',
    )
  })
})

describe('the body', () => {
  const broken = (body: string) => sendOnce(body)

  it('is JSON', async () => {
    const { status, message, details } = await broken('{"contents": [{"role": "user", parts: []}]}')
    expect(status).toBe(400)
    expect(message).toBe(
      'Invalid JSON payload received. Expected an object key or }.\n: [{"role": "user", parts: []}]}\n                    ^',
    )
    expect(details).toEqual([
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ description: message }],
      },
    ])
    for (const body of [
      '{"a":1',
      '{"a" 1}',
      '[1,]',
      '{"a":1}}',
      "{'a':1}",
      '{"a":"x',
      'nope',
      '{"a":01}',
    ]) {
      expect((await broken(body)).message).toMatch(
        /^Invalid JSON payload received\. .+\n.*\n *\^$/s,
      )
    }
    expect(
      (await sendOnce('{}', { headers: { 'x-goog-api-key': 'k', 'content-type': 'text/plain' } }))
        .status,
    ).toBe(400)
  })

  it('that is empty has no contents', async () => {
    expect((await broken('')).message).toBe(
      '* GenerateContentRequest.contents: contents is not specified\n',
    )
    expect((await broken('[]')).status).toBe(400)
  })
})

describe('errors', () => {
  const wrong = { contents: [] }
  const stream = studio('gemini-2.5-flash', 'streamGenerateContent')

  it('come in a list where the answer would', async () => {
    const list = await sendOnce(wrong, { path: stream })
    expect(list.status).toBe(400)
    expect(list.text).toMatch(/^\[\{\n {2}"error": \{\n {4}"code": 400,\n/)
    expect(list.text.endsWith('}\n]\n')).toBe(true)
    expect(list.message).toBe('* GenerateContentRequest.contents: contents is not specified\n')
    expect(list.headers['content-type']).toBe('application/json; charset=UTF-8')
  })

  it('are plain objects elsewhere, streams of events included', async () => {
    const events = await sendOnce(wrong, { path: stream, query: SSE })
    expect(events.text).toMatch(/^\{\n {2}"error": \{\n/)
    const named = await sendOnce(wrong, { path: stream, query: new URLSearchParams('$alt=sse') })
    expect(named.text).toMatch(/^\{\n {2}"error"/)
    expect((await sendOnce(wrong)).text).toMatch(/^\{\n {2}"error"/)
  })
})

import { describe, expect, it } from 'vitest'
import { openaiChatNames, openaiChatTwin, openaiChatVendors } from './index.ts'
import { errorOf, HEADERS, HELLO, trial } from './trial.ts'

const PLAIN = { model: 'gpt-4o', messages: HELLO }

describe('the way in', () => {
  it('has a twin for every vendor, under its own name', () => {
    expect(openaiChatNames).toEqual([
      'openai',
      'deepseek',
      'qwen',
      'glm',
      'kimi',
      'mistral',
      'groq',
      'xai',
      'together',
      'openrouter',
      'ollama',
      'vllm',
      'compatible',
    ])
    for (const name of openaiChatNames) expect(openaiChatVendors[name]?.name).toBe(name)
    expect(() => openaiChatTwin('openia')).toThrow(RangeError)
    expect(() => openaiChatTwin('toString')).toThrow(RangeError)
  })

  it.each([
    ['openai', '/v1/chat/completions', 'gpt-4o'],
    ['openai', '/chat/completions', 'gpt-4o'],
    ['deepseek', '/chat/completions', 'deepseek-chat'],
    ['deepseek', '/beta/chat/completions', 'deepseek-chat'],
    ['qwen', '/compatible-mode/v1/chat/completions', 'qwen-plus'],
    ['glm', '/api/paas/v4/chat/completions', 'glm-4.7'],
    ['glm', '/api/coding/paas/v4/chat/completions', 'glm-4.7'],
    ['groq', '/openai/v1/chat/completions', 'llama-3.3-70b-versatile'],
    ['openrouter', '/api/v1/chat/completions', 'openai/gpt-5.2'],
    ['ollama', '/v1/chat/completions', 'llama3.2'],
  ])('%s answers at %s', async (vendor, path, model) => {
    const answer = await trial(vendor).send({ model, messages: HELLO }, { path })
    expect(answer.status).toBe(200)
    expect(answer.message.content).toBe('Hi there.')
  })

  it('wants a key, except at home', async () => {
    const head = { headers: { 'content-type': 'application/json' } }
    const error = await errorOf(PLAIN, 'openai', head)
    expect(error).toMatchObject({
      status: 401,
      type: 'invalid_request_error',
      param: null,
      code: null,
    })
    expect(error.message).toMatch(/^You didn't provide an API key\./)
    const basic = { headers: { ...HEADERS, authorization: 'Basic abc' } }
    expect((await errorOf(PLAIN, 'openai', basic)).status).toBe(401)
    const empty = { headers: { ...HEADERS, authorization: 'Bearer ' } }
    expect((await errorOf(PLAIN, 'openai', empty)).status).toBe(401)
    for (const name of openaiChatNames) {
      const { status } = await trial(name).send({ model: 'x/y', messages: HELLO }, head)
      expect(status === 401, name).toBe(!['ollama', 'vllm'].includes(name))
    }
  })

  it('knows its addresses and methods', async () => {
    expect(await errorOf(PLAIN, 'openai', { path: '/v1/chat' })).toEqual({
      status: 404,
      message: 'Invalid URL (POST /v1/chat)',
      type: 'invalid_request_error',
      param: null,
      code: null,
    })
    expect(await errorOf('', 'openai', { method: 'DELETE' })).toMatchObject({
      status: 405,
      message: 'Invalid method for URL (DELETE /v1/chat/completions)',
    })
    expect(await errorOf(PLAIN, 'openai', { path: '/v1/models' })).toMatchObject({ status: 405 })
  })

  it('wants JSON, declared and valid', async () => {
    const head = { headers: { ...HEADERS, 'content-type': 'text/plain' } }
    expect(await errorOf(PLAIN, 'openai', head)).toMatchObject({
      status: 400,
      code: 'unsupported_content_type',
    })
    const charset = { headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8' } }
    expect((await trial().send(PLAIN, charset)).status).toBe(200)
    for (const body of ['', '{"model":', '[]', '"text"', '{model:1}', '{"a":1,}']) {
      const error = await errorOf(body)
      expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', code: null })
      expect(error.message).toMatch(/^We could not parse the JSON body of your request\. \(HINT/)
    }
  })

  it('sends the headers of the real one', async () => {
    const good = await trial().send(PLAIN)
    expect(good.headers['content-type']).toBe('application/json')
    expect(good.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/)
    expect(good.headers['openai-version']).toBe('2020-10-01')
    expect(good.headers['x-ratelimit-reset-requests']).toBe('12ms')
    const bad = await trial().send({ ...PLAIN, model: 'gpt-nothing' })
    expect(bad.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(bad.headers['openai-version']).toBeUndefined()
    const stream = await trial().send({ ...PLAIN, stream: true })
    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  })
})

describe('the list of models', () => {
  const get = (vendor: string, path: string) =>
    trial(vendor).send('', { method: 'GET', path, headers: { authorization: 'Bearer k' } })

  it('lists and gives single ones', async () => {
    const { status, json } = await get('openai', '/v1/models')
    expect(status).toBe(200)
    expect(json.object).toBe('list')
    expect(json.data).toContainEqual({
      id: 'gpt-4o',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'system',
    })
    expect((await get('openai', '/v1/models/gpt-4o')).json.id).toBe('gpt-4o')
    expect((await get('openrouter', '/api/v1/models/openai%2Fgpt-5.2')).json.id).toBe(
      'openai/gpt-5.2',
    )
    expect((await get('openai', '/v1/models/nothing')).error).toEqual({
      status: 404,
      message: "The model 'nothing' does not exist",
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    })
  })

  it('needs a key for it', async () => {
    const head = { method: 'GET', path: '/v1/models', headers: {} }
    expect((await trial().send('', head)).status).toBe(401)
  })

  it("has each vendor's form", async () => {
    expect(JSON.parse((await get('together', '/v1/models')).text)[0].type).toBe('chat')
    const { json } = await get('openrouter', '/api/v1/models')
    expect(json.object).toBeUndefined()
    expect(json.data).toContainEqual(
      expect.objectContaining({ supported_parameters: expect.arrayContaining(['tools']) }),
    )
  })
})

describe('failures', () => {
  const fail = (vendor: string, status: number, options = {}) => {
    const { vendor: twin, context } = trial(vendor)
    const reply = twin.failure(status, context, options)
    const text = 'body' in reply ? reply.body : ''
    return { reply, text, body: text.startsWith('{') ? JSON.parse(text) : undefined }
  }

  it('limits the rate in the words of the vendor', () => {
    const { reply, body } = fail('openai', 429, { retryAfter: 3 })
    expect(reply.status).toBe(429)
    expect(reply.headers['retry-after']).toBe('3')
    expect(body.error).toMatchObject({ type: 'requests', param: null, code: 'rate_limit_exceeded' })
    expect(body.error.message).toMatch(/^Rate limit reached/)
    expect(fail('openai', 429).reply.headers['retry-after']).toBe('1')
    const short = fail('openai', 429, { retryAfter: 0.25 }).reply.headers
    expect(short).toMatchObject({ 'retry-after': '1', 'retry-after-ms': '250' })
    expect(fail('mistral', 429).body).toEqual({
      object: 'error',
      message: 'Requests rate limit exceeded',
      type: 'rate_limited',
      param: null,
      code: '1300',
      raw_status_code: 429,
    })
    expect(fail('openrouter', 429).body.error).toEqual({
      message: 'Provider returned error',
      code: 429,
    })
    expect(fail('glm', 429).body).toEqual({
      error: { code: '1302', message: 'Rate limit reached for requests' },
    })
  })

  it('breaks down and is overloaded', () => {
    expect(fail('openai', 500).body.error).toEqual({
      message: 'The server had an error while processing your request. Sorry about that!',
      type: 'server_error',
      param: null,
      code: null,
    })
    expect(fail('openai', 503).body.error.message).toMatch(/currently overloaded/)
    expect(fail('openai', 503).reply.headers['retry-after']).toBeUndefined()
    expect(fail('deepseek', 402).body.error.message).toBe('Insufficient Balance')
    expect(fail('vllm', 500).body.error).toMatchObject({ type: 'InternalServerError', code: 500 })
    expect(fail('xai', 503).body.code).toBe('The service is currently unavailable')
  })

  it('has something to say for any status, and says what it is told', () => {
    for (const name of openaiChatNames) {
      for (const status of [400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 500, 502, 504, 529]) {
        const { reply, text } = fail(name, status, { message: 'Told so.' })
        expect(reply.status).toBe(status)
        expect(text, `${name} ${status}`).toContain('Told so.')
        expect(fail(name, status).text.length, `${name} ${status}`).toBeGreaterThan(10)
      }
    }
  })

  it('fails in the middle of a stream', () => {
    const of = (name: string) => {
      const { vendor, context } = trial(name)
      return vendor.streamFailure(context)
    }
    expect(of('openai')).toBe(
      'data: {"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}\n\n',
    )
    expect(of('groq')).toMatch(/^event: error\ndata: \{"error":\{.*"status_code":500\}\}\n\n$/)
    expect(of('openrouter')).toMatch(/"error":\{"code":502,"message":"[^"]+"\}/)
    expect(of('openrouter')).toMatch(/"finish_reason":"error".*\n\ndata: \[DONE\]\n\n$/)
    for (const name of openaiChatNames) expect(of(name)).toMatch(/\n\n$/)
  })
})

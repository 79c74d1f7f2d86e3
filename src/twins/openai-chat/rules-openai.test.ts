import { describe, expect, it } from 'vitest'
import { openaiChatTwin } from './index.ts'
import { errorOf, HELLO, tool, trial } from './trial.ts'

const TYPE = 'invalid_request_error'
/** The error for a plain request with these fields changed. */
const complaint = (fields: object) => errorOf({ model: 'gpt-4o', messages: HELLO, ...fields })
const refused = (message: string, param: string | null, code: string | null, status = 400) => ({
  status,
  message,
  type: TYPE,
  param,
  code,
})

describe('models', () => {
  const on = (model: string, fields: object = {}) => complaint({ model, ...fields })

  it('knows which there are', async () => {
    expect(await on('gpt-5.2-proo')).toEqual(
      refused(
        'The model `gpt-5.2-proo` does not exist or you do not have access to it.',
        null,
        'model_not_found',
        404,
      ),
    )
    expect(await on('gpt-3.5-turbo-0613')).toEqual(
      refused(
        'The model `gpt-3.5-turbo-0613` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations',
        null,
        'model_not_found',
        404,
      ),
    )
    for (const model of ['gpt-5-pro', 'o3-pro', 'gpt-5.1-codex-max', 'o4-mini-deep-research']) {
      const text = 'This model is only supported in v1/responses and not in v1/chat/completions.'
      expect(await on(model)).toEqual(refused(text, 'model', null, 404))
    }
    const extra = openaiChatTwin('openai', { models: ['house-model'] })
    expect((await trial(extra).send({ model: 'house-model', messages: HELLO })).status).toBe(200)
  })

  it('keeps function tools from models that reason', async () => {
    const refusing = (model: string) =>
      refused(
        `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
        'reasoning_effort',
        null,
      )
    const tools = [tool()]
    expect(await on('gpt-5.6-terra', { tools })).toEqual(refusing('gpt-5.6-terra'))
    expect(await on('gpt-6-astra', { tools })).toEqual(refusing('gpt-6-astra'))
    expect(await on('gpt-5.4', { tools, reasoning_effort: 'low' })).toMatchObject({
      message:
        'Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use /v1/responses instead.',
    })
    const free = [
      on('gpt-5.6-terra', { tools, reasoning_effort: 'none' }),
      on('gpt-5.6-terra'),
      on('gpt-5.4', { tools }),
      on('gpt-5', { tools, reasoning_effort: 'high' }),
      on('gpt-5.6-sol', { tools: [{ type: 'custom', custom: { name: 'x' } }] }),
    ]
    for (const { status } of await Promise.all(free)) expect(status).toBe(200)
  })

  it('keeps parameters from models that reason', async () => {
    const unsupported = (name: string, more = '') =>
      refused(
        `Unsupported parameter: '${name}' is not supported with this model.${more}`,
        name,
        'unsupported_parameter',
      )
    for (const model of ['o1', 'o3-mini', 'o4-mini', 'gpt-5', 'gpt-5.6-sol']) {
      expect(await on(model, { max_tokens: 100 })).toEqual(
        unsupported('max_tokens', " Use 'max_completion_tokens' instead."),
      )
    }
    expect((await on('gpt-5', { max_completion_tokens: 100 })).status).toBe(200)
    expect((await on('gpt-4o', { max_tokens: 100 })).status).toBe(200)
    expect((await on('gpt-5', { max_tokens: null })).status).toBe(200)
    for (const model of ['o3', 'o4-mini', 'gpt-5-mini']) {
      expect(await on(model, { stop: ['x'] })).toEqual(unsupported('stop'))
    }
    for (const model of ['o1', 'o3-mini', 'gpt-4.1']) {
      expect((await on(model, { stop: ['x'] })).status).toBe(200)
    }
    const quiet = { parallel_tool_calls: false, tools: [tool()] }
    expect(await on('o3', quiet)).toEqual(unsupported('parallel_tool_calls'))
    expect((await on('gpt-5', quiet)).status).toBe(200)
    expect(await on('gpt-5', { top_p: 0.5 })).toEqual(unsupported('top_p'))
  })

  it('keeps temperatures from models that reason', async () => {
    expect(await on('gpt-5', { temperature: 0.5 })).toEqual(
      refused(
        "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
        'temperature',
        'unsupported_value',
      ),
    )
    expect(await on('o3-mini', { temperature: 0 })).toMatchObject({ code: 'unsupported_parameter' })
    expect((await on('gpt-5', { temperature: 1 })).status).toBe(200)
    const quiet = { temperature: 0.2, top_p: 0.9, reasoning_effort: 'none' }
    expect((await on('gpt-5.2', quiet)).status).toBe(200)
    expect((await on('gpt-5.2', { ...quiet, reasoning_effort: 'high' })).status).toBe(400)
  })

  it('knows the efforts of each', async () => {
    expect(await on('gpt-4o', { reasoning_effort: 'low' })).toEqual(
      refused('Unrecognized request argument supplied: reasoning_effort', null, null),
    )
    expect((await on('gpt-4o', { reasoning_effort: null })).status).toBe(200)
    expect(await on('o4-mini', { reasoning_effort: 'xhigh' })).toEqual(
      refused(
        "Unsupported value: 'reasoning_effort' does not support 'xhigh' with this model. Supported values are: 'low', 'medium', and 'high'.",
        'reasoning_effort',
        'unsupported_value',
      ),
    )
  })

  it('knows the roles of each', async () => {
    const denied = (role: string) =>
      refused(
        `Unsupported value: 'messages[0].role' does not support '${role}' with this model.`,
        'messages[0].role',
        'unsupported_value',
      )
    for (const role of ['system', 'developer']) {
      const messages = [{ role, content: 'Be kind.' }, ...HELLO]
      expect(await on('o1-mini', { messages })).toEqual(denied(role))
      expect((await on('o1', { messages })).status).toBe(200)
    }
    const messages = [{ role: 'function', name: 'f', content: 'x' }]
    expect(await on('o3', { messages })).toEqual(denied('function'))
  })
})

describe('options that go together', () => {
  it('has stream_options only for streams', async () => {
    expect(await complaint({ stream_options: { include_usage: true } })).toEqual(
      refused(
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        'stream_options',
        null,
      ),
    )
    expect((await complaint({ stream_options: null })).status).toBe(200)
  })

  it('wants the word json for JSON', async () => {
    const response_format = { type: 'json_object' }
    expect(await complaint({ response_format })).toEqual(
      refused(
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        'messages',
        null,
      ),
    )
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Answer in JSON.' }] }]
    expect((await complaint({ response_format, messages })).status).toBe(200)
  })

  it('checks the schema of the answer', async () => {
    const format = (schema: object, strict = true) => ({
      response_format: { type: 'json_schema', json_schema: { name: 'default', schema, strict } },
    })
    expect(await complaint(format({ type: 'object', properties: {} }))).toEqual(
      refused(
        "Invalid schema for response_format 'default': In context=(), 'additionalProperties' is required to be supplied and to be false.",
        'response_format',
        null,
      ),
    )
    expect((await complaint(format({ type: 'object', properties: {} }, false))).status).toBe(200)
  })

  it('searches only with search models', async () => {
    expect(await complaint({ web_search_options: {} })).toEqual(
      refused('Web search options not supported with this model.', 'web_search_options', null),
    )
    expect(
      (await complaint({ model: 'gpt-4o-search-preview', web_search_options: {} })).status,
    ).toBe(200)
  })

  it('takes one limit of tokens', async () => {
    expect(await complaint({ max_tokens: 5, max_completion_tokens: 5 })).toMatchObject({
      message:
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
    })
  })
})

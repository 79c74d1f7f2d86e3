import { describe, expect, it } from 'vitest'
import { isToolgateError, type ToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import { decodeRequest } from './request-decode.ts'

const tool = { type: 'function', function: { name: 'f' } }

function decode(more: JsonObject): ModelRequest {
  return decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...more })
}

function fault(more: JsonObject): ToolgateError {
  try {
    decode(more)
  } catch (error) {
    if (isToolgateError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function weights(more: JsonObject): { [path: string]: string } {
  return Object.fromEntries(decode(more).bound.map(field => [field.path, field.weight]))
}

describe('a request', () => {
  it('is read with nothing but model and messages', () => {
    expect(decode({})).toEqual({
      protocol: 'openai-chat',
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }], at: 0 }],
      tools: [],
      stream: false,
      bound: [],
    })
  })

  it('is read in full', () => {
    expect(
      decode({
        max_completion_tokens: 10,
        stop: ['a', 'b'],
        temperature: 0,
        top_p: 0.5,
        top_k: 3,
        seed: 7,
        reasoning_effort: 'high',
        verbosity: 'low',
        user: 'u',
        metadata: { a: 'b' },
        service_tier: 'flex',
        stream: true,
        stream_options: { include_usage: true, include_obfuscation: false },
        parallel_tool_calls: false,
        tools: [tool],
        tool_choice: 'auto',
      }),
    ).toMatchObject({
      maxTokens: 10,
      stop: ['a', 'b'],
      temperature: 0,
      topP: 0.5,
      topK: 3,
      seed: 7,
      reasoning: { effort: 'high' },
      verbosity: 'low',
      user: 'u',
      metadata: { a: 'b' },
      serviceTier: 'flex',
      stream: true,
      includeUsage: true,
      parallel: false,
      toolChoice: { mode: 'auto' },
      bound: [],
      extras: { 'openai-chat': { $stream_options: { include_obfuscation: false } } },
    })
  })

  it('leaves out what a package left in the text of an answer, where it says nothing', () => {
    const said = (part: JsonObject) =>
      decode({ messages: [{ role: 'assistant', content: [{ type: 'text', text: 'a', ...part }] }] })
    const plain = said({})
    expect(plain.mustEncode).toBeUndefined()
    const empty: JsonObject = { role: 'assistant', refusal: null, annotations: [] }
    expect(said(empty)).toEqual({ ...plain, mustEncode: true })
    const telling = said({ annotations: [{ type: 'url_citation' }], refusal: 'no' })
    expect(telling.mustEncode).toBeUndefined()
    expect(telling.bound.map(({ what }) => what)).toEqual(['annotations', 'refusal'])
  })

  it('leaves out what the streaming helper added, which the vendor refuses', () => {
    const said = (message: JsonObject, call: JsonObject, inner: JsonObject) => {
      const f = { name: 'f', arguments: '{}', ...inner }
      const calls = [{ id: 'a', type: 'function', function: f, ...call }]
      return decode({ messages: [{ role: 'assistant', tool_calls: calls, ...message }] })
    }
    const plain = said({}, {}, {})
    expect(plain.mustEncode).toBeUndefined()
    for (const helped of [
      said({ parsed: null }, {}, {}),
      said({}, { index: 0 }, {}),
      said({}, {}, { parsed_arguments: {} }),
    ])
      expect(helped).toEqual({ ...plain, mustEncode: true })
  })

  it('reads null for absent', () => {
    const nulls: JsonObject = {}
    for (const key of [
      'max_tokens',
      'max_completion_tokens',
      'stop',
      'temperature',
      'tools',
      'tool_choice',
      'parallel_tool_calls',
      'response_format',
      'reasoning_effort',
      'metadata',
      'stream',
      'stream_options',
      'n',
      'logit_bias',
    ])
      nulls[key] = null
    expect(decode(nulls)).toEqual(decode({}))
  })

  it('reads a stop text, and the deprecated limit and user', () => {
    expect(decode({ stop: 'a', max_tokens: 5, user: 'u' })).toMatchObject({
      stop: ['a'],
      maxTokens: 5,
      user: 'u',
    })
    expect(decode({ safety_identifier: 's', user: 'u' })).toMatchObject({
      user: 's',
      extras: { 'openai-chat': { $user: 'safety_identifier', user: 'u' } },
    })
  })

  it('reads the formats of output', () => {
    expect(decode({ response_format: { type: 'text' } }).output).toBeUndefined()
    expect(decode({ response_format: { type: 'json_object' } }).output).toEqual({ type: 'json' })
    expect(
      decode({
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', description: 'd', schema: { type: 'object' }, strict: true },
        },
      }).output,
    ).toEqual({
      type: 'json-schema',
      name: 'n',
      description: 'd',
      schema: { type: 'object' },
      strict: true,
    })
  })
})

describe('the vendors’ own settings of reasoning', () => {
  it.each<[JsonObject, object | undefined]>([
    [{ thinking: { type: 'disabled', budget_tokens: 5 } }, { mode: 'off' }],
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { mode: 'budget', budget: 2000 }],
    [{ thinking: { type: 'enabled' } }, { mode: 'adaptive' }],
    [{ enable_thinking: false, thinking_budget: 100 }, { mode: 'off' }],
    [
      { enable_thinking: true, thinking_budget: 100 },
      { mode: 'budget', budget: 100 },
    ],
    [{ reasoning: { effort: 'low' } }, { effort: 'low' }],
    [{ reasoning: { enabled: true } }, { mode: 'adaptive' }],
    [{ reasoning: { max_tokens: 300 } }, { mode: 'budget', budget: 300 }],
    [{ reasoning: { exclude: true } }, undefined],
  ])('%j', (wire, settings) => {
    const request = decode(wire)
    expect(request.reasoning).toEqual(settings)
    expect(request.extras).toEqual({ 'openai-chat': wire })
    expect(request.bound.every(field => field.weight === 'hint')).toBe(true)
  })
})

describe('what other protocols do not have', () => {
  it('is bound by what it is worth', () => {
    expect(
      weights({
        n: 2,
        logprobs: true,
        top_logprobs: 3,
        audio: { voice: 'v' },
        modalities: ['text', 'audio'],
        web_search_options: {},
        logit_bias: { 1: 2 },
        presence_penalty: 1,
        frequency_penalty: 0.5,
        prediction: { type: 'content' },
        store: true,
        prompt_cache_key: 'k',
        min_p: 0.1,
      }),
    ).toEqual({
      n: 'required',
      logprobs: 'required',
      top_logprobs: 'hint',
      audio: 'required',
      modalities: 'required',
      web_search_options: 'required',
      logit_bias: 'meaning',
      presence_penalty: 'meaning',
      frequency_penalty: 'meaning',
      prediction: 'hint',
      store: 'hint',
      prompt_cache_key: 'hint',
      min_p: 'meaning',
    })
  })

  it('is not bound where it says nothing, but kept', () => {
    const wire = {
      n: 1,
      logprobs: false,
      modalities: ['text'],
      presence_penalty: 0,
      frequency_penalty: 0,
      logit_bias: {},
      store: false,
    }
    expect(weights(wire)).toEqual({})
    expect(decode(wire).extras).toEqual({ 'openai-chat': wire })
  })

  it('is bound inside the format of output', () => {
    expect(weights({ response_format: { type: 'grammar', grammar: 'g' } })).toEqual({
      response_format: 'meaning',
    })
    expect(
      weights({
        response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {}, odd: 1 } },
      }),
    ).toEqual({ 'response_format.json_schema.odd': 'meaning' })
  })
})

describe('the deprecated functions', () => {
  it('become tools, with at most one call', () => {
    const request = decode({
      functions: [{ name: 'f', description: 'd', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
    })
    expect(request).toMatchObject({
      tools: [{ kind: 'function', name: 'f', description: 'd', parameters: { type: 'object' } }],
      toolChoice: { mode: 'tool', name: 'f' },
      parallel: false,
      extras: { 'openai-chat': { $legacy: true } },
    })
  })

  it('do not go together with tools', () => {
    expect(fault({ functions: [{ name: 'f' }], tools: [tool] }).message).toContain(
      'not allowed together',
    )
  })

  it('are needed by function_call', () => {
    expect(fault({ function_call: { name: 'f' } }).message).toBe(
      "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified.",
    )
    expect(decode({ function_call: 'auto' }).toolChoice).toBeUndefined()
  })
})

describe('faults', () => {
  it.each<[JsonObject, string, (string | number)[]]>([
    [{ model: 3 }, 'invalid_type', ['model']],
    [{ messages: undefined }, 'missing_field', ['messages']],
    [{ messages: {} }, 'invalid_type', ['messages']],
    [{ messages: ['x'] }, 'invalid_type', ['messages', 0]],
    [{ temperature: '1' }, 'invalid_type', ['temperature']],
    [{ max_tokens: 1.5 }, 'invalid_type', ['max_tokens']],
    [{ stop: [1] }, 'invalid_type', ['stop', 0]],
    [{ n: 'x' }, 'invalid_type', ['n']],
    [{ logprobs: 1 }, 'invalid_type', ['logprobs']],
    [{ metadata: { a: 1 } }, 'invalid_type', ['metadata', 'a']],
    [{ reasoning_effort: 'huge' }, 'invalid_value', ['reasoning_effort']],
    [{ stream: 'yes' }, 'invalid_type', ['stream']],
    [{ stream_options: { include_usage: 1 } }, 'invalid_type', ['stream_options', 'include_usage']],
    [
      { response_format: { type: 'json_schema' } },
      'missing_field',
      ['response_format', 'json_schema'],
    ],
    [{ tools: [{ type: 'function' }] }, 'missing_field', ['tools', 0, 'function']],
    [{ tools: [{ type: 'function', name: 'f' }] }, 'missing_field', ['tools', 0, 'function']],
    [
      { tools: [{ type: 'function', function: {} }] },
      'missing_field',
      ['tools', 0, 'function', 'name'],
    ],
    [{ tools: [{}] }, 'missing_field', ['tools', 0, 'type']],
    [
      { tools: [{ type: 'function', function: { name: 'f', strict: 'x' } }] },
      'invalid_type',
      ['tools', 0, 'function', 'strict'],
    ],
  ])('%j', (wire, code, path) => {
    const error = fault(wire)
    expect([error.code, error.details.path]).toEqual([code, path])
  })

  it('are worded by the vendor for what it counts', () => {
    expect(fault({ stop: ['1', '2', '3', '4', '5'] }).message).toBe(
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
    )
    expect(fault({ messages: [] }).details.vendor?.code).toBe('empty_array')
    expect(fault({ max_tokens: 1, max_completion_tokens: 2 }).message).toContain('at the same time')
    expect(decode({ max_tokens: 2, max_completion_tokens: 2 }).maxTokens).toBe(2)
  })

  it('name the body if it is no object', () => {
    expect(() => decodeRequest([])).toThrow('expected an object')
  })
})

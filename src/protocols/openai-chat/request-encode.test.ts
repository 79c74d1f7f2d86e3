import { describe, expect, it } from 'vitest'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ModelRequest } from '../../core/request.ts'
import type { Quirks } from '../quirks.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'

const USER = { role: 'user', content: 'x' }
const TOOL = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }

function translate(
  more: JsonObject,
  quirks: Quirks = {},
): { body: JsonObject; losses: readonly Loss[] } {
  const request = decodeRequest({ model: 'm', messages: [USER], ...more })
  const { body, losses } = encodeRequest(request, quirks)
  if (!isObject(body)) throw new Error('the body is no object')
  return { body, losses }
}

function foreign(more: Partial<ModelRequest>, quirks: Quirks = {}): ReturnType<typeof translate> {
  const request: ModelRequest = {
    protocol: 'anthropic',
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }], at: 0 }],
    tools: [],
    stream: false,
    bound: [],
    ...more,
  }
  const { body, losses } = encodeRequest(request, quirks)
  if (!isObject(body)) throw new Error('the body is no object')
  return { body, losses }
}

describe('the same protocol back to back', () => {
  it.each<[string, JsonObject]>([
    ['the least', {}],
    ['settings', { temperature: 0, top_p: 1, seed: 1, verbosity: 'low', service_tier: 'flex' }],
    ['limits', { max_completion_tokens: 5, stop: ['a', 'b'] }],
    ['accounts', { user: 'u', metadata: { a: 'b' }, store: true, prompt_cache_key: 'k' }],
    ['safety', { safety_identifier: 's' }],
    ['both users', { safety_identifier: 's', user: 'u' }],
    ['what only OpenAI has', { n: 2, logprobs: true, top_logprobs: 2, logit_bias: { 5: -100 } }],
    ['sound', { modalities: ['text', 'audio'], audio: { voice: 'v', format: 'wav' } }],
    ['search', { web_search_options: { search_context_size: 'low' } }],
    ['what nobody knows', { min_p: 0.1, chat_template_kwargs: { a: [1] } }],
    ['effort', { reasoning_effort: 'minimal' }],
    ['JSON', { response_format: { type: 'json_object' } }],
    [
      'a schema',
      {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'n',
            description: 'd',
            schema: { type: 'object' },
            strict: true,
            odd: 1,
          },
        },
      },
    ],
    ['another format', { response_format: { type: 'grammar', grammar: 'g' } }],
    [
      'a stream',
      { stream: true, stream_options: { include_usage: true, include_obfuscation: false } },
    ],
    ['a choice', { tools: [TOOL], tool_choice: 'required', parallel_tool_calls: false }],
    [
      'tools',
      {
        tools: [
          {
            type: 'function',
            function: { name: 'f', description: 'd', strict: true, parameters: { a: 1 }, odd: 2 },
            beside: 3,
          },
          { type: 'function', function: { name: 'none' } },
          {
            type: 'custom',
            custom: {
              name: 'c',
              description: 'd',
              format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
            },
          },
          { type: 'custom', custom: { name: 'free', format: { type: 'text' } } },
          { type: 'web_search', web_search: { enable: true } },
        ],
      },
    ],
  ])('keeps %s', (_, more) => {
    const { body, losses } = translate(more)
    const expected: JsonObject = { model: 'm', messages: [USER], ...more }
    const custom = expected['tools']
    // Text is the default format of a custom tool.
    if (Array.isArray(custom) && isObject(custom[3]))
      custom[3] = { type: 'custom', custom: { name: 'free' } }
    expect(body).toEqual(expected)
    expect(losses).toEqual([])
  })

  it('keeps a conversation with all that may stand in it', () => {
    const messages: Json[] = [
      { role: 'developer', content: 'be kind' },
      {
        role: 'user',
        name: 'bob',
        content: [
          { type: 'text', text: 'see', prompt_cache_breakpoint: { mode: 'explicit' } },
          { type: 'image_url', image_url: { url: 'https://x.test/a', detail: 'low' } },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'video_url', video_url: { url: 'https://x.test/b' } },
        ],
      },
      {
        role: 'assistant',
        content: 'I look',
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'f', arguments: '{"n": 1.0, "big": 12345678901234567890}' },
          },
          { id: 'b', type: 'custom', custom: { name: 'c', input: 'free text' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '' },
      {
        role: 'tool',
        tool_call_id: 'b',
        content: [
          { type: 'text', text: '1' },
          { type: 'text', text: '2' },
        ],
      },
      {
        role: 'system',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: null, refusal: 'no' },
      { role: 'user', content: 'why' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: '{"ok":true}' },
      { role: 'assistant', content: '', audio: { id: 'audio_1' } },
    ]
    const { body, losses } = translate({ messages })
    expect(body['messages']).toEqual(messages)
    expect(losses).toEqual([])
  })

  it('leaves an empty list of tools out, with the choice that says nothing', () => {
    expect(translate({ tools: [], tool_choice: 'auto', parallel_tool_calls: true }).body).toEqual({
      model: 'm',
      messages: [USER],
    })
  })

  it('says the deprecated form in the present one', () => {
    const { body } = translate({
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
      messages: [
        USER,
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: 'r' },
      ],
    })
    expect(body).toEqual({
      model: 'm',
      messages: [
        USER,
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_fn_0', type: 'function', function: { name: 'f', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_fn_0', content: 'r' },
      ],
      tools: [TOOL],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
    })
  })

  it('takes no field of a client for a note of its own', () => {
    const wire = { $user: 'model', $legacy: true, $odd: 1, $$odd: 2, user: 'gpt-9' }
    expect(translate(wire)).toEqual({ body: { model: 'm', messages: [USER], ...wire }, losses: [] })
    const trap = JSON.parse('{"__proto__":{"$user":"model"},"user":"gpt-9"}')
    expect(translate(trap).body['model']).toBe('m')
  })

  it('always asks a stream for its usage', () => {
    expect(translate({ stream: true }).body['stream_options']).toEqual({ include_usage: true })
    expect(
      translate({ stream: true, stream_options: { include_usage: false } }).body['stream_options'],
    ).toEqual({ include_usage: true })
  })
})

const dropped = (path: string, meaning = true) =>
  expect.objectContaining({ path, action: 'dropped', meaning })

describe('quirks', () => {
  it('maxTokensField', () => {
    expect(translate({ max_tokens: 5 }).body['max_completion_tokens']).toBe(5)
    expect(translate({ max_tokens: 5 }, { maxTokensField: 'max_tokens' }).body).toEqual({
      model: 'm',
      messages: [USER],
      max_tokens: 5,
    })
  })

  it('maxOutput', () => {
    const { body, losses } = translate({ max_tokens: 500 }, { maxOutput: 100 })
    expect(body['max_completion_tokens']).toBe(100)
    expect(losses).toEqual([
      expect.objectContaining({ path: 'max_tokens', action: 'approximated', meaning: false }),
    ])
    expect(translate({ max_tokens: 100 }, { maxOutput: 100 }).losses).toEqual([])
  })

  it('sampling', () => {
    const { body, losses } = translate(
      { temperature: 0, top_p: 0.5, top_k: 2, presence_penalty: 1, logprobs: false, seed: 1 },
      { sampling: 'none', topK: true },
    )
    expect(body).toEqual({ model: 'm', messages: [USER], seed: 1 })
    expect(losses).toEqual(
      ['temperature', 'top_p', 'top_k', 'presence_penalty'].map(path => dropped(path)),
    )
    expect(translate({ temperature: 1, top_p: 1 }, { sampling: 'none' })).toEqual({
      body: { model: 'm', messages: [USER] },
      losses: [],
    })
  })

  it('topK', () => {
    expect(translate({ top_k: 2 }, { topK: true }).body['top_k']).toBe(2)
    expect(translate({ top_k: 2 })).toMatchObject({ losses: [dropped('top_k')] })
  })

  it('stop', () => {
    expect(translate({ stop: 'a' }, { stop: false })).toEqual({
      body: { model: 'm', messages: [USER] },
      losses: [dropped('stop')],
    })
    expect(foreign({ stop: ['1', '2', '3', '4', '5'] })).toMatchObject({
      body: { stop: ['1', '2', '3', '4'] },
      losses: [dropped('stop')],
    })
  })

  it('parallelField', () => {
    const wire = { tools: [TOOL], parallel_tool_calls: false }
    expect(translate(wire, { parallelField: false })).toEqual({
      body: { model: 'm', messages: [USER], tools: [TOOL] },
      losses: [dropped('parallel_tool_calls')],
    })
    expect(
      translate({ tools: [TOOL], parallel_tool_calls: true }, { parallelField: false }).losses,
    ).toEqual([])
  })

  it('strictTools', () => {
    const strict = (value: boolean): JsonObject => ({
      tools: [{ type: 'function', function: { name: 'f', strict: value } }],
    })
    expect(translate(strict(true), { strictTools: false })).toMatchObject({
      body: { tools: [{ type: 'function', function: { name: 'f' } }] },
      losses: [dropped('tools[0].strict')],
    })
    expect(translate(strict(false), { strictTools: false }).losses).toEqual([])
  })

  it('streamOptions and toolStream', () => {
    expect(
      translate({ stream: true, tools: [TOOL] }, { streamOptions: false, toolStream: true }).body,
    ).toEqual({ model: 'm', messages: [USER], tools: [TOOL], stream: true, tool_stream: true })
    expect(translate({ stream: true }, { toolStream: true }).body['tool_stream']).toBeUndefined()
  })

  it('noneDropsTools', () => {
    expect(
      translate(
        { tools: [TOOL], tool_choice: 'none', parallel_tool_calls: false },
        { noneDropsTools: true },
      ),
    ).toEqual({
      body: { model: 'm', messages: [USER] },
      losses: [
        expect.objectContaining({ path: 'tool_choice', action: 'emulated', meaning: false }),
      ],
    })
  })

  it('toolsNeedReasoningOff', () => {
    const quirks: Quirks = { toolsNeedReasoningOff: true, thinksByDefault: true }
    const off = expect.objectContaining({ path: 'reasoning_effort', meaning: true })
    expect(translate({ tools: [TOOL] }, quirks)).toMatchObject({
      body: { reasoning_effort: 'none' },
      losses: [off],
    })
    expect(translate({ tools: [TOOL], reasoning_effort: 'high' }, quirks)).toMatchObject({
      body: { reasoning_effort: 'none' },
      losses: [off],
    })
    expect(translate({ tools: [TOOL], reasoning_effort: 'none' }, quirks).losses).toEqual([])
    expect(translate({ reasoning_effort: 'high' }, quirks)).toEqual({
      body: { model: 'm', messages: [USER], reasoning_effort: 'high' },
      losses: [],
    })
  })

  it('forcedChoiceNeedsThinkingOff', () => {
    expect(
      translate(
        { tools: [TOOL], tool_choice: 'required' },
        { forcedChoiceNeedsThinkingOff: true, thinksByDefault: true, thinkingSwitch: 'thinking' },
      ),
    ).toMatchObject({
      body: { tool_choice: 'required', thinking: { type: 'disabled' } },
      losses: [expect.objectContaining({ path: 'reasoning_effort', meaning: true })],
    })
  })

  it('structuredOutput', () => {
    const format = {
      type: 'json_schema',
      json_schema: { name: 'n', description: 'a place', schema: { type: 'object' } },
    }
    const { body, losses } = translate(
      { messages: [{ role: 'system', content: 'be kind' }, USER], response_format: format },
      { structuredOutput: false },
    )
    expect(body['response_format']).toEqual({ type: 'json_object' })
    expect(body['messages']).toMatchObject([
      {
        role: 'system',
        content: expect.stringMatching(/^be kind\n\n.*a place.*\n\{"type":"object"\}$/),
      },
      USER,
    ])
    expect(losses).toEqual([
      expect.objectContaining({ path: 'response_format', action: 'emulated', meaning: true }),
    ])
    expect(
      translate({ response_format: format }, { structuredOutput: false, systemRole: 'developer' })
        .body['messages'],
    ).toMatchObject([{ role: 'developer' }, USER])
  })
})

describe('a request of another protocol', () => {
  it('leaves out what its own vendor runs, with a loss', () => {
    expect(
      foreign({
        tools: [
          { kind: 'server', protocol: 'anthropic', type: 'bash_20250124', name: 'bash', value: {} },
        ],
        toolChoice: { mode: 'auto' },
      }),
    ).toEqual({ body: { model: 'm', messages: [USER] }, losses: [dropped('tools[0]')] })
  })

  it('carries service tiers that mean the same', () => {
    expect(foreign({ serviceTier: 'auto' }).body['service_tier']).toBe('auto')
    expect(foreign({ serviceTier: 'standard_only' }).losses).toEqual([
      dropped('service_tier', false),
    ])
  })

  it('gives an object schema the properties that OpenAI wants to see', () => {
    const tool = (parameters: JsonObject) => ({ kind: 'function', name: 'f', parameters }) as const
    expect(
      foreign({
        tools: [tool({ type: 'object' }), tool({ type: 'object', properties: { a: {} } })],
      }).body['tools'],
    ).toMatchObject([
      { function: { parameters: { type: 'object', properties: {} } } },
      { function: { parameters: { type: 'object', properties: { a: {} } } } },
    ])
    expect(translate({ tools: [TOOL] }).body['tools']).toEqual([TOOL])
  })

  it('names an output schema, which must have a name here', () => {
    expect(
      foreign({ output: { type: 'json-schema', schema: { type: 'object' } } }).body[
        'response_format'
      ],
    ).toEqual({ type: 'json_schema', json_schema: { name: 'output', schema: { type: 'object' } } })
  })

  it('does not write what another protocol kept for itself', () => {
    expect(foreign({ extras: { anthropic: { container: 'c' } } }).body).toEqual({
      model: 'm',
      messages: [USER],
    })
  })
})

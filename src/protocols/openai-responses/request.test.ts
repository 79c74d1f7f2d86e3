import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import { openaiResponses } from './index.ts'

const call = { headers: {} }

function decode(body: JsonObject): ModelRequest {
  return openaiResponses.decodeRequest({ model: 'm', ...body }, call)
}

/** The request of another protocol that says the same. */
function foreign(request: ModelRequest): ModelRequest {
  const { extras: _extras, ...rest } = request
  return { ...rest, protocol: 'openai-chat', bound: [] }
}

function refusal(body: JsonObject): JsonObject {
  try {
    decode(body)
  } catch (error) {
    if (!isToolgateError(error)) throw error
    const { body: wire } = openaiResponses.encodeError(error, 'r')
    if (typeof wire === 'object' && wire !== null && 'error' in wire) {
      const said = wire['error']
      if (typeof said === 'object' && said !== null && !Array.isArray(said)) return said
    }
  }
  throw new Error('not refused')
}

const user = { role: 'user', content: 'hi' }
const callItem = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1.0}' }
const outputItem = { type: 'function_call_output', call_id: 'a', output: 'done' }

describe('decodeRequest', () => {
  it('reads a text as one user message, and instructions as the system before it', () => {
    const { messages } = decode({ input: 'hi', instructions: 'be brief' })
    expect(messages).toEqual([
      {
        role: 'system',
        voice: 'system',
        content: [{ type: 'text', text: 'be brief' }],
        at: -1,
      },
      { role: 'user', content: [{ type: 'text', text: 'hi' }], at: 0 },
    ])
  })

  it('makes one message of what the model said in a row', () => {
    const { messages } = decode({
      input: [
        user,
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'let me see' }],
        },
        { ...callItem, id: 'fc_1' },
        outputItem,
      ],
    })
    expect(messages.map(({ role, at }) => [role, at])).toEqual([
      ['user', 0],
      ['assistant', 1],
      ['tool', 4],
    ])
    expect(messages[1]?.content).toEqual([
      {
        type: 'reasoning',
        text: '',
        state: { family: 'openai', kind: 'encrypted', data: 'gAAA', id: 'rs_1' },
        extras: { 'openai-responses': { id: 'rs_1' } },
      },
      {
        type: 'text',
        text: 'let me see',
        extras: { 'openai-responses': { $message: { id: 'msg_1' } } },
      },
      {
        type: 'tool-call',
        id: 'a',
        name: 'f',
        arguments: '{"x":1.0}',
        kind: 'function',
        extras: { 'openai-responses': { id: 'fc_1' } },
      },
    ])
  })

  it('moves an output up to its call, and back again for the same protocol', () => {
    const input = [callItem, { role: 'user', content: 'wait' }, outputItem]
    const request = decode({ input })
    expect(request.messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'user'])
    expect(openaiResponses.encodeRequest(request, {}).body).toMatchObject({ input })
  })

  it('keeps calls apart that were made in different turns', () => {
    const second = { ...callItem, call_id: 'b' }
    const { messages } = decode({
      input: [callItem, outputItem, second, { ...outputItem, call_id: 'b' }],
    })
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant', 'tool'])
  })

  it('reads results with pictures and files', () => {
    const { messages } = decode({
      input: [
        callItem,
        {
          ...outputItem,
          output: [
            { type: 'input_text', text: 'see' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'low' },
            { type: 'input_file', file_url: 'https://x.test/a.pdf' },
          ],
        },
      ],
    })
    const [result] = messages[1]?.role === 'tool' ? messages[1].content : []
    expect(result?.content.map(({ type }) => type)).toEqual(['text', 'image', 'document'])
  })

  it('says what only this protocol can carry', () => {
    const { bound, continues } = decode({
      input: [user, { type: 'item_reference', id: 'rs_1' }],
      previous_response_id: 'resp_1',
      background: true,
      store: true,
      truncation: 'auto',
      include: ['reasoning.encrypted_content'],
    })
    expect(continues).toBe(true)
    const weights = Object.fromEntries(bound.map(({ path, weight }) => [path, weight]))
    expect(weights).toEqual({
      'input[1]': 'required',
      previous_response_id: 'required',
      background: 'required',
      store: 'hint',
      truncation: 'meaning',
      include: 'hint',
    })
  })

  it('keeps an output whose call may be behind a reference as an item of its own', () => {
    const input = [user, { type: 'item_reference', id: 'fc_1' }, outputItem]
    const request = decode({ input })
    expect(request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(openaiResponses.encodeRequest(request, {}).body).toMatchObject({ input })
  })

  it('gives results of a conversation that the vendor holds as results', () => {
    const { messages } = decode({ previous_response_id: 'resp_1', input: [outputItem, user] })
    expect(messages.map(({ role }) => role)).toEqual(['tool', 'user'])
  })

  it.each([
    [{ input: [{ role: 'user', content: 5 }] }, 'input[0].content', 'invalid_type'],
    [{ input: [{ ...callItem, name: undefined }] }, 'input[0].name', 'missing_required_parameter'],
    [
      { input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] },
      'input[0].content[0].type',
      'invalid_value',
    ],
    [
      { input: 'x', tools: [{ type: 'function', function: { name: 'f' } }] },
      'tools[0].name',
      'missing_required_parameter',
    ],
    [{ input: [] }, null, 'missing_required_parameter'],
    [{}, 'input', 'missing_required_parameter'],
    [{ input: 'x', messages: [] }, null, 'unsupported_parameter'],
    [{ input: 'x', reasoning: { effort: 'huge' } }, 'reasoning.effort', 'invalid_value'],
  ])('refuses %j at its place', (body, param, code) => {
    expect(refusal(body)).toMatchObject({ type: 'invalid_request_error', param, code })
  })
})

describe('what the streaming helper added', () => {
  it('is left out, since the vendor refuses it', () => {
    const text = { type: 'output_text', text: 'a' }
    const said = (call: JsonObject, part: JsonObject) =>
      decode({
        input: [
          { type: 'message', role: 'assistant', content: [{ ...text, ...part }] },
          { ...callItem, ...call },
          outputItem,
        ],
      })
    const plain = said({}, {})
    expect(plain.mustEncode).toBeUndefined()
    const must = { ...plain, mustEncode: true }
    expect(said({ parsed_arguments: { x: 1 } }, {})).toEqual(must)
    expect(said({ parsed_arguments: null }, { parsed: null })).toEqual(must)
  })
})

describe('there and back', () => {
  const whole: JsonObject = {
    model: 'm',
    instructions: 'be brief',
    input: [
      { role: 'developer', content: 'more' },
      { role: 'user', content: [{ type: 'input_image', file_id: 'file-1', detail: 'high' }] },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }] },
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
      {
        type: 'message',
        id: 'msg_1',
        phase: 'commentary',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'one', annotations: [{ type: 'url_citation' }] },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      { role: 'assistant', content: 'two' },
      { type: 'custom_tool_call', call_id: 'c', name: 'sql', input: 'select 1', id: 'ctc_1' },
      { ...callItem, id: 'fc_1', namespace: 'n' },
      { type: 'custom_tool_call_output', call_id: 'c', output: '1' },
      outputItem,
      { type: 'additional_tools', role: 'developer', tools: [] },
    ],
    tools: [
      { type: 'function', name: 'f', parameters: { type: 'object' }, defer_loading: true },
      { type: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
      { type: 'mcp', server_label: 'docs', server_url: 'https://x.test' },
      { type: 'web_search' },
    ],
    tool_choice: {
      type: 'allowed_tools',
      mode: 'required',
      tools: [
        { type: 'function', name: 'f' },
        { type: 'custom', name: 'sql' },
        { type: 'mcp', server_label: 'docs' },
      ],
    },
    parallel_tool_calls: false,
    max_output_tokens: 5,
    temperature: 0.5,
    top_p: 0.9,
    text: {
      format: { type: 'json_schema', name: 'o', schema: {}, strict: true },
      verbosity: 'low',
    },
    reasoning: { effort: 'low', summary: 'detailed', context: 'all_turns' },
    metadata: { a: 'b' },
    safety_identifier: 'u',
    user: 'v',
    service_tier: 'flex',
    store: false,
    include: ['reasoning.encrypted_content'],
    truncation: 'auto',
    max_tool_calls: 3,
    stream: true,
    stream_options: { include_obfuscation: false },
    prompt_cache_key: 'k',
  }

  it('says the same request again, without a loss', () => {
    const { body, losses } = openaiResponses.encodeRequest(decode(whole), {})
    expect(body).toEqual(whole)
    expect(losses).toEqual([])
  })

  it.each([
    'auto',
    'none',
    'required',
    { type: 'function', name: 'f' },
    { type: 'custom', name: 'sql' },
    { type: 'web_search' },
    { type: 'mcp', server_label: 'docs', name: 'search' },
  ])('says the choice %j again', choice => {
    const { body } = openaiResponses.encodeRequest(decode({ ...whole, tool_choice: choice }), {})
    expect(body).toMatchObject({ tool_choice: choice })
  })
})

describe('encodeRequest for another protocol', () => {
  const request = foreign(
    decode({
      instructions: 'be brief',
      input: [
        user,
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
        callItem,
        outputItem,
      ],
      tools: [{ type: 'function', name: 'f' }],
    }),
  )

  it('stores nothing, asks for the state, and sends no item ids', () => {
    const { body, losses } = openaiResponses.encodeRequest(request, {})
    expect(body).toEqual({
      model: 'm',
      instructions: 'be brief',
      input: [
        user,
        { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
        callItem,
        outputItem,
      ],
      tools: [
        {
          type: 'function',
          name: 'f',
          parameters: { type: 'object', properties: {} },
          strict: false,
        },
      ],
      store: false,
      include: ['reasoning.encrypted_content'],
    })
    expect(losses).toEqual([])
  })

  it('drops the reasoning of others, and asks no model for state that has none', () => {
    const messages = request.messages.map(message =>
      message.role === 'assistant'
        ? { ...message, content: [{ type: 'reasoning' as const, text: 'hm' }] }
        : message,
    )
    const { body, losses } = openaiResponses.encodeRequest(
      { ...request, messages },
      { efforts: [] },
    )
    expect(body).not.toHaveProperty('include')
    expect(losses).toEqual([
      expect.objectContaining({
        path: 'messages[1].content[0]',
        action: 'dropped',
        meaning: false,
      }),
    ])
  })

  it('reports what the wire cannot say', () => {
    const { body, losses } = openaiResponses.encodeRequest(
      { ...request, stop: ['x'], topK: 3, seed: 1, maxTokens: 3, temperature: 0.2 },
      { sampling: 'none' },
    )
    expect(losses.map(({ path, meaning }) => [path, meaning])).toEqual([
      ['temperature', true],
      ['top_k', true],
      ['seed', false],
      ['max_tokens', false],
      ['stop', true],
    ])
    expect(body).toMatchObject({ max_output_tokens: 16 })
  })

  it('says an error of a tool in words', () => {
    const messages = request.messages.map(message =>
      message.role === 'tool'
        ? { ...message, content: message.content.map(part => ({ ...part, isError: true })) }
        : message,
    )
    const { body, losses } = openaiResponses.encodeRequest({ ...request, messages }, {})
    expect(JSON.stringify(body)).toContain('"output":"Error: done"')
    expect(losses).toMatchObject([{ path: 'messages[3].is_error', action: 'emulated' }])
  })

  it('leaves instructions in the input where the word json has to be read there', () => {
    const { body } = openaiResponses.encodeRequest({ ...request, output: { type: 'json' } }, {})
    expect(body).not.toHaveProperty('instructions')
    expect(body).toMatchObject({ text: { format: { type: 'json_object' } } })
  })

  it.each([
    [{ mode: 'budget', budget: 5000 }, { effort: 'medium' }],
    [{ mode: 'off', effort: 'none' }, { effort: 'none' }],
    [
      { effort: 'high', display: 'summarized' },
      { effort: 'high', summary: 'auto' },
    ],
  ] as const)('says the reasoning %j', (reasoning, said) => {
    expect(openaiResponses.encodeRequest({ ...request, reasoning }, {}).body).toMatchObject({
      reasoning: said,
    })
  })
})

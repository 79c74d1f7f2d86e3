import { describe, expect, it } from 'vitest'
import type { TwinBlock, TwinTurn } from '../model.ts'
import { calling, callsIn, deltasOf, HELLO, result, tool, trial } from './trial.ts'

const text = (words: string): TwinBlock => ({ type: 'text', text: words })
const call = (input: string, more: object = {}): TwinBlock => ({
  type: 'call',
  name: 'get_weather',
  arguments: input,
  ...more,
})
const ask = (turn: TwinTurn, fields: object = {}) =>
  trial('openai', [turn]).send({ model: 'gpt-4o', messages: HELLO, tools: [tool()], ...fields })

describe('an answer of OpenAI', () => {
  it('has all the keys, in order', async () => {
    const { json, message, choice } = await ask({ blocks: [call('{ "city" : "Paris" }')] })
    expect(Object.keys(json)).toEqual([
      'id',
      'object',
      'created',
      'model',
      'choices',
      'usage',
      'service_tier',
      'system_fingerprint',
    ])
    expect(json).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-[A-Za-z0-9]{29}$/),
      object: 'chat.completion',
      created: Date.UTC(2026, 10, 21) / 1000,
      model: 'gpt-4o-2024-08-06',
      service_tier: 'default',
      system_fingerprint: expect.stringMatching(/^fp_[0-9a-f]{10}$/),
    })
    expect(Object.keys(choice)).toEqual(['index', 'message', 'logprobs', 'finish_reason'])
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: expect.stringMatching(/^call_[A-Za-z0-9]{24}$/),
          type: 'function',
          function: { name: 'get_weather', arguments: '{ "city" : "Paris" }' },
        },
      ],
      refusal: null,
      annotations: [],
    })
    expect(choice.finish_reason).toBe('tool_calls')
  })

  it('speaks before it calls, and keeps an id that the turn fixes', async () => {
    const { message } = await ask({
      blocks: [text('Let me '), text('see.'), call('{}', { id: 'call_fixed' })],
    })
    expect(message.content).toBe('Let me see.')
    expect(message.tool_calls).toMatchObject([{ id: 'call_fixed' }])
  })

  it('answers in the old form', async () => {
    const { message, choice } = await ask(
      { blocks: [call('{"city":"Paris"}'), call('{"city":"Rome"}')] },
      { tools: undefined, functions: [{ name: 'get_weather' }] },
    )
    expect(message.function_call).toEqual({ name: 'get_weather', arguments: '{"city":"Paris"}' })
    expect(message).not.toHaveProperty('tool_calls')
    expect(choice.finish_reason).toBe('function_call')
  })

  it('calls custom tools with free text', async () => {
    const tools = [{ type: 'custom', custom: { name: 'get_weather', format: { type: 'text' } } }]
    const { message } = await ask({ blocks: [call('free "text"')] }, { tools })
    expect(message.tool_calls).toEqual([
      {
        id: expect.any(String),
        type: 'custom',
        custom: { name: 'get_weather', input: 'free "text"' },
      },
    ])
  })

  it('declines, and is filtered', async () => {
    const declined = await ask({ blocks: [], end: 'refusal' })
    expect(declined.message).toMatchObject({
      content: null,
      refusal: expect.stringMatching(/can't/),
    })
    expect(declined.choice.finish_reason).toBe('stop')
    const filtered = await ask({ blocks: [text('So far')], end: 'content-filter' })
    expect(filtered.message).toMatchObject({ content: 'So far', refusal: null })
    expect(filtered.choice.finish_reason).toBe('content_filter')
  })

  it('gives several answers, each from the model', async () => {
    const turns = ['one', 'two'].map((words): TwinTurn => ({ blocks: [text(words)] }))
    const asked = trial('openai', turns)
    const { json } = await asked.send({ model: 'gpt-4o', messages: HELLO, n: 2 })
    expect(json.choices).toMatchObject([
      { index: 0, message: { content: 'one' } },
      { index: 1, message: { content: 'two' } },
    ])
    expect(asked.prompts).toHaveLength(2)
  })

  it('lets what the model throws pass', async () => {
    const { vendor, context } = trial()
    const broken = { name: 'broken', answer: () => Promise.reject(new Error('no turn left')) }
    const body = JSON.stringify({ model: 'gpt-4o', messages: HELLO })
    const headers = { 'content-type': 'application/json', authorization: 'Bearer k' }
    const request = {
      method: 'POST',
      path: '/v1/chat/completions',
      query: new URLSearchParams(),
      headers,
      body,
    }
    await expect(async () => vendor.handle(request, { ...context, model: broken })).rejects.toThrow(
      'no turn left',
    )
  })
})

describe('how an answer ends', () => {
  it('is cut at the limit, in the middle of arguments too', async () => {
    const long = await ask({ blocks: [text('12345678'), text('abcd')] }, { max_tokens: 2 })
    expect(long.message.content).toBe('12345678')
    expect(long.choice.finish_reason).toBe('length')
    const input = '{"city":"Paris"}'
    const broken = await ask({ blocks: [call(input)] }, { max_completion_tokens: 5 })
    const [made] = JSON.parse(JSON.stringify(broken.message.tool_calls))
    expect(input.startsWith(made.function.arguments)).toBe(true)
    expect(made.function.arguments.length).toBe(9)
    expect(broken.choice.finish_reason).toBe('length')
    const streamed = await ask({ blocks: [call(input)] }, { max_tokens: 5, stream: true })
    expect(callsIn(deltasOf(streamed.chunks))[0]?.text).toBe(made.function.arguments)
    const nothing = await ask({ blocks: [call(input)] }, { max_tokens: 1 })
    expect(nothing.message).toMatchObject({ content: '' })
  })

  it('leaves a turn alone that says how it ended', async () => {
    const turn: TwinTurn = { blocks: [call('{"city":"Par')], end: 'length' }
    const { message, choice } = await ask(turn, { max_tokens: 1 })
    expect(message.tool_calls).toMatchObject([{ function: { arguments: '{"city":"Par' } }])
    expect(choice.finish_reason).toBe('length')
    expect((await ask({ blocks: [call('{}')], end: 'stop' })).choice.finish_reason).toBe('stop')
  })

  it('stops before a stop sequence, in text only', async () => {
    const turn: TwinTurn = { blocks: [text('one STOP two'), call('{}')] }
    const { message, choice } = await ask(turn, { stop: ['never', 'STOP'] })
    expect(message.content).toBe('one ')
    expect(message).not.toHaveProperty('tool_calls')
    expect(choice.finish_reason).toBe('stop')
    const inside = await ask({ blocks: [call('{"city":"STOP"}')] }, { stop: 'STOP' })
    expect(inside.choice.finish_reason).toBe('tool_calls')
  })
})

describe('usage', () => {
  it('is estimated, or as the turn says', async () => {
    const { json } = await ask({ blocks: [text('12345678')] })
    expect(json.usage).toMatchObject({
      completion_tokens: 2,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    })
    const usage = { input: 100, output: 30, cached: 64, cacheWrite: 5, reasoning: 20 }
    const said = await ask({ blocks: [text('x')], usage })
    expect(said.json.usage).toEqual({
      prompt_tokens: 100,
      completion_tokens: 30,
      total_tokens: 130,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 5, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 20,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    })
  })

  it('counts thoughts of models that think, and shows none', async () => {
    const turn: TwinTurn = { blocks: [{ type: 'reasoning', text: '12345678' }, text('1234')] }
    const thinking = await ask(turn, { model: 'gpt-5', tools: undefined })
    expect(thinking.json.usage).toMatchObject({
      completion_tokens: 3,
      completion_tokens_details: { reasoning_tokens: 2 },
    })
    expect(thinking.text).not.toContain('12345678')
    expect(thinking.json.system_fingerprint).toBeNull()
    expect(thinking.choice).not.toHaveProperty('logprobs')
    expect((await ask(turn)).json.usage).toMatchObject({ completion_tokens: 1 })
  })
})

describe('the prompt', () => {
  it('is the request, reduced', async () => {
    const asked = trial()
    await asked.send({
      model: 'gpt-4o',
      messages: [
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'Be brief.' },
            { type: 'text', text: 'Be kind.' },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'file', file: { file_id: 'file-1' } },
          ],
        },
        calling('call_1'),
        result('call_1', [
          { type: 'text', text: 'sunny' },
          { type: 'text', text: '20' },
        ]),
      ],
      tools: [
        tool('get_weather', { description: 'Weather' }),
        tool('other'),
        { type: 'custom', custom: { name: 'sh' } },
      ],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: [
            { type: 'function', function: { name: 'get_weather' } },
            { type: 'custom', custom: { name: 'sh' } },
          ],
        },
      },
      parallel_tool_calls: false,
      max_completion_tokens: 50,
      stop: 'END',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'r', schema: { type: 'object', properties: {} } },
      },
    })
    const parameters = tool().function.parameters
    expect(asked.prompts).toEqual([
      {
        model: 'gpt-4o',
        tools: [
          { name: 'get_weather', description: 'Weather', parameters },
          { name: 'sh', description: '', custom: true },
        ],
        choice: { mode: 'required' },
        parallel: false,
        reasoning: false,
        output: { schema: { type: 'object', properties: {} } },
        maxTokens: 50,
        stop: ['END'],
        messages: [
          { role: 'system', text: 'Be brief.\nBe kind.' },
          { role: 'user', text: 'Look', images: 1, documents: 1 },
          {
            role: 'assistant',
            text: '',
            calls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }],
          },
          { role: 'tool', callId: 'call_1', text: 'sunny\n20', images: 0, isError: false },
        ],
      },
    ])
  })

  it('knows the other choices and the old form', async () => {
    const asked = trial()
    const base = { model: 'gpt-4o', messages: HELLO }
    await asked.send(base)
    await asked.send({ ...base, tools: [tool()] })
    await asked.send({ ...base, tools: [tool()], tool_choice: 'none' })
    await asked.send({
      ...base,
      tools: [tool()],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    })
    await asked.send({
      ...base,
      messages: [
        ...HELLO,
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: '5' },
      ],
      functions: [{ name: 'f', description: 'd' }],
      function_call: { name: 'f' },
    })
    expect(asked.prompts.map(prompt => prompt.choice)).toEqual([
      { mode: 'none' },
      { mode: 'auto' },
      { mode: 'none' },
      { mode: 'tool', name: 'get_weather' },
      { mode: 'tool', name: 'f' },
    ])
    expect(asked.prompts[4]).toMatchObject({
      parallel: false,
      tools: [{ name: 'f', description: 'd', parameters: { type: 'object', properties: {} } }],
      messages: [
        { role: 'user' },
        { role: 'assistant', calls: [{ id: 'f', name: 'f', arguments: '{}' }] },
        { role: 'tool', callId: 'f', text: '5' },
      ],
    })
  })
})

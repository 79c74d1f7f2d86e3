import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../../model.ts'
import { recordsOf } from '../json.ts'
import {
  calling,
  callsIn,
  deltasOf,
  errorOf,
  HELLO,
  joined,
  result,
  tool,
  trial,
} from '../trial.ts'

const thought: TwinTurn = {
  blocks: [
    { type: 'reasoning', text: 'They want weather.' },
    { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
    { type: 'call', name: 'get_weather', arguments: '{"city":"Rome"}' },
  ],
  usage: { input: 339, cached: 320 },
}
const V4 = { model: 'deepseek-v4-flash', messages: HELLO, tools: [tool()] }
const complaint = (fields: object) => errorOf({ ...V4, ...fields }, 'deepseek')
const refused = (message: string) => ({
  status: 400,
  message,
  type: 'invalid_request_error',
  param: null,
  code: 'invalid_request_error',
})
const history = (more: object) => ({
  messages: [...HELLO, { ...calling('call_00_a'), ...more }, result('call_00_a')],
})

describe('DeepSeek', () => {
  it('wants its reasoning back while it thinks', async () => {
    const text = refused(
      'The `reasoning_content` in the thinking mode must be passed back to the API.',
    )
    expect(await complaint(history({}))).toEqual(text)
    expect(await complaint({ ...history({}), model: 'deepseek-reasoner' })).toEqual(text)
    expect((await complaint(history({ reasoning_content: '' }))).status).toBe(200)
    expect((await complaint(history({ reasoning_content: 'hm' }))).status).toBe(200)
    expect((await complaint({ ...history({}), thinking: { type: 'disabled' } })).status).toBe(200)
    expect((await complaint({ ...history({}), model: 'deepseek-chat' })).status).toBe(200)
    const switched = { ...history({}), model: 'deepseek-chat', thinking: { type: 'enabled' } }
    expect(await complaint(switched)).toEqual(text)
  })

  it('forces no call while it thinks', async () => {
    const text = refused('Thinking mode does not support this tool_choice')
    const named = { type: 'function', function: { name: 'get_weather' } }
    expect(await complaint({ tool_choice: 'required' })).toEqual(text)
    expect(await complaint({ tool_choice: named })).toEqual(text)
    for (const choice of ['auto', 'none']) {
      expect((await complaint({ tool_choice: choice })).status).toBe(200)
    }
    expect((await complaint({ tool_choice: named, thinking: { type: 'disabled' } })).status).toBe(
      200,
    )
  })

  it('has its own words for the order', async () => {
    expect(await complaint({ messages: [...HELLO, result('a')] })).toEqual(
      refused(
        "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
      ),
    )
    const silent = { ...calling('a', 'b'), reasoning_content: '' }
    const insufficient = refused(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)",
    )
    expect(await complaint({ messages: [...HELLO, silent] })).toEqual(insufficient)
    expect(await complaint({ messages: [...HELLO, silent, result('a'), result('c')] })).toEqual(
      insufficient,
    )
  })

  it('reads with a parser of its own', async () => {
    expect((await complaint({ messages: [{ role: 'developer', content: 'x' }] })).message).toMatch(
      /^Failed to deserialize the JSON body into the target type: messages\[0\]\.role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool`, `latest_reminder` at line 1 column \d+$/,
    )
    expect((await errorOf({ model: 'deepseek-chat' }, 'deepseek')).message).toMatch(
      /target type: missing field `messages` at line 1/,
    )
    expect(await complaint({ model: 'gpt-4o' })).toEqual(refused('Model Not Exist'))
    expect((await complaint({ top_k: 5, thinking: { type: 'enabled', budget: 1 } })).status).toBe(
      200,
    )
    const head = { headers: { 'content-type': 'application/json' } }
    expect(await errorOf(V4, 'deepseek', head)).toMatchObject({
      status: 401,
      message: 'Authentication Fails (auth header format should be Bearer sk-...)',
      type: 'authentication_error',
    })
  })

  it('answers whole', async () => {
    const { json, message } = await trial('deepseek', [thought]).send(V4)
    expect(json.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    expect(json.system_fingerprint).toMatch(/_fp8_kvcache_20260402$/)
    expect(message).toEqual({
      role: 'assistant',
      content: '',
      reasoning_content: 'They want weather.',
      tool_calls: [
        {
          index: 0,
          id: expect.stringMatching(/^call_00_[A-Za-z0-9]{24}$/),
          type: 'function',
          function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
        },
        expect.objectContaining({ index: 1, id: expect.stringMatching(/^call_01_/) }),
      ],
    })
    expect(json.usage).toMatchObject({
      prompt_tokens: 339,
      prompt_cache_hit_tokens: 320,
      prompt_cache_miss_tokens: 19,
      completion_tokens_details: { reasoning_tokens: 5 },
    })
    const plain = await trial('deepseek', [thought]).send({ ...V4, model: 'deepseek-chat' })
    expect(plain.message).not.toHaveProperty('reasoning_content')
    expect(plain.json.model).toBe('deepseek-v4-flash')
  })

  it('streams with comments, and counts in the last chunk', async () => {
    let comments = 0
    for (let seed = 1; seed <= 5; seed++) {
      const { frames, chunks } = await trial('deepseek', [thought], seed).send({
        ...V4,
        stream: true,
      })
      comments += frames.filter(frame => frame === ': keep-alive\n\n').length
      const deltas = deltasOf(chunks)
      expect(deltas[0]).toEqual({ role: 'assistant', content: null, reasoning_content: '' })
      expect(joined(deltas, 'reasoning_content')).toBe('They want weather.')
      expect(callsIn(deltas).map(call => call.text)).toEqual([
        '{"city":"Paris"}',
        '{"city":"Rome"}',
      ])
      expect(deltas.at(-1)).toEqual({ content: '', reasoning_content: null })
      const last = chunks.at(-1)
      expect(recordsOf(last?.choices)[0]?.finish_reason).toBe('tool_calls')
      expect(last?.usage).toMatchObject({ prompt_cache_hit_tokens: 320 })
      expect(chunks[0]?.usage).toBeNull()
    }
    expect(comments).toBeGreaterThan(0)
  })
})

import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../../model.ts'
import { openaiChatTwin } from '../index.ts'
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

const turn: TwinTurn = {
  blocks: [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
  ],
}
const named = { type: 'function', function: { name: 'get_weather' } }

describe('Ollama', () => {
  const BODY = { model: 'gpt-oss:20b', messages: HELLO, tools: [tool()] }

  it('ignores the choice, and takes messages in any order', async () => {
    const asked = trial('ollama', [turn])
    await asked.send({ ...BODY, tool_choice: named, parallel_tool_calls: false })
    expect(asked.prompts[0]).toMatchObject({ choice: { mode: 'auto' }, parallel: true })
    const odd = [...HELLO, result('x'), calling('y'), { role: 'user', content: 'z' }]
    expect((await asked.send({ ...BODY, messages: odd, tool_choice: 'whatever' })).status).toBe(200)
  })

  it('errs in words of its own', async () => {
    expect(await errorOf({ ...BODY, messages: [] }, 'ollama')).toEqual({
      status: 400,
      message: "[] is too short - 'messages'",
      type: 'invalid_request_error',
      param: null,
      code: null,
    })
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{' } }
    const messages = [...HELLO, { role: 'assistant', content: '', tool_calls: [call] }]
    expect((await errorOf({ ...BODY, messages }, 'ollama')).message).toBe(
      'invalid tool call arguments',
    )
    expect((await errorOf({ ...BODY, temperature: 'hot' }, 'ollama')).message).toBe(
      'json: cannot unmarshal string into Go struct field ChatCompletionRequest.temperature',
    )
  })

  it('streams calls whole', async () => {
    const { chunks } = await trial('ollama', [turn]).send({ ...BODY, stream: true })
    expect(chunks[0]?.id).toMatch(/^chatcmpl-\d{3}$/)
    expect(chunks[0]?.system_fingerprint).toBe('fp_ollama')
    expect(joined(deltasOf(chunks), 'reasoning')).toBe('Hm.')
    const pieces = deltasOf(chunks).flatMap(delta => recordsOf(delta.tool_calls))
    expect(pieces).toEqual([
      {
        id: expect.stringMatching(/^call_[a-z0-9]{8}$/),
        index: 0,
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
      },
    ])
  })

  it('forgets the reason of some streams', async () => {
    const seen = new Set<unknown>()
    for (let seed = 1; seed <= 40; seed++) {
      const { chunks } = await trial('ollama', undefined, seed).send({ ...BODY, stream: true })
      seen.add(recordsOf(chunks.at(-1)?.choices)[0]?.finish_reason)
    }
    expect(seen).toEqual(new Set(['stop', null]))
  })
})

describe('vLLM', () => {
  const BODY = { model: 'Qwen/Qwen3-8B', messages: HELLO, tools: [tool()] }
  const bad = (message: string) => ({
    status: 400,
    message,
    type: 'BadRequestError',
    param: null,
    code: 400,
  })
  const value = (text: string) =>
    bad(`[{'type': 'value_error', 'loc': ('body',), 'msg': 'Value error, ${text}'}]`)

  it('is picky about the choice', async () => {
    const complaint = (fields: object) => errorOf({ ...BODY, ...fields }, 'vllm')
    expect(await complaint({ tools: undefined, tool_choice: 'auto' })).toEqual(
      value('When using `tool_choice`, `tools` must be set.'),
    )
    expect(await complaint({ tool_choice: { type: 'function', function: { name: 'x' } } })).toEqual(
      value('The tool specified in `tool_choice` does not match any of the specified `tools`'),
    )
    expect(await complaint({ tool_choice: 'any' })).toEqual(
      value(
        'Invalid value for `tool_choice`: any! Only named tools, "none", "auto" or "required" are supported.',
      ),
    )
    for (const choice of ['auto', 'none', 'required', named]) {
      expect((await complaint({ tool_choice: choice })).status).toBe(200)
    }
  })

  it('may be started without a parser, or be old', async () => {
    const text =
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    const bare = openaiChatTwin('vllm', { vllm: { autoToolChoice: false } })
    expect(await errorOf(BODY, bare)).toEqual(bad(text))
    expect((await errorOf({ ...BODY, tool_choice: named }, bare)).status).toBe(200)
    const old = openaiChatTwin('vllm', { vllm: { autoToolChoice: false, flatErrors: true } })
    expect((await trial(old).send(BODY)).json).toEqual({
      object: 'error',
      message: text,
      type: 'BadRequestError',
      param: null,
      code: 400,
    })
  })

  it('ends a named choice with stop, and fills in the model', async () => {
    const { choice, message, json } = await trial('vllm', [turn]).send({
      ...BODY,
      tool_choice: named,
    })
    expect(choice.finish_reason).toBe('stop')
    expect(message).toMatchObject({
      reasoning_content: 'Hm.',
      tool_calls: [{ id: expect.stringMatching(/^chatcmpl-tool-[0-9a-f]{32}$/) }],
    })
    expect(json.usage).toMatchObject({ prompt_tokens_details: null })
    const auto = await trial('vllm', [turn]).send({ messages: HELLO, tools: [tool()] })
    expect(auto.choice.finish_reason).toBe('tool_calls')
    expect(auto.json.model).toBe('Qwen/Qwen3-8B')
    const text = await trial('vllm').send({ ...BODY, tools: undefined })
    expect(text.message.tool_calls).toEqual([])
  })
})

describe('Together', () => {
  it('sends usage last and alone, asked for or not', async () => {
    const body = { model: 'openai/gpt-oss-120b', messages: HELLO, tools: [tool()], stream: true }
    const { chunks } = await trial('together', [turn]).send(body)
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { total_tokens: expect.any(Number) },
    })
    expect(joined(deltasOf(chunks), 'reasoning')).toBe('Hm.')
    expect(callsIn(deltasOf(chunks))).toMatchObject([{ text: '{"city":"Paris"}' }])
    const { json } = await trial('together').send(
      { ...body, stream: false },
      { headers: { 'content-type': 'application/json' } },
    )
    expect(json).toMatchObject({ id: expect.any(String), error: { code: 'invalid_api_key' } })
  })
})

describe('a compatible server', () => {
  it('reads leniently but keeps the order', async () => {
    const long = 'c'.repeat(100)
    const body = {
      model: 'anything',
      messages: [
        { role: 'system', content: 'x', cache_control: {} },
        { role: 'user', content: 'hi', tool_calls: null },
        calling(long),
        result(long),
      ],
      tools: null,
      stop: null,
      min_p: 0.1,
    }
    expect((await trial('compatible').send(body)).status).toBe(200)
    expect(
      (await errorOf({ model: 'anything', messages: [calling('a')] }, 'compatible')).message,
    ).toMatch(/did not have response messages: a$/)
  })

  it('answers plainly', async () => {
    const body = { model: 'anything', messages: HELLO, tools: [tool()], reasoning_effort: 'low' }
    const { json, message } = await trial('compatible', [turn]).send(body)
    expect(Object.keys(json)).toEqual(['id', 'object', 'created', 'model', 'choices', 'usage'])
    expect(message).toMatchObject({ content: null, reasoning_content: 'Hm.' })
    const { chunks } = await trial('compatible', [turn]).send({ ...body, stream: true })
    expect(chunks.every(chunk => !('usage' in chunk) && !('obfuscation' in chunk))).toBe(true)
  })
})

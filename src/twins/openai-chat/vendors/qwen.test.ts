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

const BODY = { model: 'qwen3.5-plus', messages: HELLO, tools: [tool()] }
const complaint = (fields: object) => errorOf({ ...BODY, ...fields }, 'qwen')
const ENGINE = '<400> InternalError.Algo.InvalidParameter:'
const refused = (message: string) => ({
  status: 400,
  message,
  type: 'invalid_request_error',
  param: null,
  code: 'invalid_parameter_error',
})

describe('Qwen', () => {
  it('forces no call while it thinks', async () => {
    const text = refused(
      `${ENGINE} The tool_choice parameter does not support being set to required or object in thinking mode`,
    )
    const named = { type: 'function', function: { name: 'get_weather' } }
    expect(await complaint({ tool_choice: 'required' })).toEqual(text)
    expect(await complaint({ tool_choice: named })).toEqual(text)
    expect(
      await complaint({ model: 'qwen-plus', enable_thinking: true, tool_choice: named }),
    ).toEqual(text)
    expect((await complaint({ tool_choice: named, enable_thinking: false })).status).toBe(200)
    expect((await complaint({ model: 'qwen-plus', tool_choice: named })).status).toBe(200)
    expect((await complaint({ tool_choice: 'auto' })).status).toBe(200)
    const coder = await complaint({ model: 'qwen3-coder-plus', tool_choice: 'required' })
    expect(coder).toMatchObject({ status: 400, code: 'invalid_parameter_error' })
  })

  it('gives ids beside the error', async () => {
    const { json } = await trial('qwen').send({ ...BODY, tool_choice: 'required' })
    expect(json.id).toBe(`chatcmpl-${String(json.request_id)}`)
  })

  it('thinks only in streams, if it is one of the first', async () => {
    const open = { model: 'qwen3-32b' }
    expect(await complaint(open)).toEqual(
      refused('parameter.enable_thinking must be set to false for non-streaming calls'),
    )
    expect((await complaint({ ...open, stream: true })).status).toBe(200)
    expect((await complaint({ ...open, enable_thinking: false })).status).toBe(200)
  })

  it('has its own words for the order and for types', async () => {
    expect(await complaint({ messages: [...HELLO, result('a')] })).toEqual(
      refused(
        `${ENGINE} messages with role "tool" must be a response to a preceeding message with "tool_calls".`,
      ),
    )
    expect(await complaint({ messages: [...HELLO, calling('a')] })).toEqual(
      refused(
        `${ENGINE} An assistant message with "tool_calls" must be followed by tool messages responding to each "tool_call_id". The following tool_call_ids did not have response messages: message[2].role`,
      ),
    )
    expect(await complaint({ messages: [{ role: 'user', content: {} }] })).toMatchObject({
      message:
        "Invalid type for 'messages.[0].content': expected one of a string or array of objects, but got an object instead.",
      param: "'messages.[0].content'",
      code: 'invalid_type',
    })
    expect(await complaint({ messages: [{ role: 'developer', content: 'x' }] })).toMatchObject({
      message:
        "developer is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.['0].role'",
    })
    expect(
      await complaint({ messages: [{ role: 'assistant', content: 'x', tool_calls: [] }] }),
    ).toEqual(refused(`${ENGINE} Empty tool_calls is not supported in message`))
    expect((await complaint({ response_format: { type: 'json_object' } })).message).toBe(
      `${ENGINE} 'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.`,
    )
  })

  it('answers and streams', async () => {
    const turn: TwinTurn = {
      blocks: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
      ],
    }
    const whole = await trial('qwen', [turn]).send(BODY)
    expect(whole.message).toMatchObject({
      content: '',
      reasoning_content: 'Hm.',
      tool_calls: [{ id: expect.stringMatching(/^call_[0-9a-f]{24}$/), index: 0 }],
    })
    const { chunks } = await trial('qwen', [turn]).send({
      ...BODY,
      stream: true,
      stream_options: { include_usage: true },
    })
    const deltas = deltasOf(chunks)
    expect(joined(deltas, 'reasoning_content')).toBe('Hm.')
    const pieces = deltas.flatMap(delta => recordsOf(delta.tool_calls))
    expect(pieces.slice(1).every(piece => piece.id === '')).toBe(true)
    expect(callsIn(deltas)).toMatchObject([{ name: 'get_weather', text: '{"city":"Paris"}' }])
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number) },
    })
  })
})

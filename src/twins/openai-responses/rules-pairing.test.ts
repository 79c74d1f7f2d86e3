import { describe, expect, it } from 'vitest'
import { call, complaint, PLAIN_BODY, refusal, result, tool, trial, user } from './trial.ts'

const inputOf = (...input: unknown[]) => complaint({ input })
const custom = (callId: string) => ({
  type: 'custom_tool_call',
  call_id: callId,
  name: 'run',
  input: 'x',
})
const customResult = (callId: string) => ({
  type: 'custom_tool_call_output',
  call_id: callId,
  output: 'y',
})

describe('calls and their outputs', () => {
  it.each([
    [
      [user('x'), result('call_1')],
      'No tool call found for function call output with call_id call_1.',
    ],
    [[user('x'), call('call_1')], 'No tool output found for function call call_1.'],
    [
      [call('call_1'), call('call_2'), result('call_2')],
      'No tool output found for function call call_1.',
    ],
    [
      [result('call_1'), call('call_1')],
      'No tool call found for function call output with call_id call_1.',
    ],
    [
      [custom('call_1'), result('call_1')],
      'No tool call found for function call output with call_id call_1.',
    ],
    [
      [call('call_1'), result('call_1'), customResult('call_1')],
      'No tool call found for custom tool call output with call_id call_1.',
    ],
    [[custom('call_1')], 'No tool output found for custom tool call call_1.'],
  ])('%j', async (input, message) => {
    expect(await inputOf(...input)).toEqual(refusal(message, 'input'))
  })

  it('need not stand side by side', async () => {
    expect(
      await inputOf(
        call('a'),
        custom('b'),
        { role: 'assistant', content: 'One moment.' },
        customResult('b'),
        user('Hurry!'),
        result('a'),
      ),
    ).toBeUndefined()
  })

  it('may share an id one after the other', async () => {
    expect(await inputOf(call('a'), result('a'), call('a'), result('a'))).toBeUndefined()
    expect(await inputOf(call('a'), result('a'), call('a'))).toMatchObject({ status: 400 })
  })

  it('may be split over two requests', async () => {
    const block = { type: 'call', name: 'get_weather', arguments: '{}', id: 'call_7' } as const
    const { send } = trial([{ blocks: [block] }, { blocks: [] }])
    const first = await send({ ...PLAIN_BODY, tools: [tool()] })
    const next = { ...PLAIN_BODY, previous_response_id: first.json.id }
    expect((await send(next)).error).toMatchObject({
      message: 'No tool output found for function call call_7.',
      param: 'input',
    })
    expect((await send({ ...next, input: [result('call_8')] })).error.message).toBe(
      'No tool call found for function call output with call_id call_8.',
    )
    expect((await send({ ...next, input: [result('call_7')] })).status).toBe(200)
  })
})

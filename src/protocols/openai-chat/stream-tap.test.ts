import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import { openaiChat } from './index.ts'
import { ChatStreamTap } from './stream-tap.ts'

function tap(...events: (JsonObject | string)[]): ChatStreamTap {
  const watched = new ChatStreamTap()
  for (const event of events)
    watched.push({ event: '', data: typeof event === 'string' ? event : JSON.stringify(event) })
  return watched
}

const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
  usage: null,
})

describe('a tap', () => {
  it('knows nothing at first', () => {
    expect(tap(chunk({ content: 'x' }))).toMatchObject({
      complete: false,
      usage: undefined,
      finish: undefined,
    })
  })

  it('sees the finish, the usage and the end', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2 }
    const watched = tap(
      chunk({ content: 'x' }),
      chunk({}, 'length'),
      { choices: [], usage },
      '[DONE]',
    )
    expect(watched).toMatchObject({
      complete: true,
      usage: { input: 1, output: 2 },
      finish: 'length',
    })
  })

  it('sees calls, whatever the finish is called', () => {
    const head = { index: 0, id: 'a', function: { name: 'f', arguments: '' } }
    expect(tap(chunk({ tool_calls: [head] }), chunk({}, 'stop')).finish).toBe('tool-calls')
    expect(tap(chunk({ tool_calls: [] }), chunk({}, 'stop')).finish).toBe('stop')
    expect(tap(chunk({ function_call: { name: 'f' } }), '[DONE]').finish).toBe('tool-calls')
  })

  it('reads JSON with spaces, and the usage of x_groq', () => {
    const watched = tap(
      '{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "x_groq": {"usage": {"prompt_tokens": 4, "completion_tokens": 1}}}',
    )
    expect(watched).toMatchObject({ complete: true, finish: 'stop', usage: { input: 4 } })
  })

  it('is not fooled by what the model says', () => {
    const said = '"finish_reason":"stop","usage":{"prompt_tokens":1},"error":{"message":"x"}'
    expect(tap(chunk({ content: said }))).toMatchObject({ complete: false, usage: undefined })
  })

  it('takes an error for an end', () => {
    expect(tap({ error: { message: 'boom' } }).complete).toBe(true)
    const named = new ChatStreamTap()
    named.push({ event: 'error', data: '{"message":"boom"}' })
    expect(named.complete).toBe(true)
  })

  it('owes the end that a vendor leaves out, and only that', () => {
    expect(tap(chunk({}, 'stop')).owed).toBe('data: [DONE]\n\n')
    expect(tap(chunk({}, 'stop'), '[DONE]').owed).toBe('')
    expect(tap({ error: { message: 'no' } }).owed).toBe('')
  })

  it('waits for each choice that was asked for', () => {
    const request = openaiChat.decodeRequest(
      { model: 'm', messages: [{ role: 'user', content: 'x' }], n: 2 },
      { headers: {} },
    )
    const watched = openaiChat.streamTap(request)
    for (const index of [0, 1]) {
      expect(watched.complete).toBe(false)
      const choice = { index, delta: {}, finish_reason: 'stop' }
      watched.push({ event: '', data: JSON.stringify({ choices: [choice] }) })
    }
    expect(watched.complete).toBe(true)
  })
})

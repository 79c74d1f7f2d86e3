import { describe, expect, it } from 'vitest'
import { calling, errorOf, HELLO, result, tool, trial } from './trial.ts'

const TYPE = 'invalid_request_error'
/** The error for a plain request with these fields changed. */
const complaint = (fields: object) => errorOf({ model: 'gpt-4o', messages: HELLO, ...fields })
const talk = (...messages: readonly object[]) =>
  complaint({ messages: [...HELLO, ...messages], tools: [tool()] })
const refused = (message: string, param: string | null, code: string | null) => ({
  status: 400,
  message,
  type: TYPE,
  param,
  code,
})

describe('calls and results', () => {
  const unanswered = (index: number, ids: string) =>
    refused(
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`,
      `messages.[${index}].role`,
      null,
    )

  it('wants every call answered at once', async () => {
    const user = { role: 'user', content: 'never mind' }
    expect(await talk(calling('call_a'), user)).toEqual(unanswered(2, 'call_a'))
    expect(await talk(calling('call_a'))).toEqual(unanswered(2, 'call_a'))
    expect(await talk(calling('a', 'b', 'c'), result('b'), user)).toEqual(unanswered(3, 'a, c'))
    expect(await talk(calling('a', 'b'), result('a'), user, result('b'))).toEqual(
      unanswered(3, 'b'),
    )
  })

  it('wants a call for every result', async () => {
    const orphan = (index: number) =>
      refused(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${index}].role`,
        null,
      )
    expect(await talk(result('call_a'))).toEqual(orphan(1))
    const said = { role: 'assistant', content: 'ok' }
    expect(await talk(calling('a'), result('a'), said, result('a'))).toEqual(orphan(4))
    expect(await talk(calling('a'), result('b'))).toEqual(
      refused(
        "Invalid parameter: 'tool_call_id' of 'b' not found in 'tool_calls' of previous message.",
        'messages.[2].tool_call_id',
        null,
      ),
    )
    expect(await talk(calling('a'), result('a'), result('a'))).toEqual(
      refused(
        "Invalid parameter: Duplicate value for 'tool_call_id' of 'a', in messages[2] and messages[3].",
        'messages.[3].tool_call_id',
        null,
      ),
    )
    expect(await talk(calling('a'), { role: 'tool', content: 'x' })).toEqual(
      refused(
        "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.",
        'messages.[2].tool_call_id',
        null,
      ),
    )
  })

  it('takes results in any order, and several turns', async () => {
    const turns = [
      calling('a', 'b'),
      result('b'),
      result('a', [{ type: 'text', text: 'sunny' }]),
      calling('a'),
      { ...result('a'), name: 'f' },
      { role: 'assistant', content: 'Sunny.', refusal: null, annotations: [] },
      { role: 'user', content: 'Thanks' },
    ]
    const { status } = await trial().send({ model: 'gpt-4o', messages: [...HELLO, ...turns] })
    expect(status).toBe(200)
  })

  it('limits ids and names', async () => {
    const long = 'c'.repeat(43)
    const tooLong = (path: string) =>
      refused(
        `Invalid '${path}': string too long. Expected a string with maximum length 40, but got a string with length 43 instead.`,
        path,
        'string_above_max_length',
      )
    expect(await talk(calling(long), result(long))).toEqual(tooLong('messages[1].tool_calls[0].id'))
    expect(await talk(calling('a'), result(long))).toEqual(tooLong('messages[2].tool_call_id'))
    expect((await talk(calling('c'.repeat(40)), result('c'.repeat(40)))).status).toBe(200)
    const pattern = (path: string) =>
      refused(
        `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        path,
        'invalid_value',
      )
    expect(await complaint({ tools: [tool('get weather')] })).toEqual(
      pattern('tools[0].function.name'),
    )
    const call = { id: 'a', type: 'function', function: { name: 'a.b', arguments: '{}' } }
    expect(await talk({ role: 'assistant', tool_calls: [call] }, result('a'))).toEqual(
      pattern('messages[1].tool_calls[0].function.name'),
    )
    expect(
      await complaint({ messages: [{ role: 'user', name: 'Ann Lee', content: 'x' }] }),
    ).toEqual(pattern('messages[0].name'))
    expect(await complaint({ tools: [tool('n'.repeat(65))] })).toEqual(
      refused(
        "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
        'tools[0].function.name',
        'string_above_max_length',
      ),
    )
    expect(await complaint({ tools: [tool('')] })).toMatchObject({
      message:
        "Invalid 'tools[0].function.name': empty string. Expected a string with minimum length 1, but got an empty string instead.",
      code: 'empty_string',
    })
  })

  it('wants content, and the right parts of it', async () => {
    const none = (index: number) =>
      refused(
        "Invalid value for 'content': expected a string, got null.",
        `messages.[${index}].content`,
        null,
      )
    expect(await complaint({ messages: [{ role: 'user', content: null }] })).toEqual(none(0))
    expect(await complaint({ messages: [{ role: 'user' }] })).toEqual(none(0))
    expect(await talk({ role: 'assistant', content: null })).toEqual(none(1))
    expect(await talk({ role: 'assistant', tool_calls: [] })).toEqual(
      refused(
        "Invalid 'messages[1].tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        'messages[1].tool_calls',
        'empty_array',
      ),
    )
    const image = [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]
    expect(await talk(calling('a'), result('a', image))).toEqual(
      refused(
        "Invalid 'messages[2]'. Image URLs are only allowed for messages with role 'user', but this message with role 'tool' contains an image URL.",
        'messages[2]',
        'invalid_value',
      ),
    )
    const audio = [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }]
    expect(await complaint({ messages: [{ role: 'user', content: audio }] })).toEqual(
      refused(
        "Invalid 'messages[0]'. Content blocks are expected to be either text or image_url type.",
        'messages[0]',
        'invalid_value',
      ),
    )
    const heard = { model: 'gpt-4o-audio-preview', messages: [{ role: 'user', content: audio }] }
    expect((await trial().send(heard)).status).toBe(200)
  })
})

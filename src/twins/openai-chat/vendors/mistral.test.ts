import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../../model.ts'
import { recordsOf } from '../json.ts'
import { calling, deltasOf, HELLO, result, tool, trial } from '../trial.ts'

const BODY = { model: 'mistral-large-latest', messages: HELLO, tools: [tool()] }
const complaint = async (fields: object) => {
  const { status, json } = await trial('mistral').send({ ...BODY, ...fields })
  return { status, ...json }
}
const talk = (...messages: readonly object[]) => complaint({ messages: [...HELLO, ...messages] })
const flat = (message: string, type: string, code: string | null) => ({
  status: 400,
  object: 'error',
  message,
  type,
  param: null,
  code,
  raw_status_code: 400,
})
const order = (message: string) => flat(message, 'invalid_request_message_order', '3230')
const detail = (type: string, loc: readonly (string | number)[], msg: string, input: unknown) => ({
  status: 422,
  detail: [{ type, loc: ['body', ...loc], msg, input }],
})

describe('Mistral', () => {
  it('wants ids of nine characters', async () => {
    expect(await talk(calling('turn1_0'), result('turn1_0'))).toEqual(
      flat(
        'Tool call id was turn1_0 but must be a-z, A-Z, 0-9, with a length of 9.',
        'invalid_function_call',
        '3280',
      ),
    )
    expect((await talk(calling('abcDEF123'), result('abcDEF123'))).status).toBe(200)
  })

  it('keeps an order of roles', async () => {
    const good = [calling('abcDEF123'), result('abcDEF123')]
    const user = { role: 'user', content: 'and?' }
    expect(await talk(...good, user)).toEqual(order("Unexpected role 'user' after role 'tool'"))
    expect(await talk(result('abcDEF123'))).toEqual(
      order("Unexpected role 'tool' after role 'user'"),
    )
    expect((await talk(...good, { role: 'assistant', content: 'Sunny.' }, user)).status).toBe(200)
    expect(await talk({ role: 'assistant', content: 'Hi' })).toEqual(
      order(
        'Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant',
      ),
    )
    expect((await talk({ role: 'assistant', content: 'Hi', prefix: true })).status).toBe(200)
  })

  it('counts calls and results', async () => {
    const uneven = order('Not the same number of function calls and responses')
    expect(await talk(calling('abcDEF123', 'abcDEF124'), result('abcDEF123'))).toEqual(uneven)
    expect(await talk(calling('abcDEF123'), { role: 'user', content: 'x' })).toEqual(uneven)
  })

  it('wants something of an assistant', async () => {
    expect(await talk({ role: 'assistant', content: '' }, ...HELLO)).toEqual(
      flat(
        'Assistant message must have either content or tool_calls, but not none.',
        'invalid_request_error',
        null,
      ),
    )
    const bare = { ...calling('abcDEF123'), content: [] }
    expect((await talk(bare, result('abcDEF123'))).status).toBe(200)
  })

  it('refuses every field that it does not know', async () => {
    const extra = 'Extra inputs are not permitted'
    expect(await complaint({ store: false })).toEqual(
      detail('extra_forbidden', ['store'], extra, false),
    )
    expect(await complaint({ max_completion_tokens: 5 })).toMatchObject({ status: 422 })
    expect(await complaint({ messages: [{ role: 'user', content: 'x', name: 'Ann' }] })).toEqual(
      detail('extra_forbidden', ['messages', 0, 'name'], extra, 'Ann'),
    )
    expect(await complaint({ messages: undefined })).toMatchObject({
      status: 422,
      detail: [{ type: 'missing', loc: ['body', 'messages'], msg: 'Field required' }],
    })
    expect(await complaint({ temperature: 'hot' })).toEqual(
      detail('float_type', ['temperature'], 'Input should be a valid number', 'hot'),
    )
    expect(await complaint({ messages: [{ role: 'developer', content: 'x' }] })).toMatchObject({
      status: 422,
      detail: [{ type: 'literal_error', loc: ['body', 'messages', 0, 'role'] }],
    })
  })

  it('has a word of its own for required, and takes names of results', async () => {
    for (const choice of ['auto', 'none', 'any', 'required']) {
      expect((await complaint({ tool_choice: choice })).status).toBe(200)
    }
    const asked = trial('mistral')
    await asked.send({ ...BODY, tool_choice: 'any' })
    expect(asked.prompts[0]?.choice).toEqual({ mode: 'required' })
    const name = { ...result('abcDEF123'), name: 'get_weather' }
    expect((await talk(calling('abcDEF123'), name)).status).toBe(200)
    const untyped = { function: tool().function }
    expect((await complaint({ tools: [untyped] })).status).toBe(200)
    expect(await complaint({ tools: [tool('get weather')] })).toMatchObject({
      message:
        'Function name was get weather but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64.',
    })
  })

  const call = { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' } as const

  it('calls with short ids, whole and with the last chunk', async () => {
    const turn: TwinTurn = { blocks: [call, call] }
    const { json, message } = await trial('mistral', [turn]).send(BODY)
    expect(json.id).toMatch(/^[0-9a-f]{32}$/)
    const id = expect.stringMatching(/^[A-Za-z0-9]{9}$/)
    expect(message).toMatchObject({
      content: '',
      tool_calls: [
        { id, index: 0 },
        { id, index: 1 },
      ],
    })
    const { chunks } = await trial('mistral', [turn]).send({ ...BODY, stream: true })
    expect(deltasOf(chunks)).toHaveLength(2)
    expect(recordsOf(deltasOf(chunks)[1]?.tool_calls)).toMatchObject([
      { id, index: 0, function: { arguments: '{"city":"Paris"}' } },
      { id, index: 1 },
    ])
    expect(chunks[1]).toMatchObject({
      choices: [{ finish_reason: 'tool_calls' }],
      usage: { total_tokens: expect.any(Number) },
    })
  })

  it('thinks in parts of the content', async () => {
    const turn: TwinTurn = {
      blocks: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Yes.' },
      ],
    }
    const body = { ...BODY, model: 'magistral-medium-latest' }
    const { message } = await trial('mistral', [turn]).send(body)
    expect(message.content).toEqual([
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'Yes.' },
    ])
    expect(message).not.toHaveProperty('reasoning_content')
    const { chunks } = await trial('mistral', [turn]).send({ ...body, stream: true })
    const parts = deltasOf(chunks).flatMap(delta => recordsOf(delta.content))
    expect(parts.every(part => part.type === 'thinking')).toBe(true)
    const back = [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }]
    const again = [...HELLO, { role: 'assistant', content: back }, { role: 'user', content: 'x' }]
    expect((await trial('mistral').send({ ...body, messages: again })).status).toBe(200)
  })
})

import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../../model.ts'
import { calling, callsIn, deltasOf, errorOf, HELLO, result, tool, trial } from '../trial.ts'

const BODY = { model: 'kimi-k2.6', messages: HELLO, tools: [tool()] }
const complaint = (fields: object) => errorOf({ ...BODY, ...fields }, 'kimi')
const refused = (message: string) => ({ status: 400, message, type: 'invalid_request_error' })
const named = { type: 'function', function: { name: 'get_weather' } }
const off = { thinking: { type: 'disabled' } }

describe('Kimi', () => {
  it('forces no call while it thinks', async () => {
    const required = refused("tool_choice 'required' is incompatible with thinking enabled")
    const specified = refused("tool_choice 'specified' is incompatible with thinking enabled")
    expect(await complaint({ tool_choice: 'required' })).toEqual(required)
    expect(await complaint({ tool_choice: named })).toEqual(specified)
    expect((await complaint({ tool_choice: named, ...off })).status).toBe(200)
    expect((await complaint({ tool_choice: 'required', ...off })).status).toBe(200)
    const k3 = { model: 'kimi-k3', ...off }
    expect((await complaint({ ...k3, tool_choice: 'required' })).status).toBe(200)
    expect(await complaint({ ...k3, tool_choice: named })).toEqual(specified)
    const old = { model: 'kimi-k2-0905-preview' }
    expect((await complaint({ ...old, tool_choice: 'required' })).status).toBe(400)
    expect((await complaint({ ...old, tool_choice: named })).status).toBe(200)
  })

  it('wants its reasoning back while it thinks', async () => {
    const messages = [...HELLO, calling('get_weather:0'), result('get_weather:0')]
    expect(await complaint({ messages })).toEqual(
      refused(
        'thinking is enabled but reasoning_content is missing in assistant tool call message at index 1',
      ),
    )
    expect((await complaint({ messages, ...off })).status).toBe(200)
    const [hello, call, answer] = messages
    const kept = [hello, { ...call, reasoning_content: '' }, answer]
    expect((await complaint({ messages: kept })).status).toBe(200)
  })

  it('knows its models, and no effort of none', async () => {
    expect(await complaint({ model: 'gpt-4o' })).toEqual({
      status: 404,
      message: 'Not found the model gpt-4o or Permission denied',
      type: 'resource_not_found_error',
    })
    expect((await complaint({ reasoning_effort: 'none' })).status).toBe(400)
    expect((await complaint({ messages: [...HELLO, result('a')] })).message).toBe(
      'Invalid request: tool_call_id  is not found',
    )
  })

  it('counts ids anew in each answer', async () => {
    const call = { type: 'call', name: 'get_weather', arguments: '{}' } as const
    const turn: TwinTurn = { blocks: [call, call] }
    const asked = trial('kimi', [turn])
    for (const _ of [1, 2]) {
      const { message } = await asked.send(BODY)
      expect(message.tool_calls).toMatchObject([{ id: 'get_weather:0' }, { id: 'get_weather:1' }])
    }
    const { chunks } = await asked.send({ ...BODY, stream: true })
    expect(callsIn(deltasOf(chunks)).map(({ id }) => id)).toEqual([
      'get_weather:0',
      'get_weather:1',
    ])
    expect(chunks.at(-1)).toHaveProperty('usage')
  })
})

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

const BODY = { model: 'glm-4.7', messages: HELLO, tools: [tool()] }
const at = (path: string) => ({ path: `${path}/chat/completions` })
const PAAS = at('/api/paas/v4')
const complaint = (fields: object, head = PAAS) => errorOf({ ...BODY, ...fields }, 'glm', head)
const invalid = {
  status: 400,
  code: '1210',
  message: 'Invalid API parameter, please check the documentation.',
}

describe('GLM', () => {
  it('takes auto only', async () => {
    const text = { status: 400, code: '1210', message: 'Tool choice must be auto' }
    const named = { type: 'function', function: { name: 'get_weather' } }
    expect(await complaint({ tool_choice: 'required' })).toEqual(text)
    expect(await complaint({ tool_choice: 'none' })).toEqual(text)
    expect(await complaint({ tool_choice: named })).toEqual(text)
    expect((await complaint({ tool_choice: 'auto' })).status).toBe(200)
    expect((await complaint({})).status).toBe(200)
    const coding = at('/api/coding/paas/v4')
    expect((await complaint({ tool_choice: named }, coding)).status).toBe(200)
    expect(await complaint({ tool_choice: 'required' }, coding)).toEqual(text)
  })

  it('says little about the rest', async () => {
    expect(await complaint({ tools: undefined, tool_choice: 'auto' })).toEqual(invalid)
    expect(await complaint({ messages: [] })).toEqual(invalid)
    expect(await complaint({ messages: [...HELLO, result('a')] })).toEqual(invalid)
    expect(await complaint({ messages: [...HELLO, calling('a')] })).toEqual(invalid)
    expect(await complaint({ messages: [{ role: 'developer', content: 'x' }] })).toEqual({
      status: 400,
      code: '1214',
      message: 'Incorrect role information',
    })
    expect(await complaint({ model: 'GLMMM-5.2' })).toEqual({
      status: 400,
      code: '1211',
      message: 'Unknown Model, please check the model code.',
    })
    const ignored = { max_completion_tokens: 5, stream_options: { include_usage: true }, strict: 1 }
    expect((await complaint(ignored)).status).toBe(200)
  })

  const turn: TwinTurn = {
    blocks: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'call', name: 'get_weather', arguments: '{"city":"Saint-Germain-en-Laye"}' },
    ],
  }

  it('answers whole', async () => {
    const { json, message } = await trial('glm', [turn]).send(BODY, PAAS)
    expect(json.id).toMatch(/^20261121000000[0-9a-f]{18}$/)
    expect(json.request_id).toBe(json.id)
    expect(message).toMatchObject({
      reasoning_content: 'Hm.',
      tool_calls: [{ id: expect.stringMatching(/^call_-\d{19}$/), index: 0, type: 'function' }],
    })
    const off = await trial('glm', [turn]).send({ ...BODY, thinking: { type: 'disabled' } }, PAAS)
    expect(off.message).not.toHaveProperty('reasoning_content')
    const always = { ...BODY, model: 'glm-5.3', thinking: { type: 'disabled' } }
    expect((await trial('glm', [turn]).send(always, PAAS)).message).toHaveProperty(
      'reasoning_content',
    )
  })

  it('streams arguments only when asked', async () => {
    const send = async (fields: object) =>
      (await trial('glm', [turn]).send({ ...BODY, stream: true, ...fields }, PAAS)).chunks
    const once = await send({})
    const pieces = deltasOf(once).flatMap(delta => recordsOf(delta.tool_calls))
    expect(pieces).toHaveLength(1)
    expect(joined(deltasOf(once), 'reasoning_content')).toBe('Hm.')
    expect(once.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'tool_calls' }],
      usage: { prompt_tokens: expect.any(Number) },
    })
    const often = deltasOf(await send({ tool_stream: true }))
    expect(often.flatMap(delta => recordsOf(delta.tool_calls)).length).toBeGreaterThan(1)
    expect(callsIn(often)[0]?.text).toBe('{"city":"Saint-Germain-en-Laye"}')
  })

  it('calls what is filtered sensitive', async () => {
    const filtered: TwinTurn = { blocks: [], end: 'content-filter' }
    expect((await trial('glm', [filtered]).send(BODY, PAAS)).choice.finish_reason).toBe('sensitive')
  })
})

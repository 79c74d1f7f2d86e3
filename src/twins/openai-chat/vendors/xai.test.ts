import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../../model.ts'
import { recordsOf } from '../json.ts'
import type { Body } from '../request.ts'
import { calling, deltasOf, HELLO, tool, trial } from '../trial.ts'

const BODY = { model: 'grok-3-mini', messages: HELLO, tools: [tool()] }
const complaint = async (fields: object): Promise<Body> => {
  const { status, json } = await trial('xai').send({ ...BODY, ...fields })
  return { status, ...json }
}
const refused = (error: string) => ({
  status: 400,
  code: 'Client specified an invalid argument',
  error,
})

describe('xAI', () => {
  it('errs flatly', async () => {
    expect(await complaint({ model: 'grok-4.6', presence_penalty: 0 })).toEqual(
      refused('Model grok-4.6 does not support parameter presencePenalty.'),
    )
    expect(await complaint({ model: 'grok-4.5', reasoning_effort: 'none' })).toEqual(
      refused("This model does not support 'reasoning_effort' value 'none'"),
    )
    expect((await complaint({ tools: undefined, tool_choice: 'auto' })).error).toMatch(
      /A tool_choice was set on the request but no tools were specified\.$/,
    )
    expect((await complaint({ messages: [...HELLO, calling('a')] })).status).toBe(400)
    const unread = await trial('xai').send({ ...BODY, messages: 5 })
    expect(unread.status).toBe(422)
    expect(unread.headers['content-type']).toMatch(/^text\/plain/)
    expect(unread.text).toMatch(
      /^Failed to deserialize the JSON body into the target type: messages/,
    )
  })

  const turn: TwinTurn = {
    blocks: [
      { type: 'reasoning', text: '12345678' },
      { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
      { type: 'call', name: 'get_weather', arguments: '{"city":"Rome"}' },
    ],
    usage: { input: 432, output: 204, reasoning: 136, cached: 153 },
  }

  it('leaves reasoning out of completion_tokens but not of the total', async () => {
    const { json, message } = await trial('xai', [turn]).send(BODY)
    expect(json.usage).toMatchObject({
      prompt_tokens: 432,
      completion_tokens: 68,
      total_tokens: 636,
      prompt_tokens_details: { text_tokens: 432, cached_tokens: 153 },
      completion_tokens_details: { reasoning_tokens: 136 },
    })
    expect(message).toMatchObject({
      content: '',
      reasoning_content: '12345678',
      tool_calls: [{ id: expect.stringMatching(/^call_\d{8}$/) }, {}],
      refusal: null,
    })
    const quiet = await trial('xai', [turn]).send({ ...BODY, model: 'grok-4' })
    expect(quiet.message).not.toHaveProperty('reasoning_content')
  })

  it('streams whole calls, and a reason only at the end', async () => {
    const body = { ...BODY, model: 'grok-4', stream: true, stream_options: { include_usage: true } }
    const { chunks } = await trial('xai', [turn]).send(body)
    const deltas = deltasOf(chunks)
    expect(deltas[0]).toMatchObject({ role: 'assistant', tool_calls: [{ index: 0 }] })
    expect(deltas[1]).toEqual({
      tool_calls: [
        {
          index: 1,
          id: expect.any(String),
          type: 'function',
          function: { name: 'get_weather', arguments: '{"city":"Rome"}' },
        },
      ],
    })
    const choices = chunks.flatMap(chunk => recordsOf(chunk.choices))
    expect(choices.map(choice => choice.finish_reason)).toEqual([
      undefined,
      undefined,
      'tool_calls',
    ])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 636 } })
  })
})

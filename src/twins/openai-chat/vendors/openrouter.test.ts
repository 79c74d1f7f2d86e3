import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../../model.ts'
import { recordOf, recordsOf } from '../json.ts'
import { callsIn, deltasOf, errorOf, HELLO, joined, result, tool, trial } from '../trial.ts'

const BODY = { model: 'google/gemini-3-flash-preview', messages: HELLO, tools: [tool()] }
const turn: TwinTurn = {
  blocks: [
    { type: 'reasoning', text: 'Think first.' },
    { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
  ],
}
const aloud = { reasoning: { effort: 'low' } }

describe('OpenRouter', () => {
  it('has numbers for codes', async () => {
    const head = { headers: { 'content-type': 'application/json' } }
    expect(await errorOf(BODY, 'openrouter', head)).toEqual({
      status: 401,
      message: 'Missing Authentication header',
      code: 401,
    })
    const unknown = await trial('openrouter').send({ ...BODY, model: 'gemini' })
    expect(unknown.json).toEqual({
      error: { message: 'gemini is not a valid model ID', code: 400 },
      user_id: expect.any(String),
    })
  })

  it('wraps what the vendor behind it finds', async () => {
    const body = { ...BODY, model: 'openai/gpt-5.2', messages: [...HELLO, result('a')] }
    const { json, error } = await trial('openrouter').send(body)
    expect(error).toMatchObject({ message: 'Provider returned error', code: 400 })
    expect(json).toHaveProperty('user_id')
    const metadata = recordOf(error.metadata)
    expect(metadata.provider_name).toBe('OpenAI')
    expect(JSON.parse(String(metadata.raw)).error).toEqual({
      message:
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      type: 'invalid_request_error',
      param: 'messages.[1].role',
      code: null,
    })
  })

  it('takes tools and fields of its own', async () => {
    const tools = [{ type: 'openrouter:web_search', parameters: { max_uses: 1 } }]
    const { status } = await trial('openrouter').send({ ...BODY, tools, usage: { include: true } })
    expect(status).toBe(200)
  })

  it('gives reasoning in details that go back', async () => {
    const { message, choice, json } = await trial('openrouter', [turn]).send({ ...BODY, ...aloud })
    const [call] = recordsOf(message.tool_calls)
    expect(call?.id).toMatch(/^tool_get_weather_[A-Za-z0-9]{20}$/)
    expect(message).toMatchObject({ reasoning: 'Think first.', refusal: null })
    expect(message.reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'Think first.', format: 'google-gemini-v1', index: 0 },
      {
        type: 'reasoning.encrypted',
        data: expect.any(String),
        format: 'google-gemini-v1',
        id: call?.id,
        index: 1,
      },
    ])
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', native_finish_reason: 'STOP' })
    expect(json).toMatchObject({
      provider: 'Google AI Studio',
      usage: { cost: expect.any(Number) },
    })
    const back = [...HELLO, message, result(String(call?.id))]
    expect((await trial('openrouter').send({ ...BODY, messages: back })).status).toBe(200)
  })

  it('drops reasoning when a call is forced', async () => {
    const asked = trial('openrouter', [turn])
    const { message } = await asked.send({ ...BODY, ...aloud, tool_choice: 'required' })
    expect(message.reasoning).toBeNull()
    expect(asked.prompts[0]?.reasoning).toBe(false)
    const other = { ...BODY, model: 'anthropic/claude-sonnet-4.5' }
    const { message: plain, choice } = await trial('openrouter', [turn]).send(other)
    expect(plain).not.toHaveProperty('reasoning_details')
    expect(choice.native_finish_reason).toBe('tool_use')
  })

  it('streams with comments, the role everywhere, and the counts after the end', async () => {
    const body = { ...BODY, ...aloud, stream: true, stream_options: { include_usage: true } }
    let comments = 0
    for (let seed = 1; seed <= 5; seed++) {
      const { frames, chunks } = await trial('openrouter', [turn], seed).send(body)
      comments += frames.filter(frame => frame === ': OPENROUTER PROCESSING\n\n').length
      const deltas = deltasOf(chunks)
      expect(deltas.every(delta => delta.role === 'assistant')).toBe(true)
      expect(recordsOf(deltas[0]?.reasoning_details)).toMatchObject([
        { type: 'reasoning.encrypted' },
      ])
      expect(joined(deltas, 'reasoning')).toBe('Think first.')
      expect(callsIn(deltas)).toMatchObject([{ text: '{"city":"Paris"}' }])
      const ends = chunks.slice(-2).map(chunk => recordsOf(chunk.choices)[0]?.finish_reason)
      expect(ends).toEqual(['tool_calls', 'tool_calls'])
      expect(chunks.at(-1)).toHaveProperty('usage.cost')
      expect(frames.at(-1)).toBe('data: [DONE]\n\n')
    }
    expect(comments).toBeGreaterThan(0)
  })
})

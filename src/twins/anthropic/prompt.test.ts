import { describe, expect, it } from 'vitest'
import type { TwinPrompt } from '../model.ts'
import {
  assistant,
  PLAIN_BODY,
  tool,
  toolResult,
  toolUse,
  trial,
  user,
  withHeaders,
} from './trial.ts'

async function promptOf(fields: object | string): Promise<TwinPrompt | undefined> {
  const { send, prompts } = trial()
  const body = typeof fields === 'string' ? fields : { ...PLAIN_BODY, ...fields }
  const answer = await send(
    body,
    withHeaders({ 'anthropic-beta': 'mid-conversation-tool-changes-2026-07-01' }),
  )
  expect(answer.message).toBeUndefined()
  return prompts[0]
}

describe('what the model is told', () => {
  it('has defaults', async () => {
    expect(await promptOf({})).toEqual({
      model: 'claude-sonnet-4-5-20250929',
      tools: [],
      choice: { mode: 'none' },
      parallel: true,
      reasoning: false,
      maxTokens: 4_096,
      stop: [],
      messages: [{ role: 'user', text: 'What is the weather in Paris?', images: 0, documents: 0 }],
    })
  })

  it('tells a whole conversation', async () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
    const prompt = await promptOf({
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.' },
      ],
      tools: [tool()],
      messages: [
        user('one', image, 'two'),
        assistant('Let me see.', toolUse('a'), toolUse('b', 'get_weather', {})),
        user(
          {
            ...toolResult('a'),
            content: [{ type: 'text', text: 'sunny' }, { type: 'text', text: '21' }, image],
          },
          { ...toolResult('b', 'no city'), is_error: true },
          'And?',
        ),
      ],
    })
    expect(prompt?.messages).toEqual([
      { role: 'system', text: 'Be brief.\nBe kind.' },
      { role: 'user', text: 'one\ntwo', images: 1, documents: 0 },
      {
        role: 'assistant',
        text: 'Let me see.',
        calls: [
          { id: 'a', name: 'get_weather', arguments: '{"city":"Paris"}' },
          { id: 'b', name: 'get_weather', arguments: '{}' },
        ],
      },
      { role: 'tool', callId: 'a', text: 'sunny\n21', images: 1, isError: false },
      { role: 'tool', callId: 'b', text: 'no city', images: 0, isError: true },
      { role: 'user', text: 'And?', images: 0, documents: 0 },
    ])
    expect(prompt?.tools).toEqual([
      {
        name: 'get_weather',
        description: '',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
      },
    ])
  })

  it('keeps the spelling of arguments', async () => {
    const source = '{"n": 1.0, "big": 12345678901234567890}'
    const body = `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[
      {"role":"user","content":"x"},
      {"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":${source}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]}`
    const prompt = await promptOf(body)
    expect(prompt?.messages[1]).toMatchObject({ calls: [{ arguments: source }] })
    expect(prompt?.messages[2]).toEqual({
      role: 'tool',
      callId: 'a',
      text: '',
      images: 0,
      isError: false,
    })
  })

  it.each([
    [{ type: 'auto' }, { mode: 'auto' }, true],
    [{ type: 'any', disable_parallel_tool_use: true }, { mode: 'required' }, false],
    [{ type: 'tool', name: 'get_weather' }, { mode: 'tool', name: 'get_weather' }, true],
    [{ type: 'none' }, { mode: 'none' }, true],
    [undefined, { mode: 'auto' }, true],
  ])('reads the choice %j', async (tool_choice, choice, parallel) => {
    expect(await promptOf({ tools: [tool()], tool_choice })).toMatchObject({ choice, parallel })
  })

  it('reads thinking, formats and stops', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false }
    const prompt = await promptOf({
      thinking: { type: 'enabled', budget_tokens: 2_000 },
      output_config: { format: { type: 'json_schema', schema } },
      stop_sequences: ['END'],
    })
    expect(prompt).toMatchObject({ reasoning: true, output: { schema }, stop: ['END'] })
    expect(await promptOf({ thinking: { type: 'disabled' } })).toMatchObject({ reasoning: false })
  })

  it('leaves out tools that the vendor runs, and deferred ones until they are named', async () => {
    const tools = [
      tool('now'),
      tool('later', { defer_loading: true }),
      { type: 'bash_20250124', name: 'bash' },
      { type: 'web_search_20250305', name: 'web_search' },
      { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' },
    ]
    const names = async (fields: object) => (await promptOf(fields))?.tools.map(({ name }) => name)
    expect(await names({ tools })).toEqual(['now', 'bash'])
    const addition = { type: 'tool_addition', tool: { type: 'tool_reference', name: 'later' } }
    const messages = [user('hi'), { role: 'system', content: [addition] }]
    expect(await names({ model: 'claude-opus-4-8', tools, messages })).toEqual([
      'now',
      'later',
      'bash',
    ])
  })
})

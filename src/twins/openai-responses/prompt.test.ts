import { describe, expect, it } from 'vitest'
import type { TwinPrompt } from '../model.ts'
import { call, PLAIN_BODY, result, THINKING_BODY, tool, trial, user } from './trial.ts'

async function promptFor(fields: object): Promise<TwinPrompt> {
  const { send, prompts } = trial()
  const { error } = await send({ ...PLAIN_BODY, ...fields })
  expect(error.message).toBeUndefined()
  const [prompt] = prompts
  if (!prompt) throw new Error('the model was not asked')
  return prompt
}

describe('what the model is told', () => {
  it('of a bare request', async () => {
    expect(await promptFor({})).toEqual({
      model: 'gpt-4o',
      tools: [],
      choice: { mode: 'auto' },
      parallel: true,
      reasoning: false,
      stop: [],
      messages: [{ role: 'user', text: PLAIN_BODY.input, images: 0, documents: 0 }],
    })
  })

  it('of a conversation', async () => {
    const image = { type: 'input_image', image_url: 'https://example.com/a.png' }
    const file = { type: 'input_file', file_id: 'file-1' }
    const input = [
      { role: 'developer', content: 'Be kind.' },
      user([
        { type: 'input_text', text: 'Look' },
        image,
        { type: 'input_text', text: 'here' },
        file,
      ]),
      { type: 'reasoning', summary: [] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'One moment.' }] },
      call('a'),
      { type: 'custom_tool_call', call_id: 'b', name: 'run', input: 'x = 1' },
      { type: 'web_search_call', id: 'ws_1' },
      result('a', { output: [{ type: 'input_text', text: 'sunny' }, image] }),
      { type: 'custom_tool_call_output', call_id: 'b', output: 'done' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ]
    const { messages } = await promptFor({ input, instructions: 'Be brief.' })
    expect(messages).toEqual([
      { role: 'system', text: 'Be brief.' },
      { role: 'system', text: 'Be kind.' },
      { role: 'user', text: 'Look\nhere', images: 1, documents: 1 },
      {
        role: 'assistant',
        text: 'One moment.',
        calls: [
          { id: 'a', name: 'get_weather', arguments: '{"city":"Paris"}' },
          { id: 'b', name: 'run', arguments: 'x = 1' },
        ],
      },
      { role: 'tool', callId: 'a', text: 'sunny', images: 1, isError: false },
      { role: 'tool', callId: 'b', text: 'done', images: 0, isError: false },
      { role: 'assistant', text: 'No.', calls: [] },
    ])
  })

  it('of tools', async () => {
    const tools = [
      tool('a', { description: 'Does a.' }),
      { type: 'function', name: 'b' },
      { type: 'custom', name: 'run', description: 'Runs.' },
      { type: 'namespace', name: 'crm', description: 'x', tools: [tool('c')] },
      { type: 'web_search' },
    ]
    const prompt = await promptFor({ tools, parallel_tool_calls: false })
    expect(prompt.parallel).toBe(false)
    expect(prompt.tools).toEqual([
      { name: 'a', description: 'Does a.', parameters: tool().parameters },
      { name: 'b', description: '', parameters: { type: 'object', properties: {} } },
      { name: 'run', description: 'Runs.', custom: true },
      { name: 'c', description: '', parameters: tool().parameters },
    ])
  })

  it('of a schema as it counts', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const { tools } = await promptFor({ tools: [{ type: 'function', name: 'f', parameters }] })
    expect(tools[0]?.parameters).toEqual({
      ...parameters,
      required: ['city'],
      additionalProperties: false,
    })
  })

  it('of tools that come later', async () => {
    const input = [
      user('x'),
      { type: 'additional_tools', role: 'developer', tools: [tool('a')] },
      { type: 'tool_search_call', id: 'tsc_1', arguments: {} },
      { type: 'tool_search_output', id: 'tso_1', tools: [tool('b')] },
    ]
    expect((await promptFor({ input })).tools.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it.each([
    ['none', { mode: 'none' }, ['a', 'b']],
    ['required', { mode: 'required' }, ['a', 'b']],
    [{ type: 'function', name: 'b' }, { mode: 'tool', name: 'b' }, ['a', 'b']],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'b' }] },
      { mode: 'required' },
      ['b'],
    ],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'a' }] },
      { mode: 'auto' },
      ['a'],
    ],
    [{ type: 'web_search' }, { mode: 'auto' }, ['a', 'b']],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search' }] },
      { mode: 'auto' },
      [],
    ],
  ])('of the choice %j', async (choice, told, names) => {
    const tools = [tool('a'), tool('b'), { type: 'web_search' }]
    const prompt = await promptFor({ tools, tool_choice: choice })
    expect(prompt.choice).toEqual(told)
    expect(prompt.tools.map(({ name }) => name)).toEqual(names)
  })

  it('of limits and formats', async () => {
    const schema = { type: 'object', properties: {} }
    const format = { type: 'json_schema', name: 'n', schema }
    expect(await promptFor({ max_output_tokens: 99, text: { format } })).toMatchObject({
      maxTokens: 99,
      output: { schema },
    })
    const plain = { format: { type: 'json_object' } }
    expect((await promptFor({ input: 'json!', text: plain })).output).toEqual({})
    expect((await promptFor({ text: { format: { type: 'text' } } })).output).toBeUndefined()
  })

  it('of reasoning that is to be seen', async () => {
    const asked = (reasoning: object) => promptFor({ ...THINKING_BODY, reasoning })
    expect((await asked({ summary: 'auto' })).reasoning).toBe(true)
    expect((await asked({ effort: 'high' })).reasoning).toBe(false)
    expect((await asked({ effort: 'none', summary: 'auto' })).reasoning).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import { PLAIN_BODY, THINKING_BODY, tool, trial } from './trial.ts'

const words = (text: string) => ({ type: 'text', text }) as const
const thought = (text: string, redacted = false) => ({ type: 'reasoning', text, redacted }) as const
const calling = (name = 'get_weather', text = '{"city":"Paris"}') =>
  ({ type: 'call', name, arguments: text }) as const

async function answerTo(fields: object, ...blocks: TwinTurn['blocks']) {
  return answerWith({ blocks }, fields)
}

async function answerWith(turn: TwinTurn, fields: object = {}, seed = 1) {
  const answer = await trial([turn], seed).send({ ...PLAIN_BODY, ...fields })
  expect(answer.error.message).toBeUndefined()
  return answer
}

describe('a whole answer', () => {
  it('has the members of the vendor in their order', async () => {
    const { json, headers, text } = await answerTo({}, words('Hi.'))
    expect(headers['content-type']).toBe('application/json')
    expect(text).toMatch(/^\{\n {2}"id": "resp_/)
    expect(Object.entries(json)).toEqual(
      Object.entries({
        id: expect.stringMatching(/^resp_[0-9a-f]{16}006b00[0-9a-f]{4}[0-9a-f]{24}$/),
        object: 'response',
        created_at: Date.UTC(2026, 10, 21) / 1000,
        status: 'completed',
        background: false,
        billing: { payer: 'developer' },
        completed_at: Date.UTC(2026, 10, 21) / 1000,
        error: null,
        frequency_penalty: 0,
        incomplete_details: null,
        instructions: null,
        max_output_tokens: null,
        max_tool_calls: null,
        model: 'gpt-4o-2024-08-06',
        moderation: null,
        output: [
          {
            id: expect.stringMatching(/^msg_[0-9a-f]{50}$/),
            type: 'message',
            status: 'completed',
            content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'Hi.' }],
            role: 'assistant',
          },
        ],
        parallel_tool_calls: true,
        presence_penalty: 0,
        previous_response_id: null,
        prompt_cache_key: null,
        prompt_cache_retention: 'in_memory',
        reasoning: { context: null, effort: null, summary: null },
        safety_identifier: null,
        service_tier: 'default',
        store: true,
        temperature: 1,
        text: { format: { type: 'text' }, verbosity: 'medium' },
        tool_choice: 'auto',
        tool_usage: expect.objectContaining({ web_search: { num_requests: 0 } }),
        tools: [],
        top_logprobs: 0,
        top_p: 1,
        truncation: 'disabled',
        usage: {
          input_tokens: expect.any(Number),
          input_tokens_details: { cache_write_tokens: 0, cached_tokens: 0 },
          output_tokens: 1,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: expect.any(Number),
        },
        user: null,
        metadata: {},
      }),
    )
  })

  it('echoes what was asked', async () => {
    const asked = {
      instructions: 'Be brief.',
      max_output_tokens: 99,
      max_tool_calls: 3,
      parallel_tool_calls: false,
      prompt_cache_key: 'k',
      prompt_cache_options: { mode: 'implicit', ttl: '30m' },
      prompt_cache_retention: '24h',
      safety_identifier: 's',
      store: false,
      temperature: 0.2,
      top_p: 0.5,
      frequency_penalty: 0.1,
      truncation: 'auto',
      user: 'u',
      metadata: { a: 'b' },
    }
    const { json } = await answerTo(asked, words('Hi.'))
    expect(json).toMatchObject(asked)
  })

  it('settles the tier', async () => {
    const tier = async (service_tier: string) =>
      (await answerTo({ service_tier }, words('Hi.'))).json.service_tier
    expect(await tier('auto')).toBe('default')
    expect(await tier('flex')).toBe('flex')
    expect(await tier('priority')).toBe('priority')
    expect(await tier('fast')).toBe('priority')
  })

  it('echoes the format', async () => {
    const schema = { type: 'object', properties: {} }
    const format = { type: 'json_schema', name: 'n', schema }
    const { json } = await answerTo({ text: { format } }, words('{}'))
    expect(json.text).toEqual({
      format: { type: 'json_schema', description: null, name: 'n', schema, strict: false },
      verbosity: 'medium',
    })
  })

  it('echoes tools with what was left out', async () => {
    const parameters = { type: 'object', properties: { a: { type: 'string' } } }
    const inner = { type: 'function', name: 'c', parameters, strict: false }
    const search = { type: 'web_search', search_context_size: 'low' }
    const tools = [
      { type: 'function', name: 'a', parameters },
      { type: 'function', name: 'b', parameters, strict: null, defer_loading: true },
      { type: 'custom', name: 'run' },
      { type: 'namespace', name: 'crm', description: 'x', tools: [inner] },
      search,
    ]
    const tool_choice = { type: 'function', name: 'a' }
    const { json } = await answerTo({ tools, tool_choice }, calling('a', '{}'))
    const rest = { description: null, output_schema: null }
    const closed = { ...parameters, required: ['a'], additionalProperties: false }
    expect(json).toMatchObject({ tool_choice })
    expect(json.tools).toEqual([
      { type: 'function', name: 'a', ...rest, parameters: closed, strict: true },
      { type: 'function', name: 'b', ...rest, parameters, strict: false, defer_loading: true },
      { type: 'custom', name: 'run', description: null, format: { type: 'text' } },
      {
        type: 'namespace',
        name: 'crm',
        description: 'x',
        tools: [{ ...inner, ...rest }],
      },
      search,
    ])
  })

  it('repeats itself with the same seed', async () => {
    const run = async (seed: number) =>
      (await answerWith({ blocks: [calling()] }, { tools: [tool()] }, seed)).text
    expect(await run(5)).toBe(await run(5))
    expect(await run(5)).not.toBe(await run(6))
  })
})

describe('the items of an answer', () => {
  it('are texts and calls in their order', async () => {
    const tools = [tool(), { type: 'custom', name: 'run' }]
    const { output, json } = await answerTo(
      { tools },
      words('Let me see.'),
      calling(),
      { ...calling('run', 'print("x")'), id: 'call_7' },
      calling('unheard', '{"a'),
    )
    expect(json.status).toBe('completed')
    expect(output).toEqual([
      expect.objectContaining({ type: 'message' }),
      {
        id: expect.stringMatching(/^fc_[0-9a-f]{50}$/),
        type: 'function_call',
        status: 'completed',
        arguments: '{"city":"Paris"}',
        call_id: expect.stringMatching(/^call_[A-Za-z0-9]{24}$/),
        name: 'get_weather',
      },
      {
        id: expect.stringMatching(/^ctc_[0-9a-f]{50}$/),
        type: 'custom_tool_call',
        status: 'completed',
        call_id: 'call_7',
        input: 'print("x")',
        name: 'run',
      },
      expect.objectContaining({ type: 'function_call', name: 'unheard', arguments: '{"a' }),
    ])
    expect(new Set(output.map(({ id }) => id)).size).toBe(4)
    const stems = new Set([json, ...output].map(({ id }) => String(id).split('_')[1]?.slice(0, 16)))
    expect(stems.size).toBe(1)
  })

  it('name the namespace of a call', async () => {
    const tools = [
      { type: 'namespace', name: 'crm', description: 'x', tools: [tool('find')] },
      tool('later', { defer_loading: true }),
      tool('plain'),
    ]
    const { output } = await answerTo(
      { tools },
      calling('find'),
      calling('later'),
      calling('plain'),
    )
    expect(output.map(({ namespace }) => namespace)).toEqual(['crm', 'later', undefined])
  })

  it('say their phase in newer models', async () => {
    const phases = async (model: string) => {
      const { output } = await answerTo(
        { model, tools: [tool()], reasoning: { effort: 'none' } },
        words('Let me see.'),
        calling(),
        words('Done.'),
      )
      return output.map(({ phase }) => phase)
    }
    expect(await phases('gpt-5.4')).toEqual(['commentary', undefined, 'final_answer'])
    expect(await phases('gpt-5.2')).toEqual([undefined, undefined, undefined])
  })

  it('may be a refusal', async () => {
    const { output, json } = await answerWith({ blocks: [], end: 'refusal', refusal: 'Not that.' })
    expect(json.status).toBe('completed')
    expect(output).toMatchObject([{ content: [{ type: 'refusal', refusal: 'Not that.' }] }])
    const silent = await answerWith({ blocks: [], end: 'refusal' })
    expect(JSON.stringify(silent.output)).toMatch(/"refusal":"I'm sorry/)
  })

  it('are an empty text if nothing is said', async () => {
    expect((await answerTo({})).output).toMatchObject([{ content: [{ text: '' }] }])
  })
})

describe('an answer that is cut', () => {
  it('at the limit of its tokens', async () => {
    const { json, output } = await answerTo(
      { max_output_tokens: 16 },
      words('a'.repeat(30)),
      words(`${'b'.repeat(33)}😀`),
      words('c'),
    )
    expect(json).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      completed_at: null,
      usage: { output_tokens: 16 },
    })
    expect(output).toMatchObject([
      { status: 'completed' },
      { status: 'incomplete', content: [{ text: 'b'.repeat(33) }] },
    ])
  })

  it('in the middle of a call', async () => {
    const text = `{"city":"${'P'.repeat(100)}"}`
    const fields = { max_output_tokens: 16, tools: [tool()] }
    const { json, output } = await answerTo(fields, calling('get_weather', text))
    expect(json.status).toBe('incomplete')
    expect(output).toMatchObject([
      { type: 'function_call', status: 'incomplete', arguments: text.slice(0, 64 - 11) },
    ])
  })

  it('before a call whose name does not fit', async () => {
    const { output, json } = await answerTo(
      { max_output_tokens: 16, tools: [tool()] },
      words('x'.repeat(60)),
      calling(),
    )
    expect(json.status).toBe('incomplete')
    expect(output).toHaveLength(1)
  })

  it('while it thinks', async () => {
    const fields = { ...THINKING_BODY, max_output_tokens: 16 }
    const { json, output } = await answerTo(fields, thought('x'.repeat(100)), words('Hi.'))
    expect(json).toMatchObject({
      status: 'incomplete',
      usage: { output_tokens: 16, output_tokens_details: { reasoning_tokens: 16 } },
    })
    expect(output.map(({ type, status }) => [type, status])).toEqual([['reasoning', undefined]])
  })

  it.each([
    ['length', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
  ] as const)('as a script has it: %s', async (end, reason) => {
    const { json, output } = await answerWith({ blocks: [words('Hi')], end })
    expect(json).toMatchObject({ status: 'incomplete', incomplete_details: { reason } })
    expect(output).toMatchObject([{ status: 'incomplete' }])
    expect((await answerWith({ blocks: [], end })).output).toEqual([])
  })

  it('not if a script says otherwise', async () => {
    const turn: TwinTurn = { blocks: [words('x'.repeat(100))], end: 'stop' }
    const { json } = await answerWith(turn, { max_output_tokens: 16 })
    expect(json.status).toBe('completed')
  })
})

describe('reasoning', () => {
  const SUMMARY = { reasoning: { summary: 'auto' } }
  const ENCRYPTED = { include: ['reasoning.encrypted_content'] }

  it('is there, but not shown', async () => {
    const { output, json } = await answerTo(THINKING_BODY, thought('Hm.'), words('Hi.'))
    expect(output[0]).toEqual({
      id: expect.stringMatching(/^rs_[0-9a-f]{50}$/),
      type: 'reasoning',
      content: [],
      summary: [],
    })
    expect(json).toMatchObject({
      reasoning: { context: 'all_turns', effort: 'medium', mode: 'standard', summary: null },
      usage: { output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 } },
      top_p: 0.98,
    })
  })

  it('is summed up where that was asked for', async () => {
    const fields = { ...THINKING_BODY, ...SUMMARY }
    const { output, json } = await answerTo(fields, thought('Hm.'), thought('Ah.', true), words(''))
    expect(output.map(({ summary }) => summary)).toEqual([
      [{ type: 'summary_text', text: 'Hm.' }],
      [],
      undefined,
    ])
    expect(json).toMatchObject({ reasoning: { summary: 'detailed' } })
  })

  it('is made up where the model has none', async () => {
    const { output } = await answerTo({ ...THINKING_BODY, ...SUMMARY }, words('Hi.'))
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'message'])
    expect(output[0]).toMatchObject({ summary: [{ text: expect.stringMatching(/\w/) }] })
  })

  it.each([
    PLAIN_BODY,
    { ...THINKING_BODY, reasoning: { effort: 'none' } },
    { ...PLAIN_BODY, model: 'gpt-5.2' },
  ])('is not there for %j', async body => {
    const { output } = await answerTo(body, thought('Hm.'), words('Hi.'))
    expect(output.map(({ type }) => type)).toEqual(['message'])
  })

  it('is encrypted where that was asked for, or where nothing is stored', async () => {
    const encrypted = async (fields: object) =>
      (await answerTo({ ...THINKING_BODY, ...fields }, thought('Hm.'))).output[0]?.encrypted_content
    expect(await encrypted({})).toBeUndefined()
    expect(await encrypted(ENCRYPTED)).toMatch(/^gAAAAAB/)
    expect(await encrypted({ store: false })).toMatch(/^gAAAAAB/)
  })

  it('comes where the model had it', async () => {
    const { output } = await answerTo(
      { ...THINKING_BODY, tools: [tool()] },
      thought('One.'),
      calling(),
      thought('Two.'),
      calling(),
    )
    expect(output.map(({ type }) => type)).toEqual([
      'reasoning',
      'function_call',
      'reasoning',
      'function_call',
    ])
  })
})

describe('usage', () => {
  it('is what a script fixes', async () => {
    const usage = { input: 100, cached: 60, cacheWrite: 30, output: 20, reasoning: 5 }
    const { json } = await answerWith({ blocks: [words('Hi.')], usage }, THINKING_BODY)
    expect(json.usage).toEqual({
      input_tokens: 100,
      input_tokens_details: { cache_write_tokens: 30, cached_tokens: 60 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 120,
    })
  })

  it('grows with what is sent and said', async () => {
    const short = await answerTo({}, words('Hi.'))
    const long = await answerTo(
      { input: 'word '.repeat(100), instructions: 'x' },
      words('Hi. '.repeat(9)),
    )
    const tokens = (json: typeof short.json) => json.usage
    expect(tokens(short.json)).toMatchObject({ output_tokens: 1 })
    expect(tokens(long.json)).toMatchObject({ output_tokens: 9 })
    expect(JSON.stringify(tokens(long.json))).not.toBe(JSON.stringify(tokens(short.json)))
  })
})

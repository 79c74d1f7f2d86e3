import { afterEach, describe, expect, it } from 'vitest'
import { call, GEMINI, stateHouse } from '../state-house.ts'
import {
  CHAT_TOOLS,
  chatCalls,
  chatHeads,
  claudeMessages,
  messageCalls,
  openaiChat,
  strictMessages,
} from './clients.ts'
import {
  chatStream,
  geminiStream,
  namedEvents,
  startVendorStub,
  type VendorStub,
} from './vendor-stub.ts'

/** How other gateways spoil a stream of calls. The names are those of the reports. */
const house = stateHouse()
const stubs: VendorStub[] = []
afterEach(async () => {
  await house.close()
  for (const stub of stubs.splice(0)) await stub.close()
})

const CLAUDE = 'claude-sonnet-4-5'
const TWO = [call('look', 'Bonn'), call('look', 'Kiel')]
const CITIES = [
  ['look', '{"city":"Bonn"}'],
  ['look', '{"city":"Kiel"}'],
]
const INPUTS = [
  ['look', { city: 'Bonn' }],
  ['look', { city: 'Kiel' }],
]

/** A gateway before a vendor that says just this. */
async function gatewayTo(vendor: string, ...answers: string[]) {
  const stub = await startVendorStub(...answers)
  stubs.push(stub)
  const { url } = await house.gateway({ [vendor]: stub })
  return { url, stub }
}

const head = (index: number, id: string, text = '', name = 'look') => ({
  tool_calls: [{ index, id, type: 'function', function: { name, arguments: text } }],
})
const piece = (index: number, text: string) => ({
  tool_calls: [{ index, function: { arguments: text } }],
})
const functionCall = (city: string) => ({
  functionCall: { name: 'look', args: { city } },
  thoughtSignature: 'QUJDRA==',
})

describe('streams of calls that other gateways spoil [G12]', () => {
  it.each([
    ['litellm#5231: each call of Claude has an index', TWO],
    ['litellm#5231: also the third', [...TWO, call('look', 'Ulm')]],
    ['Portkey#1275: the index advances with each call', [...TWO, ...TWO, ...TWO]],
  ])('%s', async (_, calls) => {
    const anthropic = await house.twin('anthropic', [{ calls }, { calls }])
    const { url } = await house.gateway({ anthropic })
    const heads = await chatHeads(url, CLAUDE)
    expect(heads.map(({ index }) => index)).toEqual([...calls.keys()])
    const choice = await openaiChat(url, CLAUDE)
    expect(chatCalls(choice)).toEqual(
      calls.map(each => [each.name, JSON.stringify(each.arguments)]),
    )
  })

  it('new-api#5229: with text before them, calls of Claude are still counted from 0', async () => {
    const turn = { text: 'Let me look.', calls: TWO }
    const anthropic = await house.twin('anthropic', [turn, turn])
    const { url } = await house.gateway({ anthropic })
    expect((await chatHeads(url, CLAUDE)).map(({ index }) => index)).toEqual([0, 1])
    const choice = await openaiChat(url, CLAUDE)
    expect(choice.message.content).toBe('Let me look.')
    expect(chatCalls(choice)).toEqual(CITIES)
    expect(choice.finish_reason).toBe('tool_calls')
  })

  it('new-api#2701, hermes#99273, gcli2api#406: calls of Gemini, one a chunk, stay apart', async () => {
    const { url } = await gatewayTo(
      'google',
      geminiStream([functionCall('Bonn')], [functionCall('Kiel')]),
    )
    const heads = await chatHeads(url, GEMINI)
    expect(heads.map(({ index }) => index)).toEqual([0, 1])
    expect(new Set(heads.map(({ id }) => id)).size).toBe(2)
    expect(chatCalls(await openaiChat(url, GEMINI))).toEqual(CITIES)
    await strictMessages(url, GEMINI)
    expect(messageCalls(await claudeMessages(url, GEMINI))).toEqual(INPUTS)
  })

  it('litellm#15307: parallel calls of Bedrock are whole over Messages', async () => {
    const turn = { text: 'Let me look.', calls: TWO }
    const bedrock = await house.twin('bedrock', [turn, turn])
    const { url } = await house.gateway({ bedrock })
    const model = 'bedrock-test/us.anthropic.claude-sonnet-4-5-20250929-v1:0'
    await strictMessages(url, model)
    const message = await claudeMessages(url, model)
    expect(messageCalls(message)).toEqual(INPUTS)
    expect(message.stop_reason).toBe('tool_use')
  })

  it('litellm#15307: the arguments of interleaved calls are not garbled over Messages', async () => {
    const deltas = [
      { role: 'assistant', content: null },
      head(0, 'call_a'),
      head(1, 'call_b'),
      piece(0, '{"city":'),
      piece(1, '{"city":"K'),
      piece(0, '"Bonn"}'),
      piece(1, 'iel"}'),
    ]
    const { url } = await gatewayTo('openai', chatStream(deltas))
    await strictMessages(url, 'gpt-4o')
    expect(messageCalls(await claudeMessages(url, 'gpt-4o'))).toEqual(INPUTS)
  })

  it.each([
    ['from 1', 1, 2],
    ['with a gap', 0, 5],
  ])('new-api#5482: a vendor that counts calls %s', async (_, first, second) => {
    const deltas = [
      { role: 'assistant', content: 'Let me look.' },
      head(first, 'call_a', '{"city":"Bonn"}'),
      head(second, 'call_b', '{"city":"Kiel"}'),
    ]
    const { url } = await gatewayTo('openai', chatStream(deltas))
    await strictMessages(url, 'gpt-4o')
    const message = await claudeMessages(url, 'gpt-4o')
    expect(messageCalls(message)).toEqual(INPUTS)
    expect(message.content).toHaveLength(3)
  })

  it('litellm#29286: empty lists of calls are nothing', async () => {
    const none = { tool_calls: [] }
    const deltas = [
      { role: 'assistant', content: '', ...none },
      { content: 'Dry', ...none },
      none,
      head(0, 'call_a'),
      none,
      piece(0, '{"city":"Bonn"}'),
      none,
      none,
    ]
    const { url } = await gatewayTo('openai', chatStream(deltas))
    const events = await strictMessages(url, 'gpt-4o')
    expect(events.filter(event => event.type === 'content_block_start')).toHaveLength(2)
    const plain = await gatewayTo(
      'openai',
      chatStream([deltas[0], deltas[1], none].map(Object), 'stop'),
    )
    const message = await claudeMessages(plain.url, 'gpt-4o')
    expect(message.content).toMatchObject([{ type: 'text', text: 'Dry' }])
    expect(message.stop_reason).toBe('end_turn')
  })

  it('litellm#33224: thinking that goes on after text has a block of its own', async () => {
    const deltas = [
      { role: 'assistant', content: null, reasoning_content: 'One. ' },
      { content: 'Well, ' },
      { reasoning_content: 'Two.' },
      { content: 'dry.' },
    ]
    const { url } = await gatewayTo('deepseek', chatStream(deltas, 'stop'))
    const events = await strictMessages(url, 'deepseek-chat')
    expect(events.flatMap(event => event.content_block?.type ?? [])).toEqual([
      'thinking',
      'text',
      'thinking',
      'text',
    ])
  })

  it('litellm#32357: a role in every chunk does not begin the message again', async () => {
    const deltas = ['It ', 'rains.'].map(content => ({ role: 'assistant', content }))
    const { url } = await gatewayTo('openai', chatStream(deltas, 'stop'))
    await strictMessages(url, 'gpt-4o')
    expect((await claudeMessages(url, 'gpt-4o')).content).toMatchObject([{ text: 'It rains.' }])
  })

  it('litellm#13373: the client of Claude finds every block of a model of OpenAI', async () => {
    const deltas = [
      { role: 'assistant', content: 'First, ' },
      head(0, 'call_a', '{"city":"Bonn"}'),
      { content: 'then ' },
      head(1, 'call_b', '{"city":"Kiel"}'),
      { content: 'done.' },
    ]
    const { url } = await gatewayTo('openai', chatStream(deltas))
    await strictMessages(url, 'gpt-4o')
    const message = await claudeMessages(url, 'gpt-4o')
    expect(messageCalls(message)).toEqual(INPUTS)
    const said = message.content.map(block => (block.type === 'text' ? block.text : ''))
    expect(said.join('')).toBe('First, then done.')
  })

  it.each(['function_call_arguments.done', 'output_item.done'])(
    'litellm#27144: arguments that a stream of Responses says only in %s',
    async place => {
      const stream = responsesStream('{"city":"Bonn"}', place)
      const { url, stub } = await gatewayTo('openai', stream)
      const more = { reasoning_effort: 'low' }
      expect(chatCalls(await openaiChat(url, 'gpt-5.6-sol', more))).toEqual([CITIES[0]])
      expect(stub.requests[0]?.path).toMatch(/\/responses$/)
    },
  )

  it('Portkey (google/chatComplete.ts): a call after text in the same chunk is not lost', async () => {
    const { url } = await gatewayTo(
      'google',
      geminiStream([{ text: 'Let me look.' }, functionCall('Bonn')], [functionCall('Kiel')]),
    )
    const choice = await openaiChat(url, GEMINI)
    expect(choice.message.content).toBe('Let me look.')
    expect(chatCalls(choice)).toEqual(CITIES)
    expect((await chatHeads(url, GEMINI)).map(({ index }) => index)).toEqual([0, 1])
  })

  it('TensorZero (helpers.rs): two calls of one function in a row are two', async () => {
    const stream = geminiStream(
      [functionCall('Bonn'), functionCall('Bonn')],
      [functionCall('Bonn')],
    )
    const { url } = await gatewayTo('google', stream)
    const heads = await chatHeads(url, GEMINI)
    expect(new Set(heads.map(({ id }) => id)).size).toBe(3)
    expect(chatCalls(await openaiChat(url, GEMINI))).toEqual([CITIES[0], CITIES[0], CITIES[0]])
  })

  it('Helicone (mapper/anthropic.rs): all is of choice 0, and thinking is kept', async () => {
    const turn = { reasoning: 'Where is Bonn?', text: 'Let me look.', calls: TWO }
    const anthropic = await house.twin('anthropic', [turn, turn])
    const { url } = await house.gateway({ anthropic })
    const choice = await openaiChat(url, CLAUDE, { reasoning_effort: 'high' })
    expect(chatCalls(choice)).toEqual(CITIES)
    expect(JSON.stringify(choice.message)).toContain('Where is Bonn?')
    // Fails on any chunk with another index of the choice.
    expect(await chatHeads(url, CLAUDE)).toHaveLength(2)
  })
})

/** One call, whose arguments have no deltas and stand whole in one of two places. */
function responsesStream(text: string, place: string): string {
  const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look' }
  const whole = { ...item, arguments: text, status: 'completed' }
  const base = {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'gpt-5.6-sol',
    error: null,
    incomplete_details: null,
    parallel_tool_calls: true,
    tools: CHAT_TOOLS.map(tool => ({ type: 'function', ...tool.function })),
  }
  const opening = { ...base, status: 'in_progress', output: [] }
  const usage = { input_tokens: 9, output_tokens: 4, total_tokens: 13 }
  const at = { output_index: 0 }
  const events = [
    { type: 'response.created', response: opening },
    {
      type: 'response.output_item.added',
      ...at,
      item: { ...item, arguments: '', status: 'in_progress' },
    },
    ...(place === 'function_call_arguments.done'
      ? [
          {
            type: 'response.function_call_arguments.done',
            ...at,
            item_id: 'fc_1',
            name: 'look',
            arguments: text,
          },
        ]
      : []),
    { type: 'response.output_item.done', ...at, item: whole },
    {
      type: 'response.completed',
      response: { ...base, status: 'completed', output: [whole], usage },
    },
  ]
  return namedEvents(...events.map((event, index) => ({ ...event, sequence_number: index })))
}

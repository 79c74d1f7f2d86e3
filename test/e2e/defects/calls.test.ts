import { afterEach, describe, expect, it } from 'vitest'
import { call, GEMINI, lastAsked, stateHouse } from '../state-house.ts'
import {
  chatCalls,
  claudeMessages,
  messageCalls,
  openaiChat,
  post,
  QUESTION,
  strictMessages,
} from './clients.ts'
import { listener, MODEL_OF } from './prompts.ts'
import { chatStream, startVendorStub, type VendorStub } from './vendor-stub.ts'

/** How other gateways spoil a call or the end of its turn. The names are those of the reports. */
const house = stateHouse()
const stubs: VendorStub[] = []
afterEach(async () => {
  await house.close()
  for (const stub of stubs.splice(0)) await stub.close()
})

async function gatewayTo(answer: string): Promise<string> {
  const stub = await startVendorStub(answer)
  stubs.push(stub)
  return (await house.gateway({ openai: stub })).url
}

/** A history with one call without parameters, whose arguments are this text. */
const past = (text: string) => [
  QUESTION,
  {
    role: 'assistant' as const,
    content: null,
    tool_calls: [
      { id: 'call_1', type: 'function' as const, function: { name: 'now', arguments: text } },
    ],
  },
  { role: 'tool' as const, tool_call_id: 'call_1', content: 'noon' },
]
const whole = (text: string, finish_reason = 'tool_calls', content: string | null = null) => {
  const tool_calls = [
    { id: 'call_1', type: 'function', function: { name: 'now', arguments: text } },
  ]
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o',
    choices: [{ index: 0, message: { role: 'assistant', content, tool_calls }, finish_reason }],
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
  })
}
const head = (text: string) => ({
  role: 'assistant',
  tool_calls: [
    { index: 0, id: 'call_1', type: 'function', function: { name: 'now', arguments: text } },
  ],
})

describe('calls that other gateways spoil [G12]', () => {
  it.each(['', ' ', '{}'])(
    'litellm#5063, #11550, #14583: arguments "%s" of an earlier call are no arguments',
    async text => {
      for (const vendor of ['anthropic', 'google'] as const) {
        const twin = await house.twin(vendor, listener().model)
        const { url } = await house.gateway({ [vendor]: twin })
        const choice = await openaiChat(url, MODEL_OF[vendor], { messages: past(text) })
        expect(choice.message.content).toBe('It rains.')
        expect(lastAsked(twin)).toMatch(
          vendor === 'anthropic' ? /"name":"now","input":\{\}/ : /"functionCall":\{"name":"now"/,
        )
        expect(lastAsked(twin)).not.toContain('_raw')
      }
    },
  )

  it.each(['', ' '])(
    'litellm#14583: a vendor that says arguments "%s" makes an empty input',
    async text => {
      const plain = await gatewayTo(whole(text))
      const message = await claudeMessages(plain, 'gpt-4o', { stream: false })
      expect(messageCalls(message)).toEqual([['now', {}]])
      const streaming = await gatewayTo(chatStream([head(text)]))
      await strictMessages(streaming, 'gpt-4o')
      expect(messageCalls(await claudeMessages(streaming, 'gpt-4o'))).toEqual([['now', {}]])
    },
  )

  it.each(['""', '[]', '7', 'null'])(
    'litellm#18414: arguments %s, which are no object, never reach a vendor as they are',
    async text => {
      for (const vendor of ['anthropic', 'google'] as const) {
        const twin = await house.twin(vendor, listener().model)
        const { url } = await house.gateway({ [vendor]: twin })
        const body = { model: MODEL_OF[vendor], messages: past(text) }
        const { error } = JSON.parse(await post(url, '/v1/chat/completions', body, 400))
        expect(error.param).toMatch(/^messages\.?\[?1\]?.*tool_calls/)
        expect(error.message).toMatch(/object/)
        expect(twin.requests).toHaveLength(0)
      }
    },
  )

  it.each([false, true])(
    'litellm#12240, #21041, #22900: calls of Gemini end as calls, streamed: %s',
    async stream => {
      const turn = { calls: [call('look', 'Bonn')] }
      const google = await house.twin('google', [turn, turn, turn])
      const { url } = await house.gateway({ google })
      const choice = await openaiChat(url, GEMINI, { stream })
      expect(choice.finish_reason).toBe('tool_calls')
      const message = await claudeMessages(url, GEMINI, { stream })
      expect(message.stop_reason).toBe('tool_use')
      const input = [{ role: 'user', content: 'And Bonn?' }]
      const tools = [{ type: 'function', name: 'look', parameters: null, strict: false }]
      const body = { model: GEMINI, input, tools, store: false, stream }
      const text = await post(url, '/v1/responses', body)
      expect(text).toMatch(/"status":"completed"/)
      expect(text).toMatch(/"type":"function_call"/)
    },
  )

  it.each(['openai', 'anthropic', 'google', 'mistral'] as const)(
    'bifrost#3638, #6123, #4065: a turn of text and calls ends as one of calls, with %s',
    async vendor => {
      const turn = { text: 'Let me look.', calls: [call('look', 'Bonn')] }
      const twin = await house.twin(vendor, [turn, turn, turn, turn])
      const { url } = await house.gateway({ [vendor]: twin })
      for (const stream of [false, true]) {
        const message = await claudeMessages(url, MODEL_OF[vendor], { stream })
        // A signature of Gemini's comes as a block of thinking before its call.
        const types = message.content.map(block => block.type)
        expect(types.filter(type => type !== 'thinking')).toEqual(['text', 'tool_use'])
        expect(message.stop_reason).toBe('tool_use')
        const choice = await openaiChat(url, MODEL_OF[vendor], { stream })
        expect(choice.message.content).toBe('Let me look.')
        expect(chatCalls(choice)).toHaveLength(1)
        expect(choice.finish_reason).toBe('tool_calls')
      }
    },
  )

  it('bifrost#3638: also when the vendor itself says that it just stopped', async () => {
    const plain = await gatewayTo(whole('{}', 'stop', 'Let me see.'))
    expect((await claudeMessages(plain, 'gpt-4o', { stream: false })).stop_reason).toBe('tool_use')
    const streaming = await gatewayTo(chatStream([{ content: 'Let me see.' }, head('{}')], 'stop'))
    expect((await claudeMessages(streaming, 'gpt-4o')).stop_reason).toBe('tool_use')
  })

  it('mulder#207: a model that no catalog knows keeps its tools', async () => {
    const { model, prompts } = listener()
    const openai = await house.twin('openai', model)
    const { url } = await house.gateway({ openai })
    await post(url, '/v1/messages', {
      model: 'openai-test/gpt-4o-2099-01-01',
      max_tokens: 100,
      messages: [QUESTION],
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
    })
    expect(prompts[0]?.tools.map(({ name }) => name)).toEqual(['look'])
  })
})

import { describe, expect, it } from 'vitest'
import type { ToolgateError } from '../../core/error.ts'
import type { Message, ReasoningState } from '../../core/message.ts'
import type { FunctionTool, ModelRequest } from '../../core/request.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { encodeResult } from './block-encode.ts'
import { encodeMedia } from './content-part.ts'
import { encodeConversation } from './message-encode.ts'
import { planThinking } from './reasoning-settings.ts'
import { encodeRequest } from './request-encode.ts'
import { encodeTools } from './tool-choice.ts'
import { cachePoint, type Writing } from './wire.ts'

const tool: FunctionTool = { kind: 'function', name: 'look', parameters: { type: 'object' } }
const question: Message = { role: 'user', at: 0, content: [{ type: 'text', text: 'Go' }] }
const called: Message = {
  role: 'assistant',
  at: 1,
  content: [
    { type: 'tool-call', id: 'tooluse_1', name: 'look', arguments: '{}', kind: 'function' },
  ],
}
const answered: Message = {
  role: 'tool',
  at: 2,
  content: [
    { type: 'tool-result', callId: 'tooluse_1', content: [{ type: 'text', text: 'seen' }], at: 2 },
  ],
}

function writing(request: Partial<ModelRequest> = {}, quirks: Quirks = {}): Writing {
  const plain = { protocol: 'openai-chat', model: 'm', messages: [question], tools: [] } as const
  return { request: { ...plain, stream: false, bound: [], ...request }, quirks, losses: [] }
}

/** The body as it goes out, and the losses. */
function encode(request: Partial<ModelRequest> = {}, quirks: Quirks = {}) {
  const { body, losses } = encodeRequest(writing(request, quirks).request, quirks)
  return { body: JSON.parse(stringifyJson(body)), losses }
}

function refusal(run: () => unknown): ToolgateError {
  try {
    run()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return Object.assign(error)
  }
  throw new Error('it was not refused')
}

describe('a request', () => {
  it('holds neither model nor streaming switch, and nothing that is empty', () => {
    expect(encode({ stream: true })).toEqual({
      body: { messages: [{ role: 'user', content: [{ text: 'Go' }] }] },
      losses: [],
    })
  })

  it('says its limits', () => {
    const limits = { maxTokens: 9, temperature: 0.5, topP: 0.9, stop: ['END'] }
    expect(encode(limits).body.inferenceConfig).toEqual({
      maxTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      stopSequences: ['END'],
    })
  })

  it('tells whatever it cannot say', () => {
    const { body, losses } = encode(
      {
        temperature: 1.5,
        topK: 3,
        seed: 1,
        verbosity: 'low',
        metadata: { a: 'b' },
        user: 'u',
        serviceTier: 'flex',
        stop: [' '],
        maxTokens: 100,
        output: { type: 'json' },
      },
      { maxOutput: 50 },
    )
    expect(losses.map(({ path }) => path).sort()).toEqual(
      ['max_tokens', 'metadata', 'response_format', 'seed', 'service_tier', 'stop', 'temperature']
        .concat(['top_k', 'user', 'verbosity'])
        .sort(),
    )
    expect(body.inferenceConfig).toEqual({ maxTokens: 50, temperature: 1 })
    expect(body.system[0].text).toContain('JSON object')
  })

  it('puts fields of the model apart', () => {
    expect(encode({ topK: 3 }, { topK: true }).body.additionalModelRequestFields).toEqual({
      top_k: 3,
    })
  })
})

describe('tools', () => {
  it('are specs with a schema, and a cache point behind a mark where it is known', () => {
    const tools = [{ ...tool, description: 'Looks.', strict: true, cache: {} }]
    const spec = {
      toolSpec: {
        name: 'look',
        description: 'Looks.',
        inputSchema: { json: { type: 'object' } },
        strict: true,
      },
    }
    expect(encode({ tools }, { cachePoints: true }).body.toolConfig.tools).toEqual([
      spec,
      { cachePoint: { type: 'default' } },
    ])
    expect(encode({ tools }).body.toolConfig.tools).toEqual([spec])
  })

  it('tell what of them is left out', () => {
    const strict = encode({ tools: [{ ...tool, strict: true }] }, { strictTools: false })
    expect(strict.losses).toMatchObject([{ path: 'tools[0].strict', meaning: true }])
    const { losses } = encode({ tools: [tool], parallel: false })
    expect(losses).toMatchObject([
      { path: 'parallel_tool_calls', action: 'emulated', meaning: true },
    ])
  })

  it('are narrowed to an allowed subset', () => {
    const tools = [tool, { ...tool, name: 'other' }]
    const { config } = encodeTools(
      writing({ tools, toolChoice: { mode: 'required', allowed: ['other'] } }),
    )
    expect(config).toMatchObject({
      tools: [{ toolSpec: { name: 'other' } }],
      toolChoice: { any: {} },
    })
  })

  it('are demanded in the nearest way that the model takes', () => {
    const choose = (toolChoices: Quirks['toolChoices']) => {
      const given = writing(
        { tools: [tool, { ...tool, name: 'b' }], toolChoice: { mode: 'tool', name: 'b' } },
        toolChoices ? { toolChoices } : {},
      )
      return [encodeTools(given).config, given.losses.map(({ meaning }) => meaning)]
    }
    const both = [{ toolSpec: { name: 'look' } }, { toolSpec: { name: 'b' } }]
    expect(choose(undefined)).toMatchObject([
      { tools: both, toolChoice: { tool: { name: 'b' } } },
      [],
    ])
    expect(choose(['auto', 'required'])).toMatchObject([{ toolChoice: { any: {} } }, [false]])
    expect(choose(['auto'])).toMatchObject([{ toolChoice: { auto: {} } }, [true]])
  })

  it('cannot be demanded where there are none', () => {
    expect(refusal(() => encode({ toolChoice: { mode: 'required' } })).code).toBe('invalid_value')
  })

  it('stand in the request wherever the conversation has calls', () => {
    const messages = [question, called, answered]
    const without = encode({ messages })
    expect(without.body.toolConfig.tools).toEqual([
      { toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } },
    ])
    expect(without.losses).toMatchObject([{ path: 'tools', action: 'emulated', meaning: true }])
    const none = encode({ messages, tools: [tool], toolChoice: { mode: 'none' } })
    expect(none.body.toolConfig.toolChoice).toBeUndefined()
    expect(none.losses).toMatchObject([{ path: 'tool_choice', action: 'emulated', meaning: true }])
  })
})

describe('a conversation', () => {
  it('takes turns, with results before all else', () => {
    const said: Message = { role: 'user', at: 3, content: [{ type: 'text', text: 'And?' }] }
    const { messages } = encodeConversation(
      writing({ messages: [question, called, answered, said] }),
    )
    expect(messages).toEqual([
      { role: 'user', content: [{ text: 'Go' }] },
      {
        role: 'assistant',
        content: [{ toolUse: { toolUseId: 'tooluse_1', name: 'look', input: {} } }],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'tooluse_1', content: [{ text: 'seen' }] } },
          { text: 'And?' },
        ],
      },
    ])
  })

  it('has its instructions apart; later ones are said by the user', () => {
    const rule = (at: number): Message => ({
      role: 'system',
      voice: 'system',
      at,
      content: [{ type: 'text', text: `rule ${at}` }],
    })
    const { body, losses } = encode({ messages: [rule(0), question, rule(2)] })
    expect(body.system).toEqual([{ text: 'rule 0' }])
    expect(body.messages[0].content[1].text).toContain('rule 2')
    expect(losses).toMatchObject([{ path: 'messages[2]', meaning: true }])
    expect(encode({ messages: [rule(0)] }).body.messages[0].content).toEqual([{ text: 'rule 0' }])
  })

  it('ends with the user, unless the model takes a prefill', () => {
    const begun: Message = { role: 'assistant', at: 1, content: [{ type: 'text', text: 'So ' }] }
    const messages = [question, begun]
    expect(refusal(() => encode({ messages })).code).toBe('unsupported')
    const { body, losses } = encode({ messages }, { prefill: true })
    expect(body.messages[1].content).toEqual([{ text: 'So' }])
    expect(losses).toMatchObject([{ action: 'repaired' }])
    expect(encode({ messages: [begun, question] }).body.messages[0].role).toBe('user')
    expect(refusal(() => encode({ messages: [] })).code).toBe('invalid_value')
  })

  it('keeps the exact arguments, and wraps what is no object', () => {
    const withText = (text: string): Message[] => [
      question,
      {
        role: 'assistant',
        at: 1,
        content: [{ type: 'tool-call', id: 'c', name: 'look', arguments: text, kind: 'function' }],
      },
      answered,
    ]
    const big = '{"n":12345678901234567890,"f":1.0}'
    const { body } = encodeRequest(writing({ messages: withText(big), tools: [tool] }).request, {})
    expect(stringifyJson(body)).toContain(`"input":${big}`)
    const broken = encode({ messages: withText('{"n":'), tools: [tool] })
    expect(broken.body.messages[1].content[0].toolUse.input).toEqual({ _raw: '{"n":' })
    expect(broken.losses).toMatchObject([{ action: 'repaired' }])
  })

  it('carries reasoning that its models signed, and no other', () => {
    const think = (state?: ReasoningState): Message => ({
      role: 'assistant',
      at: 1,
      content: [{ type: 'reasoning', text: 'Hm', ...(state ? { state } : {}) }, ...called.content],
    })
    const content = (state?: ReasoningState) => {
      const { body, losses } = encode({
        messages: [question, think(state), answered],
        tools: [tool],
      })
      return [body.messages[1].content[0], losses.length]
    }
    const own = { family: 'anthropic', data: 'sig' } as const
    expect(content({ ...own, kind: 'signature' })).toEqual([
      { reasoningContent: { reasoningText: { text: 'Hm', signature: 'sig' } } },
      0,
    ])
    expect(content({ ...own, kind: 'redacted' })).toEqual([
      { reasoningContent: { redactedContent: 'sig' } },
      0,
    ])
    for (const state of [undefined, { family: 'google', kind: 'signature', data: 'x' } as const])
      expect(content(state)).toMatchObject([{ toolUse: {} }, 1])
  })
})

describe('results', () => {
  const result = { type: 'tool-result', callId: 'c', at: 2 } as const

  it('say their failure by a status, or in words', () => {
    const failed = { ...result, isError: true, content: [{ type: 'text', text: 'no' }] } as const
    expect(encodeResult(failed, writing())).toEqual([
      { toolResult: { toolUseId: 'c', content: [{ text: 'no' }], status: 'error' } },
    ])
    const given = writing({}, { resultStatus: false })
    expect(encodeResult(failed, given)).toEqual([
      { toolResult: { toolUseId: 'c', content: [{ text: 'The tool failed.' }, { text: 'no' }] } },
    ])
    expect(given.losses).toHaveLength(1)
  })

  it('are never empty where they failed', () => {
    const [silent] = encodeResult({ ...result, isError: true, content: [] }, writing())
    expect(JSON.stringify(silent)).toContain('said nothing')
    expect(encodeResult({ ...result, content: [] }, writing())).toEqual([
      { toolResult: { toolUseId: 'c', content: [] } },
    ])
  })

  it('hold no cache point inside, but behind them', () => {
    const content = [{ type: 'text', text: 'a', cache: {} }] as const
    const given = writing({}, { cachePoints: true })
    expect(encodeResult({ ...result, cache: {}, content }, given)).toEqual([
      { toolResult: { toolUseId: 'c', content: [{ text: 'a' }] } },
      { cachePoint: { type: 'default' } },
    ])
    expect(cachePoint({ ttl: '1h' }, 'x', given)).toHaveLength(1)
    expect(given.losses).toMatchObject([{ path: 'x', action: 'approximated' }])
  })
})

describe('media', () => {
  const base64 = (mediaType: string) => ({ kind: 'base64', mediaType, data: 'AAAA' }) as const

  it('are bytes in a known format', () => {
    const given = writing()
    expect(encodeMedia({ type: 'image', source: base64('image/jpg') }, 'p', given)).toEqual([
      { image: { format: 'jpeg', source: { bytes: 'AAAA' } } },
    ])
    const document = { type: 'document', source: base64('application/pdf') } as const
    expect(encodeMedia(document, 'p', given)).toEqual([
      { document: { format: 'pdf', name: 'document', source: { bytes: 'AAAA' } } },
    ])
    const plain = { kind: 'text', mediaType: 'text/plain', text: 'abc' } as const
    expect(encodeMedia({ type: 'document', source: plain }, 'p', given)).toMatchObject([
      { document: { format: 'txt', source: { bytes: 'YWJj' } } },
    ])
    expect(given.losses).toEqual([])
    const [named] = encodeMedia({ ...document, name: 'a_b.pdf' }, 'p', given)
    expect(named).toMatchObject({ document: { name: 'a-b-pdf' } })
    expect(given.losses).toHaveLength(1)
  })

  it('are told of where they cannot be carried', () => {
    const url = { kind: 'url', url: 'https://example.com/a.png' } as const
    for (const source of [url, { kind: 'file', id: 'f' } as const, base64('image/tiff')]) {
      const given = writing()
      const [block] = encodeMedia({ type: 'image', source }, 'p', given)
      expect(JSON.stringify(block)).toContain('left out')
      expect(given.losses).toMatchObject([{ path: 'p', action: 'dropped', meaning: true }])
    }
  })
})

describe('thinking', () => {
  const plan = (request: Partial<ModelRequest>, quirks: Quirks, isForced = false) => {
    const given = writing(request, quirks)
    const { fields, maxTokens } = planThinking(given, { isForced, isLoopBare: false })
    return { fields, maxTokens, losses: given.losses.length }
  }

  it('has a budget below the limit of output', () => {
    const reasoning = { mode: 'budget', budget: 5000 } as const
    expect(plan({ reasoning, maxTokens: 8000 }, { thinking: 'manual' })).toEqual({
      fields: { thinking: { type: 'enabled', budget_tokens: 5000 } },
      maxTokens: 8000,
      losses: 0,
    })
    expect(plan({ reasoning, maxTokens: 4000 }, { thinking: 'manual' })).toMatchObject({
      fields: { thinking: { budget_tokens: 3000 } },
      losses: 1,
    })
    expect(plan({ reasoning }, { thinking: 'manual' }).maxTokens).toBeGreaterThan(5000)
    expect(plan({ reasoning }, { thinking: 'manual' }, true)).toMatchObject({
      fields: {},
      losses: 1,
    })
  })

  it('is up to the model, with an effort that it knows', () => {
    const quirks: Quirks = { thinking: 'adaptive', outputEfforts: ['low', 'high'] }
    expect(plan({ reasoning: { effort: 'medium' } }, quirks)).toEqual({
      fields: { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      maxTokens: undefined,
      losses: 1,
    })
  })

  it('is asked of no model that is not known to think', () => {
    expect(plan({ reasoning: { effort: 'high' } }, {})).toMatchObject({ fields: {}, losses: 1 })
    expect(plan({ reasoning: { mode: 'off' } }, {})).toMatchObject({ fields: {}, losses: 0 })
    expect(plan({ reasoning: { mode: 'off' } }, { thinking: 'always-adaptive' }).losses).toBe(2)
  })
})

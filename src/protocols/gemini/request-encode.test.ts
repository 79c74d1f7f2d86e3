import { describe, expect, it } from 'vitest'
import type { Message, ToolCallPart } from '../../core/message.ts'
import type { FunctionTool, ModelRequest } from '../../core/request.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { gemini } from './index.ts'

const HELLO: Message = { role: 'user', at: 0, content: [{ type: 'text', text: 'hi' }] }
const TOOL: FunctionTool = { kind: 'function', name: 'f', parameters: { type: 'object' } }

function ask(more: Partial<ModelRequest>): ModelRequest {
  return {
    protocol: 'openai-chat',
    model: 'm',
    messages: [HELLO],
    tools: [],
    stream: false,
    bound: [],
    ...more,
  }
}

function encode(more: Partial<ModelRequest>, quirks: Quirks = {}) {
  const { body, losses } = gemini.encodeRequest(ask(more), quirks)
  return { body: JSON.parse(stringifyJson(body)), losses: losses.map(loss => loss.path) }
}

function call(id: string, more: Partial<ToolCallPart> = {}): ToolCallPart {
  return { type: 'tool-call', id, name: 'f', arguments: '{"a":1.0}', kind: 'function', ...more }
}

const STATE = { family: 'google', kind: 'signature', data: 'AAAA' } as const

function loop(...calls: ToolCallPart[]): Message[] {
  const results = [...calls].reverse().map(
    ({ id }) =>
      ({
        type: 'tool-result',
        callId: id,
        content: [{ type: 'text', text: `of ${id}` }],
        at: 2,
      }) as const,
  )
  return [
    HELLO,
    { role: 'assistant', at: 1, content: calls },
    { role: 'tool', at: 2, content: results },
  ]
}

describe('a conversation', () => {
  it('has its results in the order of the calls, with their names and without ids', () => {
    const { body, losses } = encode({ messages: loop(call('a'), call('b', { name: 'g' })) })
    expect(losses).toEqual([])
    expect(body.contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'f', args: { a: 1 } } },
          { functionCall: { name: 'g', args: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { output: 'of a' } } },
          { functionResponse: { name: 'g', response: { output: 'of b' } } },
        ],
      },
    ])
    const text = stringifyJson(gemini.encodeRequest(ask({ messages: loop(call('a')) }), {}).body)
    expect(text).toContain('{"a":1.0}')
  })

  it('sends ids where the vendor takes them, but none that it never gave', () => {
    const quirks = { sendCallIds: true }
    const { body } = encode({ messages: loop(call('a'), call('call_gem_at_1_0')) }, quirks)
    const [, model, results] = body.contents
    expect(model.parts.map((part: { functionCall: object }) => part.functionCall)).toMatchObject([
      { id: 'a' },
      expect.not.objectContaining({ id: expect.anything() }),
    ])
    expect(results.parts[0].functionResponse.id).toBe('a')
  })

  it('signs the first call of each step of the running turn where that is required', () => {
    const quirks = { thoughtSignatures: 'required' } as const
    const { body, losses } = encode({ messages: loop(call('a'), call('b')) }, quirks)
    const { parts } = body.contents[1]
    expect(parts[0].thoughtSignature).toBe('skip_thought_signature_validator')
    expect(parts[1].thoughtSignature).toBeUndefined()
    expect(losses).toEqual(['messages[1].content[0]'])

    const own = encode({ messages: loop(call('a', { state: STATE }), call('b')) }, quirks)
    expect(own.losses).toEqual([])
    expect(own.body.contents[1].parts[0].thoughtSignature).toBe('AAAA')

    const old = encode({ messages: [...loop(call('a')), { ...HELLO, at: 3 }] }, quirks)
    expect(old.losses).toEqual([])
  })

  it('finds the signature of a call in the reasoning beside it', () => {
    const reasoning = { type: 'reasoning', text: '', state: { ...STATE, id: 'a' } } as const
    const [user, , tool] = loop(call('a'))
    const messages: Message[] = [
      user ?? HELLO,
      { role: 'assistant', at: 1, content: [reasoning, call('a')] },
      tool ?? HELLO,
    ]
    const { body, losses } = encode({ messages }, { thoughtSignatures: 'required' })
    expect(losses).toEqual([])
    expect(body.contents[1].parts).toEqual([
      { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'AAAA' },
    ])
  })

  it('says JSON results as objects, failures as errors, and keeps texts apart from results', () => {
    const [user, assistant] = loop(call('a'), call('b'), call('c'))
    const result = (callId: string, text: string, isError = false) =>
      ({
        type: 'tool-result',
        callId,
        content: [{ type: 'text', text }],
        at: 2,
        ...(isError && { isError }),
      }) as const
    const { body } = encode({
      messages: [
        user ?? HELLO,
        assistant ?? HELLO,
        {
          role: 'tool',
          at: 2,
          content: [
            result('a', '{"t": 1.50}'),
            result('b', 'broken', true),
            result('c', '{"error":"x"}'),
          ],
        },
        { ...HELLO, at: 3 },
      ],
    })
    const results = body.contents[2].parts.map(
      (part: { functionResponse: { response: object } }) => part.functionResponse.response,
    )
    expect(results).toEqual([{ t: 1.5 }, { error: 'broken' }, { output: '{"error":"x"}' }])
    expect(body.contents[3]).toEqual({ role: 'user', parts: [{ text: 'hi' }] })
  })

  it('puts pictures into results where the model takes them, else behind them', () => {
    const picture = {
      type: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' },
    } as const
    const [user, assistant] = loop(call('a'))
    const messages: Message[] = [
      user ?? HELLO,
      assistant ?? HELLO,
      {
        role: 'tool',
        at: 2,
        content: [{ type: 'tool-result', callId: 'a', content: [picture], at: 2 }],
      },
    ]
    const inlineData = { mimeType: 'image/png', data: 'AAAA' }
    const inside = encode({ messages }, { imagesInResults: true })
    expect(inside.losses).toEqual([])
    expect(inside.body.contents[2].parts[0].functionResponse.parts).toEqual([{ inlineData }])
    const behind = encode({ messages })
    expect(behind.losses).toEqual(['messages[2].content[0]'])
    expect(behind.body.contents[3].parts[1]).toEqual({ inlineData })
  })

  it('begins with the user, and has instructions at its head only', () => {
    const system = (text: string, at: number): Message => ({
      role: 'system',
      voice: 'system',
      at,
      content: [{ type: 'text', text }],
    })
    const [user, assistant, tool] = loop(call('a'))
    const { body, losses } = encode({
      messages: [
        system('head', 0),
        user ?? HELLO,
        assistant ?? HELLO,
        system('middle', 2),
        tool ?? HELLO,
      ],
    })
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'head' }] })
    expect(losses).toEqual(['messages[2]'])
    expect(body.contents.at(-1)).toEqual({
      role: 'user',
      parts: [{ text: '<system>\nmiddle\n</system>' }],
    })
    const greeting = encode({ messages: [assistant ?? HELLO, tool ?? HELLO] })
    expect(greeting.body.contents[0].role).toBe('user')
    expect(greeting.losses).toEqual(['messages'])
    const alone = encode({ messages: [system('do it', 0)] })
    expect(alone.body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'do it' }] }] })
  })

  it('wraps arguments that are no object', () => {
    const { body, losses } = encode({ messages: loop(call('a', { arguments: '[1' })) })
    expect(body.contents[1].parts[0].functionCall.args).toEqual({ _raw: '[1' })
    expect(losses).toEqual(['messages[1].content[0].arguments'])
  })
})

describe('tools and their choice', () => {
  const mode = (more: Partial<ModelRequest>, quirks: Quirks = {}) => {
    const { body, losses } = encode({ tools: [TOOL, { ...TOOL, name: 'g' }], ...more }, quirks)
    return { config: body.toolConfig?.functionCallingConfig, losses, tools: body.tools }
  }

  it('go as JSON Schema in one entry', () => {
    expect(mode({}).tools).toEqual([
      {
        functionDeclarations: [
          { name: 'f', parametersJsonSchema: { type: 'object' } },
          { name: 'g', parametersJsonSchema: { type: 'object' } },
        ],
      },
    ])
    expect(mode({}).config).toBeUndefined()
  })

  it('has every form of choice', () => {
    const choose = (toolChoice: ModelRequest['toolChoice'], quirks?: Quirks) =>
      mode(toolChoice ? { toolChoice } : {}, quirks).config
    expect(choose({ mode: 'auto' })).toEqual({ mode: 'AUTO' })
    expect(choose({ mode: 'none' })).toEqual({ mode: 'NONE' })
    expect(choose({ mode: 'required' })).toEqual({ mode: 'ANY' })
    expect(choose({ mode: 'tool', name: 'f' })).toEqual({
      mode: 'ANY',
      allowedFunctionNames: ['f'],
    })
    expect(choose({ mode: 'auto', allowed: ['g'] })).toEqual({
      mode: 'VALIDATED',
      allowedFunctionNames: ['g'],
    })
    const filtered = mode({ toolChoice: { mode: 'auto', allowed: ['g'] } }, { strictTools: false })
    expect(filtered.config).toEqual({ mode: 'AUTO' })
    expect(filtered.tools[0].functionDeclarations).toHaveLength(1)
    expect(filtered.losses).toEqual(['tool_choice'])
  })

  it('holds strict tools to their schemas, or reports that it cannot', () => {
    const tools = [{ ...TOOL, strict: true }]
    expect(mode({ tools }).config).toEqual({ mode: 'VALIDATED' })
    expect(mode({ tools }, { strictTools: false }).losses).toEqual(['tools[0].strict'])
    expect(mode({ parallel: false }).losses).toEqual(['parallel_tool_calls'])
  })

  it('leaves the choice out without functions, and refuses a demand', () => {
    expect(encode({ toolChoice: { mode: 'auto' } }).body.toolConfig).toBeUndefined()
    expect(() => encode({ toolChoice: { mode: 'required' } })).toThrow('no tools')
  })
})

describe('settings', () => {
  const thinking = (reasoning: ModelRequest['reasoning'], quirks: Quirks = {}) => {
    const { body, losses } = encode(reasoning ? { reasoning } : {}, quirks)
    return [body.generationConfig?.thinkingConfig, losses.length]
  }
  const PRO = { thinkingLevels: ['LOW', 'HIGH'] } as const
  const FLASH = { thinkingLevels: [] } as const
  const PRO25 = { thinkingLevels: [], thinkingBudgets: { least: 128, most: 32_768 } } as const

  it('say how much to think in levels or in tokens', () => {
    expect(thinking({ effort: 'none' })).toEqual([{ thinkingLevel: 'MINIMAL' }, 1])
    expect(thinking({ effort: 'minimal' }, PRO)).toEqual([{ thinkingLevel: 'LOW' }, 1])
    expect(thinking({ effort: 'medium' }, PRO)).toEqual([{ thinkingLevel: 'HIGH' }, 1])
    expect(thinking({ effort: 'high' }, PRO)).toEqual([{ thinkingLevel: 'HIGH' }, 0])
    expect(thinking({ effort: 'none' }, FLASH)).toEqual([{ thinkingBudget: 0 }, 0])
    expect(thinking({ effort: 'none' }, PRO25)).toEqual([{ thinkingBudget: 128 }, 1])
    expect(thinking({ effort: 'max' }, PRO25)).toEqual([{ thinkingBudget: 32_768 }, 0])
    expect(thinking({ mode: 'budget', budget: 2000 })).toEqual([
      { thinkingLevel: 'MEDIUM', includeThoughts: true },
      1,
    ])
    expect(thinking({ mode: 'adaptive' }, FLASH)).toEqual([
      { thinkingBudget: -1, includeThoughts: true },
      0,
    ])
    expect(thinking({ mode: 'budget', budget: 90_000 }, FLASH)[0]).toMatchObject({
      thinkingBudget: 24_576,
    })
  })

  it('carry limits, sampling and the form of the answer', () => {
    const schema = { type: 'object' }
    const { body, losses } = encode(
      {
        maxTokens: 100,
        stop: ['a', 'b', 'c', 'd', 'e', 'f'],
        temperature: 2,
        seed: 1,
        output: { type: 'json-schema', schema },
        user: 'u',
      },
      { maxOutput: 50 },
    )
    expect(body.generationConfig).toEqual({
      maxOutputTokens: 50,
      stopSequences: ['a', 'b', 'c', 'd', 'e'],
      seed: 1,
      temperature: 2,
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    })
    expect(losses).toEqual(['max_tokens', 'stop', 'user'])
  })
})

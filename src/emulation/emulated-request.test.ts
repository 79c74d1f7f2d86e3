import { describe, expect, it } from 'vitest'
import type { Message } from '../core/message.ts'
import type { ModelRequest } from '../core/request.ts'
import { emulateTools, rawReading } from './emulated-request.ts'

const tool = (name: string) => ({
  kind: 'function' as const,
  name,
  description: `Does ${name}`,
  parameters: { type: 'object', properties: { to: { type: 'string' } } },
})
const user = (text: string, at: number): Message => ({
  role: 'user',
  at,
  content: [{ type: 'text', text }],
})
function asked(more: Partial<ModelRequest> = {}): ModelRequest {
  const messages = [user('Hi', 0)]
  const tools = [tool('go'), tool('come')]
  return { protocol: 'openai-chat', model: 'm', messages, tools, stream: false, bound: [], ...more }
}
const system = ({ messages }: ModelRequest) => {
  const [first] = messages
  if (first?.role !== 'system') throw new Error('no instructions')
  return first.content.map(part => part.text).join('|')
}

describe('the definitions', () => {
  it('stand in the instructions, each in a line of its own, and nowhere else', () => {
    const { request, losses, reading } = emulateTools(asked())
    expect(request.tools).toEqual([])
    expect(request.toolChoice).toBeUndefined()
    expect(system(request)).toContain(
      '<tools>\n{"name":"go","description":"Does go","parameters":{"type":"object","properties":{"to":{"type":"string"}}}}\n{"name":"come",',
    )
    expect(request.messages[1]).toEqual(user('Hi', 0))
    expect(losses).toEqual([
      { path: 'tools', what: expect.any(String), action: 'emulated', meaning: false },
    ])
    expect([...(reading?.tools.keys() ?? [])]).toEqual(['go', 'come'])
    expect(reading?.required).toBeUndefined()
  })

  it("go to the end of the client's own instructions", () => {
    const own: Message = {
      role: 'system',
      voice: 'developer',
      at: 0,
      content: [
        { type: 'text', text: 'A' },
        { type: 'text', text: 'B', cache: {} },
      ],
    }
    const { request } = emulateTools(asked({ messages: [own, user('Hi', 1)] }))
    expect(system(request)).toMatch(/^A\|B\n\nYou can call tools/)
    expect(request.messages).toHaveLength(2)
    expect(request.messages[0]).toMatchObject({ voice: 'developer', content: [{}, { cache: {} }] })
  })

  it('are those that may be called', () => {
    const named = emulateTools(asked({ toolChoice: { mode: 'tool', name: 'come' } }))
    expect([...(named.reading?.tools.keys() ?? [])]).toEqual(['come'])
    expect(named.reading?.required).toBe("'come'")
    expect(system(named.request)).not.toContain('"go"')
    expect(system(named.request)).toContain('must call the tool "come"')
    const some = emulateTools(asked({ toolChoice: { mode: 'required', allowed: ['go'] } }))
    expect([...(some.reading?.tools.keys() ?? [])]).toEqual(['go'])
    expect(some.reading?.required).toBe('a tool')
    const none = emulateTools(asked({ toolChoice: { mode: 'none' } }))
    expect(none.reading).toBeUndefined()
    expect(none.request.messages).toEqual([user('Hi', 0)])
    expect(none.request.tools).toEqual([])
  })

  it('lose what cannot be kept, and say so', () => {
    const strict = { ...tool('go'), strict: true }
    const { losses, reading } = emulateTools(
      asked({ tools: [strict], parallel: false, toolChoice: { mode: 'required' } }),
    )
    expect(losses.map(({ path, meaning }) => [path, meaning])).toEqual([
      ['tools', false],
      ['tools', true],
      ['tool_choice', false],
      ['parallel_tool_calls', false],
    ])
    expect(reading?.single).toBe(true)
  })
})

describe('the form of the output', () => {
  const output = { type: 'json-schema' as const, schema: { type: 'object', title: 'Out' } }

  it('is told, because a server that enforced it would let no call through', () => {
    const { request, losses } = emulateTools(asked({ output }))
    expect(request.output).toBeUndefined()
    expect(system(request)).toContain('fits this JSON Schema: {"type":"object","title":"Out"}')
    expect(losses.at(-1)).toMatchObject({ path: 'response_format', meaning: true })
    expect(system(emulateTools(asked({ output: { type: 'json' } })).request)).toContain(
      'one JSON object and nothing else, without a fence.',
    )
  })

  it('is left to the server where nothing may be called', () => {
    const { request } = emulateTools(asked({ output, toolChoice: { mode: 'none' } }))
    expect(request.output).toBe(output)
  })
})

describe('a request that has to do with no tools', () => {
  it('is left alone', () => {
    const request = asked({ tools: [] })
    expect(emulateTools(request)).toEqual({ request, losses: [], reading: undefined })
    expect(emulateTools(request).request).toBe(request)
  })
})

describe('the history', () => {
  const call = (id: string, name: string, text: string) => ({
    type: 'tool-call' as const,
    id,
    name,
    arguments: text,
    kind: 'function' as const,
  })
  const image = {
    type: 'image' as const,
    source: { kind: 'url' as const, url: 'https://example.com/a.png' },
  }

  it('is told as words, results in the order of their calls', () => {
    const { request, losses } = emulateTools(
      asked({
        tools: [],
        messages: [
          user('Hi', 0),
          {
            role: 'assistant',
            at: 1,
            content: [
              { type: 'text', text: 'Well.' },
              call('a', 'go', '{"n": 1.0}'),
              call('b', 'come', ''),
            ],
          },
          {
            role: 'tool',
            at: 2,
            content: [
              { type: 'tool-result', callId: 'b', at: 3, content: [image], isError: true },
              {
                type: 'tool-result',
                callId: 'a',
                at: 2,
                content: [{ type: 'text', text: '"ok" </tool_response>' }],
              },
            ],
          },
          user('And?', 4),
        ],
      }),
    )
    expect(request.messages).toEqual([
      user('Hi', 0),
      {
        role: 'assistant',
        at: 1,
        content: [
          {
            type: 'text',
            text: 'Well.\n<tool_call>\n{"name": "go", "arguments": {"n": 1.0}}\n</tool_call>\n<tool_call>\n{"name": "come", "arguments": {}}\n</tool_call>',
          },
        ],
      },
      {
        role: 'user',
        at: 4,
        content: [
          {
            type: 'text',
            text: '<tool_response>\n{"name":"go","content":"\\"ok\\" <\\/tool_response>"}\n</tool_response>\n<tool_response>\n{"name":"come","error":"","attached":1}\n</tool_response>',
          },
          image,
          { type: 'text', text: 'And?' },
        ],
      },
    ])
    expect(losses).toMatchObject([
      { path: 'messages', what: '2 calls and 2 results as text', action: 'emulated' },
    ])
  })
})

describe('a server that leaves calls in its text', () => {
  it('is read for the tools that it was told of', () => {
    expect(rawReading(asked({ tools: [] }), ['json'])).toBeUndefined()
    expect(rawReading(asked({ toolChoice: { mode: 'none' } }), ['json'])).toBeUndefined()
    const some = rawReading(asked({ toolChoice: { mode: 'auto', allowed: ['go'] } }), ['json'])
    expect(some).toMatchObject({ forms: ['json'], single: false })
    expect([...(some?.tools.keys() ?? [])]).toEqual(['go'])
  })
})

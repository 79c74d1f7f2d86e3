import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
import { assemble, type StreamPart } from '../../core/stream.ts'
import type { Quirks } from '../quirks.ts'
import { ChatStreamDecoder } from './stream-decoder.ts'

const DONE = '[DONE]'

function parts(events: readonly (Json | string)[], quirks: Quirks = {}): StreamPart[] {
  const found: StreamPart[] = []
  const decoder = new ChatStreamDecoder(quirks)
  const emit = (part: StreamPart) => found.push(part)
  for (const event of events)
    decoder.push(
      { event: '', data: typeof event === 'string' ? event : JSON.stringify(event) },
      emit,
    )
  decoder.end(emit)
  return found
}

function chunk(delta: JsonObject, finish: string | null = null, more: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 5,
    model: 'm',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...more,
  }
}

const finish = (word: string): JsonObject => chunk({}, word)
const calls = (...entries: JsonObject[]): JsonObject => chunk({ tool_calls: entries })
const head = (index: number | undefined, id: string, name: string, text = ''): JsonObject => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: 'function',
  function: { name, arguments: text },
})
const args = (index: number | undefined, text: Json, more: JsonObject = {}): JsonObject => ({
  ...(index === undefined ? {} : { index }),
  function: { arguments: text },
  ...more,
})

/** The calls of a stream that ends as it should, as id, name and arguments. */
function callsOf(...events: JsonObject[]): string[][] {
  const { content } = assemble(parts([...events, finish('tool_calls'), DONE]))
  return content.flatMap(part =>
    part.type === 'tool-call' ? [[part.id, part.name, part.arguments]] : [],
  )
}

describe('calls as compatible vendors send them', () => {
  it.each<[string, JsonObject[], string[][]]>([
    [
      'head and arguments at once',
      [calls(head(0, 'a', 'f', '{"x":1}'), head(1, 'b', 'f', '{"x":2}'))],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'f', '{"x":2}'],
      ],
    ],
    [
      'no index',
      [calls(head(undefined, 'a', 'f', '{"x":1}')), calls(head(undefined, 'b', 'f', '{"x":2}'))],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'f', '{"x":2}'],
      ],
    ],
    [
      'no index, in fragments',
      [
        calls(head(undefined, 'a', 'f')),
        calls(args(undefined, '{"x"')),
        calls(args(undefined, ':1}')),
        calls(head(undefined, 'b', 'g')),
        calls(args(undefined, '{}')),
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'index always 0',
      [
        calls(head(0, 'a', 'f', '{"x":1}')),
        calls(head(0, 'b', 'f', '{"x":2}')),
        calls(args(0, ' ')),
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'f', '{"x":2} '],
      ],
    ],
    [
      'index always 0, other names, no ids',
      [calls(head(0, '', 'f', '{}')), calls(head(0, '', 'g', '{}'))],
      [
        ['call_chatcmpl1_0', 'f', '{}'],
        ['call_chatcmpl1_1', 'g', '{}'],
      ],
    ],
    [
      'the same function twice, no ids and no index',
      [calls(head(undefined, '', 'f', '{"x":1}')), calls(head(undefined, '', 'f', '{"x":2}'))],
      [
        ['call_chatcmpl1_0', 'f', '{"x":1}'],
        ['call_chatcmpl1_1', 'f', '{"x":2}'],
      ],
    ],
    [
      'no ids and no arguments',
      [calls(head(0, '', 'f')), calls(head(1, '', 'g')), calls(args(1, '{}'))],
      [
        ['call_chatcmpl1_0', 'f', ''],
        ['call_chatcmpl1_1', 'g', '{}'],
      ],
    ],
    [
      'index from 1, as behind a text block',
      [calls(head(1, 'a', 'f')), calls(args(1, '{}'))],
      [['a', 'f', '{}']],
    ],
    [
      'id and name on every fragment',
      [
        calls(head(0, 'a', 'f', '{"x"')),
        calls(head(0, 'a', 'f', ':1}')),
        calls(head(0, 'a', 'f', '')),
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'id "" and null on continuations',
      [
        calls(head(0, 'a', 'f')),
        calls(args(0, '{', { id: '' })),
        calls(args(0, '}', { id: null, type: null })),
      ],
      [['a', 'f', '{}']],
    ],
    [
      'another id on continuations',
      [
        calls(head(0, 'a', 'f')),
        calls(args(0, '{', { id: 'zz1' })),
        calls(args(0, '}', { id: 'zz2' })),
      ],
      [['a', 'f', '{}']],
    ],
    [
      'arguments as an object',
      [calls(args(0, { x: 1 }, { id: 'a', function: { name: 'f', arguments: { x: 1 } } }))],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'arguments null',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: null } }),
        calls(args(0, '{}')),
      ],
      [['a', 'f', '{}']],
    ],
    [
      'no arguments at all',
      [calls({ index: 0, id: 'a', function: { name: 'f' } })],
      [['a', 'f', '']],
    ],
    [
      'name after the id',
      [calls({ index: 0, id: 'a' }), calls({ index: 0, function: { name: 'f', arguments: '{}' } })],
      [['a', 'f', '{}']],
    ],
    [
      'id after the name',
      [
        calls({ index: 0, function: { name: 'f' } }),
        calls(args(0, '', { id: 'a' })),
        calls(args(0, '{}')),
      ],
      [['a', 'f', '{}']],
    ],
    [
      'arguments before the name',
      [
        calls(args(0, '{"x":', { id: 'a' })),
        calls({ index: 0, function: { name: 'f', arguments: '1}' } }),
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'the whole call once more at the end',
      [calls(head(0, 'a', 'f')), calls(args(0, '{"x":1}')), calls(head(0, 'a', 'f', '{"x":1}'))],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'one id for two calls',
      [calls(head(0, 'f', 'f', '{"x":1}')), calls(head(1, 'f', 'f', '{"x":2}'))],
      [
        ['f', 'f', '{"x":1}'],
        ['f', 'f', '{"x":2}'],
      ],
    ],
    [
      'empty lists and entries',
      [calls(), calls({}), calls(head(0, 'a', 'f', '{}')), calls(args(0, ''))],
      [['a', 'f', '{}']],
    ],
    [
      'broken arguments',
      [calls(head(0, 'a', 'f')), calls(args(0, '{"x": oops'))],
      [['a', 'f', '{"x": oops']],
    ],
  ])('%s', (_, events, expected) => {
    expect(callsOf(...events)).toEqual(expected)
  })

  it('interleaved: both stay open until the end', () => {
    const all = parts([
      calls(head(0, 'a', 'f', '{"x"'), head(1, 'b', 'g', '{"y"')),
      calls(args(0, ':1}')),
      calls(args(1, ':2}')),
      finish('tool_calls'),
      DONE,
    ])
    expect(assemble(all).content).toMatchObject([
      { arguments: '{"x":1}' },
      { arguments: '{"y":2}' },
    ])
    expect(all.filter(part => part.type === 'tool-call-start')).toHaveLength(2)
  })

  it('heads first, then the arguments of each', () => {
    expect(
      callsOf(
        calls(head(0, 'a', 'f'), head(1, 'b', 'g'), head(2, 'c', 'h')),
        calls(args(0, '{"x":1}')),
        calls(args(1, '{"y":2}')),
      ),
    ).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{"y":2}'],
      ['c', 'h', ''],
    ])
  })

  it('a call without arguments is closed when the next one goes on', () => {
    const types = parts([
      calls(head(0, 'a', 'f')),
      calls(head(1, 'b', 'g')),
      calls(args(1, '{}')),
      finish('x'),
      DONE,
    ])
    expect(types.map(part => part.type)).toEqual([
      'message-start',
      'tool-call-start',
      'tool-call-start',
      'tool-call-end',
      'tool-call-delta',
      'tool-call-end',
      'message-end',
    ])
  })

  it('text after complete calls has a block of its own', () => {
    const { content } = assemble(
      parts([calls(head(0, 'a', 'f', '{}')), chunk({ content: 'so' }), finish('tool_calls'), DONE]),
    )
    expect(content).toMatchObject([{ type: 'tool-call' }, { type: 'text', text: 'so' }])
  })

  it('text in the middle of a call waits until the calls are over', () => {
    const { content } = assemble(
      parts([
        calls(head(0, 'a', 'f', '{"x"')),
        chunk({ content: 'so', reasoning_content: 'hm' }),
        calls(args(0, ':1}')),
        finish('tool_calls'),
        DONE,
      ]),
    )
    expect(content).toMatchObject([
      { type: 'tool-call', arguments: '{"x":1}' },
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'so' },
    ])
  })

  it('a custom call may say so before its name', () => {
    const { content } = assemble(
      parts([
        calls({ index: 0, id: 'a', type: 'custom' }),
        calls({ index: 0, custom: { name: 'c', input: 'x' } }),
        finish('tool_calls'),
      ]),
    )
    expect(content).toMatchObject([{ kind: 'custom', name: 'c', arguments: 'x' }])
  })

  it('a signature comes with the head, later, or alone', () => {
    const google = { extra_content: { google: { thought_signature: 'S' } } }
    const state = { family: 'google', kind: 'signature', data: 'S' }
    for (const events of [
      [calls({ ...head(0, 'a', 'f', '{}'), ...google })],
      [calls(head(0, 'a', 'f', '{}')), calls({ index: 0, ...google })],
      [calls(head(undefined, 'a', 'f', '{}')), calls(google)],
      [calls(head(0, 'a', 'f', '{}')), calls({ index: 0, thought_signature: 'S' })],
    ])
      expect(assemble(parts([...events, finish('stop'), DONE])).content).toEqual([
        { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', kind: 'function', state },
      ])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ToolgateError } from './error.ts'
import type { AssistantPart, OpaquePart, ReasoningState } from './message.ts'
import type { ModelResponse } from './response.ts'
import { assemble, type StreamPart } from './stream.ts'

const START: StreamPart = { type: 'message-start', id: 'm1', model: 'model-1' }
const END: StreamPart = { type: 'message-end', finish: { kind: 'stop', raw: 'stop' } }
const STATE: ReasoningState = { family: 'anthropic', kind: 'signature', data: 'c2ln' }
const OPAQUE: OpaquePart = { type: 'opaque', protocol: 'anthropic', kind: 'x', value: { a: 1 } }

/** The content that the blocks between a start and an end stand for. */
const contentOf = (...parts: StreamPart[]) => assemble([START, ...parts, END]).content

describe('assemble', () => {
  it('keeps what the start and the end say', () => {
    expect(
      assemble([
        { ...START, created: 7, extras: { 'openai-chat': { a: 1 } } },
        { type: 'usage', usage: { input: 1, output: 0 } },
        { type: 'usage', usage: { input: 2, output: 3, cached: 1 } },
        {
          type: 'message-end',
          finish: { kind: 'stop-sequence', raw: 'stop_sequence', stopSequence: 'END' },
          extras: { anthropic: { b: 2 } },
        },
      ]),
    ).toEqual({
      id: 'm1',
      model: 'model-1',
      created: 7,
      content: [],
      finish: { kind: 'stop-sequence', raw: 'stop_sequence', stopSequence: 'END' },
      usage: { input: 2, output: 3, cached: 1 },
      extras: { 'openai-chat': { a: 1 }, anthropic: { b: 2 } },
    })
  })

  it('leaves out what nobody said', () => {
    expect(Object.keys(assemble([START, END]))).toEqual(['id', 'model', 'content', 'finish'])
  })

  it('joins the extras of one protocol from both ends, the end last', () => {
    const { extras } = assemble([
      { ...START, extras: { anthropic: { a: 1, b: 1 }, gemini: { c: 1 } } },
      { ...END, extras: { anthropic: { b: 2, d: 2 } } },
    ])
    expect(extras).toEqual({ anthropic: { a: 1, b: 2, d: 2 }, gemini: { c: 1 } })
  })

  it('folds each kind of block', () => {
    expect(
      contentOf(
        { type: 'reasoning-start', index: 0 },
        { type: 'reasoning-delta', index: 0, text: 'think' },
        { type: 'reasoning-end', index: 0, state: STATE, extras: { anthropic: { a: 1 } } },
        { type: 'text-start', index: 1 },
        { type: 'text-delta', index: 1, text: 'Hel' },
        { type: 'text-delta', index: 1, text: 'lo' },
        { type: 'text-end', index: 1, extras: { anthropic: { citations: [] } } },
        { type: 'text-start', index: 2, refusal: true },
        { type: 'text-delta', index: 2, text: 'No.' },
        { type: 'text-end', index: 2 },
        { type: 'tool-call-start', index: 3, id: 'c1', name: 'f', kind: 'function' },
        { type: 'tool-call-delta', index: 3, text: '{"a":' },
        { type: 'tool-call-delta', index: 3, text: '1.0}' },
        { type: 'tool-call-end', index: 3, state: STATE },
        { type: 'opaque', index: 4, part: OPAQUE },
        { type: 'tool-call-start', index: 5, id: 'c2', name: 'g', kind: 'custom' },
        { type: 'tool-call-end', index: 5 },
      ),
    ).toEqual([
      { type: 'reasoning', text: 'think', state: STATE, extras: { anthropic: { a: 1 } } },
      { type: 'text', text: 'Hello', extras: { anthropic: { citations: [] } } },
      { type: 'refusal', text: 'No.' },
      {
        type: 'tool-call',
        id: 'c1',
        name: 'f',
        arguments: '{"a":1.0}',
        kind: 'function',
        state: STATE,
      },
      OPAQUE,
      { type: 'tool-call', id: 'c2', name: 'g', arguments: '', kind: 'custom' },
    ])
  })

  it('takes interleaved calls, in the order in which they opened', () => {
    expect(
      contentOf(
        { type: 'tool-call-start', index: 0, id: 'a', name: 'f', kind: 'function' },
        { type: 'tool-call-start', index: 1, id: 'b', name: 'g', kind: 'function' },
        { type: 'tool-call-delta', index: 1, text: '2' },
        { type: 'tool-call-delta', index: 0, text: '1' },
        { type: 'tool-call-end', index: 1 },
        { type: 'tool-call-end', index: 0 },
      ),
    ).toMatchObject([
      { id: 'a', arguments: '1' },
      { id: 'b', arguments: '2' },
    ])
  })

  it('takes the state of a call from its end, else from its start', () => {
    const early = { ...STATE, data: 'early' }
    const call = (state?: ReasoningState) =>
      contentOf(
        { type: 'tool-call-start', index: 0, id: 'a', name: 'f', kind: 'function', state: early },
        { type: 'tool-call-end', index: 0, ...(state ? { state } : {}) },
      )
    expect(call()).toMatchObject([{ state: early }])
    expect(call(STATE)).toMatchObject([{ state: STATE }])
  })

  it('throws the very error a stream ended with', () => {
    const error = new ToolgateError('stream_cut', 'cut', { origin: 'vendor' })
    expect(() => assemble([{ type: 'error', error }])).toThrow(error)
    expect(() =>
      assemble([START, { type: 'text-start', index: 0 }, { type: 'error', error }]),
    ).toThrow(error)
  })

  const text = (index: number): StreamPart[] => [
    { type: 'text-start', index },
    { type: 'text-end', index },
  ]
  const broken: [string, StreamPart[]][] = [
    ['nothing at all', []],
    ['no start', [END]],
    ['no end', [START]],
    ['two starts', [START, START, END]],
    ['two ends', [START, END, END]],
    ['an end before the start', [END, START]],
    ['a block before the start', [...text(0), START, END]],
    ['a block after the end', [START, END, ...text(0)]],
    ['an opaque part after the end', [START, END, { type: 'opaque', index: 0, part: OPAQUE }]],
    ['usage before the start', [{ type: 'usage', usage: { input: 1, output: 1 } }, START, END]],
    ['usage after the end', [START, END, { type: 'usage', usage: { input: 1, output: 1 } }]],
    ['a block left open', [START, { type: 'text-start', index: 0 }, END]],
    ['a first index that is not 0', [START, ...text(1), END]],
    ['an index left out', [START, ...text(0), ...text(2), END]],
    ['an index used twice', [START, ...text(0), ...text(0), END]],
    ['a delta for nothing', [START, { type: 'text-delta', index: 0, text: 'x' }, END]],
    ['an end for nothing', [START, { type: 'text-end', index: 0 }, END]],
    [
      'a delta after the close',
      [START, ...text(0), { type: 'text-delta', index: 0, text: '' }, END],
    ],
    ['two closes', [START, ...text(0), { type: 'text-end', index: 0 }, END]],
    [
      'a delta of another kind',
      [
        START,
        { type: 'text-start', index: 0 },
        { type: 'tool-call-delta', index: 0, text: '' },
        END,
      ],
    ],
    [
      'a close of another kind',
      [START, { type: 'reasoning-start', index: 0 }, { type: 'text-end', index: 0 }, END],
    ],
    [
      'a delta for an opaque part',
      [
        START,
        { type: 'opaque', index: 0, part: OPAQUE },
        { type: 'text-delta', index: 0, text: '' },
        END,
      ],
    ],
  ]
  it.each(broken)('throws on a broken law: %s', (_, parts) => {
    expect(() => assemble(parts)).toThrow(Error)
    expect(() => assemble(parts)).not.toThrow(ToolgateError)
  })

  const state = fc.record({
    family: fc.constantFrom('anthropic', 'google'),
    kind: fc.constantFrom('signature' as const, 'redacted' as const),
    data: fc.string(),
  })
  const part: fc.Arbitrary<AssistantPart> = fc.oneof(
    fc.record({ type: fc.constant('text' as const), text: fc.string() }),
    fc.record({ type: fc.constant('refusal' as const), text: fc.string() }),
    fc.record({ type: fc.constant('reasoning' as const), text: fc.string(), state }),
    fc.record({
      type: fc.constant('tool-call' as const),
      id: fc.string(),
      name: fc.string(),
      arguments: fc.string(),
      kind: fc.constantFrom('function' as const, 'custom' as const),
    }),
    fc.constant(OPAQUE),
  )

  it('property: parts cut into any deltas fold back into themselves', () => {
    fc.assert(
      fc.property(
        fc.array(part),
        fc.infiniteStream(fc.integer({ min: 0, max: 4 })),
        (content, sizes) => {
          const answer: ModelResponse = {
            id: 'm1',
            model: 'model-1',
            content,
            finish: { kind: 'stop', raw: 'stop' },
          }
          const parts = content.flatMap((value, index) => cut(value, index, sizes))
          expect(assemble([START, ...parts, END])).toEqual(answer)
        },
      ),
    )
  })
})

/** A block in deltas of the given sizes, empty ones too. */
function cut(part: AssistantPart, index: number, sizes: Iterator<number>): StreamPart[] {
  const pieces = (text: string): string[] => {
    const found: string[] = []
    for (let at = 0; at < text.length; ) {
      const size: number = sizes.next().value
      found.push(text.slice(at, at + size))
      at += size
    }
    return found
  }
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [
        { type: 'text-start', index, ...(part.type === 'refusal' ? { refusal: true } : {}) },
        ...pieces(part.text).map(text => ({ type: 'text-delta' as const, index, text })),
        { type: 'text-end', index },
      ]
    case 'reasoning':
      return [
        { type: 'reasoning-start', index },
        ...pieces(part.text).map(text => ({ type: 'reasoning-delta' as const, index, text })),
        { type: 'reasoning-end', index, ...(part.state ? { state: part.state } : {}) },
      ]
    case 'tool-call':
      return [
        { type: 'tool-call-start', index, id: part.id, name: part.name, kind: part.kind },
        ...pieces(part.arguments).map(text => ({ type: 'tool-call-delta' as const, index, text })),
        { type: 'tool-call-end', index },
      ]
    case 'opaque':
      return [{ type: 'opaque', index, part }]
    default:
      throw new Error(`a stream cannot hold ${part.type}`)
  }
}

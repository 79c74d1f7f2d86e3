import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
import { place } from '../../wire/read.ts'
import { allDetails, decodeReasoning, reasoningText } from './reasoning.ts'

const claude = (more: JsonObject): JsonObject => ({
  type: 'reasoning.text',
  format: 'anthropic-claude-v1',
  index: 0,
  ...more,
})

function states(message: JsonObject): unknown[] {
  return decodeReasoning(message).map(part => [part.text, part.state])
}

describe('plain reasoning', () => {
  it.each([
    [{ reasoning_content: 'a' }],
    [{ reasoning: 'a' }],
    [{ reasoning_content: 'a', reasoning: 'a' }],
    [{ reasoning_content: '', reasoning: 'a' }],
  ])('is one part of %j', message => {
    expect(decodeReasoning(message)).toEqual([{ type: 'reasoning', text: 'a' }])
  })

  it('is nothing when it is empty or absent', () => {
    expect(decodeReasoning({ reasoning_content: '', reasoning: null })).toEqual([])
  })

  it('must be text in a request, and is passed over in an answer if it is not', () => {
    expect(decodeReasoning({ reasoning_content: 3 })).toEqual([])
    expect(() => decodeReasoning({ reasoning_content: 3 }, place(0))).toThrow('expected a string')
    expect(() => decodeReasoning({ reasoning_details: 'x' }, place(0))).toThrow('expected an array')
  })
})

describe('reasoning_details', () => {
  it('carry the states of the families', () => {
    expect(
      states({
        reasoning_details: [
          claude({ text: 'a', signature: 'S' }),
          { type: 'reasoning.encrypted', format: 'anthropic-claude-v1', data: 'R', index: 1 },
          {
            type: 'reasoning.encrypted',
            format: 'google-gemini-v1',
            data: 'G',
            id: 'call_1',
            index: 2,
          },
          { type: 'reasoning.summary', format: 'openai-responses-v1', summary: 's', index: 3 },
          {
            type: 'reasoning.encrypted',
            format: 'openai-responses-v1',
            data: 'O',
            id: 'rs_1',
            index: 4,
          },
          { type: 'reasoning.text', format: 'new-v1', text: 'n', signature: 'N', index: 5 },
        ],
      }),
    ).toEqual([
      ['a', { family: 'anthropic', kind: 'signature', data: 'S' }],
      ['', { family: 'anthropic', kind: 'redacted', data: 'R' }],
      ['', { family: 'google', kind: 'encrypted', data: 'G', id: 'call_1' }],
      ['s', undefined],
      ['', { family: 'openai', kind: 'encrypted', data: 'O', id: 'rs_1' }],
      ['n', { family: 'new-v1', kind: 'signature', data: 'N' }],
    ])
  })

  it('count before the plain text, which repeats them', () => {
    expect(
      states({ reasoning: 'a', reasoning_details: [claude({ text: 'a', signature: 'S' })] }),
    ).toEqual([['a', { family: 'anthropic', kind: 'signature', data: 'S' }]])
  })

  it('leave the plain text where they have no words', () => {
    const encrypted = {
      type: 'reasoning.encrypted',
      format: 'google-gemini-v1',
      data: 'G',
      index: 0,
    }
    expect(states({ reasoning: 'a', reasoning_details: [encrypted] })).toEqual([
      ['a', undefined],
      ['', { family: 'google', kind: 'encrypted', data: 'G' }],
    ])
    expect(states({ reasoning: 'a', reasoning_details: [claude({ signature: 'S' })] })).toEqual([
      ['a', { family: 'anthropic', kind: 'signature', data: 'S' }],
    ])
  })

  it('are put together from the fragments that clients collect', () => {
    expect(
      states({
        reasoning_details: [
          claude({ text: 'one ' }),
          claude({ text: 'two' }),
          claude({ signature: 'S1' }),
          claude({ text: 'three' }),
          claude({ text: 'four', index: 1 }),
          claude({ text: null, signature: 'S2', index: 1 }),
        ],
      }),
    ).toEqual([
      ['one two', { family: 'anthropic', kind: 'signature', data: 'S1' }],
      ['three', undefined],
      ['four', { family: 'anthropic', kind: 'signature', data: 'S2' }],
    ])
  })

  it('never join encrypted data, even with one index', () => {
    const encrypted = (data: string, id: string): Json => ({
      type: 'reasoning.encrypted',
      format: 'google-gemini-v1',
      data,
      id,
      index: 0,
    })
    expect(states({ reasoning_details: [encrypted('A', 'a'), encrypted('B', 'b')] })).toHaveLength(
      2,
    )
  })

  it('keep a signature without words', () => {
    expect(states({ reasoning_details: [claude({ signature: 'S' })] })).toEqual([
      ['', { family: 'anthropic', kind: 'signature', data: 'S' }],
    ])
  })

  it('are written as they came', () => {
    const details = [
      claude({ text: 'a', signature: 'S', id: 'x' }),
      { type: 'reasoning.summary', format: 'openai-responses-v1', summary: 's', index: 1 },
      {
        type: 'reasoning.encrypted',
        format: 'openai-responses-v1',
        data: 'O',
        id: 'rs_1',
        index: 1,
      },
      { type: 'reasoning.encrypted', format: 'google-gemini-v1', data: 'G', id: 'call', index: 0 },
      { type: 'reasoning.text', text: 'free', format: 'unknown', index: 4 },
    ]
    expect(allDetails(decodeReasoning({ reasoning_details: details }))).toEqual(details)
  })

  it('are left out when there is nothing in them', () => {
    const empty = [{ type: 'reasoning.encrypted', format: 'google-gemini-v1', index: 0 }, 3, null]
    expect(decodeReasoning({ reasoning_details: empty })).toEqual([])
    expect(decodeReasoning({ reasoning: 'a', reasoning_details: empty })).toEqual([
      { type: 'reasoning', text: 'a' },
    ])
  })
})

describe('thinking_blocks', () => {
  it('are read when there are no details', () => {
    const blocks = [
      { type: 'thinking', thinking: 'a', signature: 'S' },
      { type: 'redacted_thinking', data: 'R' },
      { type: 'thinking', thinking: 'b' },
      { type: 'other' },
    ]
    expect(states({ thinking_blocks: blocks, reasoning_content: 'a' })).toEqual([
      ['a', { family: 'anthropic', kind: 'signature', data: 'S' }],
      ['', { family: 'anthropic', kind: 'redacted', data: 'R' }],
      ['b', undefined],
    ])
  })
})

describe('writing', () => {
  it('makes details of the state of any protocol, with an index each', () => {
    expect(
      allDetails([
        { type: 'reasoning', text: 'plain' },
        {
          type: 'reasoning',
          text: 'a',
          state: { family: 'anthropic', kind: 'signature', data: 'S' },
        },
        { type: 'text', text: 'x' },
        {
          type: 'reasoning',
          text: '',
          state: { family: 'anthropic', kind: 'redacted', data: 'R' },
        },
        {
          type: 'reasoning',
          text: 'sum',
          state: { family: 'openai', kind: 'encrypted', data: 'O', id: 'rs_1' },
        },
      ]),
    ).toEqual([
      {
        type: 'reasoning.text',
        text: 'a',
        signature: 'S',
        format: 'anthropic-claude-v1',
        index: 0,
      },
      { type: 'reasoning.encrypted', data: 'R', format: 'anthropic-claude-v1', index: 1 },
      {
        type: 'reasoning.summary',
        summary: 'sum',
        format: 'openai-responses-v1',
        id: 'rs_1',
        index: 2,
      },
      {
        type: 'reasoning.encrypted',
        data: 'O',
        format: 'openai-responses-v1',
        id: 'rs_1',
        index: 2,
      },
    ])
  })

  it('writes no detail for encrypted reasoning whose state was taken away', () => {
    const [part] = decodeReasoning({
      reasoning_details: [{ type: 'reasoning.encrypted', format: 'f', data: 'D', index: 0 }],
    })
    if (!part) throw new Error('no part')
    const { state: _state, ...bare } = part
    expect(allDetails([bare])).toEqual([])
  })

  it('joins the words of a turn', () => {
    expect(
      reasoningText([
        { type: 'reasoning', text: 'a' },
        { type: 'reasoning', text: '' },
        { type: 'text', text: 'x' },
        { type: 'reasoning', text: 'b' },
      ]),
    ).toBe('a\n\nb')
  })
})

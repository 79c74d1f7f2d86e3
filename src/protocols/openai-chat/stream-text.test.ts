import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelResponse } from '../../core/response.ts'
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
const head = (index: number | undefined, id: string, name: string, text = ''): JsonObject => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: 'function',
  function: { name, arguments: text },
})

describe('text and reasoning as compatible vendors send them', () => {
  const blocks = (...events: JsonObject[]): ModelResponse['content'] =>
    assemble(parts([...events, finish('stop'), DONE])).content

  it.each(['reasoning_content', 'reasoning'])('%s, then text', key => {
    expect(
      blocks(
        chunk({ role: 'assistant', content: null, [key]: 'h' }),
        chunk({ role: 'assistant', content: '', [key]: 'm' }),
        chunk({ role: 'assistant', content: 'hi', [key]: null }),
      ),
    ).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'hi' },
    ])
  })

  it('both fields at once are one text', () => {
    expect(blocks(chunk({ reasoning_content: 'hm', reasoning: 'hm' }))).toEqual([
      { type: 'reasoning', text: 'hm' },
    ])
  })

  it('details in fragments, with the signature at the end', () => {
    const detail = (more: JsonObject): JsonObject => ({
      type: 'reasoning.text',
      format: 'anthropic-claude-v1',
      index: 0,
      ...more,
    })
    expect(
      blocks(
        chunk({ reasoning: 'h', reasoning_details: [detail({ text: 'h' })] }),
        chunk({ reasoning: 'm', reasoning_details: [detail({ text: 'm' })] }),
        chunk({ reasoning_details: [detail({ signature: 'S' })] }),
        chunk({ content: 'hi' }),
      ),
    ).toEqual([
      {
        type: 'reasoning',
        text: 'hm',
        state: { family: 'anthropic', kind: 'signature', data: 'S' },
        extras: {
          'openai-chat': {
            $detail: { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 },
          },
        },
      },
      { type: 'text', text: 'hi' },
    ])
  })

  it('encrypted details beside plain text, each a block', () => {
    const encrypted = (data: string): JsonObject => ({
      type: 'reasoning.encrypted',
      format: 'google-gemini-v1',
      data,
      index: 0,
    })
    expect(
      blocks(
        chunk({ reasoning: 'hm' }),
        chunk({ reasoning: null, reasoning_details: [encrypted('A')] }),
        chunk({ reasoning_details: [encrypted('B')] }),
      ),
    ).toMatchObject([
      { text: 'hm' },
      { text: '', state: { data: 'A', kind: 'encrypted' } },
      { text: '', state: { data: 'B' } },
    ])
  })

  it('deltas, then the whole block once more with its signature, as this gateway writes', () => {
    const whole = (text: string, signature: string, index: number): JsonObject => ({
      type: 'reasoning.text',
      text,
      signature,
      format: 'anthropic-claude-v1',
      index,
    })
    expect(
      blocks(
        chunk({ reasoning_content: 'h' }),
        chunk({ reasoning_content: 'm' }),
        chunk({ reasoning_details: [whole('hm', 'S1', 0)] }),
        chunk({ reasoning_content: '\n\nand' }),
        chunk({ reasoning_details: [whole('and', 'S2', 1)] }),
      ),
    ).toMatchObject([
      { text: 'hm', state: { data: 'S1' } },
      { text: 'and', state: { data: 'S2' } },
    ])
  })

  it('content in parts (Mistral)', () => {
    const thinking = (text: string): Json => ({
      type: 'thinking',
      thinking: [{ type: 'text', text }],
    })
    expect(
      blocks(
        chunk({ content: [thinking('h')] }),
        chunk({ content: [thinking('m')] }),
        chunk({ content: [{ type: 'text', text: 'hi' }] }),
        chunk({ content: [{ type: 'reference', reference_ids: [1] }] }),
        chunk({ content: '!' }),
      ),
    ).toMatchObject([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'hi' },
      { type: 'opaque', kind: 'reference' },
      { type: 'text', text: '!' },
    ])
  })

  it('a message in place of deltas', () => {
    const message: JsonObject = {
      id: 'x',
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'hi',
            tool_calls: [head(undefined, 'a', 'f', '{}')],
          },
          finish_reason: 'stop',
        },
      ],
    }
    expect(blocks(message)).toMatchObject([{ text: 'hi' }, { id: 'a', arguments: '{}' }])
    expect(blocks(chunk({ content: 'hi' }), message)).toEqual([{ type: 'text', text: 'hi' }])
  })
})

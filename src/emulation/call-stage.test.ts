import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CALL_FORMS } from '../core/call-form.ts'
import { ToolgateError } from '../core/error.ts'
import type { AssistantPart } from '../core/message.ts'
import type { FinishKind, ModelResponse } from '../core/response.ts'
import { assemble, disassemble, type StreamPart } from '../core/stream.ts'
import { type CallReading, CallStage, readCalls } from './call-stage.ts'

const READING: CallReading = {
  tools: new Map([
    ['get_time', undefined],
    ['go', { type: 'object', properties: { to: { type: 'string' } } }],
  ]),
  forms: CALL_FORMS,
  single: false,
}
const GO = '<tool_call>{"name":"go","arguments":{"to":"x"}}</tool_call>'
const GONE: AssistantPart = {
  type: 'tool-call',
  id: '',
  name: 'go',
  arguments: '{"to":"x"}',
  kind: 'function',
}

const text = (words: string): AssistantPart => ({ type: 'text', text: words })
function answer(content: AssistantPart[], kind: FinishKind = 'stop'): ModelResponse {
  return {
    id: 'r',
    model: 'm',
    content,
    finish: { kind, raw: 'raw' },
    usage: { input: 1, output: 2 },
  }
}
function through(parts: readonly StreamPart[], reading = READING): StreamPart[] {
  const stage = new CallStage(reading)
  const out: StreamPart[] = []
  for (const part of parts) stage.push(part, read => out.push(read))
  return out
}

/** The stream of an answer with its texts in pieces of this many letters. */
function inPieces(response: ModelResponse, size: number): StreamPart[] {
  return disassemble(response).flatMap((part): StreamPart[] => {
    if (part.type !== 'text-delta') return [part]
    const pieces = part.text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
    return pieces.map(piece => ({ ...part, text: piece }))
  })
}

describe('an answer', () => {
  it('has its calls where they stood, and ends with them', () => {
    const read = readCalls(answer([text(`One\n${GO}\nTwo\n${GO}${GO}`)]), READING)
    expect(read.content).toEqual([text('One'), GONE, text('Two'), GONE, GONE])
    expect(read.finish).toEqual({ kind: 'tool-calls', raw: 'raw' })
    expect(read.usage).toEqual({ input: 1, output: 2 })
  })

  it('without a call is as it was', () => {
    const plain = answer([{ type: 'reasoning', text: GO }, text(' a <b> \n'), text('')])
    expect(readCalls(plain, READING)).toEqual(plain)
    const refused = answer([{ type: 'refusal', text: GO }])
    expect(readCalls(refused, READING)).toEqual(refused)
  })

  it('that was cut keeps the reason', () => {
    expect(readCalls(answer([text(GO)], 'length'), READING).finish.kind).toBe('length')
  })

  it('keeps what stands beside a text, with the words or without', () => {
    const state = { family: 'f', kind: 'signature' as const, data: 'd' }
    const signed = (words: string): AssistantPart => ({ type: 'text', text: words, state })
    expect(readCalls(answer([signed(`A${GO}`)]), READING).content).toEqual([
      text('A'),
      GONE,
      signed(''),
    ])
    expect(readCalls(answer([signed(`${GO}B`)]), READING).content).toEqual([GONE, signed('B')])
  })

  it('of a vendor that makes calls itself keeps its text from the first of them on', () => {
    const own: AssistantPart = { ...GONE, id: 'own' }
    const read = readCalls(answer([text(GO), own, text(GO)], 'tool-calls'), READING)
    expect(read.content).toEqual([GONE, own, text(GO)])
  })

  it('has one call at most where more are not wanted', () => {
    const read = readCalls(answer([text(`${GO}${GO}\nand`)]), { ...READING, single: true })
    expect(read.content).toEqual([GONE, text('and')])
  })
})

describe('a required call', () => {
  const required = { ...READING, required: 'a tool' }

  it('holds everything back until it comes', () => {
    const parts = inPieces(answer([text(`Wait. ${GO}`)]), 4)
    const stage = new CallStage(required)
    const out: StreamPart[] = []
    for (const part of parts) {
      stage.push(part, read => out.push(read))
      if (out.length > 0) break
    }
    expect(out.map(({ type }) => type)).toEqual([
      ...['message-start', 'text-start', 'text-delta', 'text-delta', 'text-end'],
      ...['tool-call-start', 'tool-call-delta', 'tool-call-end'],
    ])
  })

  it('that is missing is an error and nothing else', () => {
    const out = through(disassemble(answer([text('No.')])), required)
    expect(out).toMatchObject([{ type: 'error', error: { code: 'malformed_call', status: 502 } }])
    expect(() => readCalls(answer([text('No.')]), required)).toThrow(/asked to call a tool/)
  })

  it('may be missing where the answer was cut or refused', () => {
    for (const kind of ['length', 'content-filter', 'refusal'] as const) {
      const cut = answer([text('No')], kind)
      expect(assemble(through(disassemble(cut), required))).toEqual(cut)
    }
  })

  it('may come from the vendor itself', () => {
    const own = answer([text('Now'), { ...GONE, id: 'own' }], 'tool-calls')
    expect(readCalls(own, required)).toEqual(own)
  })

  it('gives way to an error of the stream', () => {
    const [start] = disassemble(answer([]))
    const error = new ToolgateError('stream_cut', 'cut', { origin: 'vendor' })
    if (!start) throw new Error('no start')
    expect(through([start, { type: 'error', error }], required)).toEqual([{ type: 'error', error }])
  })
})

describe('laws', () => {
  const fragment = fc.constantFrom(
    ...[GO, '<tool_call>', '</tool_call>', '<function=go>', '</function>', '{"name":"go",'],
    ...['"arguments":{"to":"x"}}', '```', '```json\n', '\n```\n', '`', '[go(to="x")]', '[', ']'],
    ...['<parameter=to>', '</parameter>', '[TOOL_CALLS]', '[ARGS]{}', 'go', '<think>', '</think>'],
    ...['\n', ' ', 'words', '~~~', '<arg_key>to</arg_key>', '<arg_value>x</arg_value>', '{', '}'],
    ...['<｜tool▁calls▁begin｜>', '<|python_tag|>', '<|tool_calls_section_begin|>', '💧', '"'],
  )
  const words = fc.array(fragment, { maxLength: 14 }).map(list => list.join(''))

  it('[G6] a stream gives the same answer however its text is cut, and as the whole one does', () => {
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        (all, size) => {
          const response = answer(all.map(text))
          const whole = readCalls(response, READING)
          expect(assemble(through(inPieces(response, size)))).toEqual(whole)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('[G6] an answer in which no call is found keeps every letter', () => {
    fc.assert(
      fc.property(words, all => {
        const response = answer([text(all)])
        const read = readCalls(response, READING)
        if (read.content.every(part => part.type === 'text')) expect(read).toEqual(response)
        else expect(read.finish.kind).toBe('tool-calls')
      }),
      { numRuns: 1500 },
    )
  })
})

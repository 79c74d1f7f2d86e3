import { describe, expect, it } from 'vitest'
import { assemble, disassemble } from '../core/stream.ts'
import { FirstCallStream, firstCallOnly } from './first-call.ts'

const call = (id: string) =>
  ({ type: 'tool-call', id, name: 'f', arguments: '{}', kind: 'function' }) as const
const text = (said: string) => ({ type: 'text', text: said }) as const

describe.each([
  { content: [], kept: [] },
  { content: [text('a')], kept: [text('a')] },
  { content: [call('1')], kept: [call('1')] },
  { content: [text('a'), call('1'), call('2')], kept: [text('a'), call('1')] },
  {
    content: [call('1'), text('a'), call('2'), text('b'), call('3')],
    kept: [call('1'), text('a'), text('b')],
  },
])('of $content.length parts', ({ content, kept }) => {
  const finish = { kind: 'tool-calls', raw: 'STOP' } as const
  it('only the first call is kept, whole', () => {
    expect(firstCallOnly(content)).toEqual(kept)
  })
  it('and the same of a stream', () => {
    const stream = new FirstCallStream()
    const parts = disassemble({ id: 'x', model: 'm', content, finish })
    const passed = parts.flatMap(part => stream.pass(part) ?? [])
    expect(assemble(passed).content).toEqual(kept)
  })
})

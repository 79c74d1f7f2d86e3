import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../core/json.ts'
import { dataUrl, filledLeftover, isFilled, leftover, restore, sourceOfUrl } from './kept-fields.ts'

const KNOWN = new Set(['known'])

describe('fields that are not known', () => {
  it('come back as they were, whatever their names', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('$a', '$$a', '$', 'known', '__proto__'))
    const value = fc.oneof(fc.string(), fc.boolean(), fc.array(fc.integer()))
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), entries => {
        const from: JsonObject = Object.fromEntries(entries)
        const back: JsonObject = {}
        restore(back, leftover(from, KNOWN))
        const unknown = entries.filter(([name]) => name !== 'known' && name !== '__proto__')
        expect(back).toEqual(Object.fromEntries(unknown))
      }),
    )
  })

  it('are nothing where there are none, or only null', () => {
    expect(leftover({ known: 1, more: null }, KNOWN)).toBeUndefined()
    expect(filledLeftover({ known: 1, more: [], other: {} }, KNOWN)).toBeUndefined()
    expect(filledLeftover({ more: [1] }, KNOWN)).toEqual({ more: [1] })
  })

  it('keep the notes of a codec to itself', () => {
    const into: JsonObject = {}
    restore(into, { $note: 1, $$field: 2, plain: 3 })
    expect(into).toEqual({ $field: 2, plain: 3 })
  })
})

it('knows what says nothing', () => {
  expect([null, undefined, [], {}].map(isFilled)).toEqual([false, false, false, false])
  expect([0, '', false, [null], { a: null }].map(isFilled)).toEqual(Array(5).fill(true))
})

it('reads and writes data: URLs; other URLs stay what they are', () => {
  const url = dataUrl('image/png', 'aGk=')
  expect(sourceOfUrl(url)).toEqual({ kind: 'base64', mediaType: 'image/png', data: 'aGk=' })
  for (const other of ['https://a.example/b.png', 'data:text/plain,hi', 'data:'])
    expect(sourceOfUrl(other)).toEqual({ kind: 'url', url: other })
})

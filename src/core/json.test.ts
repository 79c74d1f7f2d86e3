import { expect, it } from 'vitest'
import { isObject } from './json.ts'

it('isObject knows objects from null, arrays and the rest', () => {
  expect(isObject({})).toBe(true)
  expect(isObject(Object.create(null))).toBe(true)
  for (const value of [null, undefined, [], '', 0, false, () => 0])
    expect(isObject(value)).toBe(false)
})

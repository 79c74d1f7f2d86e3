import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spliceModel } from './splice.ts'

const splice = (text: string, model: string) => spliceModel(Buffer.from(text), model)?.toString()

describe('spliceModel', () => {
  it('replaces the name and leaves every other byte', () => {
    expect(splice('{ "a" : [1, {"model":"x"}],"model" :  "old" , "z":"}" }', 'new/é"')).toBe(
      '{ "a" : [1, {"model":"x"}],"model" :  "new/é\\"" , "z":"}" }',
    )
  })
  it('gives back the same buffer when nothing changes', () => {
    const body = Buffer.from('{"model":"same","n":1}')
    expect(spliceModel(body, 'same')).toBe(body)
  })
  it('takes the last of two, as JSON.parse does', () => {
    expect(splice('{"model":"a","model":"b"}', 'c')).toBe('{"model":"a","model":"c"}')
  })
  it('gives up on a model that is no string or is not there', () => {
    expect(splice('{"model":3}', 'c')).toBeUndefined()
    expect(splice('{"x":{"model":"a"}}', 'c')).toBeUndefined()
    expect(splice('{}', 'c')).toBeUndefined()
    expect(splice('{"model":"a","mod\\u0065l":"b"}', 'c')).toBeUndefined()
  })
  it('agrees with JSON for any object, however it is spaced', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.string(),
        fc.constantFrom(undefined, 1, '\t'),
        (rest, before, after, space) => {
          const object = { ...rest, model: before }
          const text = JSON.stringify(object, null, space)
          fc.pre(!Object.keys(rest).some(key => JSON.stringify(key).includes('\\')))
          const out = splice(text, after)
          expect(JSON.parse(out ?? '')).toEqual(
            JSON.parse(JSON.stringify({ ...object, model: after })),
          )
        },
      ),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { mendArguments } from './mend.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    count: { type: 'integer' },
    flag: { type: 'boolean' },
    name: { type: 'string' },
    level: { enum: [1, 2] },
    list: { type: 'array', items: { type: 'number' } },
    inner: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
    either: { anyOf: [{ type: 'number' }, { type: 'boolean' }] },
  },
  additionalProperties: false,
}

describe('mendArguments', () => {
  it.each([
    ['', '{}'],
    [' \n', '{}'],
    ['null', '{}'],
    ['""', '{}'],
    ['"{\\"count\\": 3}"', '{"count": 3}'],
    ['```json\n{"count": 3}\n```', '{"count": 3}'],
    ['{"count": 3,}', '{"count": 3}'],
    ['{"list": [1, 2, ], "name": ",}",}', '{"list": [1, 2 ], "name": ",}"}'],
    ['{"count":"3"}', '{"count":3}'],
    [
      '{"count": 12345678901234567890, "flag":"true"}',
      '{"count": 12345678901234567890,"flag":true}',
    ],
    ['{"level":"2"}', '{"level":2}'],
    ['{"either":"2.50"}', '{"either":2.50}'],
    ['{"list":["1",2,"3.0"]}', '{"list":[1,2,3.0]}'],
    ['{"list":"[1, 2]"}', '{"list":[1, 2]}'],
    ['{"inner":"{\\"a\\": \\"4\\"}"}', '{"inner":{"a": 4}}'],
    ['{"inner":{"a":"4"},"name":7}', '{"inner":{"a":4},"name":"7"}'],
    ['{"count":null,"name":"x"}', '{"name":"x"}'],
  ])('%j becomes %s', (text, wanted) => {
    const { text: found, verdict, mended } = mendArguments(SCHEMA, text)
    expect(found).toBe(wanted)
    expect(verdict.ok).toBe(true)
    expect(mended.length).toBeGreaterThan(0)
  })

  it.each(['{"count": 3.0, "name" : "\\u00e9"}', '{"list":[1e3, 1.50]}', '{}'])(
    '%s keeps its very text',
    text => {
      expect(mendArguments(SCHEMA, text)).toMatchObject({ text, mended: [], verdict: { ok: true } })
    },
  )

  it.each([
    '{"count":',
    '[1]',
    '"three"',
    '{"count":"three"}',
    '{"count":"3 or so"}',
    '{"count":"0x10"}',
    '{"flag":1}',
    '{"level":3}',
    '{"other":1}',
    '{"inner":{}}',
    '{"inner":{"a":null}}',
    '{"count":"3","other":1}',
  ])('%s stays what it is, with what is wrong', text => {
    const { text: found, verdict, mended } = mendArguments(SCHEMA, text)
    expect(found).toBe(text)
    expect(verdict.ok).toBe(false)
    expect(mended).toEqual([])
  })
})

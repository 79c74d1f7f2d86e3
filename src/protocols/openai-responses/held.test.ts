import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import { encodeError } from './error-encode.ts'
import { heldAnswers as held, refuseUnheld } from './held.ts'

let count = 0
const newId = (prefix: string) => `${prefix}${++count}`
const call = { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}' }
const output = { type: 'function_call_output', call_id: 'c', output: 'x' }

describe('what a request asks', () => {
  it('is to be held unless it says otherwise', () => {
    expect(held.asked({ input: 'x' })).toEqual({ keep: true, references: [] })
    expect(held.asked({ input: 'x', store: null })).toMatchObject({ keep: true })
    expect(held.asked({ input: 'x', store: false })).toMatchObject({ keep: false })
  })
  it('may lean on answers and on items', () => {
    const input = [{ type: 'item_reference', id: 'a' }, { id: 'b' }, { role: 'user', id: 'c' }]
    expect(held.asked({ previous_response_id: 'r', input })).toMatchObject({
      from: 'r',
      references: ['a', 'b'],
      partial: true,
    })
    expect(held.asked({ input: 'x', conversation: 'conv_1' })).toMatchObject({ partial: true })
    expect(held.asked({ previous_response_id: 'r' })).not.toHaveProperty('partial')
  })
  it('survives whatever it is', () => {
    for (const input of [null, 1, [1, null, []], {}])
      expect(held.asked({ input, previous_response_id: 5 })).toMatchObject({ references: [] })
  })
})

describe('a conversation', () => {
  it('is listed with an id for each item, texts as parts', () => {
    const added = held.added({ input: [{ role: 'user', content: 'x' }, output] }, newId)
    expect(added[0]).toMatchObject({
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: 'x' }],
    })
    for (const item of added) expect(item['id']).toMatch(/^(msg|fc)_\d+$/)
  })
  it('is made whole: free of ids, and of reasoning that only an id would tell', () => {
    const before: JsonObject[] = [
      { type: 'message', id: 'msg_1', role: 'user', content: 'q' },
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAAA' },
      call,
    ]
    const request = { model: 'm', previous_response_id: 'r', input: [output], tools: [] }
    expect(held.whole(request, before, new Map())).toEqual({
      model: 'm',
      tools: [],
      input: [
        { type: 'message', role: 'user', content: 'q' },
        { type: 'reasoning', summary: [], encrypted_content: 'gAAAA' },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        output,
      ],
    })
  })
  it('holds the items that references stand for, and leaves the others', () => {
    const input = [{ id: 'fc_1' }, { type: 'item_reference', id: 'fc_2' }]
    const { input: whole } = held.whole({ input }, [], new Map([['fc_1', call]]))
    expect(whole).toMatchObject([{ type: 'function_call' }, { type: 'item_reference', id: 'fc_2' }])
  })
})

describe('an answer', () => {
  const body = { id: 'resp_1', status: 'completed', output: [call] }
  it('can be gone on from when it is over', () => {
    expect(held.answerIn(body)).toEqual({ id: 'resp_1', items: [call] })
    expect(held.answerIn({ ...body, status: 'incomplete' })?.id).toBe('resp_1')
    for (const other of [{ ...body, status: 'failed' }, { error: {} }, null, []])
      expect(held.answerIn(other)).toBeUndefined()
  })
  it('stands in the last event of its stream', () => {
    const data = JSON.stringify({ type: 'response.completed', response: body })
    expect(held.bodyIn({ event: 'response.completed', data })).toBe(JSON.stringify(body))
    expect(held.bodyIn({ event: 'response.created', data })).toBeUndefined()
    expect(held.bodyIn({ event: 'response.completed', data: '{' })).toBeUndefined()
  })
})

describe('a list', () => {
  const items = ['a', 'b', 'c', 'd'].map(id => ({ id }))
  const ids = (page: Parameters<typeof held.list>[1]) => {
    const { data, has_more } = held.list(items, page)
    return [Array.isArray(data) ? data.map(item => Object(item).id).join('') : '', has_more]
  }
  it('has the newest first, a page at a time', () => {
    expect(ids({})).toEqual(['dcba', false])
    expect(ids({ limit: '2' })).toEqual(['dc', true])
    expect(ids({ limit: '2', after: 'c' })).toEqual(['ba', false])
    expect(ids({ order: 'asc', limit: '3' })).toEqual(['abc', true])
  })
  it.each([{ limit: '0' }, { limit: '101' }, { limit: 'x' }, { order: 'up' }])(
    'is refused for %j',
    page => {
      expect(() => held.list(items, page)).toThrow(/^Invalid/)
    },
  )
})

describe('what is not held', () => {
  it.each([
    ['previous_response_id', 'r', 400, "Previous response with id 'r' not found."],
    ['conversation', { id: 'c' }, 404, "Conversation with id 'c' not found."],
    ['prompt', { id: 'p' }, 404, "Prompt with id 'p' not found."],
    ['item_reference', 'i', 404, "Item with id 'i' not found."],
  ] as const)('is refused as the vendor does: %s', (field, value, status, message) => {
    const error = refuseUnheld(field, value)
    expect(isToolgateError(error)).toBe(true)
    expect(encodeError(error, 'req')).toMatchObject({
      status,
      body: { error: { message, type: 'invalid_request_error' } },
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { TwinTurn } from '../model.ts'
import type { JsonObject } from './json.ts'
import { complaint, PLAIN_HEADERS, refusal, result, THINKING_BODY, trial, user } from './trial.ts'

const block = (name: string) => ({ type: 'call', name, arguments: '{}' }) as const
const CALLING: TwinTurn = {
  blocks: [{ type: 'reasoning', text: 'Hm.' }, block('first'), block('second')],
}

/** A first answer with a reasoning item and two calls, and what a second request needs of it. */
async function opened(fields: object = {}, turn = CALLING) {
  const { send } = trial([turn, { blocks: [] }])
  const { output, json } = await send({ ...THINKING_BODY, ...fields })
  const [reasoning = {}, first = {}, second = {}] = output
  const results = [first, second].map(({ call_id }) => result(String(call_id)))
  const again = async (...items: readonly object[]) => {
    const input = [user('Weather?'), ...items, ...results]
    const { status, error } = await send({ ...THINKING_BODY, ...fields, input })
    return status === 200 ? undefined : error
  }
  return { send, again, reasoning, first, second, results, id: json.id }
}

const without = (item: JsonObject, ...names: string[]): JsonObject =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)))

describe('items of a stored response', () => {
  it('may come back as they were, or without their ids and reasoning', async () => {
    const { again, reasoning, first, second } = await opened()
    expect(await again(reasoning, first, second)).toBeUndefined()
    expect(await again(without(first, 'id'), without(second, 'id'))).toBeUndefined()
    expect(await again(reasoning, first, without(second, 'id'))).toBeUndefined()
  })

  it('need what followed their reasoning', async () => {
    const { again, reasoning, first, second } = await opened()
    const error = refusal(
      `Item '${reasoning.id}' of type 'reasoning' was provided without its required following item.`,
      'input',
    )
    expect(await again(reasoning, second, first)).toMatchObject(error)
    expect(await again(reasoning, without(first, 'id'), second)).toMatchObject(error)
    const said = { role: 'assistant', content: 'Let me see.' }
    expect(await again(reasoning, said, first, second)).toMatchObject(error)
  })

  it('need the reasoning that they came out of', async () => {
    const { again, reasoning, first, second } = await opened()
    const error = (item: JsonObject, type = 'function_call') =>
      refusal(
        `Item '${item.id}' of type '${type}' was provided without its required 'reasoning' item: '${reasoning.id}'.`,
        'input',
      )
    expect(await again(first, second)).toMatchObject(error(first))
    expect(await again(without(first, 'id'), second)).toMatchObject(error(second))
    expect(await again(first, reasoning, second)).toMatchObject(error(first))
  })

  it('are bound by reference, too', async () => {
    const turn: TwinTurn = {
      blocks: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Hi' },
      ],
    }
    const { send } = trial([turn])
    const [reasoning, message] = (await send(THINKING_BODY)).output
    const reference = (item: JsonObject | undefined) => ({ type: 'item_reference', id: item?.id })
    const ask = (...items: object[]) =>
      send({ ...THINKING_BODY, input: [user('a'), ...items, user('b')] })
    expect((await ask(reference(reasoning), reference(message))).status).toBe(200)
    expect((await ask({ id: reasoning?.id }, { id: message?.id })).status).toBe(200)
    expect((await ask(reference(message))).error.message).toBe(
      `Item '${message?.id}' of type 'message' was provided without its required 'reasoning' item: '${reasoning?.id}'.`,
    )
    expect((await ask(reference(reasoning))).error.message).toMatch(/required following item\.$/)
  })

  it('count as sent when the response before is named', async () => {
    const { send, results, first, id } = await opened()
    const next = { ...THINKING_BODY, previous_response_id: id }
    expect((await send({ ...next, input: results })).status).toBe(200)
    expect((await send({ ...next, input: [first, ...results] })).error).toMatchObject(
      refusal(
        `Duplicate item found with id ${first.id}. Remove duplicate items from your input and try again.`,
        'input',
      ),
    )
  })

  it('are free when reasoning was all there was', async () => {
    const turn: TwinTurn = { blocks: [{ type: 'reasoning', text: 'Hm.' }], end: 'length' }
    const { send } = trial([turn])
    const { output } = await send(THINKING_BODY)
    expect(output).toHaveLength(1)
    expect((await send({ ...THINKING_BODY, input: [user('a'), ...output] })).status).toBe(200)
  })
})

describe('items of a response that was not stored', () => {
  it('are not bound to each other', async () => {
    const { again, reasoning, first, second } = await opened({ store: false })
    expect(await again(reasoning, first, second)).toBeUndefined()
    expect(await again(first, second)).toBeUndefined()
    expect(await again(reasoning, without(first, 'id'), without(second, 'id'))).toBeUndefined()
    expect(await again(reasoning, reasoning, first, second)).toBeUndefined()
    expect(await again(first, second, reasoning)).toBeUndefined()
    expect(await again(without(reasoning, 'id'), first, second)).toBeUndefined()
  })

  it('cannot be looked up', async () => {
    const { again, reasoning, first, second } = await opened({ store: false })
    const text = `Item with id '${reasoning.id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`
    const error = { ...refusal(text, 'input'), status: 404 }
    expect(await again(without(reasoning, 'encrypted_content'), first, second)).toMatchObject(error)
    const reference = { type: 'item_reference', id: reasoning.id }
    expect(await again(reference, first, second)).toMatchObject(error)
  })
})

describe('items that nobody knows', () => {
  it('are found out', async () => {
    const error = { ...refusal("Item with id 'rs_1' not found.", 'input'), status: 404 }
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [] }
    expect(await complaint({ input: [user('x'), reasoning] })).toEqual(error)
    const reference = { type: 'item_reference', id: 'rs_1' }
    expect(await complaint({ input: [user('x'), reference] })).toEqual(error)
  })

  it('pass if all is said in them', async () => {
    const input = [
      user('x'),
      { type: 'reasoning', summary: [] },
      { type: 'message', id: 'msg_1', role: 'assistant', content: 'y' },
      user('z'),
    ]
    expect(await complaint({ input })).toBeUndefined()
  })

  it('must not come twice', async () => {
    const message = { type: 'message', id: 'msg_1', role: 'assistant', content: 'y' }
    expect(await complaint({ input: [message, message] })).toMatchObject({
      message: expect.stringMatching(/^Duplicate item found with id msg_1\./),
    })
  })
})

describe('encrypted content', () => {
  const INCLUDE = { include: ['reasoning.encrypted_content'] }
  const text = (reason: string, subject: string) =>
    refusal(
      `The encrypted content ${subject} could not be verified. Reason: Encrypted content ${reason}.`,
      null,
      'invalid_encrypted_content',
    )

  it('is taken from the twin, also by another twin', async () => {
    const { reasoning, first, second, results } = await opened(INCLUDE)
    expect(reasoning.encrypted_content).toMatch(/^gAAAAAB[\w-]+=*$/)
    const input = [user('x'), reasoning, first, second, ...results]
    expect(await complaint({ ...THINKING_BODY, input })).toBeUndefined()
  })

  it('is not taken from anybody else', async () => {
    const { again, reasoning, first, second } = await opened(INCLUDE)
    const token = String(reasoning.encrypted_content)
    const forged = `${token.slice(0, 60)}${token[60] === 'A' ? 'B' : 'A'}${token.slice(61)}`
    for (const encrypted_content of ['gAAAAABo', 'x', '', forged]) {
      expect(await again({ ...reasoning, encrypted_content }, first, second)).toMatchObject(
        text('could not be decrypted or parsed', `for item ${reasoning.id}`),
      )
    }
    const nameless = { ...without(reasoning, 'id'), encrypted_content: forged }
    const clip = `${forged.slice(0, 4)}...${forged.slice(-4)}`
    expect(await again(nameless, first, second)).toMatchObject(
      text('could not be decrypted or parsed', clip),
    )
  })

  it('is bound to its item', async () => {
    const { again, reasoning, first, second } = await opened(INCLUDE)
    expect(await again({ ...reasoning, id: 'rs_1' }, first, second)).toMatchObject(
      text('item_id did not match the target item id', 'for item rs_1'),
    )
  })

  it('is bound to its organisation', async () => {
    const { send, reasoning, first, second, results } = await opened(INCLUDE)
    const headers = { ...PLAIN_HEADERS, 'openai-organization': 'org-other' }
    const input = [user('x'), reasoning, first, second, ...results]
    const { error } = await send({ ...THINKING_BODY, input }, { headers })
    expect(error).toMatchObject(
      text('organization_id did not match the target organization', `for item ${reasoning.id}`),
    )
  })
})

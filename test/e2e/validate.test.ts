import { afterEach, describe, expect, it } from 'vitest'
import { type Ask, type AskTool, Refused } from '../../src/conformance/ask.ts'
import { anthropic } from '../../src/conformance/clients/anthropic.ts'
import { openaiChat } from '../../src/conformance/clients/openai-chat.ts'
import { NO_VALIDATION, type ValidatePolicy } from '../../src/gateway/validate-calls.ts'
import type { TwinModel, TwinPrompt, TwinTurn } from '../../src/twins/model.ts'
import { buildHouse, type House } from './house.ts'

const TOOL: AskTool = {
  name: 'book',
  description: 'Books a table.',
  parameters: {
    type: 'object',
    properties: {
      seats: { type: 'integer', minimum: 1 },
      outside: { type: 'boolean' },
      note: { type: 'string' },
    },
    required: ['seats'],
    additionalProperties: false,
  },
}
const ASK: Ask = { messages: [{ role: 'user', text: 'A table, please.' }], tools: [TOOL] }
const CLIENTS = { 'openai-chat': openaiChat, anthropic }
const MODELS = ['gpt-4o', 'claude-sonnet-4-5'] as const

/** A model that plays turns in order and keeps what it was asked. */
class Stage implements TwinModel {
  readonly name = 'stage'
  readonly seen: TwinPrompt[] = []
  readonly #turns: TwinTurn[]
  constructor(turns: readonly TwinTurn[]) {
    this.#turns = [...turns]
  }
  answer(prompt: TwinPrompt): TwinTurn {
    this.seen.push(prompt)
    const turn = this.#turns.shift()
    if (!turn) throw new Error('one request too many')
    return turn
  }
}

function call(given: string, name = 'book') {
  return { type: 'call' as const, name, arguments: given }
}

let house: House | undefined
afterEach(() => house?.close())

async function build(
  turns: readonly TwinTurn[],
  validate: Partial<ValidatePolicy>,
  more: object = {},
): Promise<{ house: House; stage: Stage }> {
  const stage = new Stage(turns)
  house = await buildHouse({
    model: stage,
    transport: { chunk: 'random' },
    config: { validate: { ...NO_VALIDATION, ...validate }, ...more },
  })
  return { house, stage }
}

function argumentsOf(answer: { blocks: readonly { type: string }[] }): unknown[] {
  return answer.blocks.flatMap(block =>
    block.type === 'call' && 'arguments' in block ? [block.arguments] : [],
  )
}

/** What comes over the wire, for answers that a client's library would throw. */
async function raw(at: House, front: 'openai-chat' | 'anthropic', model: string, stream: boolean) {
  const { name, description, parameters } = TOOL
  const isChat = front === 'openai-chat'
  const response = await fetch(`${at.url}/v1/${isChat ? 'chat/completions' : 'messages'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model,
      stream,
      messages: [{ role: 'user', content: 'A table, please.' }],
      ...(isChat
        ? { tools: [{ type: 'function', function: { name, description, parameters } }] }
        : { max_tokens: 500, tools: [{ name, description, input_schema: parameters }] }),
    }),
  })
  return { status: response.status, text: await response.text() }
}

const CELLS = (['openai-chat', 'anthropic'] as const).flatMap(front =>
  MODELS.flatMap(model => [false, true].map(stream => ({ front, model, stream }))),
)

describe.each(CELLS)(
  '[G4] a client of $front, $model, streamed $stream',
  ({ front, model, stream }) => {
    const ask = (at: House) => CLIENTS[front].ask({ base: at.url, key: 'any' }, model, ASK, stream)

    it('gets calls as the model wrote them when nothing is asked for', async () => {
      const { house } = await build([{ blocks: [call('{"seats":"4"}')] }], {})
      expect(argumentsOf(await ask(house))).toEqual(['{"seats":"4"}'])
    })

    it('gets mended calls', async () => {
      const { house } = await build(
        [
          {
            blocks: [
              { type: 'text', text: 'Booking.' },
              call('{"seats": "4", "outside":"true","note":null}'),
              call('{"seats": 2.0}'),
            ],
          },
        ],
        { mode: 'repair' },
      )
      const answer = await ask(house)
      const [first, second] = argumentsOf(answer)
      if (front === 'openai-chat') expect(first).toBe('{"seats": 4,"outside":true}')
      expect(JSON.parse(String(first))).toEqual({ seats: 4, outside: true })
      expect(JSON.parse(String(second))).toEqual({ seats: 2 })
      if (!stream) expect(answer.headers['toolgate-losses']).toMatch(/calls\[0\]\.book repaired/)
      expect(house.log().at(-1)).toMatchObject({ status: 200, losses: 3 })
    })

    it('gets right calls after the model was asked again', async () => {
      const { house, stage } = await build(
        [
          {
            blocks: [
              { type: 'text', text: 'Booking.' },
              call('{"seats":0}'),
              call('{"seats":2}'),
              call('{}', 'cancel'),
            ],
            usage: { input: 10, output: 5 },
          },
          { blocks: [call('{"seats":1}'), call('{"seats":2}')], usage: { input: 30, output: 7 } },
        ],
        { mode: 'retry' },
      )
      const answer = await ask(house)
      expect(argumentsOf(answer)).toEqual(['{"seats":1}', '{"seats":2}'])
      expect(
        new Set(answer.blocks.flatMap(one => (one.type === 'call' ? [one.id] : []))).size,
      ).toBe(2)
      expect(answer.usage).toEqual({ input: 40, output: 12 })
      expect(answer.blocks[0]).toMatchObject(
        stream ? { type: 'text', text: 'Booking.' } : { type: 'call' },
      )
      const results = stage.seen[1]?.messages.filter(message => message.role === 'tool') ?? []
      expect(results).toHaveLength(3)
      expect(results[0]?.text).toMatch(/\/seats: expected 1 or more, found number 0 \(minimum\)/)
      expect(results[1]?.text).toMatch(/another call beside it was not valid/)
      expect(results[2]?.text).toMatch(/no tool 'cancel': expected one of book/)
    })

    it('gets a clear error when the model will not learn', async () => {
      const wrong = { blocks: [call('{"seats":0}')], usage: { input: 10, output: 5 } }
      const { house, stage } = await build([wrong, wrong, wrong], { mode: 'retry', retries: 2 })
      const { status, text } = await raw(house, front, model, stream)
      expect(text).toMatch(/also when it was asked again 2 times.*\/seats: expected 1 or more/)
      expect(text).toMatch(/"error":/)
      expect(stage.seen).toHaveLength(3)
      // Where nothing has flowed yet, it can still be a plain error.
      expect(status).toBe(stream && front === 'anthropic' ? 200 : 502)
      expect(house.log().at(-1)).toMatchObject({ error: 'malformed_call' })
    })

    it('gets an error at once where calls are rejected', async () => {
      const { house } = await build([{ blocks: [call('{"seats":"4"}')] }], { mode: 'reject' })
      const { text } = await raw(house, front, model, stream)
      expect(text).toMatch(/"error":/)
      expect(text).toMatch(/\/seats: expected integer, found string/)
    })

    it('is not asked again for a call that its own limit cut', async () => {
      const cut = { blocks: [call('{"seats": 4, "note": "wi')], end: 'length' as const }
      const { house, stage } = await build([cut], { mode: 'retry' })
      const { text } = await raw(house, front, model, stream)
      expect(text).toMatch(/"error":/)
      expect(text).toMatch(/do not keep their schemas\. 'book': /)
      expect(stage.seen).toHaveLength(1)
    })
  },
)

describe('[G4] the mode', () => {
  const post = (at: House, headers: Record<string, string>, model = 'gpt-4o') =>
    fetch(`${at.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: 'A table.' }],
        tools: [{ type: 'function', function: TOOL }],
      }),
    })
  const turn = { blocks: [call('{"seats":"4"}')] }

  it('can be said by a request, for itself', async () => {
    const { house } = await build([turn, turn, turn], { mode: 'repair' })
    expect(await (await post(house, {})).text()).toContain('{\\"seats\\":4}')
    expect(await (await post(house, { 'toolgate-validate': 'off' })).text()).toContain(
      '{\\"seats\\":\\"4\\"}',
    )
    expect((await post(house, { 'toolgate-validate': 'reject' })).status).toBe(502)
    const refused = await post(house, { 'toolgate-validate': 'sometimes' })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toMatch(/toolgate-validate/)
  })

  it('can be configured for a key or for models', async () => {
    const { house } = await build(
      [turn, turn, turn],
      { keys: { strict: 'reject' }, models: { 'claude-*': 'repair' } },
      { keys: { strict: 'key-of-strict', other: 'key-of-other' } },
    )
    const as = (key: string) => ({ authorization: `Bearer ${key}` })
    expect((await post(house, as('key-of-strict'))).status).toBe(502)
    expect(await (await post(house, as('key-of-other'))).text()).toContain('\\"4\\"')
    expect(await (await post(house, as('key-of-other'), 'claude-sonnet-4-5')).text()).toContain(
      '{\\"seats\\":4}',
    )
  })

  /** A request of a client of Chat Completions with one tool, whose only property keeps a pattern. */
  function patterned(at: House, model: string, pattern: string, stream: boolean) {
    const properties = { a: { type: 'string', pattern }, b: { type: 'integer' } }
    const parameters = { type: 'object', properties, additionalProperties: false }
    return fetch(`${at.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'toolgate-strict': 'true' },
      body: JSON.stringify({
        model,
        stream,
        messages: [{ role: 'user', content: 'A table.' }],
        tools: [{ type: 'function', function: { name: 'book', parameters } }],
      }),
    })
  }

  it.each(MODELS.flatMap(model => [false, true].map(stream => ({ model, stream }))))(
    'holds to all but a pattern of another dialect, and says so: $model, streamed $stream',
    async ({ model, stream }) => {
      const { house } = await build([{ blocks: [call('{"a":"x","b":"4"}')] }], { mode: 'repair' })
      const answer = await patterned(house, model, '(?i)^y', stream)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('toolgate-losses')).toContain(
        'tools[0].parameters/properties/a/pattern dropped',
      )
      expect(await answer.text()).toMatch(/\{\\"a\\":\\"x\\",\\"b\\":4\}/)
    },
  )

  it('says nothing of a pattern that it holds to', async () => {
    const { house } = await build([{ blocks: [call('{"a":"x y"}')] }], { mode: 'repair' })
    const answer = await patterned(house, 'gpt-4o', '^[\\w-.]+$', false)
    expect(answer.status).toBe(502)
    expect(await answer.text()).toMatch(/\/a: expected text that matches/)
    const { house: other } = await build([{ blocks: [call('{"a":"x-y"}')] }], { mode: 'repair' })
    const right = await patterned(other, 'gpt-4o', '^[\\w-.]+$', false)
    expect([right.status, right.headers.get('toolgate-losses')]).toEqual([200, null])
  })

  it.each([false, true])(
    'gives up a pattern that takes for ever, streamed %s',
    async stream => {
      const slow = call(`{"a":"${'a'.repeat(50)}!"}`)
      const { house } = await build([{ blocks: [slow] }, turn], { mode: 'repair' })
      const answer = await patterned(house, 'gpt-4o', '^(a+)+$', stream)
      expect(await answer.text()).toMatch(/cannot be checked: it takes longer than 250 ms/)
      expect((await post(house, {})).status).toBe(200)
    },
    30_000,
  )

  it('refuses a schema that nothing can be held to, before a token is spent', async () => {
    const { house, stage } = await build([], { mode: 'repair' })
    const tool = { name: 'f', parameters: { type: 'object', properties: { a: { type: 'float' } } } }
    const ask = { ...ASK, tools: [tool] }
    await expect(
      openaiChat.ask({ base: house.url, key: 'any' }, 'gpt-4o', ask, false),
    ).rejects.toThrow(Refused)
    expect(stage.seen).toEqual([])
  })
})

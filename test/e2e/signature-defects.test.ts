import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import type { Twin } from '../../src/twins/server.ts'
import { asked, call, DUMMY, GEMINI, lastAsked, stateHouse } from './state-house.ts'

/**
 * How other gateways lost the state of calls, each as a conversation with a twin that refuses what
 * its vendor refuses. The names are those of the reports.
 */
const house = stateHouse()
afterEach(() => house.close())

interface WireCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string; [field: string]: unknown }
  thought_signature?: string
  extra_content?: { google: { thought_signature: string } }
  [field: string]: unknown
}
interface WireMessage {
  role: string
  content: string | null
  tool_calls?: WireCall[]
  [field: string]: unknown
}

const functions = ['look', 'read'].map(name => ({
  type: 'function',
  function: {
    name,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}))

async function post(url: string, path: string, body: object): Promise<string> {
  const answer = await request(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  })
  const text = await answer.body.text()
  expect(answer.statusCode, text).toBe(200)
  return text
}

/** Asks over Chat Completions; a stream is put together as a plain client does it. */
async function chat(
  url: string,
  messages: object[],
  { model = GEMINI, stream = false, effort = '' } = {},
): Promise<WireMessage> {
  const reasoning = effort === '' ? {} : { reasoning_effort: effort }
  const body = { model, messages, tools: functions, stream, ...reasoning }
  const text = await post(url, '/v1/chat/completions', body)
  if (!stream) return JSON.parse(text).choices[0].message
  const message: WireMessage = { role: 'assistant', content: '' }
  for (const line of text.split('\n\n')) {
    if (!line.startsWith('data: {')) continue
    const { delta } = JSON.parse(line.slice(6)).choices[0]
    for (const piece of delta.tool_calls ?? []) {
      message.tool_calls ??= []
      const known = message.tool_calls[piece.index]
      if (known) {
        known.function.arguments += piece.function.arguments
        Object.assign(known, { ...piece, function: known.function })
      } else message.tool_calls[piece.index] = piece
    }
    if (delta.reasoning_details) {
      const before = message['reasoning_details']
      const list = Array.isArray(before) ? before : []
      message['reasoning_details'] = [...list, ...delta.reasoning_details]
    }
    message.content += delta.content ?? ''
  }
  return message
}

const results = (message: WireMessage) =>
  (message.tool_calls ?? []).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'x' }))
const QUESTION = { role: 'user', content: 'And Bonn?' }
const TWO = [call('look', 'Bonn'), call('look', 'Kiel')]

/** A first step of two calls, whose turn `carry` changes on its way back; then the answer. */
async function played(
  carry: (turn: WireMessage) => WireMessage,
  stream = false,
): Promise<{ google: Twin; turn: WireMessage }> {
  const google = await house.twin('google', [{ calls: TWO }, { text: 'It rains.' }])
  // Without a vault: what is read is what was carried.
  const { url } = await house.gateway({ google }, { vault: { maxBytes: 0 } })
  const turn = await chat(url, [QUESTION], { stream })
  const back = carry(structuredClone(turn))
  const last = await chat(url, [QUESTION, back, ...results(back)], { stream })
  expect(last.content).toBe('It rains.')
  google.finish()
  return { google, turn }
}

/** The turn with nothing but what every client knows. */
function plain(turn: WireMessage): WireMessage {
  const calls = turn.tool_calls?.map(({ id, type, function: { name, arguments: text } }) => ({
    id,
    type,
    function: { name, arguments: text },
  }))
  return { role: turn.role, content: turn.content, ...(calls && { tool_calls: calls }) }
}

/** The turn with the signature of its first call in another place; the others have none. */
function moved(turn: WireMessage, place: (first: WireCall, signature: string) => void) {
  const bare = plain(turn)
  const [first] = bare.tool_calls ?? []
  const signature = turn.tool_calls?.[0]?.thought_signature
  if (!first || !signature) throw new Error('no signature')
  place(first, signature)
  return bare
}

describe('defects of other gateways with state', () => {
  it('litellm#16893: a signature is not lost while streaming', async () => {
    const { google, turn } = await played(turn => turn, true)
    expect(turn.tool_calls?.[0]?.extra_content?.google.thought_signature).toMatch(
      /^[\w+/=-]{100,}$/,
    )
    expect(asked(google)).not.toContain(DUMMY)
  })

  it('litellm#37849: no state travels inside an id, which stays short', async () => {
    for (const stream of [false, true]) {
      const { turn } = await played(turn => turn, stream)
      for (const { id } of turn.tool_calls ?? []) expect(id).toMatch(/^[\w-]{1,40}$/)
    }
  })

  it.each(['gpt-4o', 'claude-sonnet-4-5', 'mistral-large-latest'])(
    'litellm#18160: an id with a signature from another gateway does not leak to %s',
    async model => {
      const name = model.startsWith('gpt')
        ? 'openai'
        : model.startsWith('claude')
          ? 'anthropic'
          : 'mistral'
      const twin = await house.twin(name, [{ text: 'It rains.' }])
      const { url } = await house.gateway({ [name]: twin })
      const id = `call_1__thought__${'QUJD'.repeat(220)}`
      const turn = { role: 'assistant', content: null, tool_calls: [{ id, ...LOOK }] }
      const result = { role: 'tool', tool_call_id: id, content: 'x' }
      const answer = await chat(url, [QUESTION, turn, result], { model })
      expect(answer.content).toBe('It rains.')
      expect(asked(twin)).not.toMatch(/QUJDQUJD|__thought__/)
    },
  )

  it('litellm#25322: over Messages a signature is a thinking block, and comes back from it', async () => {
    const google = await house.twin('google', [{ calls: TWO }, { text: 'It rains.' }])
    const { url } = await house.gateway({ google }, { vault: { maxBytes: 0 } })
    const tools = functions.map(({ function: { name, parameters } }) => ({
      name,
      input_schema: parameters,
    }))
    const ask = async (...messages: object[]) => {
      const body = { model: GEMINI, max_tokens: 1000, messages, tools }
      return JSON.parse(await post(url, '/v1/messages', body)).content
    }
    const content = await ask(QUESTION)
    expect(content.map(({ type }: { type: string }) => type)).toEqual([
      'thinking',
      'tool_use',
      'tool_use',
    ])
    const given = content.flatMap((block: { type: string; id: string }) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result', tool_use_id: block.id, content: 'x' }]
        : [],
    )
    const turn = { role: 'assistant', content }
    const last = await ask(QUESTION, turn, { role: 'user', content: given })
    expect(last).toEqual([{ type: 'text', text: 'It rains.' }])
    expect(asked(google)).not.toContain(DUMMY)
  })

  it('Portkey#1442: the field of Google is always there, whole and streamed', async () => {
    for (const stream of [false, true]) {
      const { turn } = await played(
        turn =>
          moved(turn, (first, signature) => {
            first.extra_content = { google: { thought_signature: signature } }
          }),
        stream,
      )
      expect(turn.tool_calls?.[0]).toMatchObject({
        extra_content: { google: { thought_signature: turn.tool_calls?.[0]?.thought_signature } },
      })
      expect(turn.tool_calls?.[1]).not.toHaveProperty('extra_content')
    }
  })

  const CARRIERS: [string, (first: WireCall, signature: string) => void][] = [
    ['thought_signature', (first, signature) => (first.thought_signature = signature)],
    [
      'thought_signature of the function',
      (first, signature) => (first.function['thought_signature'] = signature),
    ],
    [
      'provider_specific_fields',
      (first, signature) => (first['provider_specific_fields'] = { thought_signature: signature }),
    ],
    [
      'provider_specific_fields of the function',
      (first, signature) =>
        (first.function['provider_specific_fields'] = { thought_signature: signature }),
    ],
    ['__thought__ in the id', (first, signature) => (first.id += `__thought__${signature}`)],
    [
      '_ts_ in the id',
      (first, signature) =>
        (first.id += `_ts_${Buffer.from(signature, 'base64').toString('base64url')}`),
    ],
  ]
  it.each(CARRIERS)('bifrost#1437: the signature is read from %s', async (_, place) => {
    const { google } = await played(turn => moved(turn, place))
    expect(asked(google)).not.toContain(DUMMY)
    expect(asked(google)).not.toMatch(/__thought__|_ts_/)
  })

  const ON_MESSAGE: [string, (id: string, signature: string) => object][] = [
    [
      'reasoning_details',
      (id, data) => ({
        reasoning_details: [
          { type: 'reasoning.encrypted', format: 'google-gemini-v1', id, index: 0, data },
        ],
      }),
    ],
    [
      'reasoning_details, as Bifrost names calls',
      (id, signature) => ({
        reasoning_details: [
          {
            type: 'reasoning.encrypted',
            id: `tool_call_${id}`,
            index: 0,
            signature,
            format: 'google-gemini-v1',
          },
        ],
      }),
    ],
    [
      "LangChain's map",
      (id, signature) => ({
        additional_kwargs: { __gemini_function_call_thought_signatures__: { [id]: signature } },
      }),
    ],
    [
      "LiteLLM's list",
      (_, signature) => ({
        provider_specific_fields: { thought_signatures: [signature] },
      }),
    ],
  ]
  it.each(ON_MESSAGE)(
    'bifrost#1437: the signature is read from %s of the message',
    async (_, fields) => {
      const { google } = await played(turn => {
        let more = {}
        const bare = moved(turn, (first, signature) => (more = fields(first.id, signature)))
        return { ...bare, ...more }
      })
      expect(asked(google)).not.toContain(DUMMY)
    },
  )

  it('bifrost: ids made of names stay apart when their signatures are taken off', async () => {
    const google = await house.twin('google', [{ text: 'It rains.' }])
    const { url } = await house.gateway({ google })
    const signature = 'QUJD'.repeat(40)
    const ids = ['look', `look_ts_${signature}`, `look_ts_${signature.replace('Q', 'R')}`]
    const turn = { role: 'assistant', content: null, tool_calls: ids.map(id => ({ id, ...LOOK })) }
    const given = ids.map(id => ({ role: 'tool', tool_call_id: id, content: id.slice(0, 9) }))
    const old = [QUESTION, turn, ...given, { role: 'assistant', content: 'Dry.' }, QUESTION]
    expect((await chat(url, old)).content).toBe('It rains.')
  })

  it('new-api#2257: the true signature is replayed, and the stand-in is for foreign calls alone', async () => {
    const { google } = await played(turn => turn)
    expect(lastAsked(google).split('"thoughtSignature"')).toHaveLength(2)
    expect(asked(google)).not.toContain(DUMMY)
    const { google: bare } = await played(plain)
    expect(lastAsked(bare).split(DUMMY)).toHaveLength(2)
  })

  it('cloudflare/ai#502: a client that keeps only one of the places keeps the signature', async () => {
    const { google } = await played(turn => {
      const details = turn['reasoning_details']
      return { ...plain(turn), reasoning_details: details }
    }, true)
    expect(asked(google)).not.toContain(DUMMY)
  })

  const THINKING = [
    { reasoning: 'Where is Bonn, and is it far?', calls: [call('look', 'Bonn')] },
    { text: 'It rains.' },
  ]
  const CLAUDE = { model: 'anthropic-test/claude-sonnet-4-5', effort: 'high' }

  /** The same with a model that thinks; its blocks are checked by the twin to the letter. */
  async function thought(carry: (turn: WireMessage) => WireMessage, stream = false) {
    const anthropic = await house.twin('anthropic', THINKING)
    const { url } = await house.gateway({ anthropic }, { vault: { maxBytes: 0 } })
    const turn = await chat(url, [QUESTION], { ...CLAUDE, stream })
    const back = carry(turn)
    const last = await chat(url, [QUESTION, back, ...results(back)], { ...CLAUDE, stream })
    expect(last.content).toBe('It rains.')
    return anthropic
  }

  it.each([false, true])(
    'envoy ai-gateway#2365: what is written is read back, streamed: %s',
    async stream => {
      const anthropic = await thought(turn => turn, stream)
      expect(lastAsked(anthropic)).toContain('"type":"thinking","thinking":"Where is Bonn')
    },
  )

  it('envoy ai-gateway#2365: thinking_blocks are read, too', async () => {
    const anthropic = await thought(turn => {
      const [detail] = detailsOf(turn)
      const block = { type: 'thinking', thinking: detail?.text, signature: detail?.signature }
      return { ...plain(turn), thinking_blocks: [block] }
    })
    expect(lastAsked(anthropic)).toContain('"type":"thinking","thinking":"Where is Bonn')
  })

  it('openrouter-examples#67, agno#5802: details that a stream has cut to pieces are one again', async () => {
    const anthropic = await thought(turn => {
      const [detail] = detailsOf(turn)
      const { text = '', signature = '', ...tag } = detail ?? {}
      const pieces = [...text].map(letter => ({ ...tag, text: letter }))
      return { ...plain(turn), reasoning_details: [...pieces, { ...tag, signature }] }
    })
    expect(lastAsked(anthropic)).toContain('"thinking":"Where is Bonn, and is it far?"')
  })

  it('bifrost#6342: blocks of thinking come back in their order and not put together', async () => {
    const anthropic = await house.twin('anthropic', [
      {
        blocks: [
          { type: 'reasoning', text: 'One.' },
          { type: 'reasoning', text: 'Hidden.', redacted: true },
          { type: 'reasoning', text: 'Two.' },
          { type: 'call', ...call('look', 'Bonn') },
        ],
      },
      { text: 'It rains.' },
    ])
    const { url } = await house.gateway({ anthropic }, { vault: { maxBytes: 0 } })
    const turn = await chat(url, [QUESTION], { ...CLAUDE, stream: true })
    await chat(url, [QUESTION, turn, ...results(turn)], CLAUDE)
    expect(lastAsked(anthropic)).toMatch(/"One\.".*"redacted_thinking".*"Two\.".*"tool_use"/)
  })
})

interface Detail {
  text?: string
  signature?: string
  [field: string]: unknown
}

function detailsOf(turn: WireMessage): Detail[] {
  const details = turn['reasoning_details']
  return Array.isArray(details) ? details : []
}

const LOOK = { type: 'function', function: { name: 'look', arguments: '{"city":"Bonn"}' } } as const

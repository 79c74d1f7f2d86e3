import { afterEach, describe, expect, it } from 'vitest'
import { type Ask, DIALECTS, ENDS, InBandError, Refused } from '../../src/conformance/ask.ts'
import { CLIENTS } from '../../src/conformance/clients/index.ts'
import { NO_VALIDATION } from '../../src/gateway/validate-calls.ts'
import type { ScriptTurn } from '../../src/twins/script.ts'
import type { Twin } from '../../src/twins/server.ts'
import { until } from './house.ts'
import { type StateHouse, stateHouse } from './state-house.ts'

const MODEL = 'groq-test/llama-3.3-70b-versatile'
const ASK: Ask = {
  messages: [{ role: 'user', text: 'Weather in Oslo?' }],
  tools: [
    {
      name: 'get_weather',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  ],
}
/** The model's own spelling, which the vendor does not take for a call. */
const RAW: ScriptTurn = { text: '<function=get_weather>{"city": "Oslo"}</function>' }
/** A call that breaks its schema, which the vendor refuses. */
const ODD: ScriptTurn = { calls: [{ name: 'get_weather', arguments: '{"town": "Oslo"}' }] }
const HALF: ScriptTurn = { calls: [{ name: 'get_weather', arguments: '{"city": "Os' }] }

let house: StateHouse | undefined
afterEach(() => house?.close())

async function play(turns: readonly ScriptTurn[], more: object = {}) {
  house = stateHouse()
  const lines: string[] = []
  const twin = await house.twin('groq', turns)
  const gateway = await house.gateway({ groq: twin }, { log: 'info', ...more }, lines)
  const record = async () => {
    await until(() => lines.some(line => line.includes('"requestId"')))
    return JSON.parse(lines.findLast(line => line.includes('"requestId"')) ?? '{}')
  }
  return { twin, url: gateway.url, record }
}

const CELLS = DIALECTS.flatMap(front => [false, true].map(stream => ({ front, stream })))

describe.each(CELLS)('[G10] failed_generation, for $front, streamed $stream', cell => {
  const { front, stream } = cell
  const ask = (url: string, asked = ASK, model = MODEL) =>
    CLIENTS[front].ask({ base: url, key: 'any' }, model, asked, stream)
  const once = (twin: Twin) => expect(twin.requests).toHaveLength(1)

  it('is a call where it holds one', async () => {
    const { twin, url, record } = await play([RAW])
    const answer = await ask(url)
    expect(answer.blocks).toMatchObject([
      {
        type: 'call',
        name: 'get_weather',
        arguments: expect.stringMatching(/^\{"city": ?"Oslo"\}$/),
      },
    ])
    expect(answer.end).toBe(ENDS[front].calls)
    once(twin)
    expect((await record()).losses).toBeGreaterThan(0)
    if (!stream) expect(answer.headers['toolgate-losses']).toMatch(/answer repaired/)
  })

  it('is the call that the vendor found fault with, for the client to judge', async () => {
    const { twin, url } = await play([ODD])
    const { blocks } = await ask(url)
    expect(blocks).toMatchObject([{ type: 'call', name: 'get_weather' }])
    expect(JSON.stringify(blocks)).toContain('town')
    once(twin)
  })

  it('is asked again about, where calls are to be valid', async () => {
    const validate = { ...NO_VALIDATION, mode: 'retry' as const }
    const right: ScriptTurn = { calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }
    const { twin, url } = await play([ODD, right], { validate })
    const { blocks } = await ask(url)
    expect(blocks).toMatchObject([{ type: 'call', arguments: '{"city":"Oslo"}' }])
    expect(JSON.stringify(twin.requests[1]?.body)).toMatch(/This call was not run/)
  })

  it('comes behind what was said before', async () => {
    const model = 'groq-test/openai/gpt-oss-120b'
    const { url } = await play([{ reasoning: 'Hm.', ...ODD }])
    const { blocks } = await ask(url, ASK, model)
    const types = blocks.map(({ type }) => type)
    // A whole answer of which nothing but the generation is told has no thoughts.
    expect(types).toEqual(stream ? ['thinking', 'call'] : ['call'])
  })

  it('is a clear error where it holds none', async () => {
    const { url, record } = await play([HALF])
    const thrown = await ask(url).catch((error: unknown) => error)
    const said =
      thrown instanceof Refused
        ? CLIENTS[front].errorText(thrown.body)
        : thrown instanceof InBandError
          ? thrown.message
          : ''
    expect(said).toMatch(/Failed to parse tool call arguments as JSON/)
    expect((await record()).error).toBe('malformed_call')
  })

  it('is no call where none may be made', async () => {
    const { url } = await play([RAW])
    await expect(ask(url, { ...ASK, choice: { mode: 'none' } })).rejects.toThrow()
  })
})

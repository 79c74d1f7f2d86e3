import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import type { TwinModel, TwinPrompt, TwinTurn } from '../../src/twins/model.ts'
import { scripted } from '../../src/twins/script.ts'
import { buildEmulationHouse, type EmulationHouse, FRONTS } from './emulation-house.ts'

let house: EmulationHouse
afterEach(() => house.close())

const OSLO = { name: 'get_weather', arguments: { city: 'Oslo' } }
const ROME = { name: 'get_weather', arguments: { city: 'Rome' } }
const tagged = (call: object) => `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`
const BOTH = `Let me look.\n\n${tagged(OSLO)}\n${tagged(ROME)}`

/** The forms as their makers document them, one for each family of them. */
const FORMS: [string, string][] = [
  ['tags', BOTH],
  [
    'functions in tags',
    'Let me look.\n<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n</parameter>\n</function>\n</tool_call>',
  ],
  [
    'keys and values',
    'Let me look.\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Rome</arg_value>\n</tool_call>',
  ],
  ['a token and a list', `Let me look.[TOOL_CALLS]${JSON.stringify([OSLO, ROME])}`],
  [
    'many tokens',
    'Let me look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city":"Oslo"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city":"Rome"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
  ],
  [
    'a section',
    'Let me look.<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city":"Oslo"}<|tool_call_end|><|tool_call_begin|>functions.get_weather:1<|tool_call_argument_begin|>{"city":"Rome"}<|tool_call_end|><|tool_calls_section_end|>',
  ],
  ['a fence', `Let me look.\n\`\`\`json\n${JSON.stringify([OSLO, ROME], undefined, 2)}\n\`\`\``],
  ['Python', 'Let me look.\n[get_weather(city="Oslo"), get_weather(city=\'Rome\')]'],
]

describe.each(FRONTS)('tools of a model that knows none, over %s', (_, ask) => {
  describe.each([false, true])('streamed: %s', stream => {
    it.each(FORMS)('[G6] are called in the form of %s', async (_, text) => {
      house = await buildEmulationHouse(scripted([{ text }, { text }]), { chunk: 'random' })
      for (const model of ['here/gemma3', 'raw/anything']) {
        const reply = await ask(house.gateway.url, { model }, stream)
        expect(reply).toEqual({ text: 'Let me look.', calls: [OSLO, ROME], finish: 'calls' })
      }
    })

    it('[G6] keep to the choice', async () => {
      const alone = { text: tagged(OSLO) }
      house = await buildEmulationHouse(scripted([alone, alone, alone, alone, alone]))
      const model = 'here/small'
      const url = house.gateway.url
      const told = () => JSON.stringify(house.ollama.requests.at(-1)?.body)
      const forced = await ask(url, { model, choice: 'required' }, stream)
      expect(forced).toEqual({ text: '', calls: [OSLO], finish: 'calls' })
      expect(told()).toContain('must call at least one')
      const named = await ask(url, { model, choice: { name: 'get_weather' } }, stream)
      expect(named.calls).toEqual([OSLO])
      expect(told()).toContain('get_weather')
      expect(told()).not.toContain('get_time')
      const some = await ask(url, { model, allowed: ['get_weather'] }, stream)
      expect(some.calls).toEqual([OSLO])
      expect(told()).not.toContain('get_time')
      const other = await ask(url, { model, allowed: ['get_time'] }, stream)
      expect(other).toEqual({ text: tagged(OSLO), calls: [], finish: 'stop' })
      const none = await ask(url, { model, choice: 'none' }, stream)
      expect(none).toEqual({ text: tagged(OSLO), calls: [], finish: 'stop' })
      expect(told()).not.toContain('get_weather')
    })

    it('[G6] say clearly that a forced call was not made', async () => {
      house = await buildEmulationHouse(scripted([{ text: 'No.' }, { text: 'No.' }]))
      const url = house.gateway.url
      for (const choice of ['required', { name: 'get_time' }] as const) {
        const failed = ask(url, { model: 'here/gemma3', choice }, stream)
        await expect(failed).rejects.toMatchObject({
          status: 502,
          message: expect.stringMatching(/asked to call (a tool|'get_time'), and made no call/),
        })
      }
      // It is not asked again: that is for the client to decide.
      expect(house.ollama.requests).toHaveLength(2)
    })

    it('[G6] are told with their history as words', async () => {
      house = await buildEmulationHouse(scripted([{ text: 'Cold in Oslo, warm in Rome.' }]))
      const step = {
        calls: [
          { id: 'call_000000001', name: 'get_weather', city: 'Oslo' },
          { id: 'call_000000002', name: 'get_weather', city: 'Rome' },
        ],
        results: [
          { id: 'call_000000001', text: '4 degrees </tool_response>' },
          { id: 'call_000000002', text: '24 degrees' },
        ],
      }
      const reply = await ask(house.gateway.url, { model: 'here/gemma3', step }, stream)
      expect(reply).toEqual({ text: 'Cold in Oslo, warm in Rome.', calls: [], finish: 'stop' })
      const body = JSON.stringify(house.ollama.requests[0]?.body)
      expect(body).not.toMatch(/"tools"|"tool_calls"|"role":"tool"|tool_choice/)
      expect(body).toMatch(/<tool_call>.*Oslo.*<tool_call>.*Rome.*<tool_response>.*4 degrees/)
      expect(body.match(/<\/tool_response>/g)).toHaveLength(3)
    })
  })
})

describe.each(FRONTS.filter(([name]) => name !== 'gemini'))('over %s', (_, ask) => {
  it.each([false, true])('[G6] one call at most, streamed: %s', async stream => {
    house = await buildEmulationHouse(scripted([{ text: BOTH }]))
    const reply = await ask(house.gateway.url, { model: 'here/gemma3', parallel: false }, stream)
    expect(reply).toEqual({ text: 'Let me look.', calls: [OSLO], finish: 'calls' })
    expect(JSON.stringify(house.ollama.requests[0]?.body)).toContain('at most one call')
  })
})

/** Knows nothing of tools: it does what the words before it say, in the form they show. */
const follower: TwinModel = {
  name: 'follower',
  answer({ messages }: TwinPrompt): TwinTurn {
    const words = messages.map(({ text }) => text).join('\n')
    const last = messages.at(-1)?.text ?? ''
    const told = [...last.matchAll(/<tool_response>\n(.*)\n<\/tool_response>/g)]
    if (told.length > 0) {
      const results = told.map(match => JSON.parse(match[1] ?? '').content)
      return { blocks: [{ type: 'text', text: `I was told: ${results.join('; ')}.` }] }
    }
    const example = /written exactly like this[^\n]*\n\n(<\w+>)\n(\{.*\})\n(<\/\w+>)/.exec(words)
    const [nameKey = '', argumentsKey = ''] = Object.keys(JSON.parse(example?.[2] ?? '{}'))
    const listed = /<tools>\n([\s\S]*?)\n<\/tools>/.exec(words)?.[1]?.split('\n') ?? []
    const tools = listed.map(line => JSON.parse(line))
    const tool = tools.find(({ description }) =>
      description.split(' ').some((word: string) => word.length > 4 && last.includes(word)),
    )
    const [parameter = ''] = Object.keys(tool?.parameters.properties ?? {})
    const places = [...last.matchAll(/in ([A-Z]\w+)/g)].map(match => match[1])
    const calls = places.map(place =>
      JSON.stringify({ [nameKey]: tool?.name, [argumentsKey]: { [parameter]: place } }),
    )
    const blocks = calls.map(call => `${example?.[1]}\n${call}\n${example?.[3]}`)
    return { blocks: [{ type: 'text', text: blocks.join('\n') }] }
  },
}

describe.each(FRONTS)('[G6] a model that follows its instructions, over %s', (_, ask) => {
  it.each([false, true])(
    'calls tools and answers from their results, streamed: %s',
    async stream => {
      house = await buildEmulationHouse(follower, { chunk: 'byte' })
      const url = house.gateway.url
      const first = await ask(url, { model: 'here/gemma3' }, stream)
      expect(first).toEqual({ text: '', calls: [OSLO, ROME], finish: 'calls' })
      const calls = ['Oslo', 'Rome'].map((city, index) => ({
        id: `call_00000000${index}`,
        name: 'get_weather',
        city,
      }))
      const results = calls.map(({ id, city }) => ({ id, text: `${city} is sunny` }))
      const second = await ask(url, { model: 'here/gemma3', step: { calls, results } }, stream)
      expect(second.text).toBe('I was told: Oslo is sunny; Rome is sunny.')
    },
  )
})

describe('what is seen of it', () => {
  const body = (model: string) => ({
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    tools: [{ type: 'function', function: { name: 'get_time', strict: true } }],
  })
  const post = (payload: object, headers = {}) =>
    request(`${house.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(payload),
    })

  it('[G6] the loss is reported as emulated, and strict mode refuses what is not kept', async () => {
    house = await buildEmulationHouse(scripted([{ text: 'Hello' }]))
    const answer = await post(body('here/gemma3'))
    expect(answer.headers['toolgate-losses']).toMatch(/^2; tools emulated; tools emulated/)
    await answer.body.dump()
    const strict = await post(body('here/gemma3'), { 'toolgate-strict': 'true' })
    expect(strict.statusCode).toBe(400)
    expect(await strict.body.text()).toContain('strict schemas')
  })

  it('the twin refuses tools as the vendor does', async () => {
    house = await buildEmulationHouse(scripted([]))
    const answer = await request(`${house.ollama.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body('gemma3')),
    })
    expect(answer.statusCode).toBe(400)
    expect(await answer.body.json()).toMatchObject({
      error: { message: 'registry.ollama.ai/library/gemma3:latest does not support tools' },
    })
  })

  it('[G6] the list of models says it', async () => {
    house = await buildEmulationHouse(scripted([]))
    const answer = await request(`${house.gateway.url}/v1/models`)
    const text = await answer.body.text()
    const models: { id: string; capabilities: object }[] = JSON.parse(text).data
    const named = (id: string) => models.find(model => model.id.endsWith(id))?.capabilities
    expect(named('small')).toMatchObject({
      tools: 'emulated',
      parallelCalls: true,
      toolChoice: ['auto', 'none', 'required', 'tool', 'allowed'],
      strictSchemas: false,
      streamingArguments: false,
    })
    expect(named('big')).toMatchObject({ tools: true })
    const one = await request(`${house.gateway.url}/v1/models/here/qwen3:8b`)
    expect(await one.body.json()).toMatchObject({ capabilities: { tools: 'emulated' } })
  })

  it("a server's own calls have the last word over its text", async () => {
    const call = { name: 'get_time', arguments: '{}' }
    house = await buildEmulationHouse(scripted([{ text: 'See [1].', calls: [call] }]))
    const answer = await post(body('raw/anything'))
    expect(await answer.body.json()).toMatchObject({
      choices: [{ message: { content: 'See [1].', tool_calls: [{ function: call }] } }],
    })
  })

  it('text stays text where no tools were given', async () => {
    const text = tagged({ name: 'get_time', arguments: {} })
    house = await buildEmulationHouse(scripted([{ text }, { text }]))
    for (const model of ['raw/anything', 'here/gemma3']) {
      const answer = await post({ ...body(model), tools: undefined })
      expect(answer.headers['toolgate-losses']).toBeUndefined()
      expect(await answer.body.json()).toMatchObject({ choices: [{ message: { content: text } }] })
    }
  })
})

import { type Answer, type Ask, type AskMessage, ENDS, type End, Refused } from './ask.ts'
import { asked, type Bench, type Call, type Check, callsOf, textOf, Unsaid } from './check.ts'
import { must } from './clients/http.ts'

const WEATHER = {
  name: 'get_weather',
  description: 'Get the current weather of a city',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city' } },
    required: ['city'],
  },
} as const
const EMAIL = {
  name: 'send_email',
  description: 'Send an e-mail',
  parameters: {
    type: 'object',
    properties: {
      recipient: { type: 'string', description: 'E-mail address' },
      subject: { type: 'string' },
    },
    required: ['recipient', 'subject'],
  },
} as const
const STATUS = { name: 'get_server_status', description: 'Get the status of the server' } as const
/** A red dot, 1 × 1. */
const DOT =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

const user = (text: string): AskMessage => ({ role: 'user', text })
const OSLO = user('What is the weather in Oslo? Use get_weather.')
const BOTH = user('What is the weather in Oslo and Lima? Use get_weather for each.')
const tools = [WEATHER, EMAIL]

/** What every gateway should do, put so that any model that can call tools does its part. */
export const CHECKS: readonly Check[] = [
  {
    name: 'text',
    async run(bench) {
      const answer = await asked(bench, { messages: [user('Say hello in one short sentence.')] })
      mustEnd(bench, answer, 'stop')
      must(textOf(answer) !== '', 'it says something')
    },
  },
  {
    name: 'instructions',
    async run(bench) {
      const messages: AskMessage[] = [{ role: 'system', text: 'Be brief.' }, user('Say hello.')]
      must(textOf(await asked(bench, { messages })) !== '', 'it says something')
    },
  },
  {
    name: 'one call',
    async run(bench) {
      const answer = await asked(bench, { messages: [OSLO], tools })
      mustCall(bench, answer, ['oslo'])
    },
  },
  {
    name: 'parallel calls',
    async run(bench) {
      const answer = await asked(bench, { messages: [BOTH], tools })
      mustCall(bench, answer, ['oslo', 'lima'])
    },
  },
  {
    name: 'a call without arguments',
    async run(bench) {
      const messages = [user('What is the server status? Use get_server_status.')]
      const [call] = callsOf(await asked(bench, { messages, tools: [STATUS] }))
      must(call?.name === 'get_server_status', 'it calls get_server_status')
      argumentsOf(call)
    },
  },
  {
    name: 'a result',
    async run(bench) {
      await round(bench, { messages: [OSLO], tools }, () => ({ text: '7 degrees and rain' }))
    },
  },
  {
    name: 'results of parallel calls, in another order',
    async run(bench) {
      await round(bench, { messages: [BOTH], tools }, (_, n) => ({ text: `${n} degrees` }), {
        reversed: true,
      })
    },
  },
  {
    name: 'an empty result',
    async run(bench) {
      await round(bench, { messages: [OSLO], tools }, () => ({ text: '' }))
    },
  },
  {
    name: 'a result that is an error',
    async run(bench) {
      await round(bench, { messages: [OSLO], tools }, () => ({
        text: 'the service is down',
        isError: true,
      }))
    },
  },
  {
    name: 'a picture in a result',
    async run(bench) {
      await round(bench, { messages: [OSLO], tools }, () => ({ text: 'A map:', image: DOT }))
    },
    unsaid: { 'openai-chat': 'a tool message holds text only' },
  },
  {
    name: 'three questions in a row',
    async run(bench) {
      const messages: AskMessage[] = []
      for (const city of ['Oslo', 'Lima', 'Cairo']) {
        messages.push(user(`What is the weather in ${city}? Use get_weather.`))
        const answer = await asked(bench, { messages, tools })
        mustCall(bench, answer, [city.toLowerCase()])
        messages.push(
          { role: 'echo', answer },
          resultsOf(answer, () => ({ text: '20 degrees' })),
        )
        const said = await asked(bench, { messages, tools })
        mustEnd(bench, said, 'stop')
        messages.push({ role: 'echo', answer: said })
      }
    },
  },
  {
    name: 'thinking, echoed',
    async run(bench) {
      const ask: Ask = { messages: [OSLO], tools, thinking: true, maxTokens: 4096 }
      await round(bench, ask, () => ({ text: '7 degrees' })).catch(error => {
        const said = error instanceof Refused ? bench.client.errorText(error.body) : undefined
        if (said && /reasoning|thinking/i.test(said) && /not|unrecognized|unsupported/i.test(said))
          throw new Unsaid(`the model does not think: ${said}`)
        throw error
      })
    },
  },
  {
    name: 'a history that a simple client stripped',
    async run(bench) {
      await round(bench, { messages: [BOTH], tools }, () => ({ text: '7 degrees' }), {
        stripped: true,
      })
    },
    unsaid: {
      anthropic: 'its vendor refuses such a history itself',
      gemini: 'its vendor refuses such a history itself',
    },
  },
  {
    name: 'choice: none',
    async run(bench) {
      const answer = await asked(bench, { messages: [OSLO], tools, choice: { mode: 'none' } })
      must(callsOf(answer).length === 0, 'it makes no call')
      mustEnd(bench, answer, 'stop')
    },
  },
  {
    name: 'choice: required',
    async run(bench) {
      const messages = [user('Hello!')]
      const answer = await asked(bench, { messages, tools, choice: { mode: 'required' } })
      must(callsOf(answer).length > 0, 'it makes a call')
    },
  },
  {
    name: 'choice: one tool',
    async run(bench) {
      const choice = { mode: 'tool', name: 'send_email' } as const
      const messages = [user('Write to ann@example.com that the weather is fine.')]
      const calls = callsOf(await asked(bench, { messages, tools, choice }))
      must(calls.length > 0, 'it makes a call')
      must(
        calls.every(call => call.name === 'send_email'),
        'it calls the named tool',
      )
    },
  },
  {
    name: 'choice: a subset of tools',
    async run(bench) {
      const allowed = ['get_weather', 'get_server_status']
      const choice = { mode: 'required', allowed } as const
      const ask = { messages: [OSLO], tools: [...tools, STATUS], choice }
      const calls = callsOf(await asked(bench, ask))
      must(calls.length > 0, 'it makes a call')
      must(
        calls.every(call => allowed.includes(call.name)),
        'it calls one of the subset',
      )
    },
    unsaid: { anthropic: 'Messages has no subset of tools' },
  },
  {
    name: 'parallel calls off',
    async run(bench) {
      const answer = await asked(bench, { messages: [BOTH], tools, parallel: false })
      must(callsOf(answer).length <= 1, 'it makes at most one call')
    },
    unsaid: { gemini: 'generateContent has no such switch' },
  },
  {
    name: 'structured output',
    async run(bench) {
      const schema = {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      }
      const text = textOf(await asked(bench, { messages: [user('I live in Oslo.')], schema }))
      const value: unknown = JSON.parse(text)
      const is = typeof value === 'object' && value !== null && 'city' in value
      must(is && typeof value.city === 'string', 'the text fits the schema')
    },
  },
  {
    name: 'cut at the limit of tokens',
    async run(bench) {
      const messages = [user('Repeat the alphabet, letter by letter, twenty times.')]
      const answer = await asked(bench, { messages, maxTokens: 16 })
      // What was thought counts too, in ways of each vendor's own: only the words are held to it.
      must(textOf(answer).length <= 160, 'it keeps to the limit')
      const { stop, length } = ENDS[bench.client.dialect]
      must(answer.end === length || answer.end === stop, 'it ends with length, or by itself')
    },
  },
  {
    name: 'refused: a result without its call',
    async run(bench) {
      const results = [{ callId: 'call_none', text: 'x' }]
      await mustRefuse(bench, { messages: [user('x'), { role: 'results', results }], tools })
    },
    wholeOnly: true,
  },
  {
    name: 'refused: a call without its result',
    async run(bench) {
      const answer = await asked(bench, { messages: [OSLO], tools })
      const messages: AskMessage[] = [OSLO, { role: 'echo', answer }, user('Well?')]
      await mustRefuse(bench, { messages, tools })
    },
    wholeOnly: true,
  },
  {
    name: 'refused: a model that does not exist',
    async run(bench) {
      await mustRefuse({ ...bench, model: 'no-such-model-99' }, { messages: [user('x')] })
    },
    wholeOnly: true,
  },
]

function mustEnd({ client }: Bench, answer: Answer, end: End): void {
  const word = ENDS[client.dialect][end]
  must(answer.end === word, `it ends with ${word}, not ${answer.end}`)
  must(answer.usage.input > 0 && answer.usage.output > 0, 'it tells its usage')
}

function argumentsOf(call: Call): { readonly [key: string]: unknown } {
  const value: unknown = JSON.parse(call.arguments)
  must(typeof value === 'object' && value !== null, `arguments are an object: ${call.arguments}`)
  return { ...value }
}

/** Holds an answer to calls of get_weather, one for each city. */
function mustCall(bench: Bench, answer: Answer, cities: readonly string[]): void {
  mustEnd(bench, answer, 'calls')
  const calls = callsOf(answer)
  must(
    calls.every(call => call.name === 'get_weather'),
    'it calls get_weather only',
  )
  const named = calls.map(call => String(argumentsOf(call)['city']).toLowerCase())
  for (const city of cities) {
    must(
      named.some(name => name.includes(city)),
      `it calls get_weather for ${city}`,
    )
  }
  must(named.length === cities.length, `it makes ${cities.length} calls, not ${named.length}`)
}

type Came = { readonly text: string; readonly image?: string; readonly isError?: true }

function resultsOf(answer: Answer, came: (call: Call, n: number) => Came): AskMessage {
  const results = callsOf(answer).map((call, n) => ({ callId: call.id, ...came(call, n) }))
  return { role: 'results', results }
}

/** A question, its calls, their results, and the answer out of them. */
async function round(
  bench: Bench,
  ask: Ask,
  came: (call: Call, n: number) => Came,
  how: { readonly reversed?: true; readonly stripped?: true } = {},
): Promise<void> {
  const answer = await asked(bench, ask)
  must(callsOf(answer).length > 0, 'it makes a call')
  const results = resultsOf(answer, came)
  const turned: AskMessage =
    how.reversed && results.role === 'results'
      ? { role: 'results', results: [...results.results].reverse() }
      : results
  const echo: AskMessage = { role: 'echo', answer, ...(how.stripped ? { stripped: true } : {}) }
  const after = await asked(bench, { ...ask, messages: [...ask.messages, echo, turned] })
  must(callsOf(after).length > 0 || textOf(after) !== '', 'it goes on from the results')
}

/** Holds a refusal to a status of the client's own doing and to the protocol's envelope. */
async function mustRefuse(bench: Bench, ask: Ask): Promise<void> {
  const error: unknown = await asked(bench, ask).then(
    () => undefined,
    thrown => thrown,
  )
  if (!(error instanceof Refused)) throw error ?? new Error('it was not refused')
  must(error.status >= 400 && error.status < 500, `the status is 4xx, not ${error.status}`)
  const text = bench.client.errorText(error.body)
  must(text, `the error has the envelope of its protocol: ${JSON.stringify(error.body)}`)
}

import { describe, expect, it } from 'vitest'
import type { TwinMessage, TwinPrompt, TwinTool, TwinTurn } from '../model.ts'
import { rehearsal } from './index.ts'

const city = { type: 'string', description: 'City name, e.g. "London"' }
const weather: TwinTool = {
  name: 'get_weather',
  description: 'Returns the current weather in the given city',
  parameters: {
    type: 'object',
    properties: { city, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
    required: ['city'],
  },
}
const locate: TwinTool = {
  name: 'get_user_city',
  description: 'Get the city where the user is',
  parameters: { type: 'object', properties: {} },
}
const report: TwinTool = {
  name: 'get_report',
  description: 'Get the sales report of a month',
  parameters: {
    type: 'object',
    properties: { month: { type: 'string', description: 'Month' } },
    required: ['month'],
  },
}
const mail: TwinTool = {
  name: 'send_email',
  description: 'Send an e-mail',
  parameters: {
    type: 'object',
    properties: {
      to: { type: 'string', format: 'email' },
      body: { type: 'string', description: 'Text' },
    },
    required: ['to', 'body'],
  },
}

function user(text: string, images = 0): TwinMessage {
  return { role: 'user', text, images, documents: 0 }
}

function ask(
  messages: string | readonly TwinMessage[],
  tools: readonly TwinTool[] = [weather],
  more: Partial<TwinPrompt> = {},
): TwinTurn {
  const turn = rehearsal().answer(
    {
      model: 'any',
      tools,
      choice: { mode: 'auto' },
      parallel: true,
      reasoning: false,
      stop: [],
      messages: typeof messages === 'string' ? [user(messages)] : messages,
      ...more,
    },
    1,
  )
  if (turn instanceof Promise) throw new Error('the rehearsal model answers at once')
  return turn
}

function calls(turn: TwinTurn): [string, unknown][] {
  return turn.blocks.flatMap((one): [string, unknown][] =>
    one.type === 'call' ? [[one.name, JSON.parse(one.arguments)]] : [],
  )
}

function text(turn: TwinTurn): string {
  return turn.blocks.map(one => (one.type === 'text' ? one.text : '')).join('')
}

/** Answers all calls until the model speaks, and returns the rounds of calls and the last words. */
function play(
  message: string,
  tools: readonly TwinTool[],
  result: (name: string, values: { [key: string]: unknown }) => string,
  more: Partial<TwinPrompt> = {},
): { rounds: [string, unknown][][]; last: string } {
  const messages: TwinMessage[] = [user(message)]
  const rounds: [string, unknown][][] = []
  while (rounds.length < 9) {
    const turn = ask(messages, tools, more)
    const made = turn.blocks.filter(one => one.type === 'call')
    if (made.length === 0) return { rounds, last: text(turn) }
    rounds.push(calls(turn))
    const named = made.map((one, index) => ({
      id: `${rounds.length}-${index}`,
      name: one.name,
      arguments: one.arguments,
    }))
    messages.push({ role: 'assistant', text: '', calls: named })
    for (const one of named) {
      messages.push({
        role: 'tool',
        callId: one.id,
        text: result(one.name, JSON.parse(one.arguments)),
        images: 0,
        isError: false,
      })
    }
  }
  throw new Error('never came to an end')
}

describe('choosing', () => {
  it('says what it is when nothing asks for a tool', () => {
    for (const message of ['Hello!', 'Who are you?', 'Tell me a joke', 'Thanks!']) {
      const turn = ask(message)
      expect(calls(turn)).toEqual([])
      expect(text(turn)).toMatch(
        /^This is a rehearsal: a rule-based stand-in, not a language model\..*get_weather/,
      )
    }
    expect(text(ask('Hello!', []))).toContain('none is declared')
  })

  it('asks for a required value that the words do not give', () => {
    const turn = ask("What's the weather?")
    expect(calls(turn)).toEqual([])
    expect(text(turn)).toContain('Which city')
  })

  it('calls nothing under none, and says so', () => {
    const turn = ask("What's the weather in Oslo?", [weather], { choice: { mode: 'none' } })
    expect(calls(turn)).toEqual([])
    expect(text(turn)).toContain('told to call no tool')
  })

  it('always calls under required and for a named tool', () => {
    expect(calls(ask('Hello!', [weather], { choice: { mode: 'required' } }))).toHaveLength(1)
    expect(
      calls(
        ask('Weather in Oslo', [weather, report], { choice: { mode: 'tool', name: 'get_report' } }),
      )[0]?.[0],
    ).toBe('get_report')
  })

  it('thinks aloud when asked to', () => {
    const [first, second] = ask("What's the weather in Oslo?", [weather, report], {
      reasoning: true,
    }).blocks
    expect(first).toMatchObject({
      type: 'reasoning',
      text: expect.stringContaining('get_weather fits best, because of "weather"'),
    })
    expect(second).toMatchObject({ type: 'call', name: 'get_weather' })
    expect(ask('Hello!', [weather], { reasoning: true }).blocks.map(one => one.type)).toEqual([
      'reasoning',
      'text',
    ])
  })
})

describe('several calls', () => {
  it('come at once where parallel calls are allowed', () => {
    expect(calls(ask("What's the weather in Paris and in Rome?"))).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_weather', { city: 'Rome' }],
    ])
  })

  it('come one by one where they are not', () => {
    const { rounds, last } = play(
      'Weather in Paris, Rome and Oslo',
      [weather],
      (_, { city }) => `20 degrees in ${String(city)}`,
      { parallel: false },
    )
    expect(rounds).toEqual([
      [['get_weather', { city: 'Paris' }]],
      [['get_weather', { city: 'Rome' }]],
      [['get_weather', { city: 'Oslo' }]],
    ])
    for (const name of ['Paris', 'Rome', 'Oslo']) expect(last).toContain(`20 degrees in ${name}`)
  })

  it('go in step where the message says respectively', () => {
    const book: TwinTool = {
      name: 'reserve_seats',
      description: 'Reserve seats in a theatre',
      parameters: {
        type: 'object',
        properties: { theatre: { type: 'string' }, seats: { type: 'integer' } },
        required: ['theatre', 'seats'],
      },
    }
    expect(
      calls(ask('Reserve 2 and 5 seats in the theatre Odeon and Lyric respectively', [book])),
    ).toEqual([
      ['reserve_seats', { theatre: 'Odeon', seats: 2 }],
      ['reserve_seats', { theatre: 'Lyric', seats: 5 }],
    ])
  })

  it('never repeats a call, even where a call stays demanded', () => {
    for (const choice of [
      { mode: 'required' },
      { mode: 'tool', name: 'get_weather' },
      { mode: 'auto' },
    ] as const) {
      const { rounds } = play('Weather in Bern', [weather], () => 'mild', { choice })
      expect(rounds).toEqual([[['get_weather', { city: 'Bern' }]]])
    }
  })

  it('takes a call that another model worded otherwise for its own', () => {
    const turn = ask([
      user('Weather in Bern'),
      {
        role: 'assistant',
        text: '',
        calls: [{ id: 'a', name: 'get_weather', arguments: '{"city":"Bern, Switzerland"}' }],
      },
      { role: 'tool', callId: 'a', text: 'mild', images: 0, isError: false },
    ])
    expect(calls(turn)).toEqual([])
    expect(text(turn)).toContain('mild')
  })
})

describe('calls that need a result', () => {
  it('wait for it', () => {
    const flights: TwinTool[] = [
      {
        name: 'search_flights',
        description: 'Search flights',
        parameters: {
          type: 'object',
          properties: { from: { type: 'string' }, to: { type: 'string' } },
          required: ['from', 'to'],
        },
      },
      {
        name: 'book_flight',
        description: 'Book a flight',
        parameters: {
          type: 'object',
          properties: { flight_id: { type: 'string' } },
          required: ['flight_id'],
        },
      },
    ]
    const { rounds } = play(
      'Find flights from Oslo to Bergen and book the first one',
      flights,
      name =>
        name === 'search_flights'
          ? '{"flights":[{"flight_id":"DY1"},{"flight_id":"SK2"}]}'
          : '{"booked":true}',
    )
    expect(rounds).toEqual([
      [['search_flights', { from: 'Oslo', to: 'Bergen' }]],
      [['book_flight', { flight_id: 'DY1' }]],
    ])
  })

  it('pass on its words', () => {
    const { rounds } = play(
      'Get the sales report of March and email it to ann@example.com',
      [report, mail],
      name => (name === 'get_report' ? 'Sales were 4,200 units.' : 'sent'),
    )
    expect(rounds[0]).toEqual([['get_report', { month: 'March' }]])
    expect(rounds[1]).toEqual([
      ['send_email', { to: 'ann@example.com', body: expect.stringContaining('4,200 units') }],
    ])
  })

  it('are led by a tool that finds out what is lacking', () => {
    const { rounds } = play("What's the weather?", [weather, locate], name =>
      name === 'get_user_city' ? 'Oslo' : 'mild',
    )
    expect(rounds).toEqual([[['get_user_city', {}]], [['get_weather', { city: 'Oslo' }]]])
  })
})

describe('going on from earlier messages', () => {
  const before: TwinMessage[] = [
    user("What's the weather in Tokyo in celsius?"),
    {
      role: 'assistant',
      text: '',
      calls: [{ id: 'a', name: 'get_weather', arguments: '{"city":"Tokyo","unit":"celsius"}' }],
    },
    { role: 'tool', callId: 'a', text: '22', images: 0, isError: false },
    { role: 'assistant', text: 'It is 22 degrees.', calls: [] },
  ]

  it.each([
    ['and in Rome?', [{ city: 'Rome', unit: 'celsius' }]],
    [
      'What about Oslo and Bergen?',
      [
        { city: 'Oslo', unit: 'celsius' },
        { city: 'Bergen', unit: 'celsius' },
      ],
    ],
    ['In fahrenheit please', [{ city: 'Tokyo', unit: 'fahrenheit' }]],
    ['Thanks!', []],
  ])('%s', (message, wanted) => {
    expect(calls(ask([...before, user(message)])).map(call => call[1])).toEqual(wanted)
  })

  it('takes a bare answer for what it asked', () => {
    const turn = ask([
      user("What's the weather?"),
      { role: 'assistant', text: 'Which city?', calls: [] },
      user('Paris'),
    ])
    expect(calls(turn)).toEqual([['get_weather', { city: 'Paris' }]])
  })

  it('starts anew with a new request', () => {
    expect(calls(ask([...before, user('Get the sales report of May')], [weather, report]))).toEqual(
      [['get_report', { month: 'May' }]],
    )
  })
})

describe('answering', () => {
  function answerTo(result: string, more: { isError?: boolean; images?: number } = {}): string {
    return text(
      ask([
        user('Weather in Bern'),
        {
          role: 'assistant',
          text: '',
          calls: [{ id: 'a', name: 'get_weather', arguments: '{"city":"Bern"}' }],
        },
        {
          role: 'tool',
          callId: 'a',
          text: result,
          images: more.images ?? 0,
          isError: more.isError ?? false,
        },
      ]),
    )
  }

  it('quotes a text and names what it was about', () => {
    expect(answerTo("It's +18°C in the city")).toBe("For Bern: It's +18°C in the city.")
    expect(answerTo('"18 degrees."')).toBe('For Bern: 18 degrees.')
  })

  it('tells every value of a JSON result with the words of its key', () => {
    const answer = answerTo(
      JSON.stringify({
        tempC: 21.5,
        sky: { cloudCover: 40, rain: false },
        days: [
          { day: 'Mon', high: 20 },
          { day: 'Tue', high: null },
        ],
        tags: ['dry', 'mild'],
      }),
    )
    for (const part of [
      'temp c is 21.5',
      'cloud cover is 40',
      'rain is false',
      'day is Mon',
      'high is 20',
      'day is Tue',
      'dry and mild',
    ])
      expect(answer).toContain(part)
  })

  it('tells errors with their text', () => {
    expect(answerTo('{"error": "Order not found"}')).toBe(
      'get_weather failed for Bern: Order not found.',
    )
    expect(answerTo('{"error": {"message": "no such city", "code": 404}}')).toContain(
      'no such city',
    )
    expect(answerTo('Error: timeout')).toBe('get_weather failed for Bern: timeout.')
    expect(answerTo('quota used up', { isError: true })).toContain(
      'failed for Bern: quota used up.',
    )
    expect(answerTo('{"error": null, "temp": 3}')).toContain('temp is 3')
  })

  it('mentions images and empty results', () => {
    expect(answerTo('see', { images: 2 })).toContain('2 images')
    expect(answerTo('')).toContain('the result was empty')
  })

  it('keeps to a bounded length', () => {
    expect(
      answerTo(JSON.stringify({ list: Array.from({ length: 5000 }, (_, at) => `value ${at}`) }))
        .length,
    ).toBeLessThan(2000)
  })

  it('does without the declared tools when the results are there', () => {
    const turn = ask(
      [
        user('Weather in Bern'),
        {
          role: 'assistant',
          text: '',
          calls: [{ id: 'a', name: 'get_weather', arguments: '{"city":"Bern"}' }],
        },
        { role: 'tool', callId: 'a', text: 'mild', images: 0, isError: false },
      ],
      [],
    )
    expect(text(turn)).toBe('For Bern: mild.')
  })
})

describe('other forms', () => {
  it('gives a custom tool raw text', () => {
    const python: TwinTool = { name: 'run_python', description: 'Run Python code', custom: true }
    const [block] = ask('Run the python code `print(42)`', [python]).blocks
    expect(block).toEqual({ type: 'call', name: 'run_python', arguments: 'print(42)' })
  })

  it('fits structured output with values out of results', () => {
    const schema = {
      type: 'object',
      properties: {
        city,
        temperature: { type: 'number' },
        summary: { type: 'string' },
        days: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        },
      },
      required: ['city', 'temperature', 'summary', 'days'],
      additionalProperties: false,
    }
    const { last } = play(
      'Weather in Bern',
      [weather],
      () => '{"now":{"temperature":21},"days":[{"name":"Mon"}]}',
      { output: { schema } },
    )
    expect(JSON.parse(last)).toEqual({
      city: 'Bern',
      temperature: 21,
      summary: expect.stringContaining('21'),
      days: [{ name: 'Mon' }],
    })
  })

  it('fits structured output with values out of the words', () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        date: { type: 'string', format: 'date' },
        participants: { type: 'array', items: { type: 'string' } },
      },
      required: ['name', 'date', 'participants'],
      additionalProperties: false,
    }
    const turn = ask('Extract the event: "Launch party" on March 3rd, 2025 with Ann and Bob', [], {
      output: { schema },
    })
    expect(JSON.parse(text(turn))).toEqual({
      name: 'Launch party',
      date: '2025-03-03',
      participants: ['Ann', 'Bob'],
    })
  })

  it('answers JSON where JSON of any kind is asked for', () => {
    expect(JSON.parse(text(ask('Hello!', [weather], { output: {} })))).toHaveProperty('answer')
  })

  it('says that it does not see images', () => {
    expect(text(ask([user('What is this?', 1)]))).toContain('cannot look at images')
  })
})

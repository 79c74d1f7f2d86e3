import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type AskMessage, DIALECTS, ENDS } from '../../src/conformance/ask.ts'
import { BACKS, type Cell, type Seen } from './case.ts'
import { call, TIME, text, user, WEATHER } from './cases/tools.ts'
import { Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.build('random')
})
afterAll(() => stage.close())

/** What the model says, turn by turn, and what comes of its calls. */
const SCRIPT = [
  {
    blocks: [
      text('Both. '),
      call('get_weather', '{"city":"Paris"}'),
      call('get_weather', '{"city":"Atlantis"}'),
    ],
    results: ['20 degrees', 'no such city'],
  },
  { blocks: [call('get_time', '{"zone":"Europe/Paris"}')], results: ['12:00'] },
  { blocks: [text('12:00 and 20 degrees; there is no Atlantis.')], results: [] },
] as const

/** The same for every pair: what the client got, and what the vendor was told before. */
const EXPECTED = SCRIPT.map(({ blocks }, turn) => ({
  got: blocks.map(block => (block.type === 'text' ? block : { ...block, id: 'call' })),
  end: turn === 2 ? 'stop' : 'calls',
  told: [
    'system: Be exact.',
    'user: Weather in Paris and Atlantis, and the time?',
    ...SCRIPT.slice(0, turn).flatMap(({ blocks: said, results }) => [
      `assistant: ${said.map(block => (block.type === 'text' ? block.text.trim() : `${block.name}(${block.arguments})`)).join(' ')}`,
      ...results.map((result, n) => `result of call ${n}: ${result}`),
    ]),
  ],
}))

describe.each(DIALECTS)('[G1.2] [G1.7] one scenario through a client of %s', front => {
  describe.each(BACKS)('and a vendor of %s', back => {
    it.each([false, true])('leaves the same trace, streamed: %s', async stream => {
      const cell: Cell = { front, back, stream }
      const answers: Answer[] = []
      const trace: object[] = []
      for (const { blocks } of SCRIPT) {
        const ask = { messages: history(answers, cell), tools: [WEATHER, TIME] }
        const { answer, seen } = await stage.turn(cell, { blocks }, ask)
        answers.push(answer)
        trace.push({ ...normal(answer, cell), told: wordsOf(seen) })
      }
      expect(trace).toEqual(EXPECTED)
    })
  })
})

/** The conversation so far. A protocol without a flag for errors says the error in words only. */
function history(answers: readonly Answer[], { front }: Cell): AskMessage[] {
  const flag = front === 'anthropic' || front === 'gemini'
  return [
    { role: 'system', text: 'Be exact.' },
    user('Weather in Paris and Atlantis, and the time?'),
    ...answers.flatMap((answer, turn): AskMessage[] => [
      { role: 'echo', answer },
      {
        role: 'results',
        results: callsOf(answer).map(({ id }, n) => {
          const said = SCRIPT[turn]?.results[n] ?? ''
          return { callId: id, text: said, ...(flag && said.startsWith('no') ? ERROR : {}) }
        }),
      },
    ]),
  ]
}

const ERROR = { isError: true } as const

function callsOf(answer: Answer) {
  return answer.blocks.filter(block => block.type === 'call')
}

/** An answer without what is each protocol's own: ids, and its word for the end. */
function normal(answer: Answer, { front }: Cell): object {
  const hasCalls = callsOf(answer).length > 0
  expect(answer.end).toBe(ENDS[front][hasCalls ? 'calls' : 'stop'])
  return {
    got: answer.blocks.map(block => (block.type === 'call' ? { ...block, id: 'call' } : block)),
    end: hasCalls ? 'calls' : 'stop',
  }
}

/** What a vendor was told, in lines; results by the place of their call. */
function wordsOf(seen: Seen): string[] {
  let ids: (string | undefined)[] = []
  return seen.messages.map(message => {
    switch (message.role) {
      case 'assistant': {
        ids = message.calls.map(({ id }) => id)
        const calls = message.calls.map(({ name, arguments: args }) => `${name}(${args})`)
        return `assistant: ${[message.text.trim(), ...calls].filter(word => word !== '').join(' ')}`
      }
      case 'tool': {
        const said = message.text.replace(/^Error: /, '')
        return `result of call ${ids.indexOf(message.callId)}: ${said}`
      }
      default:
        return `${message.role}: ${message.text}`
    }
  })
}

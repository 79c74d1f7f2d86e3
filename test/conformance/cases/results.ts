import { expect } from 'vitest'
import type { Answer, AskResult } from '../../../src/conformance/ask.ts'
import { type Case, type Cell, inCell, type Seen, type Step } from '../case.ts'
import { call, DOT, TIME, text, user, WEATHER } from './tools.ts'

const tools = [WEATHER, TIME]
const paris = call('get_weather', '{"city":"Paris"}')
const rome = call('get_weather', '{"city":"Rome"}')

/** The id of the nth call of an answer. */
function idOf(answer: Answer | undefined, n: number): string {
  const found = answer?.blocks.filter(block => block.type === 'call')[n]
  if (!found) throw new Error(`the answer has no call ${n}`)
  return found.id
}
const last = (answers: readonly Answer[]) => answers.at(-1) ?? fail()
function fail(): never {
  throw new Error('no answer so far')
}

const first: Step = {
  ask: () => ({ messages: [user('Weather in Paris?')], tools }),
  turn: { blocks: [paris] },
  blocks: [paris],
  end: 'calls',
}

function result(
  name: string,
  said: Omit<AskResult, 'callId'>,
  seen: (tool: Extract<Seen['messages'][number], { role: 'tool' }>, cell: Cell, all: Seen) => void,
  more: Partial<Case & Step> = {},
): Case {
  return {
    name: `result: ${name}`,
    steps: [
      first,
      {
        ask: before => ({
          messages: [
            user('Weather in Paris?'),
            { role: 'echo', answer: last(before) },
            { role: 'results', results: [{ ...said, callId: idOf(last(before), 0) }] },
          ],
          tools,
        }),
        turn: { blocks: [text('Done.')] },
        seen(all, cell) {
          const assistant = all.messages.find(message => message.role === 'assistant')
          expect(assistant).toMatchObject({
            calls: [{ name: 'get_weather', arguments: '{"city":"Paris"}' }],
          })
          const tool = all.messages.find(message => message.role === 'tool')
          if (tool?.role !== 'tool') throw new Error('the vendor saw no result')
          expect(tool.callId).toBe(assistant?.role === 'assistant' ? assistant.calls[0]?.id : '')
          seen(tool, cell, all)
        },
        blocks: [text('Done.')],
        end: 'stop',
        losses: cell => more.losses && inCell(more.losses, cell),
      },
    ],
    ...(more.notSupported ? { notSupported: more.notSupported } : {}),
  }
}

/** What goes back to the model, and conversations of several turns. */
export const RESULTS: readonly Case[] = [
  result('text', { text: '18 °C' }, tool => {
    expect(tool).toMatchObject({ text: '18 °C', isError: false, images: 0 })
  }),
  result('JSON', { text: '{"temperature":18,"note":"a \\"quoted\\" word"}' }, tool => {
    expect(tool.text).toBe('{"temperature":18,"note":"a \\"quoted\\" word"}')
  }),
  result('empty', { text: '' }, (tool, { front, back }) => {
    // Gemini's results are objects: an empty one, or one that holds an empty text.
    expect(tool.text).toBe(back === 'gemini' && front.startsWith('openai') ? '{}' : '')
  }),
  result(
    'error',
    { text: 'no such city', isError: true },
    (tool, { back }) => {
      expect(tool.text).toContain('no such city')
      // OpenAI's protocols have no flag: the text must tell.
      if (!back.startsWith('openai')) expect(tool.isError).toBe(true)
      else expect(tool.text).toMatch(/error/i)
    },
    {
      notSupported: {
        'openai-chat': 'a tool message has no error flag',
        'openai-responses': 'an output has no error flag',
      },
      losses: ({ front, back }) => {
        if (!back.startsWith('openai')) return undefined
        // There the word for it stands in the response itself.
        return front === 'gemini' ? /functionResponse\.response emulated/ : /is_error emulated/
      },
    },
  ),
  result(
    'image',
    { text: 'A map:', image: DOT },
    (tool, { back }, all) => {
      expect(tool.text).toContain('A map:')
      if (back !== 'openai-chat') expect(tool.images).toBe(1)
      else {
        // The picture follows the results in a user message.
        const after = all.messages.slice(all.messages.indexOf(tool) + 1)
        expect(after).toMatchObject([{ role: 'user', images: 1 }])
      }
    },
    {
      notSupported: { 'openai-chat': 'a tool message holds text only' },
      losses: ({ front, back }) =>
        back === 'openai-chat' && front !== back ? /approximated/ : undefined,
    },
  ),
  {
    name: 'results of parallel calls, in another order',
    steps: [
      { ...first, turn: { blocks: [paris, rome] }, blocks: [paris, rome] },
      {
        ask: before => ({
          messages: [
            user('Weather in Paris?'),
            { role: 'echo', answer: last(before) },
            {
              role: 'results',
              results: [
                { callId: idOf(last(before), 1), text: 'Rome: 30' },
                { callId: idOf(last(before), 0), text: 'Paris: 20' },
              ],
            },
          ],
          tools,
        }),
        turn: { blocks: [text('Both done.')] },
        seen(seen) {
          const calls = seen.messages.flatMap(m => (m.role === 'assistant' ? m.calls : []))
          const texts = Object.fromEntries(
            seen.messages.flatMap(m => (m.role === 'tool' ? [[m.callId, m.text]] : [])),
          )
          expect(calls.map(each => texts[each.id ?? ''])).toEqual(['Paris: 20', 'Rome: 30'])
        },
        blocks: [text('Both done.')],
        end: 'stop',
      },
    ],
  },
  {
    name: 'three turns in a row',
    steps: [
      first,
      {
        ask: before => ({ messages: history(before, ['20']), tools }),
        turn: { blocks: [text('And now '), rome] },
        blocks: [text('And now '), rome],
        end: 'calls',
      },
      {
        ask: before => ({ messages: history(before, ['20', '30']), tools }),
        turn: { blocks: [call('get_time', '{"zone":"Europe/Rome"}')] },
        blocks: [call('get_time', '{"zone":"Europe/Rome"}')],
        end: 'calls',
      },
      {
        ask: before => ({ messages: history(before, ['20', '30', 'noon']), tools }),
        turn: { blocks: [text('All done.')] },
        seen(seen) {
          const roles = seen.messages.map(message => message.role)
          expect(roles).toEqual(['user', ...Array(3).fill(['assistant', 'tool']).flat()])
        },
        blocks: [text('All done.')],
        end: 'stop',
      },
    ],
  },
]

function history(answers: readonly Answer[], results: readonly string[]) {
  return [
    user('Weather in Paris?'),
    ...answers.flatMap(
      (answer, i) =>
        [
          { role: 'echo', answer },
          { role: 'results', results: [{ callId: idOf(answer, 0), text: results[i] ?? '' }] },
        ] as const,
    ),
  ]
}

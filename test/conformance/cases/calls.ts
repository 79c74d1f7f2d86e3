import { expect } from 'vitest'
import { type Case, isClaude } from '../case.ts'
import { call, PING, TIME, text, user, WEATHER } from './tools.ts'

const cities = ['Paris', 'Rome', 'Oslo', 'Kyiv', '東京']
const weather = (city: string) => call('get_weather', JSON.stringify({ city }))
const ask = (said: string) => () => ({ messages: [user(said)], tools: [WEATHER, TIME] })

/** The shapes that an answer can have. */
export const CALLS: readonly Case[] = [
  {
    name: 'text',
    steps: [
      {
        ask: () => ({ messages: [{ role: 'system', text: 'Be brief.' }, user('Hello')] }),
        turn: { blocks: [text('Hello, “world” – é 🙂\nbye')] },
        seen(seen) {
          expect(seen.messages).toMatchObject([
            { role: 'system', text: 'Be brief.' },
            { role: 'user', text: 'Hello' },
          ])
          expect(seen.tools).toEqual([])
        },
        blocks: [text('Hello, “world” – é 🙂\nbye')],
        end: 'stop',
      },
    ],
  },
  {
    name: 'one call',
    steps: [
      {
        ask: ask('Weather in Paris?'),
        turn: { blocks: [weather('Paris')] },
        seen(seen) {
          expect(seen.tools).toMatchObject([
            {
              name: 'get_weather',
              description: WEATHER.description,
              parameters: WEATHER.parameters,
            },
            { name: 'get_time' },
          ])
          expect(seen.choice.mode).toBe('auto')
          expect(seen.parallel).toBe(true)
        },
        blocks: [weather('Paris')],
        end: 'calls',
      },
    ],
  },
  {
    name: 'two parallel calls',
    steps: [
      {
        ask: ask('Weather in Paris and the time there?'),
        turn: { blocks: [weather('Paris'), call('get_time', '{"zone":"Europe/Paris"}')] },
        blocks: [weather('Paris'), call('get_time', '{"zone":"Europe/Paris"}')],
        end: 'calls',
      },
    ],
  },
  {
    name: 'five parallel calls of one tool',
    steps: [
      {
        ask: ask('Weather in five cities?'),
        turn: { blocks: cities.map(weather) },
        blocks: cities.map(weather),
        end: 'calls',
      },
    ],
  },
  {
    name: 'text before a call',
    steps: [
      {
        ask: ask('Weather in Rome?'),
        turn: { blocks: [text('Let me look.'), weather('Rome')] },
        blocks: [text('Let me look.'), weather('Rome')],
        end: 'calls',
      },
    ],
  },
  {
    name: 'text before and between calls',
    steps: [
      {
        ask: ask('Weather in Rome, then in Oslo?'),
        turn: { blocks: [text('First. '), weather('Rome'), text('Second.'), weather('Oslo')] },
        // Chat Completions has one text and one list of calls: a vendor that speaks it has joined the
        // texts before we see them, and for a client of it they are joined as paragraphs.
        blocks: ({ front, back }) =>
          back === 'openai-chat'
            ? [text('First. Second.'), weather('Rome'), weather('Oslo')]
            : front === 'openai-chat'
              ? [text('First. \n\nSecond.'), weather('Rome'), weather('Oslo')]
              : [text('First. '), weather('Rome'), text('Second.'), weather('Oslo')],
        end: 'calls',
      },
    ],
  },
  {
    name: 'a call without arguments',
    steps: [
      {
        ask: () => ({ messages: [user('Ping?')], tools: [PING] }),
        turn: { blocks: [call('ping', '{}')] },
        blocks: [call('ping', '{}')],
        end: 'calls',
      },
    ],
  },
  {
    name: 'arguments to the letter',
    steps: [
      {
        ask: ask('Odd numbers'),
        turn: {
          blocks: [
            call(
              'get_weather',
              '{"city":"a\\"b\\\\ \\u00e9 🙂","n":12345678901234567890,"x":1.0,"10":1,"2":[1e3,-0]}',
            ),
          ],
        },
        blocks: [
          call(
            'get_weather',
            '{"city":"a\\"b\\\\ \\u00e9 🙂","n":12345678901234567890,"x":1.0,"10":1,"2":[1e3,-0]}',
          ),
        ],
        end: 'calls',
      },
    ],
  },
  {
    name: 'cut inside the arguments',
    steps: [
      {
        ask: ask('Weather in Paris?'),
        turn: {
          blocks: [text('Looking. '), call('get_weather', '{"city":"Par')],
          end: 'length',
        },
        // Text is passed on as far as it came. An object cannot be half: a vendor of Messages that
        // answers whole gives an empty one, and a client of an object is given no such call.
        blocks: ({ front, back, stream }) => {
          if (back === 'gemini') return [text('Looking. ')]
          if (!stream && isClaude(back)) return [text('Looking. '), call('get_weather', '{}')]
          if (front === 'gemini' || (!stream && front === 'anthropic')) return [text('Looking. ')]
          return [text('Looking. '), call('get_weather', '{"city":"Par')]
        },
        end: 'length',
      },
    ],
  },
  {
    name: 'a stop sequence',
    steps: [
      {
        ask: () => ({ messages: [user('Count')], stop: ['END', '###'] }),
        turn: { blocks: [text('1 2 3')], end: 'stop-sequence', stopSequence: 'END' },
        seen: (seen, { back }) =>
          expect(seen.stop).toEqual(back === 'openai-responses' ? [] : ['END', '###']),
        // A vendor of Responses cannot be told.
        losses: ({ back }) =>
          back === 'openai-responses' ? /^1; \S*stop\S* dropped$/i : undefined,
        blocks: [text('1 2 3')],
        end: ({ front, back }) =>
          front === 'anthropic' && isClaude(back) ? 'stop_sequence' : 'stop',
      },
    ],
    notSupported: { 'openai-responses': 'Responses has no stop sequences' },
  },
  {
    name: 'usage',
    steps: [
      {
        ask: ask('Weather?'),
        turn: { blocks: [weather('Paris')], usage: { input: 321, output: 54 } },
        blocks: [weather('Paris')],
        end: 'calls',
        usage: { input: 321, output: 54 },
      },
    ],
  },
  {
    name: 'usage with cached tokens',
    steps: [
      {
        ask: ask('Weather?'),
        turn: { blocks: [weather('Paris')], usage: { input: 2321, output: 54, cached: 2048 } },
        blocks: [weather('Paris')],
        end: 'calls',
        usage: { input: 2321, output: 54 },
      },
    ],
  },
]

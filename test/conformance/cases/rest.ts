import { expect } from 'vitest'
import { type Case, type Cell, isClaude } from '../case.ts'
import { call, DOT, text, user, WEATHER } from './tools.ts'

const thinking = (said: string) => ({ type: 'thinking', text: said }) as const
const weather = call('get_weather', '{"city":"Paris"}')
const SQL = { name: 'run_sql', description: 'Runs SQL', custom: true } as const
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}

/** A budget has no exact word among OpenAI's efforts and Gemini's levels; an effort has a budget. */
const told = ({ front, back }: Cell) =>
  front === 'anthropic' && !isClaude(back) ? /^\d; .*(thinking|reasoning)/ : undefined

const showsThoughts = ({ front, back }: Cell) =>
  isClaude(back) || (back !== 'openai-chat' && front !== 'openai-chat')

/** Reasoning, refusals, structured output, pictures, system messages. */
export const REST: readonly Case[] = [
  {
    name: 'thinking with signatures, echoed',
    models: { 'openai-chat': 'o3-mini', 'openai-responses': 'gpt-5.6-sol' },
    steps: [
      {
        ask: () => ({ messages: [user('Weather?')], tools: [WEATHER], thinking: true }),
        turn: { blocks: [{ type: 'reasoning', text: 'I need the weather.' }, weather] },
        // A model of OpenAI's keeps its reasoning to itself on Chat Completions.
        // An effort alone does not ask Gemini for its thoughts.
        blocks: cell =>
          showsThoughts(cell) ? [thinking('I need the weather.'), weather] : [weather],
        end: 'calls',
        losses: told,
      },
      {
        // The twin refuses a turn whose signature is missing or forged.
        ask: ([answer]) => {
          if (!answer) throw new Error('no answer')
          const id = answer.blocks.find(block => block.type === 'call')?.id ?? ''
          return {
            messages: [
              user('Weather?'),
              { role: 'echo', answer },
              { role: 'results', results: [{ callId: id, text: '20' }] },
            ],
            tools: [WEATHER],
            thinking: true,
          }
        },
        turn: { blocks: [{ type: 'reasoning', text: 'That is it.' }, text('20 degrees.')] },
        blocks: cell =>
          showsThoughts(cell)
            ? [thinking('That is it.'), text('20 degrees.')]
            : [text('20 degrees.')],
        end: 'stop',
        // Gemini's thoughts, once shown, come back without a state, and are worth nothing to it.
        losses: cell =>
          cell.front === 'openai-responses' && cell.back === 'gemini'
            ? /^1; \S+ dropped$/
            : told(cell),
      },
    ],
  },
  {
    name: 'refusal',
    steps: [
      {
        ask: () => ({ messages: [user('Something bad')] }),
        turn: { blocks: [], end: 'refusal', refusal: 'I cannot help with that.' },
        // Over Converse the words come as any text, and the reason tells what they are.
        blocks: ({ front, back }) =>
          back === 'converse'
            ? [text('I cannot help with that.')]
            : !back.startsWith('openai')
              ? []
              : front === 'anthropic' || front === 'gemini'
                ? [text('I cannot help with that.')]
                : [{ type: 'refusal', text: 'I cannot help with that.' }],
        // OpenAI's models decline in words of their own, and end as usual; Messages has a word for it,
        // Gemini has only the text. A prompt that Gemini blocks is told to its own client as such.
        end({ front, back }) {
          if (front === 'gemini' && back === front) return 'blocked: PROHIBITED_CONTENT'
          const inWords = back.startsWith('openai') && front !== 'anthropic'
          return inWords ? 'stop' : 'filter'
        },
      },
    ],
  },
  {
    name: 'structured output',
    steps: [
      {
        ask: () => ({ messages: [user('Where?')], schema: SCHEMA }),
        turn: { blocks: [text('{"city":"Paris"}')] },
        // Converse is asked in words.
        seen: (seen, { back }) =>
          back === 'converse'
            ? expect(seen.messages[0]?.text).toContain(JSON.stringify(SCHEMA))
            : expect(seen.output?.schema).toEqual(SCHEMA),
        losses: ({ back }) =>
          back === 'converse'
            ? /^1; (response_format|(text|output_config)\.format|generationConfig\.\w+) emulated$/
            : undefined,
        blocks: [text('{"city":"Paris"}')],
        end: 'stop',
      },
    ],
  },
  {
    name: 'a picture and a document from the user',
    steps: [
      {
        ask: () => ({
          messages: [{ role: 'user', text: 'What is this?', image: DOT, document: 'JVBERi0xLjQK' }],
        }),
        turn: { blocks: [text('A dot.')] },
        seen: seen =>
          expect(seen.messages).toMatchObject([
            {
              role: 'user',
              text: expect.stringContaining('What is this?'),
              images: 1,
              documents: 1,
            },
          ]),
        blocks: [text('A dot.')],
        end: 'stop',
        // OpenAI's documents have names of files, and Converse's no dots in their names.
        losses: ({ front, back }) =>
          front.startsWith('openai') && back === 'converse'
            ? /^1; \S+content\[2\] approximated$/
            : undefined,
      },
    ],
  },
  {
    name: 'strict tools',
    steps: [
      {
        ask: () => ({
          messages: [user('Where?')],
          tools: [{ name: 'locate', parameters: SCHEMA, strict: true }],
        }),
        turn: { blocks: [call('locate', '{"city":"Paris"}')] },
        blocks: [call('locate', '{"city":"Paris"}')],
        end: 'calls',
        // A client of Gemini asks for it in the mode, for all tools at once.
        losses: ({ front, back }) =>
          front === 'gemini' && back !== 'gemini' ? /^1; toolConfig\S+ dropped$/ : undefined,
      },
    ],
  },
  {
    name: 'a free-text tool',
    models: { 'openai-chat': 'gpt-5', 'openai-responses': 'gpt-5' },
    steps: [
      {
        ask: () => ({
          messages: [user('Run it')],
          tools: [SQL],
        }),
        turn: ({ back }) => ({
          blocks: [
            call('run_sql', back.startsWith('openai') ? 'select 1' : '{"input":"select 1"}'),
          ],
        }),
        blocks: [call('run_sql', 'select 1')],
        end: 'calls',
        losses: ({ back }) => (back.startsWith('openai') ? undefined : /tools\[0\] emulated/),
      },
      {
        ask: ([answer]) => ({
          messages: [
            user('Run it'),
            ...(answer ? [{ role: 'echo', answer } as const] : []),
            {
              role: 'results',
              results: [
                {
                  callId: answer?.blocks.find(block => block.type === 'call')?.id ?? '',
                  text: 'one row',
                },
              ],
            },
          ],
          tools: [SQL],
        }),
        turn: { blocks: [text('One row.')] },
        seen(seen, { back }) {
          const plain = back.startsWith('openai')
          expect(seen.messages).toMatchObject([
            { role: 'user' },
            {
              calls: [{ name: 'run_sql', arguments: plain ? 'select 1' : '{"input":"select 1"}' }],
            },
            { role: 'tool', text: 'one row' },
          ])
        },
        blocks: [text('One row.')],
        end: 'stop',
        losses: ({ back }) => (back.startsWith('openai') ? undefined : /tools\[0\] emulated/),
      },
    ],
    notSupported: {
      anthropic: 'Messages has no free-text tools',
      gemini: 'generateContent has no free-text tools',
    },
  },
  {
    name: 'a system message in the middle',
    steps: [
      {
        ask: () => ({
          messages: [
            { role: 'system', text: 'Be brief.' },
            user('Hello'),
            { role: 'system', text: 'From now on, in French.' },
            user('Hello?'),
          ],
        }),
        turn: { blocks: [text('Bonjour.')] },
        seen(seen) {
          const all = JSON.stringify(seen.messages)
          expect(all).toContain('From now on, in French.')
          expect(all.indexOf('in French')).toBeGreaterThan(all.indexOf('Hello'))
          expect(all.indexOf('in French')).toBeLessThan(all.indexOf('Hello?'))
        },
        blocks: [text('Bonjour.')],
        end: 'stop',
        losses: ({ back }) => (back.startsWith('openai') ? undefined : /approximated/),
      },
    ],
    notSupported: {
      anthropic: 'the model takes no system message inside the conversation',
      gemini: 'generateContent has no system message inside the conversation',
    },
  },
]

import { expect } from 'vitest'
import type { Answer, AskMessage } from '../../../src/conformance/ask.ts'
import { type Case, type Cell, isClaude, type Step } from '../case.ts'
import { call, TIME, text, user, WEATHER } from './tools.ts'

const tools = [WEATHER, TIME]
const thinking = (said: string) => ({ type: 'thinking', text: said }) as const
const reasoning = (said: string) => ({ type: 'reasoning', text: said }) as const
const paris = call('get_weather', '{"city":"Paris"}')
const rome = call('get_weather', '{"city":"Rome"}')
const noon = call('get_time', '{"zone":"Europe/Rome"}')

/** Models that reason, of each vendor. Those of Chat Completions keep it to themselves. */
const models = {
  'openai-chat': 'o3-mini',
  'openai-responses': 'gpt-5.6-sol',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-3-flash-preview',
  converse: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
} as const

/** The thoughts that a client is shown: a client of Chat Completions cannot ask for them. */
const shown = ({ front, back }: Cell, said: string) =>
  isClaude(back) || (back !== 'openai-chat' && front !== 'openai-chat') ? [thinking(said)] : []

/** A budget has no exact word among efforts and levels. */
const told = ({ front, back }: Cell) =>
  front === 'anthropic' && !isClaude(back) ? /(thinking|reasoning)/ : undefined

/** Gemini's thoughts, once shown, come back as plain words, and are worth nothing to it. */
const echoed = (cell: Cell) =>
  cell.front === 'openai-responses' && cell.back === 'gemini' ? /^\d; \S+ dropped/ : told(cell)

/** A vendor whose state is worth nothing to that of the cell. */
const foreign = ({ back }: Cell) => (isClaude(back) ? 'gemini' : 'anthropic')

/** The history: a question, then each answer and what came of its calls. */
function history(
  answers: readonly Answer[],
  results: readonly (readonly string[])[],
  stripped = false,
): AskMessage[] {
  return [
    user('Weather?'),
    ...answers.flatMap((answer, i): AskMessage[] => {
      const calls = answer.blocks.filter(block => block.type === 'call')
      return [
        { role: 'echo', answer, ...(stripped ? { stripped: true } : {}) },
        {
          role: 'results',
          results: calls.map(({ id }, n) => ({ callId: id, text: results[i]?.[n] ?? '' })),
        },
      ]
    }),
  ]
}

/** The last step: whatever was thought came back whole, or the twin refuses it. */
const last = (results: readonly (readonly string[])[], more: Partial<Step> = {}): Step => ({
  ask: before => ({ messages: history(before, results), tools, thinking: true }),
  turn: { blocks: [reasoning('So.'), text('Done.')] },
  blocks: cell => [...shown(cell, 'So.'), text('Done.')],
  end: 'stop',
  losses: echoed,
  ...more,
})

const opening: Step = {
  ask: () => ({ messages: [user('Weather?')], tools, thinking: true }),
  turn: { blocks: [reasoning('I look.'), paris] },
  blocks: cell => [...shown(cell, 'I look.'), paris],
  end: 'calls',
  losses: told,
}

/** The state of the model's reasoning, which every client must bring back for it. */
export const STATE: readonly Case[] = [
  {
    name: 'state: one call',
    models,
    steps: [
      opening,
      last([['20']], {
        wire(body, { back }) {
          const said = JSON.stringify(body)
          if (back === 'openai-responses') expect(said).toContain('"encrypted_content":"')
          if (isClaude(back)) expect(said).toContain('"signature":"')
          if (back === 'gemini') expect(said).toContain('"thoughtSignature":"')
          expect(said).not.toContain('skip_thought_signature_validator')
        },
      }),
    ],
  },
  {
    name: 'state: parallel calls',
    models,
    steps: [
      {
        ...opening,
        turn: { blocks: [reasoning('Both.'), paris, rome] },
        blocks: cell => [...shown(cell, 'Both.'), paris, rome],
      },
      last([['20', '30']]),
    ],
  },
  {
    name: 'state: sequential steps',
    models,
    steps: [
      opening,
      {
        ...last([['20']]),
        turn: { blocks: [reasoning('Then Rome.'), rome] },
        blocks: cell => [...shown(cell, 'Then Rome.'), rome],
        end: 'calls',
      },
      {
        ...last([['20'], ['30']]),
        turn: { blocks: [reasoning('The time.'), noon] },
        blocks: cell => [...shown(cell, 'The time.'), noon],
        end: 'calls',
      },
      last([['20'], ['30'], ['noon']]),
    ],
  },
  {
    name: 'state: beside a final text',
    models,
    steps: [
      {
        // Streamed, a vendor of Gemini signs an empty text after the last one.
        ask: () => ({ messages: [user('Hello')], thinking: true }),
        turn: { blocks: [reasoning('A greeting.'), text('Hello!')] },
        blocks: cell => [...shown(cell, 'A greeting.'), text('Hello!')],
        end: 'stop',
        losses: told,
      },
      {
        ask: ([answer]) => ({
          messages: [
            user('Hello'),
            ...(answer ? [{ role: 'echo', answer } as const] : []),
            user('Weather?'),
          ],
          tools,
          thinking: true,
        }),
        turn: { blocks: [reasoning('I look.'), paris] },
        blocks: cell => [...shown(cell, 'I look.'), paris],
        end: 'calls',
        losses: echoed,
      },
    ],
  },
  {
    name: 'state: stripped by the client',
    models,
    steps: [
      {
        ...opening,
        turn: { blocks: [reasoning('Both.'), paris, rome] },
        blocks: cell => [...shown(cell, 'Both.'), paris, rome],
      },
      last([['20', '30']], {
        ask: before => ({
          messages: history(before, [['20', '30']], true),
          tools,
          thinking: true,
        }),
        losses: told,
      }),
    ],
  },
  {
    name: 'state: of another vendor',
    models,
    steps: [
      {
        ...opening,
        vendor: foreign,
        blocks: cell => [...shown({ ...cell, back: foreign(cell) }, 'I look.'), paris],
        losses: cell => told({ ...cell, back: foreign(cell) }),
      },
      // It is left out, and the client is told. A model of Messages that must begin with its own
      // thinking does not think in the rest of this turn.
      last([['20']], {
        blocks: cell => [...(isClaude(cell.back) ? [] : shown(cell, 'So.')), text('Done.')],
        losses: () => /^\d; /,
      }),
    ],
  },
  {
    name: 'state: thinking that nobody may read',
    models,
    steps: [
      {
        ...opening,
        turn: { blocks: [{ type: 'reasoning', text: 'Secret.', redacted: true }, paris] },
        blocks: [paris],
      },
      last([['20']], { losses: told }),
    ],
    notOffered: {
      'openai-chat': 'Chat Completions shows no reasoning at all',
      'openai-responses': 'all of its state is encrypted: see the other rows',
      gemini: 'all of its state is opaque: see the other rows',
    },
  },
  {
    name: 'state: interleaved thinking',
    models: {
      ...models,
      anthropic: 'claude-sonnet-4-6',
      converse: 'us.anthropic.claude-sonnet-4-6',
    },
    steps: [
      {
        ...opening,
        turn: { blocks: [reasoning('First.'), text('Looking. '), reasoning('Second.'), paris] },
        // Chat Completions has one text of reasoning before everything.
        blocks: cell =>
          cell.front === 'openai-chat'
            ? [
                ...(shown(cell, '').length > 0 ? [thinking('First.\n\nSecond.')] : []),
                text('Looking. '),
                paris,
              ]
            : [...shown(cell, 'First.'), text('Looking. '), ...shown(cell, 'Second.'), paris],
      },
      last([['20']]),
    ],
  },
]

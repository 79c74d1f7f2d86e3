import { expect } from 'vitest'
import type { AskChoice, Seen } from '../ask.ts'
import type { Case, Cell, Step } from '../case.ts'
import { call, TIME, text, user, WEATHER } from './tools.ts'

const weather = call('get_weather', '{"city":"Paris"}')
const names = (seen: Seen) => seen.tools.map(tool => tool.name)

function choice(
  name: string,
  said: AskChoice | undefined,
  seen: (seen: Seen, cell: Cell) => void,
  more: Partial<Case> & Partial<Pick<Step, 'end' | 'losses'>> = {},
): Case {
  const none = said?.mode === 'none'
  return {
    name: `tool choice: ${name}`,
    steps: [
      {
        ask: () => ({
          messages: [user('Weather in Paris?')],
          tools: [WEATHER, TIME],
          ...(said ? { choice: said } : {}),
        }),
        turn: { blocks: [none ? text('No.') : weather] },
        seen,
        blocks: [none ? text('No.') : weather],
        end: more.end ?? (none ? 'stop' : 'calls'),
        ...(more.losses ? { losses: more.losses } : {}),
      },
    ],
    ...(more.notSupported ? { notSupported: more.notSupported } : {}),
  }
}

/** Messages has no subset: as a vendor it is told of fewer tools, as a client it cannot ask. */
const SUBSET = {
  notSupported: { anthropic: 'Messages has no subset of tools' },
  losses: ({ back }: Cell) => (back === 'anthropic' ? /^1; tool_choice emulated$/ : undefined),
}

/** Gemini has no switch for parallel calls: the client is told. */
const NO_SWITCH = ({ back }: Cell) => (back === 'gemini' ? /parallel/ : undefined)

/** Every form of tool choice, and the switch for parallel calls. */
export const CHOICES: readonly Case[] = [
  choice('not said', undefined, seen => expect(seen.choice.mode).toBe('auto')),
  choice('auto', { mode: 'auto' }, seen => expect(seen.choice.mode).toBe('auto')),
  choice('none', { mode: 'none' }, seen => {
    expect(seen.choice.mode).toBe('none')
    expect(names(seen)).toEqual(['get_weather', 'get_time'])
  }),
  choice('required', { mode: 'required' }, seen => expect(seen.choice.mode).toBe('required')),
  choice(
    'named',
    { mode: 'tool', name: 'get_weather' },
    seen => expect(seen.choice).toEqual({ mode: 'tool', name: 'get_weather' }),
    // OpenAI ends a named call with `stop`; where its bytes pass, that is what its client gets.
    { end: ({ front, back }) => (front === 'openai-chat' && back === front ? 'stop' : 'calls') },
  ),
  choice(
    'allowed subset, may',
    { mode: 'auto', allowed: ['get_weather'] },
    seen => {
      expect(seen.choice.mode).toBe('auto')
      expect(names(seen)).toEqual(['get_weather'])
    },
    SUBSET,
  ),
  choice(
    'allowed subset, must',
    { mode: 'required', allowed: ['get_weather'] },
    (seen, { back }) => {
      // Gemini names the tools that may be called; of one tool, that is a named choice.
      if (back === 'gemini') expect(seen.choice).toEqual({ mode: 'tool', name: 'get_weather' })
      else {
        expect(seen.choice.mode).toBe('required')
        expect(names(seen)).toEqual(['get_weather'])
      }
    },
    SUBSET,
  ),
  {
    name: 'parallel calls off',
    steps: [
      {
        ask: () => ({ messages: [user('Weather?')], tools: [WEATHER], parallel: false }),
        turn: { blocks: [weather] },
        seen: (seen, { back }) => expect(seen.parallel).toBe(back === 'gemini'),
        losses: NO_SWITCH,
        blocks: [weather],
        end: 'calls',
      },
    ],
  },
  {
    name: 'parallel calls off and a call required',
    steps: [
      {
        ask: () => ({
          messages: [user('Weather?')],
          tools: [WEATHER],
          parallel: false,
          choice: { mode: 'required' },
        }),
        turn: { blocks: [weather] },
        seen(seen, { back }) {
          expect(seen.parallel).toBe(back === 'gemini')
          expect(seen.choice.mode).toBe('required')
        },
        losses: NO_SWITCH,
        blocks: [weather],
        end: 'calls',
      },
    ],
  },
]

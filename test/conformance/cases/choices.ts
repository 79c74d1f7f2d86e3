import { expect } from 'vitest'
import type { AskChoice } from '../../../src/conformance/ask.ts'
import type { Case, Cell, Seen, Step } from '../case.ts'
import { call, PING, TIME, text, user, WEATHER } from './tools.ts'

const weather = call('get_weather', '{"city":"Paris"}')
const TWO = call('get_time', '{"zone":"Europe/Paris"}')
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
          tools: [WEATHER, TIME, PING],
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

/**
 * Messages has no subset: as a vendor it is told of fewer tools, as a client it cannot ask; Converse
 * has none either. A client
 * of Gemini that may call names its subset in a mode that also holds calls to their schemas, which
 * is told where it is lost.
 */
const subset = (said: 'auto' | 'required') => ({
  notSupported: { anthropic: 'Messages has no subset of tools' },
  losses({ front, back }: Cell) {
    const validated = front === 'gemini' && back !== 'gemini' && said === 'auto'
    if (back === 'anthropic' || back === 'converse')
      return validated ? /^2; .*mode dropped; \S+ emulated$/ : /^1; \S+ emulated$/
    return validated ? /^1; toolConfig.functionCallingConfig.mode dropped$/ : undefined
  },
})

/** Gemini and Converse have no switch for parallel calls: the gateway keeps the first, and tells. */
const lacksSwitch = ({ back }: Pick<Cell, 'back'>) => back === 'gemini' || back === 'converse'
/** Each client is told of its own switch. */
const NO_SWITCH = (cell: Cell) => {
  if (!lacksSwitch(cell)) return undefined
  return cell.front === 'anthropic'
    ? /^1; tool_choice\.disable_parallel_tool_use emulated$/
    : /^1; parallel_tool_calls emulated$/
}

/** Every form of tool choice, and the switch for parallel calls. */
export const CHOICES: readonly Case[] = [
  choice('not said', undefined, seen => expect(seen.choice.mode).toBe('auto')),
  choice('auto', { mode: 'auto' }, seen => expect(seen.choice.mode).toBe('auto')),
  choice('none', { mode: 'none' }, (seen, { back }) => {
    expect(seen.choice.mode).toBe('none')
    // Converse has no word for it: without tools the model cannot call any.
    const kept = back === 'converse' ? [] : ['get_weather', 'get_time', 'ping']
    expect(names(seen)).toEqual(kept)
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
    { mode: 'auto', allowed: ['get_weather', 'ping'] },
    seen => {
      expect(seen.choice.mode).toBe('auto')
      expect(names(seen)).toEqual(['get_weather', 'ping'])
    },
    subset('auto'),
  ),
  choice(
    'allowed subset, must',
    { mode: 'required', allowed: ['get_weather', 'ping'] },
    seen => {
      expect(seen.choice.mode).toBe('required')
      expect(names(seen)).toEqual(['get_weather', 'ping'])
    },
    subset('required'),
  ),
  {
    name: 'parallel calls off',
    steps: [
      {
        ask: () => ({ messages: [user('Weather?')], tools: [WEATHER, TIME], parallel: false }),
        // Such a model makes two calls all the same; only the first reaches the client.
        turn: cell => ({ blocks: lacksSwitch(cell) ? [weather, TWO] : [weather] }),
        seen: (seen, cell) => expect(seen.parallel).toBe(lacksSwitch(cell)),
        losses: NO_SWITCH,
        blocks: [weather],
        end: 'calls',
      },
    ],
    notSupported: { gemini: 'generateContent has no switch for parallel calls' },
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
        seen(seen, cell) {
          expect(seen.parallel).toBe(lacksSwitch(cell))
          expect(seen.choice.mode).toBe('required')
        },
        losses: NO_SWITCH,
        blocks: [weather],
        end: 'calls',
      },
    ],
    notSupported: { gemini: 'generateContent has no switch for parallel calls' },
  },
]

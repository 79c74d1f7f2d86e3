import { type Expectation, quoted, readExpectation, unmet } from './expectation.ts'
import type { TwinBlock, TwinModel, TwinPrompt, TwinServerCall, TwinTurn } from './model.ts'
import {
  isRecord,
  kindOf,
  namedError,
  readFlag,
  readList,
  readName,
  readOneOf,
  readRecord,
  readText,
  readWhole,
  refuse,
} from './shape.ts'

const ENDS = [
  'stop',
  'calls',
  'length',
  'refusal',
  'content-filter',
  'stop-sequence',
  'pause',
] as const
const COUNTS = ['input', 'output', 'cached', 'cacheWrite', 'reasoning'] as const
const CALL_KEYS = ['name', 'arguments', 'id'] as const
const TURN_KEYS = [
  'text',
  'reasoning',
  'calls',
  'blocks',
  'serverCalls',
  'end',
  'refusal',
  'stopSequence',
  'usage',
  'expect',
] as const

/** Any of these makes a turn. */
const SAYING = ['text', 'reasoning', 'calls', 'blocks', 'serverCalls', 'refusal', 'end'] as const

/** A call that a script plans. */
export interface ScriptCall {
  readonly name: string
  /** An object is written as JSON; a string goes on the wire as it stands, broken or not. */
  readonly arguments: { readonly [name: string]: unknown } | string
  /** Default: the twin makes one up as its vendor would. */
  readonly id?: string
}

/** A block that a script plans. */
export type ScriptBlock =
  | Exclude<TwinBlock, { readonly type: 'call' }>
  | ({ readonly type: 'call' } & ScriptCall)

/**
 * One planned answer: either `blocks` in their order, or any of `reasoning`, `text` and `calls`,
 * which become blocks in this order.
 */
export interface ScriptTurn extends Omit<TwinTurn, 'blocks'> {
  readonly text?: string
  readonly reasoning?: string
  readonly calls?: readonly ScriptCall[]
  readonly blocks?: readonly ScriptBlock[]
  /** What the request must be like; one that is not fails and does not use the turn up. */
  readonly expect?: Expectation
}

/**
 * A model that plays its turns in order, one a request. `answer` throws `ScriptExhausted` for a
 * request too many and `ScriptMismatch` for one that its turn did not expect; `finish` throws
 * `ScriptUnfinished` while turns are left over.
 *
 * @throws InvalidInput if a turn gives its blocks twice.
 */
export function scripted(
  turns: readonly ScriptTurn[],
  options: { readonly name?: string } = {},
): TwinModel {
  const name = options.name ?? 'script'
  const planned = turns.map((turn, index) => ({
    turn: planTurn(turn, `turns[${index}]`),
    expect: turn.expect,
  }))
  let played = 0
  return {
    name: `${name} (${count(planned.length, 'turn')})`,
    answer(prompt) {
      const next = planned[played]
      if (next === undefined) {
        throw namedError(
          'ScriptExhausted',
          `${name} has ${count(planned.length, 'turn')}, and one more request came; ${lastWords(prompt)}`,
        )
      }
      const missed = next.expect && unmet(next.expect, prompt)
      if (missed !== undefined) {
        throw namedError('ScriptMismatch', `${name}, turns[${played}].expect: ${missed}`)
      }
      played += 1
      return next.turn
    },
    finish() {
      const next = planned[played]
      if (next === undefined) return
      const left = planned.length - played
      throw namedError(
        'ScriptUnfinished',
        `${name}: ${left} of ${count(planned.length, 'turn')} left over; ` +
          `the next would have been turns[${played}], ${turnText(next.turn)}`,
      )
    },
  }
}

/**
 * Checks a script that came as JSON: an array of turns.
 *
 * @throws InvalidInput that names the exact place, as in `turns[2].calls[0].name: expected a
 * string, found number`, and for an unknown key the nearest known one.
 */
export function readScript(json: unknown): ScriptTurn[] {
  return readList(json, 'turns', readTurn)
}

function readTurn(value: unknown, place: string): ScriptTurn {
  const fields = readRecord(value, place, TURN_KEYS)
  const { text, reasoning, calls, blocks, serverCalls } = fields
  const { end, refusal, stopSequence, usage, expect } = fields
  if (!SAYING.some(key => key in fields)) {
    refuse(place, `says nothing; give it ${SAYING.slice(0, -1).join(', ')} or ${SAYING.at(-1)}`)
  }
  const turn: ScriptTurn = {
    ...(text !== undefined && { text: readText(text, `${place}.text`) }),
    ...(reasoning !== undefined && { reasoning: readText(reasoning, `${place}.reasoning`) }),
    ...(calls !== undefined && { calls: readList(calls, `${place}.calls`, readCall) }),
    ...(blocks !== undefined && { blocks: readList(blocks, `${place}.blocks`, readBlock) }),
    ...(serverCalls !== undefined && {
      serverCalls: readList(serverCalls, `${place}.serverCalls`, readServerCall),
    }),
    ...(end !== undefined && { end: readOneOf(end, `${place}.end`, ENDS) }),
    ...(refusal !== undefined && { refusal: readText(refusal, `${place}.refusal`) }),
    ...(stopSequence !== undefined && {
      stopSequence: readText(stopSequence, `${place}.stopSequence`),
    }),
    ...(usage !== undefined && { usage: readUsage(usage, `${place}.usage`) }),
    ...(expect !== undefined && { expect: readExpectation(expect, `${place}.expect`) }),
  }
  planTurn(turn, place)
  return turn
}

function readCall(value: unknown, place: string): ScriptCall {
  return callOf(readRecord(value, place, CALL_KEYS), place)
}

function readBlock(value: unknown, place: string): ScriptBlock {
  const type = readOneOf(readRecord(value, place)['type'], `${place}.type`, [
    'text',
    'reasoning',
    'call',
  ])
  switch (type) {
    case 'text': {
      const { text } = readRecord(value, place, ['type', 'text'])
      return { type, text: readText(text, `${place}.text`) }
    }
    case 'reasoning': {
      const { text, redacted } = readRecord(value, place, ['type', 'text', 'redacted'])
      return {
        type,
        text: readText(text, `${place}.text`),
        ...(redacted !== undefined && { redacted: readFlag(redacted, `${place}.redacted`) }),
      }
    }
    case 'call':
      return { type, ...callOf(readRecord(value, place, ['type', ...CALL_KEYS]), place) }
  }
}

function callOf(fields: { readonly [key: string]: unknown }, place: string): ScriptCall {
  const given = fields['arguments']
  if (typeof given !== 'string' && !isRecord(given)) {
    return refuse(`${place}.arguments`, `expected an object or a string, found ${kindOf(given)}`)
  }
  return {
    name: readName(fields['name'], `${place}.name`),
    arguments: given,
    ...(fields['id'] !== undefined && { id: readName(fields['id'], `${place}.id`) }),
  }
}

function readServerCall(value: unknown, place: string): TwinServerCall {
  const { name, input, result } = readRecord(value, place, ['name', 'input', 'result'])
  return {
    name: readName(name, `${place}.name`),
    input: readRecord(input, `${place}.input`),
    ...(result !== undefined && { result }),
  }
}

function readUsage(value: unknown, place: string): NonNullable<TwinTurn['usage']> {
  const fields = readRecord(value, place, COUNTS)
  const counts: { [name in (typeof COUNTS)[number]]?: number } = {}
  for (const name of COUNTS) {
    if (fields[name] !== undefined) counts[name] = readWhole(fields[name], `${place}.${name}`)
  }
  return counts
}

function planTurn(turn: ScriptTurn, place: string): TwinTurn {
  const { text, reasoning, calls, blocks, expect: _, ...rest } = turn
  if (blocks === undefined) {
    return {
      ...rest,
      blocks: [
        ...(reasoning !== undefined ? [{ type: 'reasoning' as const, text: reasoning }] : []),
        ...(text !== undefined ? [{ type: 'text' as const, text }] : []),
        ...(calls ?? []).map(call => planCall({ type: 'call', ...call })),
      ],
    }
  }
  if (text !== undefined || reasoning !== undefined || calls !== undefined) {
    refuse(place, 'give either blocks, or text, reasoning and calls')
  }
  return { ...rest, blocks: blocks.map(block => (block.type === 'call' ? planCall(block) : block)) }
}

function planCall(call: { readonly type: 'call' } & ScriptCall): TwinBlock {
  const { arguments: given } = call
  return { ...call, arguments: typeof given === 'string' ? given : JSON.stringify(given) }
}

function lastWords(prompt: TwinPrompt): string {
  const last = prompt.messages.at(-1)
  return last ? `its last message (${last.role}) is ${quoted(last.text)}` : 'it has no messages'
}

function turnText(turn: TwinTurn): string {
  const first = turn.blocks.find(block => block.type !== 'reasoning') ?? turn.blocks[0]
  if (first === undefined) return turn.end === undefined ? 'an empty one' : `a "${turn.end}"`
  return first.type === 'call' ? `a call of "${first.name}"` : `${first.type} ${quoted(first.text)}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

import fc from 'fast-check'
import type { Fault } from '../../src/twins/faults.ts'
import type { ScriptTurn } from '../../src/twins/script.ts'
import { CONFINED, INLINE } from './hostile-tools.ts'

/** One hostile run, as plain data: whatever it comes to can be printed, shrunk and run again. */
export interface Plan {
  /** Index into the scenes: the protocol. */
  readonly scene: number
  readonly stream: boolean
  readonly turns: readonly ScriptTurn[]
  /** After the last turn: an answer, or the last turn again, for ever. */
  readonly tail: 'answer' | 'again'
  /** Whether the model calls on when it was told to call nothing. */
  readonly heedless: boolean
  readonly faults: readonly Fault[]
  /** Milliseconds. */
  readonly callTimeoutMs: number
  /** The run's deadline in milliseconds. */
  readonly ms: number
  readonly maxTurns: number
  readonly maxRepeats: number
  readonly maxParallelCalls: number
  /** Milliseconds after which the program aborts it; negative: it does not. */
  readonly abortAfter: number
  /** Events that the program reads before it leaves; negative: it only awaits. */
  readonly reads: number
}

const UNKNOWN = ['gone', 'Good', 'good ', '__proto__', 'constructor', 'ünknown', 'x'.repeat(90)]
const BROKEN = ['', ' ', '{', '{"n":', '{"n":1', '{"n":1}}', '[]', 'null', '1', '"n"', '\u0000']
const WRONG = ['{}', '{"n":"1"}', '{"n":1.5}', '{"n":null}', '{"n":[1]}', '{"n":1e999}', '{"m":1}']
const ODD = ['{"n":1,"n":2}', '{"n":1,"__proto__":{"n":2}}', `{"n":1,"x":"${'y'.repeat(20_000)}"}`]

const name = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('good', ...INLINE) },
  { weight: 4, arbitrary: fc.constantFrom(...UNKNOWN) },
  { weight: 1, arbitrary: fc.constantFrom(...CONFINED) },
)
const args = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }).map(n => `{"n":${n}}`) },
  { weight: 3, arbitrary: fc.constantFrom(...BROKEN, ...WRONG, ...ODD) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 30, unit: 'binary' }) },
)
const id = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.constantFrom('call_same', 'call_other').map(id => ({ id })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', 'bad id!', 'i'.repeat(200)).map(id => ({ id })),
  },
)
const call = fc.tuple(name, args, id).map(([name, args, id]) => ({ name, arguments: args, ...id }))
const calls = fc.oneof(
  // A failure of many calls at once is looked for among few, too.
  { withCrossShrink: true },
  { weight: 12, arbitrary: fc.array(call, { maxLength: 5 }) },
  { weight: 3, arbitrary: call.map(one => [one, one, one]) },
  { weight: 1, arbitrary: fc.array(call, { minLength: 128, maxLength: 128 }) },
)
const turn: fc.Arbitrary<ScriptTurn> = fc
  .record({
    calls,
    text: fc.constantFrom('', '', 'Well.', '{"n":1}', '\ud800', 'é'.repeat(300)),
    reasoning: fc.constantFrom(undefined, undefined, 'Hm.'),
    end: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      {
        weight: 3,
        arbitrary: fc.constantFrom('stop', 'length', 'refusal', 'content-filter', 'pause'),
      },
    ),
  })
  .map(({ calls, text, reasoning, end }) => ({
    calls,
    ...(text === '' ? {} : { text }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(end === undefined ? {} : { end }),
  }))

const after = fc.integer({ min: 0, max: 12 })
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('cut'), atByte: fc.integer({ min: 0, max: 900 }) }),
  fc.record({ kind: fc.constant('cut-events'), after }),
  fc.record({ kind: fc.constant('in-band-error'), after }),
  fc.record({ kind: fc.constant('stall'), after }),
  fc.record({ kind: fc.constantFrom('reset', 'no-terminal-event') }),
  fc.record({ kind: fc.constantFrom('malformed-arguments', 'unknown-tool', 'duplicate-id') }),
  fc.record({ kind: fc.constant('slow-first-byte'), ms: fc.constantFrom(5, 50) }),
  fc.record({ kind: fc.constant('status'), status: fc.constantFrom(400, 401, 429, 500, 503) }),
)

/** Runs of all sorts, most of them short. */
export const plans: fc.Arbitrary<Plan> = fc.record(
  {
    scene: fc.integer({ min: 0, max: 3 }),
    stream: fc.boolean(),
    turns: fc.array(turn, { minLength: 1, maxLength: 4 }),
    tail: fc.constantFrom('answer', 'answer', 'again'),
    heedless: fc.boolean(),
    faults: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fault, { minLength: 1, maxLength: 2 }) },
    ),
    callTimeoutMs: fc.constantFrom(5, 15, 30),
    ms: fc.constantFrom(60, 300, 1000),
    maxTurns: fc.integer({ min: 1, max: 8 }),
    maxRepeats: fc.constantFrom(0, 1, 3),
    maxParallelCalls: fc.constantFrom(1, 8, 200),
    abortAfter: fc.oneof(
      { weight: 6, arbitrary: fc.constant(-1) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
    ),
    reads: fc.oneof(
      { weight: 1, arbitrary: fc.constant(-1) },
      { weight: 1, arbitrary: fc.constantFrom(0, 3, 1_000_000) },
    ),
  },
  { noNullPrototype: true },
)

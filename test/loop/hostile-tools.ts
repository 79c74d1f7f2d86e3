import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type Tool, type ToolContext, tool } from '../../src/index.ts'

const lying = Object.defineProperty({}, 'message', {
  get() {
    throw new Error('not even this can be read')
  },
  enumerable: true,
})
const circular: { self?: unknown } = {}
circular.self = circular

/** What the tools that throw throw. */
const THROWN: { readonly [name: string]: unknown } = {
  'throw-error': new Error('broken\nin two lines'),
  'throw-bare': Object.assign(Object.create(null), { odd: true }),
  'throw-text': 'just words',
  'throw-nothing': undefined,
  'throw-liar': lying,
  'throw-symbol': Symbol('odd'),
}

/** What the tools that return something odd return. */
const RETURNED: { readonly [name: string]: unknown } = {
  'give-nothing': undefined,
  'give-circular': circular,
  'give-bigint': 2n ** 70n,
  'give-function': () => 'no',
  'give-liar': lying,
  'give-nan': Number.NaN,
  'give-map': new Map([['a', 1]]),
  'give-surrogate': '\ud800',
  'give-thenable': {
    // biome-ignore lint/suspicious/noThenProperty: it is meant to be taken for a promise.
    then(resolve: (value: unknown) => void) {
      resolve('late')
      resolve('again')
    },
  },
}

type Body = (input: unknown, context: ToolContext) => unknown

const BODIES: { readonly [name: string]: Body } = {
  slow: (_, { signal }) => sleep(10, 'slow', { signal }),
  hang: () => new Promise(() => {}),
  late: () => sleep(40, 'too late'),
  flood: () => 'x'.repeat(1_000_000),
  nag(_, { progress }) {
    for (let i = 0; i < 2000; i++) progress({ i })
    return 'nagged'
  },
  async *endless() {
    for (;;) {
      await breathe()
      yield 'more'
    }
  },
  async *'endless-tight'() {
    for (;;) yield 'more'
  },
  async *stuck() {
    yield 'begun'
    await new Promise(() => {})
  },
  'throw-later': async () => {
    await sleep(1)
    throw new RangeError('later')
  },
}

/** Code that has to be shut in: it blocks, dies, or takes what there is. */
const CODE: { readonly [name: string]: readonly ['wasm' | 'worker' | 'process', string] } = {
  spin: ['wasm', '() => { for (;;) {} }'],
  'spin-thread': ['worker', '() => { for (;;) {} }'],
  gorge: ['wasm', '() => { const all = []; for (;;) all.push("x".repeat(1e6) + all.length) }'],
  spill: ['worker', '() => "x".repeat(5e6)'],
  die: ['worker', '() => process.exit(3)'],
  'kill-itself': ['process', '() => process.kill(process.pid, "SIGKILL")'],
}

/** Names of the tools that run in this process, without the good one. */
export const INLINE: readonly string[] = [
  ...Object.keys(THROWN),
  ...Object.keys(RETURNED),
  ...Object.keys(BODIES),
  'ask',
  'policy-fails',
  'lock-fails',
]

/** Names of the tools that run in a sandbox. */
export const CONFINED: readonly string[] = Object.keys(CODE)

/** All tools. `wrong` hears of what no tool should have been run with. */
export function hostileTools(wrong: (what: string) => void): readonly Tool[] {
  const fail = (): never => {
    throw lying
  }
  const bodies = {
    ...BODIES,
    ...Object.fromEntries(Object.entries(RETURNED).map(([name, value]) => [name, () => value])),
    ...Object.fromEntries(
      Object.entries(THROWN).map(([name, value]) => [
        name,
        () => {
          throw value
        },
      ]),
    ),
  }
  return [
    tool({
      name: 'good',
      input: z.object({ n: z.int() }),
      lock: 'good',
      run({ n }) {
        if (!Number.isSafeInteger(n)) wrong(`good was run with ${String(n)}`)
        return n
      },
    }),
    tool({ name: 'ask', approval: true, run: () => wrong('ask was run without approval') }),
    tool({ name: 'policy-fails', approval: fail, run: () => wrong('policy-fails was run') }),
    tool({ name: 'lock-fails', lock: fail, run: () => wrong('lock-fails was run') }),
    ...Object.entries(bodies).map(([name, run]) =>
      tool({ name, input: { type: 'object' }, effect: 'write', run }),
    ),
    ...Object.entries(CODE).map(([name, [tier, text]]) =>
      tool({
        name,
        input: { type: 'object' },
        code: { kind: 'source', text },
        sandbox: { tier, limits: { memoryBytes: 16 * 2 ** 20, outputBytes: 100_000 } },
      }),
    ),
  ]
}

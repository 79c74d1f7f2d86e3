import { anthropicTwin } from '../anthropic/index.ts'
import { geminiTwin } from '../gemini/index.ts'
import { openaiTwin } from '../openai.ts'
import { type Random, seeded } from '../random.ts'
import { startTwin } from '../server.ts'
import { readWhole } from '../shape.ts'
import type { TwinVendor } from '../vendor.ts'
import { hostile } from './model.ts'
import {
  drawPlan,
  HOSTILE_PROTOCOLS,
  type HostilePlan,
  type HostileProtocol,
  type HostileTool,
  randomOf,
} from './plan.ts'
import { type Failure, shrink } from './shrink.ts'

/** What `tryHostile` can be told. */
export interface HostileOptions {
  /** What the model may call; it also calls what is not there. Tools of the loop will do. */
  readonly tools: readonly HostileTool[]
  /** Default 100. */
  readonly runs?: number
  /** Default 1. The same seed makes the same plans. */
  readonly seed?: number
  /** Default: all four. */
  readonly protocols?: readonly HostileProtocol[]
  /** Whether the vendor misbehaves too: cuts, resets, errors. Default true. */
  readonly faults?: boolean
  /** Milliseconds after which a run is taken for one that never ends. Default 10,000. */
  readonly ms?: number
  /** Milliseconds for finding a smaller plan, once one has failed. Default 20,000. */
  readonly shrinkMs?: number
  /** Runs this plan and no other: one that has failed before. */
  readonly plan?: HostilePlan
}

/** One run: the address where the model is, and what is known of it. */
export interface HostileRun {
  /** The options of `runTools` that say whom to ask; other clients take them apart. */
  readonly at: {
    readonly protocol: HostileProtocol
    readonly model: string
    /** As the protocol's own clients take it. */
    readonly baseUrl: string
    readonly key: string
    readonly stream: boolean
  }
  readonly plan: HostilePlan
  /** For what the program wants to draw itself: the same again for the same plan. */
  readonly random: Random
  /** Ends when the run is given up. */
  readonly signal: AbortSignal
}

/** A program has failed a plan. The message holds it as JSON, made as small as was found. */
export class HostileFailure extends Error {
  readonly plan: HostilePlan

  constructor(run: string, { plan, cause, steps }: Failure) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const size = steps === 0 ? 'The plan' : `The plan, made smaller ${steps} times`
    super(`${run} fails: ${why}\n${size}, to be run again as \`plan\`:\n${JSON.stringify(plan)}`, {
      cause,
    })
    this.name = 'HostileFailure'
    this.plan = plan
  }
}

interface Stage {
  readonly vendor: TwinVendor
  readonly model: string
  readonly path: string
}

const STAGES: { readonly [P in HostileProtocol]: Stage } = {
  'openai-chat': { vendor: openaiTwin, model: 'gpt-4o', path: '/v1' },
  'openai-responses': { vendor: openaiTwin, model: 'gpt-4o', path: '/v1' },
  anthropic: { vendor: anthropicTwin, model: 'claude-sonnet-4-5', path: '' },
  gemini: { vendor: geminiTwin, model: 'gemini-2.5-flash', path: '/v1beta' },
}

/**
 * Puts a program before a model that means harm, once for each run, over real HTTP on loopback: bad
 * arguments, unknown tools, ids twice or missing, bursts of calls, the same for ever, refusals and
 * cuts in the middle. `attempt` rejects where the program fails.
 *
 * @throws HostileFailure for the first plan that fails, once a smaller one has been looked for, and
 * InvalidInput if there is nothing to run.
 */
export async function tryHostile(
  options: HostileOptions,
  attempt: (run: HostileRun) => void | Promise<void>,
): Promise<void> {
  const { tools, runs = 100, seed = 1, faults = true, ms = 10_000, shrinkMs = 20_000 } = options
  const { protocols = HOSTILE_PROTOCOLS } = options
  readWhole(runs, 'runs', 1)
  readWhole(protocols.length, 'protocols.length', 1)
  const source = { tools, protocols, faults }
  for (let run = 0; run < (options.plan ? 1 : runs); run++) {
    const drawn = options.plan ?? drawPlan(randomOf(seed, run), source)
    const once = (plan: HostilePlan): Promise<void> => playPlan(plan, ms, attempt)
    try {
      await once(drawn)
    } catch (cause) {
      const until = performance.now() + shrinkMs
      const name = options.plan ? 'the plan' : `run ${run} of seed ${seed}`
      throw new HostileFailure(name, await shrink({ plan: drawn, cause }, once, until))
    }
  }
}

/** One attempt at one plan, with a twin of its own: nothing of another run can reach it. */
async function playPlan(
  plan: HostilePlan,
  ms: number,
  attempt: (run: HostileRun) => void | Promise<void>,
): Promise<void> {
  const { vendor, model, path } = STAGES[plan.protocol]
  const { protocol, stream, faults, seed } = plan
  const twin = await startTwin({ vendor, model: hostile(plan), faults, seed })
  const at = { protocol, model, baseUrl: twin.url + path, key: 'sk-test', stream }
  const late = new AbortController()
  const given = { at, plan, random: seeded(seed).fork(), signal: late.signal }
  let timer: NodeJS.Timeout | undefined
  const never = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`it did not end within ${ms} ms`)
      reject(error)
      late.abort(error)
    }, ms)
  })
  try {
    await Promise.race([Promise.resolve().then(() => attempt(given)), never])
  } finally {
    clearTimeout(timer)
    await twin.close()
  }
}

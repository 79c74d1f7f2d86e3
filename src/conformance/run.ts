import type { Dialect, Door } from './ask.ts'
import { type Check, Unsaid } from './check.ts'
import { CHECKS } from './checks.ts'
import { CLIENTS } from './clients/index.ts'

/** What is to be measured. */
export interface Measurement {
  readonly door: Door
  readonly fronts: readonly Dialect[]
  /** A label of a column, such as the vendor's protocol, and the model that stands for it. */
  readonly models: readonly { readonly label: string; readonly model: string }[]
  /** Only checks whose name holds this text. */
  readonly only?: string
}

/** What became of one check. `error` says what was wrong, `reason` why it was not run. */
export interface Outcome {
  readonly front: Dialect
  readonly label: string
  readonly model: string
  readonly check: string
  readonly way: 'whole' | 'streamed'
  readonly state: 'passed' | 'failed' | 'unsaid'
  readonly error?: string
  readonly ms: number
}

/** Runs every check with every client and model, one exchange after the other. Never rejects. */
export async function measure(
  { door, fronts, models, only = '' }: Measurement,
  progress: (done: number, all: number, last: Outcome) => void = () => {},
): Promise<Outcome[]> {
  const checks = CHECKS.filter(check => check.name.includes(only))
  const plan = fronts.flatMap(front =>
    models.flatMap(({ label, model }) =>
      checks.flatMap(check =>
        (['whole', 'streamed'] as const)
          .filter(way => way === 'whole' || !check.wholeOnly)
          .map(way => ({ front, label, model, check, way })),
      ),
    ),
  )
  const outcomes: Outcome[] = []
  for (const { check, ...cell } of plan) {
    const outcome = await runCheck(door, check, cell)
    outcomes.push(outcome)
    progress(outcomes.length, plan.length, outcome)
  }
  return outcomes
}

async function runCheck(
  door: Door,
  check: Check,
  cell: Pick<Outcome, 'front' | 'label' | 'model' | 'way'>,
): Promise<Outcome> {
  const base = { ...cell, check: check.name }
  const reason = check.unsaid?.[cell.front]
  if (reason !== undefined) return { ...base, state: 'unsaid', error: reason, ms: 0 }
  const started = performance.now()
  const took = () => Math.round(performance.now() - started)
  try {
    const client = CLIENTS[cell.front]
    await check.run({ client, door, model: cell.model, stream: cell.way === 'streamed' })
    return { ...base, state: 'passed', ms: took() }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    const state = error instanceof Unsaid ? 'unsaid' : 'failed'
    return { ...base, state, error: text, ms: took() }
  }
}

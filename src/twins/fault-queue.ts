import { type Fault, isModelFault, type ModelFault, type WireFault } from './faults.ts'
import type { TwinPrompt, TwinTurn } from './model.ts'
import type { Random } from './random.ts'
import { spoil } from './spoil.ts'

/** What a test may do with a twin's faults while it runs. */
export interface FaultControl {
  /** Puts faults at the end of the queue. */
  add(...faults: readonly Fault[]): void
  /** Forgets all of them. */
  clear(): void
  /** Those that can still strike, with `times` showing how often (0: for ever). */
  list(): Fault[]
}

/** A wire fault that strikes a request. */
export interface ClaimedFault {
  readonly fault: WireFault
  /** Called once: it struck and is spent, or it did not fit the answer and is given back. */
  settle(struck: boolean): void
}

/** The queue as the server sees it. */
export interface FaultQueue extends FaultControl {
  /** Takes the first wire fault that strikes a request to this path, if there is one. */
  claim(path: string): ClaimedFault | undefined
  /** Whether a model fault is armed, so that an untroubled twin need not look further. */
  readonly spoils: boolean
  /** Applies, in order, every model fault that strikes; `struck` hears of each. */
  spoil(turn: TwinTurn, prompt: TwinPrompt, path: string, struck: (kind: string) => void): TwinTurn
}

interface Armed<F extends Fault> {
  readonly fault: F
  /** Strikes left; `Infinity` for ever. */
  left: number
  /** Strikes that are claimed and not settled. */
  open: number
  /** Its own sequence, so that one more fault in the queue does not change the others' luck. */
  readonly random: Random
}

/** Makes an empty queue; all its luck comes from `random`. */
export function faultQueue(random: Random): FaultQueue {
  let wire: Armed<WireFault>[] = []
  let model: Armed<ModelFault>[] = []
  // Kept in one list too, because `list` shows the order in which they were added.
  let all: Armed<Fault>[] = []
  return {
    add(...faults) {
      all = all.filter(armed => !isSpent(armed))
      wire = wire.filter(armed => !isSpent(armed))
      model = model.filter(armed => !isSpent(armed))
      for (const fault of faults) {
        const left = fault.times === 0 ? Number.POSITIVE_INFINITY : (fault.times ?? 1)
        const sequence = random.fork()
        if (isModelFault(fault)) {
          const armed = { fault, left, open: 0, random: sequence }
          model.push(armed)
          all.push(armed)
        } else {
          const armed = { fault, left, open: 0, random: sequence }
          wire.push(armed)
          all.push(armed)
        }
      }
    },
    clear() {
      all = []
      wire = []
      model = []
    },
    list: () =>
      all
        .filter(armed => armed.left > 0)
        .map(({ fault, left }) => ({ ...fault, times: Number.isFinite(left) ? left : 0 })),
    claim(path) {
      const armed = wire.find(candidate => strikes(candidate, path))
      if (armed === undefined) return undefined
      armed.left -= 1
      armed.open += 1
      return {
        fault: armed.fault,
        settle(struck) {
          armed.open -= 1
          if (!struck) armed.left += 1
        },
      }
    },
    get spoils() {
      return model.some(armed => armed.left > 0)
    },
    spoil(turn, prompt, path, struck) {
      let result = turn
      for (const armed of model) {
        if (!strikes(armed, path)) continue
        const spoiled = spoil(result, armed.fault, armed.random, prompt)
        if (spoiled === result) continue
        armed.left -= 1
        struck(armed.fault.kind)
        result = spoiled
      }
      return result
    },
  }
}

function strikes(armed: Armed<Fault>, path: string): boolean {
  if (armed.left <= 0) return false
  if (armed.fault.path !== undefined && !path.includes(armed.fault.path)) return false
  return armed.fault.rate === undefined || armed.random.next() < armed.fault.rate
}

function isSpent(armed: Armed<Fault>): boolean {
  return armed.left <= 0 && armed.open === 0
}

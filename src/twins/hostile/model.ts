import type { TwinModel } from '../model.ts'
import { scripted } from '../script.ts'
import type { HostilePlan } from './plan.ts'

/** A model that plays a plan's turns, whatever it is asked. Made anew for each run. */
export function hostile(plan: Pick<HostilePlan, 'turns' | 'tail' | 'heedless'>): TwinModel {
  const { turns, tail, heedless } = plan
  let played = 0
  return {
    name: 'hostile',
    answer(prompt, seed) {
      const isTold = prompt.choice.mode === 'none' && !heedless
      const isOver = played >= turns.length && tail === 'answer'
      const turn = isTold || isOver ? undefined : turns[Math.min(played, turns.length - 1)]
      played++
      return scripted([turn ?? { text: 'Done.' }]).answer(prompt, seed)
    },
  }
}

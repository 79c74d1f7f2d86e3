import type { Report, Task } from './call.ts'

/** A tier that runs each call in a thread of its own. */
export interface Runner {
  run(task: Task): Promise<Report>
  close(): Promise<void>
}

/** Makes the tier; refuses every call until its threads exist. */
export function createThreadTier(kind: 'worker' | 'wasm', _concurrency: number): Runner {
  return {
    run: async () => ({ ended: 'refused', message: `${kind} is not here yet`, walls: [] }),
    close: async () => {},
  }
}

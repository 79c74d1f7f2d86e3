import type { Report, Task } from './call.ts'
import type { Runner } from './threads.ts'

/** Makes the tier; refuses every call until its threads exist. */
export function createProcessTier(_concurrency: number, _requireNamespaces: boolean): Runner {
  return {
    run: async () => ({ ended: 'refused', message: 'process is not here yet', walls: [] }),
    close: async () => {},
  }
}

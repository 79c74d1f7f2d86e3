import { defineConfig } from 'vitest/config'

/** Recorded vendor traffic: `npm run recorded -- FOLDER`. Not part of `npm test`. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/recorded/**/*.recorded.ts'],
    testTimeout: 60_000,
    pool: 'threads',
    // By default one core is left free, which is half of a small machine.
    maxWorkers: '100%',
  },
})

import { defineConfig } from 'vitest/config'

/**
 * All clients, also those that are no packages of this project: `npm run clients`. The latter are
 * not part of `npm test`.
 */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['*.test.ts', 'agents/sessions.ts', 'python/scripts.ts'].map(
      file => `test/e2e/clients/${file}`,
    ),
    // It is held to the page that this run writes.
    exclude: ['**/page.test.ts'],
    testTimeout: 150_000,
    hookTimeout: 300_000,
    pool: 'threads',
    reporters: ['default', new URL('reporter.ts', import.meta.url).pathname],
  },
})

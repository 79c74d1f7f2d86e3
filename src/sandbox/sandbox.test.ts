import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { Json } from '../core/json.ts'
import { createSandbox, type SandboxCall } from './index.ts'

const sandbox = createSandbox({ concurrency: 2 })
const folder = mkdtempSync(join(tmpdir(), 'toolgate-module-'))
const module = join(folder, 'tool.mjs')
writeFileSync(
  module,
  'export const add = ({ a, b }) => a + b\nexport default () => "the default"\n',
)
afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

const source = (text: string, more: Partial<SandboxCall> = {}): SandboxCall => ({
  code: { kind: 'source', text },
  input: null,
  ...more,
})

describe('inline', () => {
  it('runs a function and answers with a receipt [L6]', async () => {
    const outcome = await sandbox.run({
      code: { kind: 'function', run: input => ({ got: input }) },
      input: [1, 2],
    })
    expect(outcome).toMatchObject({
      ok: true,
      value: { got: [1, 2] },
      receipt: { tier: 'inline', walls: [], ended: 'returned', limits: { timeMs: 10_000 } },
    })
  })

  it('abandons a function that ignores its signal, and drops its late result', async () => {
    let late = false
    const outcome = await sandbox.run({
      code: {
        kind: 'function',
        run: async (_input, context) => {
          await wait(150)
          late = context.signal?.aborted === true
          context.progress('late')
          return 'late'
        },
      },
      input: null,
      limits: { timeMs: 20 },
      progress: () => expect.unreachable('it is over'),
    })
    expect(outcome).toMatchObject({ ok: false, receipt: { ended: 'timeout' } })
    await wait(200)
    expect(late).toBe(true)
  })

  it('ends at an abort in the middle', async () => {
    const stop = new AbortController()
    const run = sandbox.run({
      code: { kind: 'function', run: () => new Promise<Json>(() => {}) },
      input: null,
      signal: stop.signal,
    })
    stop.abort()
    expect(await run).toMatchObject({ ok: false, receipt: { ended: 'aborted' } })
  })

  it('tells a thrown error and refuses what is no JSON', async () => {
    const thrown = await sandbox.run({
      code: {
        kind: 'function',
        run: () => {
          throw new RangeError('too far')
        },
      },
      input: null,
    })
    expect(thrown).toMatchObject({ error: { name: 'RangeError', message: 'too far' } })
    const odd: Json = JSON.parse('{"__proto__":{"a":1}}')
    const poisoned = await sandbox.run({ code: { kind: 'function', run: () => odd }, input: null })
    expect(poisoned).toMatchObject({ ok: false, receipt: { ended: 'threw' } })
  })
})

describe('every tier across a wall', () => {
  it.each(['worker', 'wasm', 'process'] as const)(
    '%s gives back value and progress',
    async tier => {
      const heard: Json[] = []
      const outcome = await sandbox.run(
        source(
          'async (input, { progress }) => { progress({ at: 1 }); return [input.a, undefined ?? null] }',
          {
            tier,
            input: { a: 'ä\u2028😀' },
            progress: value => heard.push(value),
          },
        ),
      )
      expect(outcome).toMatchObject({ ok: true, value: ['ä\u2028😀', null] })
      expect(heard).toEqual([{ at: 1 }])
    },
  )

  it.each(['worker', 'wasm', 'process'] as const)(
    '%s ends at an abort in the middle',
    async tier => {
      const stop = new AbortController()
      const run = sandbox.run(
        source('(input, { progress }) => { progress(1); for (;;); }', {
          tier,
          signal: stop.signal,
          progress: () => stop.abort(),
        }),
      )
      expect(await run).toMatchObject({ ok: false, receipt: { ended: 'aborted' } })
    },
  )

  it.each(['inline', 'worker', 'process'] as const)('%s runs an export of a module', async tier => {
    const call = { tier, input: { a: 1, b: 2 } }
    const named = { kind: 'module', path: module, export: 'add' } as const
    expect(await sandbox.run({ ...call, code: named })).toMatchObject({ value: 3 })
    const other = { kind: 'module', path: module } as const
    expect(await sandbox.run({ ...call, code: other })).toMatchObject({ value: 'the default' })
    const none = { kind: 'module', path: module, export: 'none' } as const
    expect(await sandbox.run({ ...call, code: none })).toMatchObject({
      receipt: { ended: 'threw' },
    })
  })

  it('takes source text for wasm, as a module too, and keeps nothing between calls', async () => {
    const text = 'globalThis.n = (globalThis.n ?? 0) + 1\nexport default () => globalThis.n'
    for (let i = 0; i < 3; i++)
      expect(await sandbox.run(source(text))).toMatchObject({
        value: 1,
        receipt: { tier: 'wasm', walls: ['thread', 'wasm'] },
      })
  })

  it('ends a flood of side-by-side calls one and all', async () => {
    const runs = Array.from({ length: 12 }, (_, i) => sandbox.run(source('x => x', { input: i })))
    const values = (await Promise.all(runs)).map(outcome => outcome.ok && outcome.value)
    expect(values).toEqual(Array.from({ length: 12 }, (_, i) => i))
  })
})

describe('a call that is aborted as soon as it is made', () => {
  it.each(['inline', 'worker'] as const)('never begins: %s', async tier => {
    const place = mkdtempSync(join(tmpdir(), 'toolgate-aborted-'))
    const path = join(place, 'write.mjs')
    writeFileSync(
      path,
      'import { writeFileSync } from "node:fs"\nexport default name => { if (name) writeFileSync(name, "") }\n',
    )
    const code = { kind: 'module', path } as const
    for (let i = 0; i < 60; i++) {
      // A thread that is there already begins the soonest.
      expect(await sandbox.run({ code, tier, input: null })).toMatchObject({ ok: true })
      const stop = new AbortController()
      const run = sandbox.run({ code, tier, input: join(place, `${i}`), signal: stop.signal })
      stop.abort()
      expect((await run).receipt.ended).toBe('aborted')
    }
    await wait(50)
    expect(readdirSync(place)).toEqual(['write.mjs'])
    rmSync(place, { recursive: true })
  })
})

describe('what a tier cannot give is refused [L6]', () => {
  const run = () => null
  it.each<[string, SandboxCall]>([
    ['a function', { code: { kind: 'function', run }, tier: 'wasm', input: null }],
    ['source text', source('() => 1', { tier: 'inline' })],
    ['module loader', { code: { kind: 'module', path: '/x.mjs' }, tier: 'wasm', input: null }],
    ['network', source('() => 1', { tier: 'worker', network: [] })],
    ['files', { code: { kind: 'function', run }, input: null, files: ['/tmp'] }],
    ['limits.timeMs', source('() => 1', { limits: { timeMs: 0 } })],
    ['2130706432', source('() => 1', { limits: { memoryBytes: 2 ** 31 } })],
    ['star', source('() => 1', { tier: 'process', files: ['/tmp/a,/etc'] })],
    ['star', { code: { kind: 'module', path: '/a*/b.mjs' }, tier: 'process', input: null }],
    [
      'whole machine',
      { code: { kind: 'module', path: '/tmp/../tool.mjs' }, tier: 'process', input: null },
    ],
    ['absolute', source('() => 1', { files: ['here'] })],
    ['hosts', source('() => 1', { network: ['http://a.example/'] })],
  ])('names %s', async (word, call) => {
    const outcome = await sandbox.run(call)
    expect(outcome).toMatchObject({ ok: false, receipt: { ended: 'refused', walls: [] } })
    expect(outcome.ok ? '' : outcome.error.message).toContain(word)
  })
})

describe('what no compiler has seen [L6]', () => {
  it.each([
    [
      '{ "code": { "kind": "source", "text": "() => 1" }, "tier": "docker" }',
      /one of inline, .*, and is "docker"/,
    ],
    ['{ "code": { "kind": "text", "text": "() => 1" } }', /^code must be/],
    ['{ "code": { "kind": "module", "path": 5 } }', /^code must be/],
    ['{ "code": { "kind": "function" } }', /^code must be/],
    ['{ "code": "() => 1", "tier": "wasm" }', /^code must be/],
    ['{}', /^code must be/],
    [
      '{ "code": { "kind": "source", "text": "() => 1" }, "network": "a.test" }',
      /^network must be a list/,
    ],
    ['{ "code": { "kind": "source", "text": "() => 1" }, "files": "/" }', /^files must be a list/],
  ])('is refused in words, and never rejects: %s', async (text, message) => {
    const outcome = await sandbox.run(JSON.parse(text))
    expect(outcome).toMatchObject({ error: { message }, receipt: { ended: 'refused', walls: [] } })
  })
})

describe('close', () => {
  it('ends what runs and leaves no thread, process, timer or socket', async () => {
    const before = process.getActiveResourcesInfo().sort()
    const one = createSandbox()
    // A limit that no other child has shows in the command line of this one.
    const limits = { timeMs: 60_000, memoryBytes: 77 * 2 ** 20 }
    const runs = (['worker', 'wasm', 'process'] as const).map(tier =>
      one.run(source('() => { for (;;); }', { tier, limits })),
    )
    await expect
      .poll(() => commandsWith('--max-old-space-size=77'), { timeout: 20_000 })
      .not.toBe(0)
    await one.close()
    for (const outcome of await Promise.all(runs))
      expect(outcome).toMatchObject({ ok: false, receipt: { ended: 'aborted' } })
    expect(await one.run(source('() => 1'))).toMatchObject({ receipt: { ended: 'refused' } })
    await expect.poll(() => process.getActiveResourcesInfo().sort()).toEqual(before)
    await expect.poll(() => commandsWith('--max-old-space-size=77')).toBe(0)
  })
})

/** How many processes of this machine were started with a word. */
function commandsWith(word: string): number {
  return readdirSync('/proc').filter(name => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(word)
    } catch {
      return false
    }
  }).length
}

import { execFileSync, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from './call.ts'
import { createSandbox } from './index.ts'
import { socketFilter } from './socket-filter.ts'
import { commandOf, findWalls, giveFilter } from './walls.ts'

const folder = mkdtempSync(join(tmpdir(), 'toolgate-evasions-'))
const sandbox = createSandbox({ concurrency: 2 })

afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

describe('a call that goes on behind its answer', () => {
  it.each([
    'async () => { const next = () => { Promise.resolve().then(next) }; next(); return 1 }',
    'async () => { (async () => { for (let i = 0; i < 9; i++) await 0; for (;;); })(); return 1 }',
    'async () => { (async () => { for (let i = 0; i < 9; i++) await 0; /^(a+)+$/.test("a".repeat(50) + "b") })(); return 1 }',
  ])('does not hold up the next one: %s', async text => {
    const alone = createSandbox({ concurrency: 1 })
    const next = { code: { kind: 'source', text: '() => 2' }, limits: { timeMs: 900 } } as const
    for (const tier of ['wasm', 'worker'] as const) {
      const code = { kind: 'source', text } as const
      expect(await alone.run({ code, tier, input: null })).toMatchObject({ value: 1 })
      expect(await alone.run({ ...next, tier, input: null })).toMatchObject({ value: 2 })
    }
    await alone.close()
  })
})

describe('wasm, with builtins of its own making', () => {
  it.each<[string, string, unknown]>([
    ['then', 'async () => { Promise.prototype.then = function () { return this }; return 1 }', 1],
    [
      'species',
      'Promise.prototype.constructor = { [Symbol.species]: class { constructor(take) { take(x => { globalThis.got = x }, () => {}) } } }; export default () => 1',
      1,
    ],
    [
      'the iterator of arrays',
      '() => { Array.prototype[Symbol.iterator] = function* () { yield {}; yield {} }; throw 1 }',
      'threw',
    ],
    [
      'traces',
      '() => { Error.prepareStackTrace = (error, all) => all; return typeof new Error().stack }',
      'string',
    ],
    [
      'a thenable without end',
      '() => { const it = { then(go) { go(it) } }; return it }',
      'timeout',
    ],
    [
      'a finalizer that loops',
      '() => { const all = new FinalizationRegistry(() => { for (;;); }); for (let i = 0; i < 1e5; i++) all.register({}, 1); return 1 }',
      'timeout',
    ],
    [
      'a list of four thousand million',
      '() => { const all = []; all[4294967294] = 1; return all }',
      'timeout',
    ],
    ['a loop inside the engine', '() => [].indexOf.call({ length: 2 ** 53 - 1 }, 1)', 'timeout'],
    ['a module of the engine', 'import * as std from "std"; export default () => std', 'threw'],
  ])('%s', async (_name, text, expected) => {
    const alone = createSandbox({ concurrency: 1 })
    const limits = { timeMs: 400, memoryBytes: 32 * 2 ** 20 }
    const outcome = await alone.run({ code: { kind: 'source', text }, input: null, limits })
    expect(outcome.ok ? outcome.value : outcome.receipt.ended).toBe(expected)
    const after = '() => [typeof got, [1].length, typeof new Error().stack]'
    const next = await alone.run({ code: { kind: 'source', text: after }, input: null })
    expect(next).toMatchObject({ value: ['undefined', 1, 'string'] })
    await alone.close()
  })

  it('gets no file and no host by arguments of another kind', async () => {
    const calls = [
      ...['"/etc/passwd\\0x"', '"file:///etc/passwd"', '"../../etc/passwd"', '{}'],
      ...['"/proc/self/environ"', '"/dev/fd/0"', `"${folder}/../../etc/passwd"`],
    ].map(path => `readFile(${path})`)
    const fetches = [
      ...['"http://127.1:1@evil.test"', '"http://a.test", { url: "http://evil.test" }'],
      ...[
        '"http://a.test", { body: 5 }',
        '"http://a.test", { headers: [] }',
        '"file:///etc/passwd"',
      ],
      ...[
        '"http://a.test", { headers: { "a\\r\\nb": "c" } }',
        '"http://a.test", { method: "CONNECT" }',
      ],
    ].map(list => `fetch(${list})`)
    const text = `async (input, { fetch, readFile }) => (await Promise.allSettled([${[...calls, ...fetches]}])).map(one => one.status)`
    const call = { code: { kind: 'source', text }, input: null, files: [folder] } as const
    const outcome = await sandbox.run({ ...call, network: ['a.test'] })
    const all = [...calls, ...fetches].map(() => 'rejected')
    expect(outcome).toMatchObject({ value: all })
  })
})

describe('memory', () => {
  it.each(['worker', 'wasm', 'process'] as const)('%s has too little to start', async tier => {
    const code = { kind: 'source', text: '() => 1' } as const
    const outcome = await sandbox.run({ code, tier, input: null, limits: { memoryBytes: 1000 } })
    const message = 'it needed more than 1000 bytes of memory'
    expect(outcome).toMatchObject({ error: { message }, receipt: { ended: 'memory' } })
  })

  it('is not written over by a text that the host gives to wasm', async () => {
    const place = mkdtempSync(join(tmpdir(), 'toolgate-nul-'))
    const path = join(place, 'nul')
    // Each of them is six bytes as JSON.
    writeFileSync(path, Buffer.alloc(15 * 2 ** 20))
    const limits = { memoryBytes: 16 * 2 ** 20, timeMs: 20_000 }
    const ask = { kind: 'source', text: '(path, { readFile }) => readFile(path)' } as const
    const file = await sandbox.run({ code: ask, input: path, files: [place], limits })
    const code = { kind: 'source', text: 'text => text.length' } as const
    const given = await sandbox.run({ code, input: 'x'.repeat(40 * 2 ** 20), limits })
    rmSync(place, { recursive: true })
    expect([file.receipt.ended, given.receipt.ended]).toEqual(['memory', 'memory'])
  })
})

describe('a child [L6]', () => {
  it('has nothing of Node that asks no permission', async () => {
    const text = `async () => {
      const { createRequire } = await import('node:module')
      const names = ['v8.setFlagsFromString', 'v8.setHeapSnapshotNearHeapLimit', 'os.setPriority',
        'module.register', 'wasi.WASI', 'trace_events.createTracing', 'sqlite.DatabaseSync']
      const found = []
      for (const [module, name] of names.map(one => one.split('.'))) {
        const id = 'node:' + module
        for (const get of [id => import(id), id => createRequire('/x.js')(id), id => process.getBuiltinModule(id)])
          try {
            const space = await get(id)
            if (space[name] ?? space.default?.[name]) found.push(id + ' ' + name)
          } catch {}
      }
      return found
    }`
    const code = { kind: 'source', text } as const
    expect(await sandbox.run({ code, tier: 'process', input: null })).toMatchObject({ value: [] })
  })

  it('has no folder that it could fill where there are namespaces', async () => {
    const walls = await findWalls()
    if (typeof walls === 'string' || walls.bubblewrap === undefined) return
    const { file, args } = commandOf(walls, [folder], DEFAULT_LIMITS)
    const script = `
      const { writeFileSync } = require('fs')
      for (const place of ['/', '/tmp/', '/dev/', '/dev/shm/', ${JSON.stringify(`${folder}/`)}])
        try { writeFileSync(place + 'x', 'x'); console.log(place) } catch {}
      console.log('done')`
    const before = args.slice(0, args.indexOf(walls.permission))
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', 'ignore', 'pipe']
    const child = spawn(file, [...before, '-e', script], { env: {}, stdio })
    giveFilter(child)
    let said = ''
    child.stdout?.on('data', chunk => {
      said += chunk
    })
    await once(child, 'close')
    expect(said).toBe('done\n')
  })
})

describe('a Unix socket in a folder that may be read', () => {
  it('cannot be connected to where there are namespaces, and this machine is known', async () => {
    const path = join(folder, 'open.sock')
    const server = createServer(socket => socket.end('open'))
    await new Promise<void>(resolve => server.listen(path, resolve))
    const text = `async path => {
      const { connect } = await import('node:net')
      return new Promise(resolve => {
        const socket = connect(path)
        socket.on('data', data => resolve(String(data)))
        socket.on('error', error => resolve(error.code))
      })
    }`
    const code = { kind: 'source', text } as const
    const outcome = await sandbox.run({ code, tier: 'process', input: path, files: [folder] })
    server.close()
    const isKept = outcome.receipt.walls.includes('namespaces') && socketFilter() !== undefined
    expect(outcome).toMatchObject({ value: isKept ? 'EACCES' : 'open' })
  })
})

describe('floods over the line of a child', () => {
  it.each([
    ['asks', ['ask', 'x'.repeat(1_500_000), 'nothing', '1']],
    ['progress', ['progress', '1', 'x'.repeat(1_500_000)]],
  ])('%s that carry more than they say are counted', async (_name, input) => {
    const text = `async input => {
      const { writeSync } = await import('node:fs')
      const bytes = Buffer.from(JSON.stringify(input) + '\\n')
      for (let at = 0; ; at %= bytes.length)
        try { at += writeSync(3, bytes, at) } catch {}
    }`
    const limits = { timeMs: 20_000, outputBytes: 2_000_000 }
    const call = { code: { kind: 'source', text }, tier: 'process', input, limits } as const
    expect((await sandbox.run(call)).receipt.ended).toBe('output')
  })
})

describe('files that the host reads for the code', () => {
  const ask =
    'async (input, { readFile }) => (await Promise.allSettled(input.map(path => readFile(path)))).map(one => one.reason?.message ?? one.value.length)'

  it('are held on this side only as far as the memory of the call', async () => {
    const large = mkdtempSync(join(tmpdir(), 'toolgate-large-'))
    const path = join(large, 'large')
    writeFileSync(path, 'x'.repeat(3 * 2 ** 20))
    const outcome = await sandbox.run({
      code: { kind: 'source', text: ask },
      input: Array.from({ length: 40 }, () => path),
      files: [large],
      limits: { memoryBytes: 64 * 2 ** 20, timeMs: 20_000 },
    })
    rmSync(large, { recursive: true })
    expect(JSON.stringify(outcome)).toMatch(/the answers that wait are over the memory limit/)
  })

  it('are files: a pipe would be waited for', async () => {
    const place = mkdtempSync(join(tmpdir(), 'toolgate-pipe-'))
    const pipe = join(place, 'pipe')
    execFileSync('mkfifo', [pipe])
    const outcome = await sandbox.run({
      code: { kind: 'source', text: ask },
      input: [pipe],
      files: [place],
    })
    rmSync(place, { recursive: true })
    expect(outcome).toMatchObject({ value: [`"${pipe}" is no file`] })
  })
})

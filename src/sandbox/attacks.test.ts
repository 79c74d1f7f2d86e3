import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../core/json.ts'
import type { Ending, Limits, SandboxOutcome } from './index.ts'
import { createSandbox } from './index.ts'
import { findWalls } from './walls.ts'

/** How an attack must come out: an ending, or `nothing` / `open` as the code itself reports. */
type Expected = Ending | 'nothing' | 'open'

interface Attack {
  readonly name: string
  /** A function expression; says 'nothing' if it reached nothing, 'open' if it did. */
  readonly text: string
  readonly limits?: Partial<Limits>
  /** In `process` both with namespaces and without them, unless a second value is given. */
  readonly worker: Expected
  readonly wasm: Expected
  readonly process: Expected
  readonly bare?: Expected
}

const folder = mkdtempSync(join(tmpdir(), 'toolgate-sandbox-'))
const secret = join(folder, 'secret.txt')
writeFileSync(secret, 'a secret of this machine')
process.env['SANDBOX_TEST_SECRET'] = 'a secret of this environment'

let port = 0
let reached = 0
const server = createServer((_request, response) => {
  reached++
  response.end('open')
})

const builtin = (name: string) => `(await import('node:${name}'))`
const attempt = (body: string) =>
  `async input => { try { ${body} } catch { return 'nothing' } return 'nothing' }`

const SHORT = { timeMs: 400 }
const ATTACKS: readonly Attack[] = [
  {
    name: 'endless loop',
    text: '() => { for (;;); }',
    limits: SHORT,
    ...{ worker: 'timeout', wasm: 'timeout', process: 'timeout' },
  },
  {
    name: 'catastrophic regular expression',
    text: '() => /^(a+)+$/.test("a".repeat(50) + "b")',
    limits: SHORT,
    ...{ worker: 'timeout', wasm: 'timeout', process: 'timeout' },
  },
  {
    name: 'endless microtasks',
    text: 'async () => { const next = () => { Promise.resolve().then(next) }; next(); await new Promise(() => {}) }',
    limits: SHORT,
    ...{ worker: 'timeout', wasm: 'timeout', process: 'timeout' },
  },
  {
    name: 'endless microtasks behind an answer',
    text: 'async () => { const next = () => { Promise.resolve().then(next) }; next(); return "nothing" }',
    ...{ worker: 'nothing', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'promise that never settles',
    text: '() => new Promise(() => {})',
    limits: SHORT,
    ...{ worker: 'timeout', wasm: 'threw', process: 'timeout' },
  },
  {
    name: 'Atomics.wait for ever',
    text: '() => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) }',
    limits: SHORT,
    // The engine's own Atomics cannot wait, or it can be ended as any loop.
    ...{ worker: 'timeout', wasm: 'threw', process: 'timeout' },
  },
  {
    name: 'heap that grows',
    text: '() => { const all = []; for (;;) all.push(new Array(5000).fill({})) }',
    limits: { memoryBytes: 24 * 2 ** 20, timeMs: 20_000 },
    ...{ worker: 'memory', wasm: 'memory', process: 'memory' },
  },
  {
    name: 'memory outside the heap',
    text: '() => { const all = []; for (let i = 0; i < 200; i++) all.push(new Uint8Array(2 ** 20).fill(1)); return "open" }',
    limits: { memoryBytes: 24 * 2 ** 20, timeMs: 20_000 },
    ...{ worker: 'open', wasm: 'memory', process: 'memory' },
  },
  {
    name: 'deep recursion',
    text: '() => { const deeper = n => 1 + deeper(n + 1); return deeper(0) }',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'flood of output',
    text: '() => "x".repeat(3_000_000)',
    ...{ worker: 'output', wasm: 'output', process: 'output' },
  },
  {
    name: 'flood of progress',
    text: '(input, { progress }) => { for (;;) progress("x".repeat(1000)) }',
    limits: { outputBytes: 100_000, timeMs: 20_000 },
    ...{ worker: 'output', wasm: 'output', process: 'output' },
  },
  {
    name: 'flood of printing',
    text: 'async () => { if (typeof console === "undefined") return "nothing"; for (let i = 0; i < 500; i++) { console.log("x".repeat(1000)); await new Promise(go => setTimeout(go, 1)) } return "open" }',
    limits: { outputBytes: 50_000, timeMs: 20_000 },
    ...{ worker: 'output', wasm: 'nothing', process: 'output' },
  },
  {
    name: 'reading the environment',
    text: attempt(
      'const found = globalThis.process?.env.SANDBOX_TEST_SECRET; if (found) return "open"',
    ),
    ...{ worker: 'nothing', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: "reading the parent's environment through /proc",
    text: attempt(
      `const { readFileSync, readdirSync } = ${builtin('fs')}; readFileSync('/proc/' + process.ppid + '/environ'); return 'open'`,
    ),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'reading a file',
    text: attempt(`if (${builtin('fs')}.readFileSync(input.secret, 'utf8')) return 'open'`),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'writing a file',
    text: attempt(
      `${builtin('fs')}.writeFileSync(input.folder + '/written.txt', 'x'); return 'open'`,
    ),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'opening a socket',
    text: attempt(
      "if (await (await fetch('http://127.0.0.1:' + input.port)).text() === 'open') return 'open'",
    ),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing', bare: 'open' },
  },
  {
    name: 'starting a process',
    text: attempt(`${builtin('child_process')}.execFileSync('/bin/true'); return 'open'`),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'starting a thread',
    text: attempt(
      `const { Worker } = ${builtin('worker_threads')}; await new Worker('', { eval: true }).terminate(); return 'open'`,
    ),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'signalling the parent',
    text: attempt("if (globalThis.process.kill(input.pid, 0)) return 'open'"),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'setting flags of the engine that write files',
    text: attempt(`${builtin('v8')}.setFlagsFromString('--no-trace-turbo'); return 'open'`),
    ...{ worker: 'open', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'process.exit',
    text: '() => { process.exit(0) }',
    ...{ worker: 'crashed', wasm: 'threw', process: 'crashed' },
  },
  {
    name: 'unhandled rejection',
    text: 'async () => { Promise.reject(new Error("unhandled")); await new Promise(go => setTimeout(go, 1000)) }',
    ...{ worker: 'crashed', wasm: 'threw', process: 'crashed' },
  },
  {
    name: 'escape through the constructor chain',
    text: '(input, context) => { for (const one of [input, context, context.progress]) { const found = one.constructor.constructor("return typeof process === \'undefined\' ? undefined : process")(); if (found) return "open" } return "nothing" }',
    ...{ worker: 'open', wasm: 'nothing', process: 'threw' },
  },
  {
    name: 'poisoned prototypes and globals',
    text: '() => { Object.prototype.polluted = 1; Array.prototype.map = () => "x"; JSON.stringify = () => "{}"; return "nothing" }',
    ...{ worker: 'nothing', wasm: 'nothing', process: 'nothing' },
  },
  {
    name: 'result with a function',
    text: '() => ({ run: () => 1 })',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'result with a BigInt',
    text: '() => ({ big: 1n })',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'result in a circle',
    text: '() => { const all = {}; all.all = all; return all }',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'result with a key __proto__',
    text: '() => JSON.parse(\'{"__proto__":{"polluted":1}}\')',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'result with a getter that throws',
    text: '() => ({ get value() { throw new Error("got") } })',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'proxy with hostile traps',
    text: '() => new Proxy({}, { get() { throw new Error("trap") }, ownKeys() { throw new Error("trap") } })',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'toJSON that loops',
    text: '() => ({ toJSON() { for (;;); } })',
    limits: SHORT,
    ...{ worker: 'timeout', wasm: 'timeout', process: 'timeout' },
  },
  {
    name: 'nesting too deep to walk',
    text: '() => { let all = []; for (let i = 0; i < 1000; i++) all = [all]; return all }',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
  {
    name: 'thrown value that fights being read',
    text: '() => { throw new Proxy(() => {}, { get() { throw 1 }, getPrototypeOf() { throw 1 } }) }',
    ...{ worker: 'threw', wasm: 'threw', process: 'threw' },
  },
]

const bareSandbox = createSandbox({ concurrency: 2 })
const sandbox = createSandbox({ concurrency: 2 })
const walls = await findWalls()
const namespaces = typeof walls !== 'string' && walls.bubblewrap !== undefined

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  // A sandbox looks for bubblewrap once, at its first call: this one finds none.
  const path = process.env['PATH']
  process.env['PATH'] = '/nonexistent'
  const code = { kind: 'source', text: '() => 1' } as const
  await bareSandbox.run({ code, tier: 'process', input: null })
  process.env['PATH'] = path
})

afterAll(async () => {
  await Promise.all([sandbox.close(), bareSandbox.close()])
  server.close()
  rmSync(folder, { recursive: true })
})

/** How it came out, in the words of `Expected`. */
function wordOf(outcome: SandboxOutcome): string {
  return outcome.ok ? String(outcome.value) : outcome.receipt.ended
}

function attack(one: Attack, tier: 'worker' | 'wasm' | 'process', bare = false) {
  const input = { secret, folder, port, pid: process.pid }
  return (bare ? bareSandbox : sandbox).run({
    code: { kind: 'source', text: one.text },
    tier,
    input,
    ...(one.limits && { limits: one.limits }),
  })
}

describe.each(['worker', 'wasm', 'process'] as const)('%s [L6]', tier => {
  it.each(ATTACKS.map(one => [one.name, one] as const))('under attack: %s', async (_name, one) => {
    const expected = tier === 'process' && !namespaces ? (one.bare ?? one.process) : one[tier]
    const outcome = await attack(one, tier)
    expect([wordOf(outcome), outcome.ok ? '' : outcome.error.message]).toEqual([
      expected,
      expect.any(String),
    ])
    expect('polluted' in {}).toBe(false)
    expect(outcome.receipt.tier).toBe(tier)
  })
})

describe('forged messages', () => {
  const send = {
    worker: `const { parentPort } = ${builtin('worker_threads')}; parentPort.postMessage(input)`,
    process: `${builtin('fs')}.writeSync(3, (typeof input === 'string' ? input : JSON.stringify(input)) + '\\n')`,
  }
  it.each<['worker' | 'process', Json, Ending]>([
    ...(['worker', 'process'] as const).flatMap((tier): ['worker' | 'process', Json, Ending][] => [
      [tier, null, 'crashed'],
      [tier, 'no message', 'crashed'],
      [tier, ['returned', { length: 1 }], 'crashed'],
      [tier, ['returned', '{'], 'threw'],
      [tier, ['threw', { toString: 1, valueOf: 1 }, [[]]], 'threw'],
      [tier, ['broken'], 'crashed'],
      [tier, ['memory'], 'memory'],
    ]),
  ])('%s sends %j', async (tier, input, ended) => {
    const text = `async input => { ${send[tier]}; await new Promise(() => {}) }`
    const call = { code: { kind: 'source', text }, tier, input } as const
    expect((await sandbox.run(call)).receipt.ended).toBe(ended)
  })

  it.each(['worker', 'process'] as const)('%s says nothing of the memory it held', async tier => {
    const text = `async input => { ${send[tier]}; await new Promise(() => {}) }`
    const input = ['returned', '1', -5]
    const { receipt } = await sandbox.run({ code: { kind: 'source', text }, tier, input })
    expect(receipt.ended).toBe('returned')
    // A child may have been weighed by then.
    expect(receipt.memoryBytes ?? 0).toBeGreaterThanOrEqual(0)
  })
})

describe('process without namespaces [L6]', () => {
  it.each(
    ATTACKS.filter(one => one.bare || /signal|process|environ|file|flags/.test(one.name)).map(
      one => [one.name, one] as const,
    ),
  )('under attack: %s', async (_name, one) => {
    const outcome = await attack(one, 'process', true)
    expect(wordOf(outcome)).toBe(one.bare ?? one.process)
    expect(outcome.receipt.walls).toEqual(['permission'])
  })

  it('refuses to limit the network', async () => {
    for (const network of [[], ['127.0.0.1']]) {
      const code = { kind: 'source', text: '() => 1' } as const
      const outcome = await bareSandbox.run({ code, tier: 'process', input: null, network })
      expect(outcome).toMatchObject({
        ok: false,
        error: { message: /cannot limit the network here: bubblewrap .* not installed/ },
        receipt: { ended: 'refused', walls: [] },
      })
    }
  })
})

describe('what a call is allowed', () => {
  const tiers = namespaces ? (['wasm', 'process'] as const) : (['wasm'] as const)

  it.each(tiers)('%s reaches the hosts of its list and no other', async tier => {
    const text =
      'async (input, { fetch }) => { const yes = (await fetch(input.yes)).body; let no = "nothing"; try { no = (await fetch(input.no)).body } catch (error) { no = error.message } return [yes, no] }'
    const before = reached
    const outcome = await sandbox.run({
      code: { kind: 'source', text },
      tier,
      input: { yes: `http://127.0.0.1:${port}/`, no: `http://localhost:${port}/` },
      network: [`127.0.0.1:${port}`],
    })
    const no = `localhost:${port} is not among the hosts of this call`
    expect(outcome).toMatchObject({ ok: true, value: ['open', no] })
    expect(reached).toBe(before + 1)
  })

  it.each(['wasm', 'process'] as const)('%s reads the files of its list only', async tier => {
    const allowed = mkdtempSync(join(tmpdir(), 'toolgate-allowed-'))
    writeFileSync(join(allowed, 'yes.txt'), 'yes')
    symlinkSync(secret, join(allowed, 'link.txt'))
    const text =
      'async (input, { readFile }) => { const all = []; for (const path of input) { try { all.push(await readFile(path)) } catch { all.push("nothing") } } return all }'
    const outcome = await sandbox.run({
      code: { kind: 'source', text },
      tier,
      input: [join(allowed, 'yes.txt'), secret, `${allowed}/../${secret.slice(tmpdir().length)}`],
      files: [allowed],
    })
    expect(outcome).toMatchObject({ ok: true, value: ['yes', 'nothing', 'nothing'] })
    const link = await sandbox.run({
      code: { kind: 'source', text },
      tier: 'wasm',
      input: [join(allowed, 'link.txt')],
      files: [allowed],
    })
    expect(link).toMatchObject({ ok: true, value: ['nothing'] })
    rmSync(allowed, { recursive: true })
  })
})

describe('the guide', () => {
  it('shows this table as it is', () => {
    const rows = ATTACKS.map(one => {
      const bare = one.bare ?? one.process
      return `| ${one.name} | ${one.worker} | ${one.wasm} | ${one.process} | ${bare} |`
    })
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/sandbox.md'), 'utf8')
    const shown = guide.split('\n').filter(line => /^\| [^|]+(\| \w+ ){4}\|$/.test(line))
    expect(shown.slice(1)).toEqual(rows)
  })
})

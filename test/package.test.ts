import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const execute = promisify(execFile)
const root = join(import.meta.dirname, '..')
let folder = ''

/** A program of someone who has installed the package and none of what is optional. */
const PROGRAM = `
import { createSandbox, runTools, tool } from 'toolgate'
import { startGateway } from 'toolgate/gateway'
import { scripted, startTwin, TWIN_VENDORS } from 'toolgate/testing'

const twin = await startTwin({
  vendor: TWIN_VENDORS.openai,
  model: scripted([{ calls: [{ name: 'add', arguments: { a: 1 } }] }, { text: 'Two.' }]),
})
const sandbox = createSandbox()
const tiers = ['worker', 'wasm', 'process'] as const
const ended: unknown[] = []
for (const tier of tiers) {
  const outcome = await sandbox.run({
    code: { kind: 'source', text: 'async input => input.a + 1' },
    tier,
    input: { a: 1 },
  })
  ended.push(outcome.receipt.tier, outcome.ok ? outcome.value : outcome.error.message)
}
const add = tool({
  name: 'add',
  input: { type: 'object', properties: { a: { type: 'integer' } } },
  run: () => 2,
})
const run = runTools({
  model: 'gpt-4o',
  baseUrl: twin.url + '/v1',
  key: 'test',
  prompt: 'One and one?',
  tools: [add],
})
const { text, totals } = await run
await sandbox.close()
await twin.close()
console.log(JSON.stringify({ text, paid: (totals.cost ?? 0) > 0, ended, gateway: typeof startGateway }))
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toolgate-package-'))
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const { stdout } = await execute('npm', pack, { cwd: root })
  const installed = join(folder, 'node_modules', 'toolgate')
  await mkdir(installed, { recursive: true })
  const archive = join(folder, stdout.trim())
  await execute('tar', ['-xzf', archive, '-C', installed, '--strip-components=1'])
  // Its dependencies and no others: what is not declared is not found.
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(root, 'node_modules', name), link)
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'program.ts'), PROGRAM)
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

it('is typed for a program that checks the declarations of what it uses', async () => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = await execute(process.execPath, [tsc, '-p', folder]).catch(error => error)
  expect(stdout).toBe('')
})

it('runs with its declared dependencies alone, its sandbox and its prices too', async () => {
  const { stdout } = await execute(process.execPath, [join(folder, 'program.js')])
  const { ended, ...rest } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  expect(rest).toEqual({ text: 'Two.', paid: true, gateway: 'function' })
  const [, worker, , wasm, tier] = ended
  expect({ worker, wasm, tier }).toEqual({ worker: 2, wasm: 2, tier: 'process' })
})

it('has a program that says what it can do', async () => {
  const cli = join(folder, 'node_modules', 'toolgate', 'dist', 'cli.js')
  const { stdout } = await execute(process.execPath, [cli, '--help'])
  expect(stdout).toMatch(/^Usage: toolgate /)
})

// Makes dist/ of src/: the declarations as they stand there, the programs bundled.
import { chmodSync, cpSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

// Inside an installed package there is nothing to build: dist/ came with it.
if (process.argv.includes('--if-source') && !existsSync(join(root, 'node_modules', 'typescript'))) {
  process.exit(0)
}

const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })
run(process.execPath, [
  join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  '-p',
  'tsconfig.build.json',
])
const { bundle } = await import('./bundle.mjs')
const entries = ['index', 'gateway', 'testing', 'cli']
await bundle(Object.fromEntries(entries.map(name => [name, `src/${name}.ts`])), dist)
// Not bundled: threads and processes of the sandbox start from these files, and may read no others.
cpSync(join(root, 'src', 'sandbox', 'guest'), join(dist, 'guest'), { recursive: true })

const cli = join(dist, 'cli.js')
chmodSync(cli, 0o755)
const now = new Date()
utimesSync(cli, now, now)

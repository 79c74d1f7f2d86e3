// Makes dist/ of src/: the declarations as they stand there, the programs bundled.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
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
// Only now: an installed package has neither.
const { bundle, bundled } = await import('./bundle.mjs')
const { findProvider } = await import('@pydantic/genai-prices')
const entries = ['index', 'gateway', 'testing', 'cli']
await bundle(Object.fromEntries(entries.map(name => [name, `src/${name}.ts`])), dist)
// Not bundled: threads and processes of the sandbox start from these files, and may read no others.
cpSync(join(root, 'src', 'sandbox', 'guest'), join(dist, 'guest'), { recursive: true })

// The price data, of those vendors that the catalog reads: evaluating the package takes 60 ms.
const { PROVIDERS } = await bundled('src/providers/index.ts')
mkdirSync(join(dist, 'prices'))
for (const name of PROVIDERS.flatMap(({ priceNames = [] }) => priceNames))
  writeFileSync(
    join(dist, 'prices', `${name}.json`),
    JSON.stringify(findProvider({ providerId: name })),
  )

const cli = join(dist, 'cli.js')
chmodSync(cli, 0o755)
const now = new Date()
utimesSync(cli, now, now)

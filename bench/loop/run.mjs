// npm run bench:loop: the tool loops side by side, each on the same strict twin.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { behavioursOf } from './behaviours.mjs'
import { CASES } from './cases.mjs'
import { BESIDE, CLIENTS } from './clients.mjs'
import { overheadOf } from './overhead.mjs'
import { machineNow, page } from './page.mjs'

const args = process.argv.slice(2)
if (args.includes('--help')) {
  console.log(`usage: npm run bench:loop -- [--only behaviours|overhead] [--rounds N] [--write]

  --only PART  one of the two parts
  --rounds N   rounds of the overhead; the median of each figure counts (default 3)
  --write      writes docs/benchmarks-loop.md; needs both parts`)
  process.exit(0)
}
const value = (name, fallback) => (args.includes(name) ? args[args.indexOf(name) + 1] : fallback)
const only = value('--only')
const rounds = Number(value('--rounds', 3))
const write = args.includes('--write')
if (![undefined, 'behaviours', 'overhead'].includes(only)) fail(`--only: unknown part '${only}'`)
if (!(Number.isInteger(rounds) && rounds > 0)) fail('--rounds: expected a whole number above 0')
if (write && only !== undefined) fail('--write needs both parts')

const folder = new URL('.', import.meta.url).pathname
if (!existsSync(`${folder}node_modules/.package-lock.json`)) {
  console.error('bench: installing the loops that are measured …')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) fail('the loops could not be installed')
}

const began = machineNow()
console.log(began.text)
const behaviours = new Map()
if (only !== 'overhead')
  for (const client of CLIENTS) {
    console.log(`\n${client.name}`)
    behaviours.set(
      client,
      await behavioursOf(client, {
        report: (one, verdict, words) => console.log(`  ${verdict} ${one.name}: ${words}`),
      }),
    )
  }
const figures =
  only === 'behaviours'
    ? []
    : await overheadOf([...CLIENTS, ...BESIDE], {
        rounds,
        report: ({ client, shape, cpuMs, wallMs, loadMs, firstMs, heapMb, grownKb, peakMb }) =>
          console.log(
            `${shape.name.padEnd(20)} ${client.id.padEnd(18)} ${cpuMs.toFixed(2)} ms CPU, ${wallMs.toFixed(2)} ms wall, load ${loadMs.toFixed(0)} ms, first ${firstMs.toFixed(1)} ms, heap ${heapMb.toFixed(1)} MB (${grownKb.toFixed(1)} KB a run), peak ${peakMb.toFixed(0)} MB`,
          ),
      })
if (write) {
  const file = new URL('../../docs/benchmarks-loop.md', import.meta.url)
  writeFileSync(
    file,
    page({ cases: CASES, behaviours, figures, rounds, began, ended: machineNow() }),
  )
  console.log(`\nwrote ${file.pathname}`)
}

function fail(why) {
  console.error(`bench:loop: ${why}`)
  process.exit(2)
}

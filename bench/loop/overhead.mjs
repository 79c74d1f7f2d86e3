// What a run costs the process that runs it, beside a bare loop that makes the same exchanges.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { start } from '../process.mjs'
import { cleanEnvironment } from './behaviours.mjs'

const here = name => new URL(name, import.meta.url).pathname
const execute = promisify(execFile)

/** Calls a turn, turns with calls (one more answers), and runs that a figure is the mean of. */
export const SHAPES = [
  { name: '1 call', calls: 1, turns: 1, runs: 300 },
  { name: '10 calls a turn', calls: 10, turns: 1, runs: 200 },
  { name: '50 calls a turn', calls: 50, turns: 1, runs: 100 },
  { name: '100 turns of 1 call', calls: 1, turns: 100, runs: 6 },
]

/** For each client and shape the medians of the rounds, which take the clients in turn. */
export async function overheadOf(clients, { rounds, report = () => {} }) {
  const figures = []
  for (const shape of SHAPES) {
    const samples = new Map(clients.map(client => [client, []]))
    for (let round = 0; round < rounds; round++) {
      for (const client of clients) samples.get(client).push(await cost(client, shape))
    }
    for (const [client, list] of samples) {
      const figure = { client, shape, ...medians(list) }
      figures.push(figure)
      report(figure)
    }
  }
  return figures
}

async function cost(client, { calls, turns, runs }) {
  const shape = ['shape', `${calls}`, `${turns}`]
  const twin = await start(process.execPath, [here('twin.mjs'), client.protocol, ...shape])
  try {
    const { stdout } = await execute(
      process.execPath,
      [
        '--expose-gc',
        here('child.mjs'),
        client.file,
        client.protocol,
        twin.url,
        ...shape,
        `${runs}`,
      ],
      { env: cleanEnvironment(), timeout: 120_000 },
    )
    return JSON.parse(stdout.split('\n').find(line => line.startsWith('{"type":"cost"')))
  } finally {
    await twin.stop()
  }
}

function medians(list) {
  const names = ['wallMs', 'cpuMs', 'loadMs', 'firstMs', 'heapMb', 'grownKb', 'peakMb']
  const figures = Object.fromEntries(names.map(name => [name, median(list.map(one => one[name]))]))
  const cpu = list.map(one => one.cpuMs)
  return { ...figures, cpuSpread: (Math.max(...cpu) - Math.min(...cpu)) / figures.cpuMs }
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2
}

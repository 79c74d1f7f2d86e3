// One client in a process of its own. Tells what happens in lines of JSON, so that what a run did is
// known even if it never ends.
//   node child.mjs FILE PROTOCOL URL case NAME [opt-in]
//   node --expose-gc child.mjs FILE PROTOCOL URL shape CALLS TURNS RUNS
import { writeSync } from 'node:fs'
import { CASES, PATIENCE } from './cases.mjs'

const [file, protocol, url, kind, ...spec] = process.argv.slice(2)
const { connect } = await import(`./clients/${file}.mjs`)
const tell = line => writeSync(1, `${JSON.stringify(line)}\n`)

const schema = {
  type: 'object',
  properties: { n: { type: 'integer' } },
  required: ['n'],
  additionalProperties: false,
}
const toolThat = execute => ({ name: 'count', description: 'Counts a number.', schema, execute })

if (kind === 'case') await playCase(CASES.find(({ name }) => name === spec[0]))
else await measure(...spec.map(Number))
// A tool that hangs may hold the process.
process.exit(0)

async function playCase({ execute = ({ n }) => `counted ${n}`, maxTurns = 8, ...one }) {
  const counting = toolThat(input => {
    tell({ type: 'ran', input })
    return execute(input)
  })
  const onText = text => tell({ type: 'text', text })
  const { deadlineMs, stream = false, secret } = one
  const optIn = spec[1] === 'opt-in'
  const run = connect({ url, protocol, tools: [counting], maxTurns, deadlineMs, secret, optIn })
  const began = performance.now()
  const ms = () => Math.round(performance.now() - began)
  setTimeout(() => {
    tell({ type: 'end', ended: 'hung', text: '', ms: ms() })
    process.exit(0)
  }, PATIENCE)
  try {
    const { text, outcome } = await run({ stream, onText })
    tell({ type: 'end', ended: 'returned', text, outcome, ms: ms() })
  } catch (error) {
    const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    tell({ type: 'end', ended: 'threw', error: words, ms: ms() })
  }
}

/** Runs a shape again and again, and tells what one run cost this process. */
async function measure(calls, turns, runs) {
  let ran = 0
  const counting = toolThat(({ n }) => {
    ran++
    return `counted ${n}`
  })
  const run = connect({ url, protocol, tools: [counting], maxTurns: turns + 2 })
  const once = async () => {
    ran = 0
    const { text } = await run({ stream: false })
    if (text !== 'Done.' || ran !== calls * turns)
      throw new Error(`${ran} calls ran and it said ${JSON.stringify(text)}`)
  }
  // Loading the client is all that this process has done so far.
  const loadMs = cpuMsSince()
  const first = process.cpuUsage()
  await once()
  const firstMs = cpuMsSince(first)
  // As many again, so that the engine has compiled what it is going to.
  for (let i = 1; i < runs; i++) await once()
  globalThis.gc()
  const heapBefore = process.memoryUsage().heapUsed
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  for (let i = 0; i < runs; i++) await once()
  const wallMs = (performance.now() - began) / runs
  const cpuMs = cpuMsSince(cpuBefore) / runs
  globalThis.gc()
  const { heapUsed } = process.memoryUsage()
  tell({
    type: 'cost',
    wallMs,
    cpuMs,
    loadMs,
    firstMs,
    heapMb: heapUsed / 2 ** 20,
    grownKb: (heapUsed - heapBefore) / 1024 / runs,
    peakMb: process.resourceUsage().maxRSS / 1024,
  })
}

function cpuMsSince(before) {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

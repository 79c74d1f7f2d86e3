// What tracing costs the process that runs the loop:
//   node --expose-gc bench/loop/traces.mjs [--rounds N] [--context]
// One process makes the same runs in several ways, a block of each in turn, and a round of blocks is
// compared within itself, so that what else the machine does weighs on all alike. The twin is a process
// of its own. `--context` registers the context manager that a program with OpenTelemetry has as well.
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { runTools, tool } from '../../dist/index.js'
import { start } from '../process.mjs'

const args = process.argv.slice(2)
const rounds = args.includes('--rounds') ? Number(args[args.indexOf('--rounds') + 1]) : 40
if (args.includes('--context'))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const exporter = new InMemorySpanExporter()
const spanProcessors = [new SimpleSpanProcessor(exporter)]
const idle = new BasicTracerProvider().getTracer('bench')
const tracer = new BasicTracerProvider({ spanProcessors }).getTracer('bench')
/** The first is what the others are compared with. */
const WAYS = [
  { name: 'no tracer', options: {} },
  { name: 'trace: false', options: { trace: false } },
  { name: 'spans, no processor', options: { trace: { tracer: idle } } },
  { name: 'spans, kept in memory', options: { trace: { tracer } } },
  { name: 'the same, with content', options: { trace: { tracer, content: true } } },
]
const SHAPES = [
  { name: '1 call', calls: 1, runs: 40 },
  { name: '50 calls in a turn', calls: 50, runs: 20 },
]

const count = tool({
  name: 'count',
  description: 'Counts a number.',
  input: {
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
    additionalProperties: false,
  },
  run: ({ n }) => `counted ${n}`,
})

/** CPU milliseconds of a run, user and system, as the mean of a block. */
async function block(at, { options }, { calls, runs }) {
  // What the block before has left is not this one's; a whole collection would drop compiled code.
  globalThis.gc?.({ type: 'minor' })
  const before = process.cpuUsage()
  for (let i = 0; i < runs; i++) {
    const { text, totals } = await runTools({ ...at, ...options, tools: [count], prompt: 'Go.' })
    if (text !== 'Done.' || totals.calls !== calls) throw new Error(`it said ${text}`)
  }
  const { user, system } = process.cpuUsage(before)
  exporter.reset()
  return (user + system) / 1000 / runs
}

/** Every way comes first as often as any other, and after any other as often: a Williams design. */
function order(round) {
  const { length } = WAYS
  const steps = WAYS.map((_, at) => (at % 2 === 1 ? (at + 1) / 2 : length - at / 2) % length)
  const turned = steps.map(step => (step + round) % length)
  return round % (2 * length) < length ? turned : turned.reverse()
}

function quantile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.round((sorted.length - 1) * part)]
}

for (const shape of SHAPES) {
  const twin = await start(process.execPath, [
    new URL('twin.mjs', import.meta.url).pathname,
    'openai',
    'shape',
    `${shape.calls}`,
    '1',
  ])
  const at = { model: 'gpt-4o', baseUrl: `${twin.url}/v1`, key: 'bench', stream: false }
  const samples = WAYS.map(() => [])
  // As many as it takes until the engine has compiled what it is going to.
  for (let i = 0; i < 8; i++) for (const way of WAYS) await block(at, way, shape)
  for (let round = 0; round < rounds; round++)
    for (const which of order(round)) samples[which].push(await block(at, WAYS[which], shape))
  await twin.stop()
  console.log(`${shape.name}: ${rounds} rounds, ${shape.runs} runs a block; CPU ms a run`)
  for (const [index, { name }] of WAYS.entries()) {
    const more = samples[index].map((ms, round) => ms - samples[0][round])
    const [low, middle, high] = [0.25, 0.5, 0.75].map(part => quantile(more, part).toFixed(3))
    const ms = quantile(samples[index], 0.5).toFixed(2)
    console.log(
      `  ${name.padEnd(24)} ${ms.padStart(6)}  more: ${middle} (quartiles ${low}, ${high})`,
    )
  }
}

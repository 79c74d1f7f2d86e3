// Measures what a call of each tier costs, warm: node bench/sandbox.mjs [calls], after npm run build.
import { setTimeout as wait } from 'node:timers/promises'
import { createSandbox } from '../dist/index.js'

const calls = Number(process.argv[2] ?? 300)
const text =
  'async order => ({ total: order.lines.reduce((sum, one) => sum + one.price * one.count, 0) })'
const input = {
  lines: [
    { price: 2.5, count: 4 },
    { price: 10, count: 1 },
  ],
}
const sandbox = createSandbox({ concurrency: 1 })

/** Runs one tier and answers its quantiles in milliseconds, the caller's whole wait. */
async function measure(tier, count, pause = 0) {
  const once = async () => {
    const started = performance.now()
    const outcome = await sandbox.run({ code: { kind: 'source', text }, tier, input })
    if (!outcome.ok || outcome.value.total !== 20) throw new Error(JSON.stringify(outcome))
    return performance.now() - started
  }
  const cold = await once()
  // Let the engines reach their working state.
  for (let i = 0; i < count / 10; i++) await once()
  const times = []
  for (let i = 0; i < count; i++) {
    if (pause > 0) await wait(pause)
    times.push(await once())
  }
  times.sort((a, b) => a - b)
  const at = share => times[Math.floor(share * (times.length - 1))].toFixed(2)
  return {
    tier,
    pause,
    calls: count,
    cold: cold.toFixed(1),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  }
}

console.table([
  await measure('worker', calls),
  // A model's calls come apart; without a pause each waits for the next fresh engine.
  await measure('wasm', calls, 40),
  await measure('wasm', calls),
  await measure('process', Math.ceil(calls / 15)),
])
console.log(`resident: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`)
await sandbox.close()

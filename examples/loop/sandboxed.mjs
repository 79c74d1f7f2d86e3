// A tool whose code nobody has vetted: it runs in WebAssembly, with no network, no files, no
// environment, and is stopped at its limits.
import { createSandbox, runTools, tool } from 'toolgate'
import { z } from 'zod'

const convert = tool({
  name: 'convert_temperature',
  description: 'Convert a temperature from celsius to fahrenheit.',
  input: z.object({ celsius: z.number() }),
  code: { kind: 'source', text: '({ celsius }) => ({ fahrenheit: celsius * 1.8 + 32 })' },
  sandbox: { limits: { memoryBytes: 16 * 1024 * 1024 } },
  timeoutMs: 2000,
})

const sandbox = createSandbox()
const { text, calls } = await runTools({
  model: 'gpt-4o',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8665/v1',
  key: process.env.API_KEY,
  prompt: 'Convert a temperature of 100 celsius to fahrenheit.',
  tools: [convert],
  sandbox,
})
await sandbox.close()
for (const { tool, receipt } of calls) console.log(`${tool} ran in ${receipt?.tier}`)
console.log(text)

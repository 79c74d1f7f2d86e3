// Survives a crash: kill it at any moment, start it again, and it goes on where it was.
import { existsSync } from 'node:fs'
import { resume, runTools, tool } from 'toolgate'
import { z } from 'zod'

const journal = process.env.JOURNAL ?? 'run.jsonl'

const sendInvoice = tool({
  name: 'send_invoice',
  description: 'Send an invoice to a customer by name.',
  input: z.object({ customer: z.string() }),
  effect: 'irreversible',
  lock: 'mail',
  run({ customer }) {
    if (process.env.CRASH) process.kill(process.pid, 'SIGKILL')
    return `Invoice sent to ${customer}.`
  },
})

const options = { key: process.env.API_KEY, tools: [sendInvoice], journal }
const run = existsSync(journal)
  ? resume(journal, options)
  : runTools({
      ...options,
      model: 'gpt-4o',
      baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8665/v1',
      prompt: 'Send an invoice to the customer Ada.',
    })

const { calls, text, ended } = await run
for (const { tool, outcome } of calls) console.log(`${tool}: ${outcome}`)
console.log(`${ended}: ${text}`)

// A call that a person has to agree to: the run pauses, is stored, and goes on in another process.
//   node approval.mjs "Refund order 12345"     pauses, and writes paused.json
//   node approval.mjs approve                  goes on; or: reject "not yet"
import { readFileSync, writeFileSync } from 'node:fs'
import { resume, runTools, tool } from 'toolgate'
import { z } from 'zod'

const refund = tool({
  name: 'refund_order',
  description: 'Refund an order by its order ID.',
  input: z.object({ order_id: z.string() }),
  effect: 'irreversible',
  approval: ({ order_id }) => `refund order ${order_id}?`,
  run: ({ order_id }, { idempotencyKey }) => `Order ${order_id} is refunded (${idempotencyKey}).`,
})

const options = {
  key: process.env.API_KEY,
  tools: [refund],
  signingKey: process.env.SIGNING_KEY ?? 'change me',
}
const file = process.env.PAUSED ?? 'paused.json'
const [word = 'Refund order 12345', reason = 'a person said no'] = process.argv.slice(2)

let run
if (word === 'approve' || word === 'reject') {
  const paused = JSON.parse(readFileSync(file, 'utf8'))
  const decision = word === 'approve' ? 'approve' : { reject: reason }
  const decisions = Object.fromEntries(paused.waiting.map(({ callId }) => [callId, decision]))
  run = resume(paused, { ...options, decisions })
} else {
  const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:8665/v1'
  run = runTools({ ...options, model: 'gpt-4o', baseUrl, prompt: word })
}

const result = await run
if (result.paused) {
  writeFileSync(file, JSON.stringify(result.paused))
  for (const call of result.paused.waiting) console.log(`waiting: ${call.reason}`)
} else console.log(result.text || result.reason)

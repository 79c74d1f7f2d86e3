// Streams the answer to the terminal, and shows each call while it runs.
import { setTimeout as sleep } from 'node:timers/promises'
import { runTools, tool } from 'toolgate'
import { z } from 'zod'

const countStock = tool({
  name: 'count_stock',
  description: 'Count how many pieces of a product are in stock.',
  input: z.object({ product: z.string() }),
  // What is yielded is progress; what is returned is the result.
  async *run({ product }) {
    for (const shelf of [1, 2, 3]) {
      await sleep(10)
      yield `shelf ${shelf} of 3`
    }
    return { product, pieces: 42 }
  },
})

const run = runTools({
  model: 'gpt-4o',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8665/v1',
  key: process.env.API_KEY,
  prompt: 'How many pieces of the product "lamp" are in stock?',
  tools: [countStock],
})
process.once('SIGINT', () => run.abort('Ctrl-C'))

for await (const event of run) {
  if (event.type === 'text-delta') process.stdout.write(event.text)
  else if (event.type === 'call-start') console.log(`> ${event.tool}(${event.input.product})`)
  else if (event.type === 'call-progress') console.log(`  ${event.value}`)
  else if (event.type === 'call-end') console.log(`  ${event.outcome}: ${event.text}`)
  else if (event.type === 'end') console.log(`\n[${event.result.ended}: ${event.result.reason}]`)
}

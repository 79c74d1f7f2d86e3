// Several tools: the model picks, and the calls of a turn run side by side.
import { retryHint, runTools, tool } from 'toolgate'
import { z } from 'zod'

const orders = new Map([
  ['12345', 'shipped'],
  ['67890', 'in the warehouse'],
])

const searchProducts = tool({
  name: 'search_products',
  description: 'Search the product catalog by keyword.',
  input: z.object({ query: z.string(), max_results: z.number().int().max(20).default(5) }),
  run: ({ query, max_results }) => [`${query}, black`, `${query}, white`].slice(0, max_results),
})

const getOrderStatus = tool({
  name: 'get_order_status',
  description: 'Check the status of an order by order ID.',
  input: z.object({ order_id: z.string() }),
  run({ order_id }) {
    const status = orders.get(order_id)
    // The model reads this, and can ask for another order or tell the user.
    if (!status)
      throw retryHint(`There is no order ${order_id}. Ask the user for the right number.`)
    return { order_id, status }
  },
})

const run = runTools({
  model: 'gpt-4o',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8665/v1',
  key: process.env.API_KEY,
  instructions: 'You help the customers of a shop.',
  prompt: process.argv[2] ?? 'Where is my order 12345?',
  tools: [searchProducts, getOrderStatus],
})

const { text, calls } = await run
for (const { tool, arguments: input, outcome, ms } of calls)
  console.log(`${tool} ${input}: ${outcome} in ${ms} ms`)
console.log(text)

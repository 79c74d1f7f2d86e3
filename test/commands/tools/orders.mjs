import { setTimeout as rest } from 'node:timers/promises'
import { image, output, tool } from 'toolgate'

export default [
  tool({
    name: 'get_weather',
    description: 'Get the current weather for a given city.',
    input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    run: ({ city }) => ({ city, temperature: 22 }),
  }),
  tool({
    name: 'refund_order',
    description: 'Refund an order by its order ID.',
    input: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] },
    effect: 'irreversible',
    approval: true,
    run: ({ order_id }) => `Order ${order_id} is refunded.`,
  }),
]

export const drawDot = tool({
  name: 'draw_dot',
  description: 'Draw a dot.',
  run: () => output(['A dot:', image(new Uint8Array([137, 80, 78, 71]), 'image/png')]),
})

export const sleep = tool({
  name: 'sleep',
  description: 'Sleep for ever.',
  timeoutMs: 200,
  run: () => new Promise(() => {}),
})

export const countUp = tool({
  name: 'count_up',
  description: 'Count to three.',
  async *run() {
    yield 'one'
    yield { two: 2 }
    // The SDK's client lets go of steps that it reads together with the result.
    await rest(50)
    return 3
  },
})

import type { AskTool } from '../../../src/conformance/ask.ts'

export const WEATHER: AskTool = {
  name: 'get_weather',
  description: 'Get the weather of a city',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['C', 'F'] } },
    required: ['city'],
  },
}
export const TIME: AskTool = {
  name: 'get_time',
  description: 'Get the time of a zone',
  parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
}
export const PING: AskTool = { name: 'ping', description: 'Answers at once' }

/** A red dot, 1 × 1. */
export const DOT =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

/** A call as a script has it, and as a client is to get it. */
export const call = (name: string, args: string) =>
  ({ type: 'call', name, arguments: args }) as const
export const text = (said: string) => ({ type: 'text', text: said }) as const
export const user = (said: string) => ({ role: 'user', text: said }) as const

// One tool: the whole program. Start the gateway with `npx toolgate`, then run this.
import { runTools, tool } from 'toolgate'
import { z } from 'zod'

const getWeather = tool({
  name: 'get_weather',
  description: 'Get the current weather for a given city.',
  input: z.object({ city: z.string().describe("The city name, e.g., 'San Francisco'") }),
  run: async ({ city }) => ({ city, temperature: 22, condition: 'partly cloudy' }),
})

const { text, ended, reason } = await runTools({
  model: 'gpt-4o',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8665/v1',
  key: process.env.API_KEY,
  prompt: 'What is the weather like in Tokyo?',
  tools: [getWeather],
})

console.log(ended === 'answered' ? text : `No answer (${ended}): ${reason}`)

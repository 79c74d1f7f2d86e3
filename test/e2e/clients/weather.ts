import { afterAll, beforeAll, expect } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../../src/start.ts'

/** One model of each vendor; the last one's vendor is a compatible one. */
export const MODELS = ['gpt-4o', 'claude-sonnet-5', 'gemini-3.5-flash', 'deepseek-v4-pro'] as const

/** What every client asks first: it takes two calls at once. */
export const QUESTION = 'What is the weather in Oslo and Lima?'
/** What it asks next, in the same conversation. */
export const FOLLOW_UP = 'And what is the weather in Cairo?'

/** The one tool of all clients, as a JSON Schema. */
export const TOOL = {
  name: 'get_weather',
  description: 'Get the weather of a city',
  parameters: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const, description: 'Name of the city' } },
    required: ['city'],
    additionalProperties: false as const,
  },
}

const READINGS: Record<string, string> = {
  Oslo: '-4.25 degrees',
  Lima: '21.75 degrees',
  Cairo: '33.5 degrees',
}

/** The tool itself, which remembers what it was really called with. */
export interface Weather {
  readonly asked: unknown[]
  run(input: unknown): string
}

/** A tool that was not called yet. */
export function weather(): Weather {
  const asked: unknown[] = []
  return {
    asked,
    run(input) {
      asked.push(input)
      const { city } = Object(input)
      return READINGS[city] ?? `nothing is known of ${JSON.stringify(input)}`
    },
  }
}

/** Holds a first turn: two calls with the right arguments, and an answer made of their results. */
export function expectBoth(tool: Weather, answer: string | undefined): void {
  expect(tool.asked).toEqual([{ city: 'Oslo' }, { city: 'Lima' }])
  expect(answer).toContain('-4.25')
  expect(answer).toContain('21.75')
}

/** Holds the turn after it: one more call, and its result in the answer. */
export function expectThird(tool: Weather, answer: string | undefined): void {
  expect(tool.asked.slice(2)).toEqual([{ city: 'Cairo' }])
  expect(answer).toContain('33.5')
}

/** A gateway before the twins of all vendors. */
export async function rehearsing(more: Partial<Config> = {}): Promise<RunningGateway> {
  return startGateway({ ...loadConfig({ port: '0', log: 'silent' }, {}), ...more })
}

/** The same for all tests of a file: begun before the first and closed after the last. */
export function rehearsed(): { readonly url: string } {
  let gateway: RunningGateway | undefined
  beforeAll(async () => {
    gateway = await rehearsing()
  })
  afterAll(() => gateway?.close())
  return {
    get url() {
      if (!gateway) throw new Error('the gateway has not begun yet')
      return gateway.url
    },
  }
}

import { expect } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { type ScriptTurn, scripted } from '../../src/twins/script.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'
import { type ChatTalk, chatTalk } from './talks.ts'

/** A twin, or whatever else stands in for a vendor. */
type Addressed = Pick<Twin, 'url'>

/** What keeps and finds the state of calls, over real HTTP: twins, and gateways before them. */
export interface StateHouse {
  twin(vendor: string, turns: readonly ScriptTurn[] | TwinModel): Promise<Twin>
  /** A gateway with one account, `<vendor>-test`, for each twin; its log lines go to `lines`. */
  gateway(
    twins: Record<string, Addressed>,
    more?: Partial<Config>,
    lines?: string[],
  ): Promise<RunningGateway>
  /** Closes all that was opened, last first. */
  close(): Promise<void>
}

const PATHS: Record<string, string> = { google: '/v1beta', anthropic: '', bedrock: '' }

/** Builds a house; close it after each test. */
export function stateHouse(): StateHouse {
  const opened: { close(): Promise<void> }[] = []
  return {
    async twin(name, turns) {
      const vendor = TWIN_VENDORS[name]
      if (!vendor) throw new Error(`no twin of ${name}`)
      const model = 'answer' in turns ? turns : scripted(turns)
      const twin = await startTwin({ vendor, model, seed: 5 })
      opened.push(twin)
      return twin
    },
    async gateway(twins, more = {}, lines = []) {
      const base = loadConfig({ port: '0', log: 'silent', rehearsal: false }, {})
      const target = { write: (line: string) => lines.push(line) }
      const config = {
        ...base,
        limits: { retries: 0 },
        graceMs: 100,
        accounts: Object.entries(twins).map(([name, twin]) => ({
          name: `${name}-test`,
          provider: name,
          baseUrl: twin.url + (PATHS[name] ?? '/v1'),
          key: 'key',
          source: 'test',
        })),
        ...more,
      }
      const gateway = await startGateway(config, target)
      opened.push(gateway)
      return gateway
    },
    async close() {
      for (const one of opened.splice(0).reverse()) await one.close()
    },
  }
}

/** All that a twin was asked, as one text. */
export function asked(twin: Twin): string {
  return JSON.stringify(twin.requests.map(({ body }) => body))
}

/** What a twin was asked last, as a text. */
export function lastAsked(twin: Twin): string {
  return JSON.stringify(twin.requests.at(-1)?.body)
}

/** A call for a script. */
export function call(name: string, city: string) {
  return { name, arguments: { city } }
}

/** A model of Google's that enforces signatures. */
export const GEMINI = 'gemini-3-flash-preview'
/** The documented stand-in for a signature. */
export const DUMMY = 'skip_thought_signature_validator'

/** A call and the answer. */
export const TURNS: readonly ScriptTurn[] = [
  { calls: [call('look', 'Bonn')] },
  { text: 'It rains.' },
]

/** One call and its answer, between which something may happen; the client strips all state. */
export async function twoSteps(
  first: ChatTalk,
  between: () => ChatTalk | Promise<ChatTalk>,
): Promise<void> {
  first.say('And Bonn?')
  first.answer((await first.ask()).calls)
  const second = await between()
  expect((await second.ask()).text).toBe('It rains.')
}

/** A client that hands back nothing but what it knows. */
export function strips(url: string, key?: string): ChatTalk {
  return chatTalk({ url, model: GEMINI, manner: 'strips', stream: true, ...(key && { key }) })
}

/** Whether the second step got its true signature, and not the stand-in. */
export const isWhole = (twin: Twin) => !asked(twin).includes(DUMMY)

import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { ExchangeRecord } from '../../src/gateway/record.ts'
import { startGateway } from '../../src/start.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { rehearsal } from '../../src/twins/rehearsal/index.ts'
import { type StartTwinOptions, startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

/** A gateway before one OpenAI and one Anthropic twin, all in this process, all over real HTTP. */
export interface House {
  readonly url: string
  readonly openai: Twin
  readonly anthropic: Twin
  /** The log lines so far, parsed. */
  log(): (ExchangeRecord & { level: string })[]
  /** The log as it was written. */
  logText(): string
  close(): Promise<void>
}

export interface HouseOptions {
  readonly model?: TwinModel
  readonly transport?: StartTwinOptions['transport']
  readonly config?: Partial<Config>
}

/** The keys that the house uses for its vendors: they must show up nowhere else. */
export const VENDOR_KEYS = ['sk-secret-openai-0123', 'sk-secret-anthropic-4567']

/** Builds a house; close it when done. */
export async function buildHouse(options: HouseOptions = {}): Promise<House> {
  const model = options.model ?? rehearsal()
  const twin = (name: string) => {
    const vendor = TWIN_VENDORS[name]
    if (!vendor) throw new Error(`no twin of ${name}`)
    const { transport } = options
    return startTwin({ vendor, model, seed: 11, ...(transport ? { transport } : {}) })
  }
  const [openai, anthropic] = await Promise.all([twin('openai'), twin('anthropic')])
  const base = loadConfig(
    { port: '0', rehearsal: false },
    {
      OPENAI_API_KEY: VENDOR_KEYS[0],
      OPENAI_BASE_URL: `${openai.url}/v1`,
      ANTHROPIC_API_KEY: VENDOR_KEYS[1],
      ANTHROPIC_BASE_URL: anthropic.url,
    },
  )
  let text = ''
  const gateway = await startGateway(
    {
      ...base,
      graceMs: 1000,
      ...options.config,
      limits: { backoffMs: 5, ...options.config?.limits },
    },
    { write: line => (text += line) },
  )
  return {
    url: gateway.url,
    openai,
    anthropic,
    logText: () => text,
    log: () =>
      text
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line)),
    async close() {
      await gateway.close()
      await Promise.all([openai.close(), anthropic.close()])
    },
  }
}

/** Waits until something holds; fails after five seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5000
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come to hold within five seconds')
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

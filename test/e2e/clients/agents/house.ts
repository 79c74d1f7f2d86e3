import { loadConfig } from '../../../../src/config/load.ts'
import { startGateway } from '../../../../src/start.ts'
import type { TwinModel } from '../../../../src/twins/model.ts'
import { startTwin } from '../../../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../../../src/twins/vendors.ts'

/** A gateway before the twins of four vendors, all with one model. */
export interface AgentHouse {
  readonly url: string
  /** What the gateway has logged so far. */
  log(): string
  close(): Promise<void>
}

const VENDORS = ['openai', 'anthropic', 'google', 'deepseek'] as const

/** Builds the house; close it when done. */
export async function houseOf(model: TwinModel): Promise<AgentHouse> {
  const twins = await Promise.all(
    VENDORS.map(name => {
      const vendor = TWIN_VENDORS[name]
      if (!vendor) throw new Error(`no twin of ${name}`)
      return startTwin({ vendor, model })
    }),
  )
  const [openai, anthropic, google, deepseek] = twins.map(twin => twin.url)
  const config = loadConfig(
    { port: '0', rehearsal: false },
    {
      OPENAI_API_KEY: 'any',
      OPENAI_BASE_URL: `${openai}/v1`,
      ANTHROPIC_API_KEY: 'any',
      ANTHROPIC_BASE_URL: anthropic,
      GEMINI_API_KEY: 'any',
      GOOGLE_GEMINI_BASE_URL: `${google}/v1beta`,
      DEEPSEEK_API_KEY: 'any',
      DEEPSEEK_BASE_URL: deepseek,
    },
  )
  let log = ''
  const gateway = await startGateway(config, { write: line => (log += line) })
  return {
    url: gateway.url,
    log: () => log,
    async close() {
      await gateway.close()
      await Promise.all(twins.map(twin => twin.close()))
    },
  }
}

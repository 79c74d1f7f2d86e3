import { rehearsal } from '../twins/rehearsal/index.ts'
import { startTwin, type Twin } from '../twins/server.ts'
import { TWIN_VENDORS } from '../twins/vendors.ts'

/** The vendors whose doubles a gateway is measured against: one for each protocol and its family. */
const NAMES = ['openai', 'anthropic', 'google', 'bedrock'] as const

/** The models that stand for each protocol of a vendor, in a gateway that knows vendors by name. */
export const USUAL_MODELS = [
  { label: 'chat', model: 'openai/gpt-4o' },
  { label: 'responses', model: 'openai/gpt-5.6-sol' },
  { label: 'messages', model: 'anthropic/claude-sonnet-4-5' },
  { label: 'gemini', model: 'google/gemini-3-flash-preview' },
] as const

/** Doubles of the vendors on loopback, that any gateway can be put before. */
export interface Vendors {
  readonly twins: readonly Twin[]
  close(): Promise<void>
}

/** Starts them; the rehearsal model answers for all. */
export async function startVendors(): Promise<Vendors> {
  const model = rehearsal()
  const twins = await Promise.all(
    NAMES.map(name => {
      const vendor = TWIN_VENDORS[name]
      if (!vendor) throw new Error(`no double of ${name}`)
      return startTwin({ vendor, model })
    }),
  )
  return {
    twins,
    async close() {
      await Promise.all(twins.map(twin => twin.close()))
    },
  }
}

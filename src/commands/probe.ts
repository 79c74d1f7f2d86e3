import { checkReach } from '../core/reach.ts'

/** Milliseconds that a gateway on this machine is given to say that it is there. */
const PROBE_MS = 1000

/**
 * Whether a gateway answers at an address, with or without a key. It is asked only where real models
 * may be asked, and what it says of other addresses is not followed.
 */
export async function isGateway(base: string): Promise<boolean> {
  try {
    checkReach(base)
    const signal = AbortSignal.timeout(PROBE_MS)
    const answer = await fetch(`${base}/v1/models`, { redirect: 'manual', signal })
    await answer.body?.cancel()
    return answer.status === 200 || answer.status === 401
  } catch {
    return false
  }
}

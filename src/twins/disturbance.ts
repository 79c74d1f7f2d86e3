import type { WireFault } from './faults.ts'
import { withoutUsage } from './no-usage.ts'
import type { Delivery } from './transport.ts'
import type { TwinReply } from './vendor.ts'

/** A reply as a fault leaves it, and how it is to be delivered. */
export interface Disturbance {
  readonly reply: TwinReply
  readonly delivery: Delivery
}

/** Faults that change an answer on its way out; the other two leave no answer to change. */
export type AnswerFault = Exclude<WireFault, { readonly kind: 'status' | 'reset' }>

/**
 * Works a fault into a reply. `undefined` if the fault is about events and the reply is whole.
 * `streamFailure` gives the vendor's framed error event.
 */
export function disturb(
  reply: TwinReply,
  fault: AnswerFault,
  streamFailure: () => string,
): Disturbance | undefined {
  switch (fault.kind) {
    case 'slow-first-byte':
      return { reply, delivery: { firstByteMs: fault.ms } }
    case 'slow-headers':
      return { reply, delivery: { headersMs: fault.ms } }
    case 'cut':
      return { reply, delivery: { ending: 'cut', mostBytes: fault.atByte } }
    case 'no-usage':
      return { reply: withoutUsage(reply), delivery: {} }
    default:
  }
  if (!('events' in reply)) return undefined
  const { events } = reply
  switch (fault.kind) {
    case 'cut-events':
      return {
        reply: { ...reply, events: events.slice(0, fault.after) },
        delivery: { ending: 'cut' },
      }
    case 'stall':
      return {
        reply: { ...reply, events: events.slice(0, fault.after) },
        delivery: { ending: 'stall' },
      }
    case 'in-band-error': {
      // A stream that has said its last word cannot fail any more.
      const before = events.slice(0, Math.min(fault.after, Math.max(0, events.length - 1)))
      return { reply: { ...reply, events: [...before, streamFailure()] }, delivery: {} }
    }
    case 'no-terminal-event':
      return { reply: { ...reply, events: events.slice(0, -1) }, delivery: {} }
  }
}

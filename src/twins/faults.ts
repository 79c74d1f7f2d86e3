import { readName, readNumber, readOneOf, readRecord, readText, readWhole } from './shape.ts'

/** How often and where a fault strikes. */
export interface FaultLimits {
  /** How many times it strikes before it is spent; default 1, and 0 means for ever. */
  readonly times?: number
  /** Chance from 0 to 1 that it strikes a request it could strike; default 1. Seeded. */
  readonly rate?: number
  /** Only requests whose path contains this text. */
  readonly path?: string
}

/** Misbehaviour that an answer in bytes shows: a request meets at most one of these. */
export type WireFault = FaultLimits &
  (
    | {
        /** The vendor's own failure with this status; the model is not asked. */
        readonly kind: 'status'
        readonly status: number
        /** Seconds. */
        readonly retryAfter?: number
        readonly message?: string
      }
    | {
        /** Headers at once, the body's first byte late. */
        readonly kind: 'slow-first-byte'
        readonly ms: number
      }
    | {
        /** The status line and everything after it late. */
        readonly kind: 'slow-headers'
        readonly ms: number
      }
    | {
        /**
         * The connection ends after this many bytes of the body. A shorter body is sent whole,
         * without the end mark of its framing.
         */
        readonly kind: 'cut'
        readonly atByte: number
      }
    | {
        /** The connection ends after this many events of a stream. */
        readonly kind: 'cut-events'
        readonly after: number
      }
    | {
        /** The connection is reset before any byte; the model is not asked. */
        readonly kind: 'reset'
      }
    | {
        /** After this many events the vendor's own error event, at the latest instead of the last. */
        readonly kind: 'in-band-error'
        readonly after: number
      }
    | {
        /** Silence after this many events, with the connection left open until the client leaves. */
        readonly kind: 'stall'
        readonly after: number
      }
    | {
        /** A clean end of the body, with the last event left out. */
        readonly kind: 'no-terminal-event'
      }
    | {
        /** No counts of tokens anywhere, as from servers that do not count. */
        readonly kind: 'no-usage'
      }
  )

/** Misbehaviour of the model itself: it spoils a turn before the vendor dresses it. */
export type ModelFault = FaultLimits &
  (
    | {
        /** One call's arguments are broken in one of several ways, chosen by the seed. */
        readonly kind: 'malformed-arguments'
      }
    | {
        /** One call names a tool that was not declared. */
        readonly kind: 'unknown-tool'
      }
    | {
        /** All calls of a turn that has several carry the same id. */
        readonly kind: 'duplicate-id'
        /** The id to give; default: the first call's own, or one made up from the seed. */
        readonly id?: string
      }
  )

/**
 * One planned misbehaviour. Faults stand in a queue: the first that fits a request strikes it.
 * Those about events wait for a streamed answer, those about calls for a turn with calls.
 */
export type Fault = WireFault | ModelFault

/** Every kind, with the field that a bare value in `kind:value` means, and the other fields. */
export const FAULT_KINDS: {
  readonly [kind in Fault['kind']]: { readonly main?: string; readonly others: readonly string[] }
} = {
  status: { main: 'status', others: ['retryAfter', 'message'] },
  'slow-first-byte': { main: 'ms', others: [] },
  'slow-headers': { main: 'ms', others: [] },
  cut: { main: 'atByte', others: [] },
  'cut-events': { main: 'after', others: [] },
  reset: { others: [] },
  'in-band-error': { main: 'after', others: [] },
  stall: { main: 'after', others: [] },
  'malformed-arguments': { others: [] },
  'unknown-tool': { others: [] },
  'duplicate-id': { others: ['id'] },
  'no-terminal-event': { others: [] },
  'no-usage': { others: [] },
}

/** The names of all kinds, in the order of the table. */
export const FAULT_NAMES: readonly Fault['kind'][] = [
  'status',
  'slow-first-byte',
  'slow-headers',
  'cut',
  'cut-events',
  'reset',
  'in-band-error',
  'stall',
  'malformed-arguments',
  'unknown-tool',
  'duplicate-id',
  'no-terminal-event',
  'no-usage',
]

/** Fields that every kind may have. */
export const LIMIT_FIELDS = ['times', 'rate', 'path'] as const

/** The longest wait that a timer can hold: 2^31 - 1 milliseconds. */
export const LONGEST_WAIT = 2_147_483_647

/**
 * Checks a fault that came as JSON.
 *
 * @throws InvalidInput that names the exact place and, for an unknown key, the nearest known one.
 */
export function readFault(value: unknown, place: string): Fault {
  const kind = readOneOf(readRecord(value, place)['kind'], `${place}.kind`, FAULT_NAMES)
  const { main, others } = FAULT_KINDS[kind]
  const known = ['kind', ...(main === undefined ? [] : [main]), ...others, ...LIMIT_FIELDS]
  const fields = readRecord(value, place, known)
  const limits = readLimits(fields, place)
  switch (kind) {
    case 'status': {
      const status = readWhole(fields['status'], `${place}.status`, 400, 599)
      const { retryAfter, message } = fields
      return {
        kind,
        status,
        ...(retryAfter !== undefined && {
          retryAfter: readNumber(retryAfter, `${place}.retryAfter`),
        }),
        ...(message !== undefined && { message: readText(message, `${place}.message`) }),
        ...limits,
      }
    }
    case 'slow-first-byte':
    case 'slow-headers':
      return { kind, ms: readWhole(fields['ms'], `${place}.ms`, 0, LONGEST_WAIT), ...limits }
    case 'cut':
      return { kind, atByte: readWhole(fields['atByte'], `${place}.atByte`), ...limits }
    case 'cut-events':
    case 'in-band-error':
    case 'stall':
      return { kind, after: readWhole(fields['after'], `${place}.after`), ...limits }
    case 'duplicate-id':
      return {
        kind,
        ...(fields['id'] !== undefined && { id: readName(fields['id'], `${place}.id`) }),
        ...limits,
      }
    case 'reset':
    case 'malformed-arguments':
    case 'unknown-tool':
    case 'no-terminal-event':
    case 'no-usage':
      return { kind, ...limits }
  }
}

/** Whether a fault spoils the model's turn, rather than the bytes of the answer. */
export function isModelFault(fault: Fault): fault is ModelFault {
  return (
    fault.kind === 'malformed-arguments' ||
    fault.kind === 'unknown-tool' ||
    fault.kind === 'duplicate-id'
  )
}

function readLimits(
  fields: { readonly [key: string]: unknown },
  place: string,
): { times?: number; rate?: number; path?: string } {
  const { times, rate, path } = fields
  return {
    ...(times !== undefined && { times: readWhole(times, `${place}.times`) }),
    ...(rate !== undefined && { rate: readNumber(rate, `${place}.rate`, 0, 1) }),
    ...(path !== undefined && { path: readName(path, `${place}.path`) }),
  }
}

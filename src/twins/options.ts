import {
  FAULT_KINDS,
  FAULT_NAMES,
  type Fault,
  LIMIT_FIELDS,
  LONGEST_WAIT,
  readFault,
} from './faults.ts'
import type { Twin } from './server.ts'
import { readList, readWhole, refuse, suggestion } from './shape.ts'
import type { Chunking, Transport } from './transport.ts'

/** Options of a command line that runs a twin, still as the texts that were typed. */
export interface TypedTwinOptions {
  readonly host?: string
  readonly port?: string
  readonly seed?: string
  /** Short forms such as `429:times=2`. */
  readonly fault?: readonly string[]
  /** `event`, `burst`, `random`, `byte`, or a number of bytes. */
  readonly chunk?: string
  /** Milliseconds between writes. */
  readonly delay?: string
  /** Milliseconds between the headers and the first byte of the body. */
  readonly firstByte?: string
  readonly gzip?: boolean
}

/** Options ready for `startTwin`. */
export interface TwinOptions {
  readonly host: string
  readonly port: number
  readonly seed: number
  readonly faults: readonly Fault[]
  readonly transport: Transport
}

/**
 * Reads the options of a command line; defaults as `startTwin` has them.
 *
 * @throws InvalidInput that names the option.
 */
export function parseTwinOptions(typed: TypedTwinOptions): TwinOptions {
  const { delay, firstByte } = typed
  return {
    host: typed.host ?? '127.0.0.1',
    port: parseWhole(typed.port ?? '0', '--port', 0, 65_535),
    seed: parseWhole(typed.seed ?? '1', '--seed', 0, 0xffff_ffff),
    faults: (typed.fault ?? []).map(parseFault),
    transport: {
      chunk: parseChunk(typed.chunk ?? 'event'),
      ...(delay !== undefined && { delayMs: parseWhole(delay, '--delay', 0, LONGEST_WAIT) }),
      ...(firstByte !== undefined && {
        firstByteMs: parseWhole(firstByte, '--first-byte', 0, LONGEST_WAIT),
      }),
      gzip: typed.gzip ?? false,
    },
  }
}

/**
 * Reads how bodies are cut: a word or a number of bytes.
 *
 * @throws InvalidInput for anything else.
 */
export function parseChunk(text: string): Chunking {
  if (text === 'event' || text === 'burst' || text === 'random' || text === 'byte') return text
  if (/^\d+$/.test(text)) return parseWhole(text, '--chunk', 1)
  const words = suggestion(text, ['event', 'burst', 'random', 'byte', 'a number of bytes'])
  return refuse('--chunk', `unknown "${text}"; ${words}`)
}

/**
 * Reads a fault's short form: a status or a kind, then a colon and, parted by commas, the kind's
 * own value and `name=value` fields: `429`, `503:times=3`, `cut:120,path=/v1/messages`,
 * `malformed-arguments:rate=0.5,times=0`. A `message=` takes the rest of the text, commas and all.
 *
 * @throws InvalidInput that quotes the short form and names the field.
 */
export function parseFault(text: string): Fault {
  const place = `fault "${text}"`
  const colon = text.indexOf(':')
  const head = (colon < 0 ? text : text.slice(0, colon)).trim()
  const rest = colon < 0 ? undefined : text.slice(colon + 1)
  if (rest?.trim() === '') refuse(place, 'nothing follows the colon')
  if (/^-?[\d.]+$/.test(head)) {
    const items = parseItems(rest, place, 'status')
    if ('status' in items) refuse(place, `the status is said twice`)
    return readFault({ kind: 'status', status: parseNumber(head, place), ...items }, place)
  }
  const kind = FAULT_NAMES.find(name => name === head)
  if (kind === undefined) {
    return refuse(place, `unknown kind "${head}"; ${suggestion(head, FAULT_NAMES)}`)
  }
  const { main } = FAULT_KINDS[kind]
  const items = parseItems(rest, place, kind)
  if (main !== undefined && !(main in items)) {
    refuse(place, `"${kind}" needs a value for ${main}: write ${kind}:NUMBER`)
  }
  return readFault({ kind, ...items }, place)
}

/** The short form of a fault; `parseFault` reads it back. */
export function formatFault(fault: Fault): string {
  const { main, others } = FAULT_KINDS[fault.kind]
  const fields: { readonly [name: string]: string | number | undefined } = { ...fault }
  const items: string[] = []
  if (main !== undefined && fault.kind !== 'status') items.push(String(fields[main]))
  // The message comes last, because it may hold commas.
  const named = [...LIMIT_FIELDS, ...others.filter(name => name !== 'message'), 'message']
  for (const name of named) {
    if (fields[name] !== undefined) items.push(`${name}=${fields[name]}`)
  }
  const head = fault.kind === 'status' ? String(fault.status) : fault.kind
  return items.length > 0 ? `${head}:${items.join(',')}` : head
}

/**
 * Checks a list of faults that came as JSON; an item may also be a short form.
 *
 * @throws InvalidInput that names the exact place.
 */
export function readFaults(value: unknown, place: string): Fault[] {
  return readList(value, place, (item, itemPlace) =>
    typeof item === 'string' ? parseFault(item) : readFault(item, itemPlace),
  )
}

/** The lines that say which twin is running, what speaks through it and how to look inside. */
export function describeTwin(twin: Twin): string[] {
  const faults = twin.faults.list().map(formatFault)
  return [
    `${twin.vendor.name} twin`,
    `  answers  ${twin.model.name}`,
    `  seed     ${twin.seed}`,
    `  faults   ${faults.length > 0 ? faults.join('; ') : 'none'}`,
    `  control  ${twin.url}/__twin/health, requests, faults, finish`,
    `listening on ${twin.url}`,
  ]
}

function parseItems(
  rest: string | undefined,
  place: string,
  kind: Fault['kind'],
): Record<string, unknown> {
  const { main, others } = FAULT_KINDS[kind]
  const items: Record<string, unknown> = {}
  for (const [index, item] of splitItems(rest ?? '').entries()) {
    const equals = item.indexOf('=')
    const bare = equals < 0
    if (bare && (index > 0 || main === undefined)) {
      refuse(place, `"${item}" is not of the form name=value`)
    }
    const name = bare ? (main ?? '') : item.slice(0, equals).trim()
    const value = bare ? item : item.slice(equals + 1)
    const known = [...(main === undefined ? [] : [main]), ...others, ...LIMIT_FIELDS]
    if (!known.includes(name)) {
      refuse(place, `unknown field "${name}" of ${kind}; ${suggestion(name, known)}`)
    }
    if (name in items) refuse(place, `${name} is said twice`)
    const isText = name === 'path' || name === 'message' || name === 'id'
    items[name] = isText ? value : parseNumber(value, `${place}.${name}`)
  }
  return items
}

function splitItems(rest: string): string[] {
  const message = /(^|,)\s*message=/.exec(rest)
  const before = message ? rest.slice(0, message.index) : rest
  const items = before === '' ? [] : before.split(',').map(item => item.trim())
  if (message) items.push(rest.slice(message.index).replace(/^,?\s*/, ''))
  return items
}

function parseNumber(text: string, place: string): number {
  const trimmed = text.trim()
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(trimmed)) {
    refuse(place, `expected a number, found "${text}"`)
  }
  return Number(trimmed)
}

function parseWhole(text: string, place: string, least: number, most?: number): number {
  return readWhole(parseNumber(text, place), place, least, most)
}

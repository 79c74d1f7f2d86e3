import type { TwinRequest } from './vendor.ts'

/** What a twin remembers of one request. Secrets are not kept. */
export interface TwinRecord {
  readonly method: string
  readonly path: string
  /** The query's fields; of a repeated one the last. */
  readonly query: { readonly [name: string]: string }
  /** Names in lower case; the value of a secret one is a mark such as `Bearer <hidden>`. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** The body parsed as JSON; its text if it is not JSON; `undefined` if there was none. */
  readonly body: unknown
  /** The status that was answered; `undefined` while, and if, there was none. */
  readonly status: number | undefined
  /** Whether the client left before the answer was all written. */
  readonly left: boolean
  /** Kinds of the faults that struck this request, in order. */
  readonly faults: readonly string[]
}

/** A record that its server still fills in. */
export interface OpenRecord extends TwinRecord {
  status: number | undefined
  left: boolean
  readonly faults: string[]
  keepBody(text: string): void
}

/** A bounded memory of requests. */
export interface RecordBook {
  /** Oldest first. */
  readonly records: readonly TwinRecord[]
  open(request: Omit<TwinRequest, 'body'>): OpenRecord
}

const HIDDEN = '<hidden>'
const SECRET_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
])
const SECRET_QUERY = new Set(['key', 'api_key', 'api-key', 'access_token'])

/** Keeps the last `most` requests, and fewer when their bodies exceed `mostText` characters. */
export function recordBook(most = 1000, mostText = 64 * 1024 * 1024): RecordBook {
  const records: OpenRecord[] = []
  const lengths = new WeakMap<TwinRecord, number>()
  let kept = 0
  const trim = () => {
    while (records.length > most || (kept > mostText && records.length > 1)) {
      const oldest = records.shift()
      if (oldest) kept -= lengths.get(oldest) ?? 0
    }
  }
  return {
    records,
    open(request) {
      const record = openRecord(request, length => {
        // A record that was pushed out while its body was on the way takes no room.
        if (!records.includes(record)) return
        lengths.set(record, length)
        kept += length
        trim()
      })
      records.push(record)
      trim()
      return record
    },
  }
}

function openRecord(
  request: Omit<TwinRequest, 'body'>,
  onBody: (length: number) => void,
): OpenRecord {
  let text = ''
  let parsed: { readonly value: unknown } | undefined
  const record: OpenRecord = {
    method: request.method,
    path: request.path,
    query: Object.fromEntries(
      [...request.query].map(([name, value]) => [name, SECRET_QUERY.has(name) ? HIDDEN : value]),
    ),
    headers: withoutSecrets(request.headers),
    // Parsed when it is looked at: most records never are.
    get body() {
      parsed ??= { value: parse(text) }
      return parsed.value
    },
    status: undefined,
    left: false,
    faults: [],
    keepBody(body) {
      text = body
      onBody(body.length)
    },
  }
  // Not part of what is shown or compared.
  Object.defineProperty(record, 'keepBody', { enumerable: false })
  return record
}

/** A copy of the headers in which secrets are marks; a known scheme's name stays readable. */
export function withoutSecrets(headers: TwinRequest['headers']): TwinRequest['headers'] {
  const shown: { [name: string]: string | undefined } = { ...headers }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !SECRET_HEADERS.has(name)) continue
    const scheme = /^(Bearer|Basic) /i.exec(value)?.[0] ?? ''
    shown[name] = scheme + HIDDEN
  }
  return shown
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

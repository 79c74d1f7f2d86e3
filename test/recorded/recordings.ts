import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { ProtocolName } from '../../src/core/extras.ts'
import { isObject, type Json, type JsonObject } from '../../src/core/json.ts'
import { frame } from '../../src/wire/sse.ts'

/** One recorded answer, and the request to it where that was recorded too. */
export interface Recording {
  readonly id: string
  readonly vendor: string
  readonly protocol: ProtocolName
  readonly status: number
  /** The URL's path, with the query; empty if unknown. */
  readonly path: string
  readonly tags: readonly string[]
  readonly request: JsonObject | undefined
  readonly requestHeaders: { readonly [name: string]: string }
  readonly responseHeaders: { readonly [name: string]: string }
  /** The whole answer: JSON, or text if it was none. */
  readonly answer: Json | undefined
  /** The stream of the answer; of a binary one each byte is a character. */
  readonly stream: string | undefined
}

const PROTOCOLS = new Map<Json | undefined, ProtocolName>([
  ['chat-completions', 'openai-chat'],
  ['messages', 'anthropic'],
  ['bedrock-converse', 'converse'],
])

/** Where the recordings are: the folder that `npm run recorded` was given. */
export const FOLDER = process.env['TOOLGATE_RECORDED']

/** All recordings of the protocols that are spoken here. */
export function loadRecordings(folder: string): Recording[] {
  return [
    ...readRows(join(folder, 'cases.jsonl')).flatMap(readCase),
    ...readRows(join(folder, 'streams', 'streams.jsonl')).flatMap(row =>
      readStream(row, join(folder, 'streams')),
    ),
  ]
}

function readRows(path: string): JsonObject[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map((line, i) => {
      const row: Json = JSON.parse(line)
      if (isObject(row)) return row
      throw new Error(`${path}:${i + 1} is no object`)
    })
}

function readCase(row: JsonObject): Recording[] {
  const protocol = PROTOCOLS.get(row['protocol'])
  if (!protocol) return []
  const response = row['response']
  const frames = Array.isArray(response) ? response.map(framedMessage).join('') : undefined
  const stream = typeof response === 'string' ? response : frames
  const isStream = row['stream'] === true && stream !== undefined
  return [
    {
      ...base(row, protocol),
      status: typeof row['status'] === 'number' ? row['status'] : 200,
      request: isObject(row['request']) ? row['request'] : undefined,
      answer: isStream ? undefined : response,
      stream: isStream ? stream : undefined,
    },
  ]
}

/** A file of `streams/`: an answer without its request. */
function readStream(row: JsonObject, folder: string): Recording[] {
  const protocol = PROTOCOLS.get(row['protocol'])
  if (!protocol) return []
  const file = text(row['file'])
  const content = readFileSync(join(folder, file), 'utf8')
  const isWhole = file.endsWith('.json')
  const answer: Json | undefined = isWhole ? JSON.parse(content) : undefined
  const isError = isObject(answer) && isObject(answer['error'])
  return [
    {
      ...base(row, protocol),
      status: isError ? 400 : 200,
      request: undefined,
      answer,
      stream: isWhole ? undefined : file.endsWith('.sse') ? content : framed(protocol, content),
    },
  ]
}

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString('utf8'),
  said => Buffer.from(said, 'utf8'),
)

/** A message of a binary stream, recorded as headers and payload or as `{type: payload}`. */
function framedMessage(message: Json): string {
  if (!isObject(message)) return ''
  const [type = ''] = Object.keys(message)
  const { headers = { ':event-type': type, ':message-type': 'event' }, payload = message[type] } =
    message
  const typed = Object.entries(isObject(headers) ? headers : {}).map(
    ([name, value]) => [name, { type: 'string' as const, value: text(value) }] as const,
  )
  const body = Buffer.from(JSON.stringify(payload))
  return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body })).toString('latin1')
}

/** Puts the framing back around one JSON event a line. */
function framed(protocol: ProtocolName, lines: string): string {
  const events = lines
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(line => {
      if (protocol === 'openai-chat') return frame(line)
      const event: Json = JSON.parse(line)
      if (protocol === 'converse') return framedMessage(event)
      return frame(line, isObject(event) ? text(event['type']) : '')
    })
  return events.join('') + (protocol === 'openai-chat' ? frame('[DONE]') : '')
}

function base(row: JsonObject, protocol: ProtocolName) {
  return {
    id: text(row['id']),
    vendor: text(row['vendor']),
    protocol,
    path: text(row['url_path']),
    tags: Array.isArray(row['tags']) ? row['tags'].map(text) : [],
    requestHeaders: headers(row['request_headers']),
    responseHeaders: headers(row['response_headers']),
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function headers(value: Json | undefined): { [name: string]: string } {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name.toLowerCase(), String(held)]),
  )
}

import type { AssistantPart } from '../src/core/message.ts'
import type { ModelRequest } from '../src/core/request.ts'
import type { ModelResponse } from '../src/core/response.ts'
import type { StreamPart } from '../src/core/stream.ts'
import type { Back, EncodeContext, Front } from '../src/protocols/protocol.ts'
import type { Quirks } from '../src/protocols/quirks.ts'
import { EventStreamParser } from '../src/wire/event-stream.ts'
import { type SseEvent, SseParser } from '../src/wire/sse.ts'

/** A context without chance or clock: ids are counted. */
export function contextFor(protocol: Front, more: Partial<ModelRequest> = {}): EncodeContext {
  let minted = 0
  return {
    requestId: 'req_test',
    now: 1_700_000_000,
    request: {
      protocol: protocol.name,
      model: 'client-model',
      messages: [],
      tools: [],
      stream: true,
      includeUsage: true,
      bound: [],
      ...more,
    },
    newId: (prefix, length) => prefix + String(++minted).padStart(length, '0'),
  }
}

/** Cuts chunks of an event stream into events. */
export function eventsOf(
  chunks: Iterable<Uint8Array | string>,
  framing?: Back['framing'],
): SseEvent[] {
  const events: SseEvent[] = []
  if (framing) {
    const parser = new EventStreamParser()
    for (const chunk of chunks) parser.push(bytesOf(chunk), event => events.push(event))
    return events
  }
  const parser = new SseParser()
  for (const chunk of chunks) parser.push(chunk, event => events.push(event))
  parser.end(event => events.push(event))
  return events
}

/** Bytes that stand in a text, each as a character. */
function bytesOf(chunk: Uint8Array | string): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : Buffer.from(chunk)
}

/** Runs a protocol's stream decoder over chunks, to its end. */
export function decodeStream(
  protocol: Back,
  chunks: Iterable<Uint8Array | string>,
  quirks: Quirks = {},
): StreamPart[] {
  const decoder = protocol.streamDecoder(quirks)
  const parts: StreamPart[] = []
  for (const event of eventsOf(chunks, protocol.framing))
    decoder.push(event, part => parts.push(part))
  decoder.end(part => parts.push(part))
  return parts
}

/** Runs a protocol's stream encoder over parts, to its end. */
export function encodeStream(
  protocol: Front,
  parts: Iterable<StreamPart>,
  context: EncodeContext = contextFor(protocol),
): string {
  const encoder = protocol.streamEncoder(context)
  let text = ''
  for (const part of parts) encoder.push(part, frame => (text += frame))
  encoder.end(frame => (text += frame))
  return text
}

/** Bytes in pieces of the sizes that `next` gives, each at least one byte. */
export function recut(bytes: Uint8Array, next: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, next())
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

/** The stream that stands for a whole answer, its texts in pieces of `size` characters. */
export function partsOf(response: ModelResponse, size = 7): StreamPart[] {
  const { id, model, created, content, finish, usage, extras } = response
  return [
    {
      type: 'message-start',
      id,
      model,
      ...(created === undefined ? {} : { created }),
      ...(extras ? { extras } : {}),
    },
    ...content.flatMap((part, index) => blockOf(part, index, size)),
    ...(usage ? [{ type: 'usage' as const, usage }] : []),
    { type: 'message-end', finish },
  ]
}

function blockOf(part: AssistantPart, index: number, size: number): StreamPart[] {
  const pieces = (text: string) => {
    const letters = [...text]
    return Array.from({ length: Math.ceil(letters.length / size) }, (_, i) =>
      letters.slice(i * size, (i + 1) * size).join(''),
    )
  }
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const { state, extras } = part.type === 'text' ? part : {}
      return [
        { type: 'text-start', index, ...(part.type === 'refusal' ? { refusal: true } : {}) },
        ...pieces(part.text).map(text => ({ type: 'text-delta' as const, index, text })),
        { type: 'text-end', index, ...(state ? { state } : {}), ...(extras ? { extras } : {}) },
      ]
    }
    case 'reasoning':
      return [
        { type: 'reasoning-start', index },
        ...pieces(part.text).map(text => ({ type: 'reasoning-delta' as const, index, text })),
        {
          type: 'reasoning-end',
          index,
          ...(part.state ? { state: part.state } : {}),
          ...(part.extras ? { extras: part.extras } : {}),
        },
      ]
    case 'tool-call':
      return [
        {
          type: 'tool-call-start',
          index,
          id: part.id,
          name: part.name,
          kind: part.kind,
          ...(part.state ? { state: part.state } : {}),
        },
        ...pieces(part.arguments).map(text => ({ type: 'tool-call-delta' as const, index, text })),
        { type: 'tool-call-end', index, ...(part.extras ? { extras: part.extras } : {}) },
      ]
    case 'opaque':
      return [{ type: 'opaque', index, part }]
    default:
      throw new Error(`a stream cannot hold ${part.type}`)
  }
}

/**
 * The first law of streams that the parts break, in words; `undefined` if they keep them all. Unlike
 * `assemble` it also judges streams that end with an error.
 */
export function brokenLaw(parts: readonly StreamPart[]): string | undefined {
  const open = new Map<number, string>()
  let opened = 0
  let started = false
  for (const [at, part] of parts.entries()) {
    const last = at === parts.length - 1
    if (part.type === 'error') return last ? undefined : `${parts[at + 1]?.type} after the error`
    if (part.type === 'message-start') {
      if (started) return 'a second message-start'
      started = true
      continue
    }
    if (!started) return `${part.type} before message-start`
    if (part.type === 'usage') continue
    if (part.type === 'message-end') {
      if (open.size > 0) return `message-end with open blocks ${[...open.keys()]}`
      return last ? undefined : `${parts[at + 1]?.type} after message-end`
    }
    const { index, type } = part
    const kind = type === 'opaque' ? type : type.slice(0, type.lastIndexOf('-'))
    if (type === 'opaque' || type.endsWith('-start')) {
      if (index !== opened++) return `${type} with index ${index}, not ${opened - 1}`
      if (type !== 'opaque') open.set(index, kind)
    } else if (open.get(index) !== kind) return `${type} for block ${index}, which is not open`
    else if (type.endsWith('-end')) open.delete(index)
  }
  return 'no end'
}

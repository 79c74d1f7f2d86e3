const CRC_POLYNOMIAL = 0xedb88320

/**
 * One message of the binary event stream, as text of one character a byte: prelude with its check,
 * headers, payload, and the check of it all. Source: Smithy, "Amazon event stream", 2.0.
 */
export function frameMessage(
  headers: readonly (readonly [string, string])[],
  payload: string,
): string {
  const head = Buffer.concat(headers.map(([name, value]) => headerBytes(name, value)))
  const body = Buffer.from(payload)
  const prelude = Buffer.alloc(8)
  prelude.writeUInt32BE(12 + head.length + body.length + 4, 0)
  prelude.writeUInt32BE(head.length, 4)
  const checked = Buffer.concat([prelude, checkOf(prelude), head, body])
  return Buffer.concat([checked, checkOf(checked)]).toString('latin1')
}

/** An event of the stream. */
export function frameEvent(type: string, payload: string): string {
  const content = [':content-type', 'application/json'] as const
  return frameMessage([[':event-type', type], content, [':message-type', 'event']], payload)
}

/** An exception that ends the stream. */
export function frameException(type: string, payload: string): string {
  const content = [':content-type', 'application/json'] as const
  return frameMessage([[':exception-type', type], content, [':message-type', 'exception']], payload)
}

/** The value of a header of type 7, a string. */
function headerBytes(name: string, value: string): Buffer {
  const bytes = Buffer.from(value)
  const size = Buffer.alloc(2)
  size.writeUInt16BE(bytes.length)
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7]),
    size,
    bytes,
  ])
}

function checkOf(bytes: Buffer): Buffer {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++)
      value = value & 1 ? (value >>> 1) ^ CRC_POLYNOMIAL : value >>> 1
  }
  const check = Buffer.alloc(4)
  check.writeUInt32BE((value ^ 0xffffffff) >>> 0)
  return check
}

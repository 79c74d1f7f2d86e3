import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { BoundField, Loss } from '../../core/loss.ts'
import type { UserPart } from '../../core/message.ts'
import { place } from '../../wire/read.ts'
import type { Quirks } from '../quirks.ts'
import { decodePart, encodePart } from './content-part.ts'

const AT = place(0, place('content', place(0, place('messages'))))

function decode(part: Json, bound: BoundField[] = []): UserPart {
  return decodePart(part, AT, { bound })
}

function encode(
  part: UserPart,
  own = true,
  quirks: Quirks = {},
): { wire: JsonObject | undefined; losses: Loss[] } {
  const losses: Loss[] = []
  return { wire: encodePart(part, 'messages[0].content[0]', { quirks, losses, own }), losses }
}

const PARTS: [string, Json, object][] = [
  ['text', { type: 'text', text: 'a' }, { type: 'text', text: 'a' }],
  [
    'an inline picture',
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  ],
  [
    'a picture by URL',
    { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
    { type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } },
  ],
  [
    'wav',
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
  ],
  [
    'mp3',
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
    { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } },
  ],
  [
    'a file with its data',
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
    {
      type: 'document',
      name: 'a.pdf',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' },
    },
  ],
  [
    'a file by id',
    { type: 'file', file: { file_id: 'file-1' } },
    { type: 'document', source: { kind: 'file', id: 'file-1' } },
  ],
  [
    'a part of a vendor',
    { type: 'video_url', video_url: { url: 'https://x.test/a.mp4' } },
    { type: 'opaque', protocol: 'openai-chat', kind: 'video_url' },
  ],
  [
    'a breakpoint',
    { type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } },
    { type: 'text', text: 'a', cache: {} },
  ],
]

describe('parts', () => {
  it.each(PARTS)('%s is read, and written as it was', (_, wire, part) => {
    const decoded = decode(wire)
    expect(decoded).toMatchObject(part)
    expect(encode(decoded)).toEqual({ wire, losses: [] })
  })

  it('reads a bare URL of a picture', () => {
    expect(decode({ type: 'image_url', image_url: 'https://x.test/a.png' })).toEqual({
      type: 'image',
      source: { kind: 'url', url: 'https://x.test/a.png' },
    })
  })

  it('keeps a data URL without base64 as a URL', () => {
    const url = 'data:image/svg+xml,<svg/>'
    expect(decode({ type: 'image_url', image_url: { url } })).toMatchObject({
      source: { kind: 'url', url },
    })
  })

  it('lists what only this protocol knows', () => {
    const bound: BoundField[] = []
    decode(
      { type: 'image_url', image_url: { url: 'https://x.test', detail: 'high' }, odd: 1 },
      bound,
    )
    expect(bound).toEqual([
      { path: 'messages[0].content[0].odd', what: 'odd', weight: 'meaning' },
      { path: 'messages[0].content[0].image_url', what: 'detail', weight: 'hint' },
    ])
  })

  it.each([
    [{ type: 'text' }, ['text']],
    [{ text: 'a' }, ['type']],
    [{ type: 'image_url' }, ['image_url']],
    [{ type: 'image_url', image_url: {} }, ['image_url', 'url']],
    [{ type: 'input_audio', input_audio: { data: 'a' } }, ['input_audio', 'format']],
    [{ type: 'file', file: {} }, ['file', 'file_data']],
  ])('misses the field of %j', (wire, tail) => {
    try {
      decode(wire)
      expect.unreachable()
    } catch (error) {
      expect(isToolgateError(error) && error.code).toBe('missing_field')
      expect(isToolgateError(error) && error.details.path).toEqual([
        'messages',
        0,
        'content',
        0,
        ...tail,
      ])
    }
  })

  it('refuses file data that is no data URL, in the vendor’s words', () => {
    expect(() => decode({ type: 'file', file: { file_data: 'AAAA' } })).toThrow(
      "Invalid file data: 'messages[0].content[0].file.file_data'. Expected a base64-encoded data URL",
    )
  })
})

describe('what this wire has no form for', () => {
  it.each<[string, UserPart, string, boolean]>([
    [
      'a picture by file id',
      { type: 'image', source: { kind: 'file', id: 'f' } },
      'approximated',
      true,
    ],
    [
      'a document by a foreign id',
      { type: 'document', source: { kind: 'file', id: 'f' } },
      'approximated',
      true,
    ],
    [
      'a document by URL',
      { type: 'document', name: 'a', source: { kind: 'url', url: 'https://x.test/a' } },
      'approximated',
      true,
    ],
    [
      'a document as text',
      { type: 'document', source: { kind: 'text', mediaType: 'text/plain', text: 'hello' } },
      'approximated',
      false,
    ],
    [
      'a sound by URL',
      { type: 'audio', source: { kind: 'url', url: 'https://x.test' } },
      'approximated',
      true,
    ],
  ])('%s becomes words, and a loss', (_, part, action, meaning) => {
    const { wire, losses } = encode(part, false)
    expect(wire?.['type']).toBe('text')
    expect(losses).toEqual([
      expect.objectContaining({ path: 'messages[0].content[0]', action, meaning }),
    ])
  })

  it('keeps the text and the address of a document', () => {
    const text = { kind: 'text', mediaType: 'text/plain', text: 'hello' } as const
    expect(encode({ type: 'document', name: 'n', source: text }).wire?.['text']).toBe(
      '[Document "n"]\nhello',
    )
    const url = { kind: 'url', url: 'https://x.test/a' } as const
    expect(encode({ type: 'document', source: url }, false).wire?.['text']).toBe(
      '[Document: https://x.test/a]',
    )
  })

  it('drops a part of another protocol with a loss', () => {
    expect(
      encode({ type: 'opaque', protocol: 'anthropic', kind: 'search_result', value: {} }),
    ).toEqual({
      wire: undefined,
      losses: [
        {
          path: 'messages[0].content[0]',
          what: 'a part of type search_result',
          action: 'dropped',
          meaning: true,
        },
      ],
    })
  })

  it('names a nameless file of another protocol, since OpenAI wants a name', () => {
    const source = { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' } as const
    expect(encode({ type: 'document', source }, false).wire).toMatchObject({
      file: { filename: 'document.pdf' },
    })
  })
})

describe('quirk cacheControl', () => {
  it('writes marks only where they are known, and never reports them', () => {
    const part: UserPart = { type: 'text', text: 'a', cache: { ttl: '5m' } }
    expect(encode(part)).toEqual({ wire: { type: 'text', text: 'a' }, losses: [] })
    expect(encode(part, true, { cacheControl: true }).wire).toEqual({
      type: 'text',
      text: 'a',
      cache_control: { type: 'ephemeral', ttl: '5m' },
    })
  })
})

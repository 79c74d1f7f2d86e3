import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
import type { UserPart } from '../../core/message.ts'
import type { ModelRequest } from '../../core/request.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { anthropic } from './index.ts'

function request(block: Json): ModelRequest {
  const body = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: [block] }] }
  return anthropic.decodeRequest(body, { headers: { 'anthropic-version': '2023-06-01' } })
}

const decode = (block: Json) => request(block).messages[0]?.content[0]

/** What a block becomes on the way through, and what was lost. */
function through(block: Json, quirks: Quirks = {}) {
  const { body, losses } = anthropic.encodeRequest(request(block), { maxOutput: 10, ...quirks })
  const { content } = JSON.parse(stringifyJson(body)).messages[0]
  return { block: typeof content === 'string' ? content : content[0], losses }
}

/** The same for a part of another protocol's request. */
function foreign(part: UserPart, quirks: Quirks = {}) {
  const { body, losses } = anthropic.encodeRequest(
    {
      protocol: 'openai-chat',
      model: 'm',
      messages: [{ role: 'user', at: 0, content: [part] }],
      tools: [],
      maxTokens: 5,
      stream: false,
      bound: [],
    },
    quirks,
  )
  return { content: JSON.parse(stringifyJson(body)).messages[0].content, losses }
}

const PNG = { type: 'base64', media_type: 'image/png', data: 'AAAA' }
const PDF = { type: 'base64', media_type: 'application/pdf', data: 'JVBE' }

describe('pictures', () => {
  it.each<[JsonObject, unknown]>([
    [PNG, { kind: 'base64', mediaType: 'image/png', data: 'AAAA' }],
    [
      { type: 'url', url: 'https://x/y.png' },
      { kind: 'url', url: 'https://x/y.png' },
    ],
    [
      { type: 'file', file_id: 'file_1' },
      { kind: 'file', id: 'file_1' },
    ],
  ])('are read and written: %j', (source, read) => {
    const block = { type: 'image', source, cache_control: { type: 'ephemeral' } }
    expect(decode(block)).toEqual({ type: 'image', source: read, cache: {} })
    expect(through(block)).toEqual({ block, losses: [] })
  })

  it('of a kind or with a field unknown here stay as they are', () => {
    for (const source of [
      { type: 'cloud', key: 'k' },
      { ...PNG, quality: 'high' },
    ]) {
      const block = { type: 'image', source }
      expect(decode(block)).toEqual({
        type: 'opaque',
        protocol: 'anthropic',
        kind: 'image',
        value: block,
      })
      expect(through(block)).toEqual({ block, losses: [] })
    }
  })

  it('leave a line behind where the model takes none', () => {
    const { block, losses } = through({ type: 'image', source: PNG }, { media: false })
    expect(block).toBe('[image left out: the model does not take images]')
    expect(losses).toEqual([
      {
        path: 'messages[0].content[0]',
        what: 'the model does not take images',
        action: 'dropped',
        meaning: true,
      },
    ])
  })
})

describe('documents', () => {
  it.each<[JsonObject, unknown]>([
    [PDF, { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }],
    [
      { type: 'text', media_type: 'text/plain', data: 'hello' },
      { kind: 'text', mediaType: 'text/plain', text: 'hello' },
    ],
    [
      { type: 'url', url: 'https://x/y.pdf' },
      { kind: 'url', url: 'https://x/y.pdf' },
    ],
    [
      { type: 'file', file_id: 'file_1' },
      { kind: 'file', id: 'file_1' },
    ],
  ])('are read and written: %j', (source, read) => {
    const block = {
      type: 'document',
      source,
      title: 'T',
      context: 'C',
      citations: { enabled: true },
    }
    expect(decode(block)).toEqual({
      type: 'document',
      source: read,
      name: 'T',
      extras: { anthropic: { context: 'C', citations: { enabled: true } } },
    })
    expect(request(block).bound.map(field => [field.path, field.weight])).toEqual([
      ['messages[0].content[0].context', 'meaning'],
      ['messages[0].content[0].citations', 'meaning'],
    ])
    expect(through(block)).toEqual({ block, losses: [] })
  })

  it('made of texts are a text elsewhere and themselves here', () => {
    const content = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ]
    const block = { type: 'document', source: { type: 'content', content } }
    expect(decode(block)).toMatchObject({
      source: { kind: 'text', mediaType: 'text/plain', text: 'one\ntwo' },
    })
    expect(through(block)).toEqual({ block, losses: [] })
    const plain = { type: 'document', source: { type: 'content', content: 'one' } }
    expect(decode(plain)).toMatchObject({ source: { kind: 'text', text: 'one' } })
    expect(through(plain)).toEqual({ block: plain, losses: [] })
  })

  it('say the new text if it was rewritten on the way', () => {
    const read = request({ type: 'document', source: { type: 'content', content: 'secret' } })
    const message = read.messages[0]
    const part = message?.content[0]
    if (message?.role !== 'user' || part?.type !== 'document') throw new Error('no document')
    const rewritten: UserPart = {
      ...part,
      source: { kind: 'text', mediaType: 'text/plain', text: '***' },
    }
    const messages = [{ ...message, content: [rewritten] }]
    const { body } = anthropic.encodeRequest({ ...read, messages }, {})
    expect(JSON.stringify(body)).not.toContain('secret')
    expect(JSON.stringify(body)).toContain('***')
  })

  it('with pictures inside stay as they are', () => {
    const content = [{ type: 'image', source: PNG }]
    const block = { type: 'document', source: { type: 'content', content } }
    expect(decode(block)).toMatchObject({ type: 'opaque', kind: 'document' })
    expect(through(block)).toEqual({ block, losses: [] })
  })
})

describe('media of other protocols', () => {
  it('are written where the wire has a form for them', () => {
    const text = Buffer.from('a,b\n1,ä').toString('base64')
    const { content, losses } = foreign({
      type: 'document',
      name: 'table.csv',
      source: { kind: 'base64', mediaType: 'text/csv', data: text },
    })
    expect(content).toEqual([
      {
        type: 'document',
        source: { type: 'text', media_type: 'text/plain', data: 'a,b\n1,ä' },
        title: 'table.csv',
      },
    ])
    expect(losses).toEqual([])
  })

  it.each<[UserPart, string]>([
    [
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA' } },
      '[audio left out: the model does not take sound]',
    ],
    [
      { type: 'image', source: { kind: 'file', id: 'file-1' } },
      '[image left out: a file id of another vendor names nothing here]',
    ],
    [
      { type: 'image', source: { kind: 'text', mediaType: 'image/svg+xml', text: '<svg/>' } },
      '[image left out: pictures of type image/svg+xml are not taken as text]',
    ],
    [
      {
        type: 'document',
        source: { kind: 'base64', mediaType: 'application/msword', data: 'AA' },
      },
      '[document left out: documents of type application/msword are not taken]',
    ],
  ])('leave a line behind: %j', (part, line) => {
    const { content, losses } = foreign(part)
    expect(content).toBe(line)
    expect(losses).toMatchObject([
      { path: 'messages[0].content[0]', action: 'dropped', meaning: true },
    ])
  })
})

import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { namedEvents, startVendorStub, type VendorStub } from './defects/vendor-stub.ts'
import { until } from './house.ts'

let vendor: VendorStub
let gateway: RunningGateway
const lines: string[] = []
afterEach(async () => {
  await gateway.close()
  await vendor.close()
})

const usage = { input_tokens: 5, output_tokens: 1 }
const START = {
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage },
}
const open = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
})
const text = (index: number, said: string) => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'text_delta', text: said },
})
const input = (index: number, partial_json: string) => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'input_json_delta', partial_json },
})
const close = (index: number) => ({ type: 'content_block_stop', index })
const END = { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage }
const TEXT = { type: 'text', text: '' }
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }
const head = [START, open(0, TEXT), text(0, 'Hm.')]
const call = (index: number) => [open(index, CALL), input(index, '{"a":'), input(index, '1}')]

async function streamed(...events: { readonly type: string }[]) {
  vendor = await startVendorStub(namedEvents(...events))
  const config = loadConfig({ port: '0', log: 'info', rehearsal: false }, {})
  lines.length = 0
  gateway = await startGateway(
    {
      ...config,
      accounts: [
        { name: 'a', provider: 'anthropic', key: 'k', baseUrl: vendor.url, source: 'test' },
      ],
    },
    { write: line => lines.push(line) },
  )
  const client = new Anthropic({ apiKey: 'any', baseURL: gateway.url, maxRetries: 0 })
  return client.messages
    .stream({
      model: 'a/claude-sonnet-4-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
    })
    .finalMessage()
}

async function record() {
  await until(() => lines.length > 0)
  return JSON.parse(lines.at(-1) ?? '{}')
}

const WHOLE = [
  { type: 'text', text: 'Hm.' },
  { type: 'tool_use', id: 'toolu_1', name: 'look', input: { a: 1 } },
]
const STOP = { type: 'message_stop' }

describe('[G8.3] a stream of Messages whose bytes pass', () => {
  it.each([
    ['is in order', [...head, close(0), ...call(1), close(1)], undefined],
    ['does not close a block', [...head, ...call(1)], 1],
    ['gives a second block the index of the first', [...head, close(0), ...call(0), close(0)], 1],
    ['counts from elsewhere', [START, open(4, TEXT), text(4, 'Hm.'), close(4), ...call(7)], 1],
  ])('is whole where it %s', async (_, events, losses) => {
    const message = await streamed(...events, END, STOP)
    expect(message.content).toMatchObject(WHOLE)
    expect(message.stop_reason).toBe('tool_use')
    expect(await record()).toMatchObject({ mode: 'direct', status: 200 })
    expect((await record()).losses).toBe(losses)
  })

  it('fails where a delta belongs to no block, and does not end as if all were well', async () => {
    await expect(streamed(...head, close(0), text(3, 'lost'), END, STOP)).rejects.toThrow(
      /a delta comes for block 3 that is not open/,
    )
    expect((await record()).error).toBe('vendor_contradiction')
  })
})

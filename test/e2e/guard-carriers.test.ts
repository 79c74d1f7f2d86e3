import { afterEach, describe, expect, it } from 'vitest'
import type { ConfiguredAccount } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import { chatStream, namedEvents, startVendorStub, type VendorStub } from './defects/vendor-stub.ts'
import { guardrailsOf } from './guard-house.ts'

const RULES = `rules:
  - rule: urls
    allow: [example.org]
    points: [output]
  - rule: keywords
    words: [xenon]
    points: [output, tool-arguments]`

let gateway: RunningGateway | undefined
let stub: VendorStub | undefined
afterEach(async () => {
  await gateway?.close()
  await stub?.close()
})

/** A guarded gateway before a vendor that says just this. */
async function build(provider: string, path: string, ...answers: string[]): Promise<string> {
  stub = await startVendorStub(...answers)
  const baseUrl = stub.url + path
  const account: ConfiguredAccount = { name: 'a', provider, baseUrl, key: 'key', source: 'test' }
  const base = loadConfig({ port: '0', rehearsal: false, log: 'silent' }, {})
  const guardrails = guardrailsOf(RULES)
  gateway = await startGateway({ ...base, accounts: [account], guardrails })
  return gateway.url
}

async function post(url: string, body: object): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  })
  return answer.text()
}

const messages = [{ role: 'user', content: 'Hi' }]
const CHAT = { model: 'a/m', messages }
const MESSAGES = { model: 'a/claude-sonnet-4-5', messages, max_tokens: 99 }

const logprobs = (...tokens: string[]) => ({
  content: tokens.map(token => ({ token, logprob: -0.1, bytes: null, top_logprobs: [] })),
})

function chatAnswer(message: object, more: object = {}): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      { index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...more },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  })
}

const usage = { input_tokens: 1, output_tokens: 1 }

function anthropicStream(...blocks: { start: object; deltas: object[] }[]): string {
  return namedEvents(
    {
      type: 'message_start',
      ...{
        message: {
          ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] },
          ...{ stop_reason: null, stop_sequence: null, usage },
        },
      },
    },
    ...blocks.flatMap(({ start, deltas }, index) => [
      { type: 'content_block_start', index, content_block: start },
      ...deltas.map(delta => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      ...{ delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
    },
    { type: 'message_stop' },
  )
}

describe('[G14] what stands beside a text', () => {
  it('spells it no more once it is rewritten: probabilities of tokens', async () => {
    const tokens = logprobs('See ', 'https://', 'evil', '.test')
    const url = await build(
      'openai-compatible',
      '/v1',
      chatAnswer({ content: 'See https://evil.test now' }, { logprobs: tokens }),
      chatStream([{ content: 'See https://evil.te' }, { content: 'st now' }], 'stop').replaceAll(
        '"finish_reason":null',
        `"finish_reason":null,"logprobs":${JSON.stringify(tokens)}`,
      ),
      chatAnswer({ content: 'See me' }, { logprobs: logprobs('See ', 'me') }),
    )
    for (const stream of [false, true]) {
      const body = { ...CHAT, stream, logprobs: true }
      const said = await post(`${url}/v1/chat/completions`, body)
      expect(said).not.toMatch(/evil/)
      expect(said).toMatch(/link removed/)
    }
    const kept = await post(`${url}/v1/chat/completions`, { ...CHAT, logprobs: true })
    expect(kept).toMatch(/"token":"See "/)
  })

  it('is left out where a rule objects to it: annotations and citations', async () => {
    const cited = { type: 'url_citation', url_citation: { url: 'https://evil.test/', title: 'x' } }
    const url = await build(
      'openai-compatible',
      '/v1',
      chatAnswer({ content: 'See there.', annotations: [cited] }),
      chatStream([{ content: 'See there.' }, { annotations: [cited] }], 'stop'),
    )
    for (const stream of [false, true]) {
      const said = await post(`${url}/v1/chat/completions`, { ...CHAT, stream })
      expect(said).toContain('See there.')
      expect(said).not.toMatch(/evil/)
    }
    await gateway?.close()
    await stub?.close()
    const citation = {
      ...{ type: 'web_search_result_location', url: 'https://evil.test/' },
      ...{ title: 't', cited_text: 'c', encrypted_index: 'e' },
    }
    const start = { type: 'text', text: '', citations: [] }
    const text = { type: 'text_delta', text: 'See there.' }
    const to = await build(
      'anthropic',
      '',
      anthropicStream({ start, deltas: [text, { type: 'citations_delta', citation }] }),
    )
    const said = await post(`${to}/v1/messages`, { ...MESSAGES, stream: true })
    expect(said).toContain('See there.')
    expect(said).not.toMatch(/evil/)
  })

  it('is refused where it cannot be left out: what a vendor ran itself', async () => {
    const start = {
      ...{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search' },
      input: { query: 'project xenon' },
    }
    const text = {
      start: { type: 'text', text: '' },
      deltas: [{ type: 'text_delta', text: 'Hm.' }],
    }
    const url = await build('anthropic', '', anthropicStream(text, { start, deltas: [] }, text))
    const said = await post(`${url}/v1/messages`, { ...MESSAGES, stream: true })
    expect(said).not.toMatch(/xenon/)
    expect(said).toMatch(/could not be checked/)
    expect(said).toMatch(/"stop_reason":"refusal"/)
  })

  it('is not said in an error either', async () => {
    const url = await build(
      'openai-compatible',
      '/v1',
      `${chatStream([{ content: 'Hello.' }])
        .split('data: ')
        .slice(0, 2)
        .join('data: ')}data: ${JSON.stringify({
        error: {
          ...{ message: 'Failed to call a function: pay(xenon)', type: 'server_error' },
          failed_generation: 'pay(xenon)',
        },
      })}\n\n`,
    )
    const said = await post(`${url}/v1/chat/completions`, { ...CHAT, stream: true })
    expect(said).toMatch(/"error":/)
    expect(said).not.toMatch(/xenon/)
  })

  it('names no tool by a forbidden word', async () => {
    const call = (name: string) => ({
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name, arguments: '{}' } }],
    })
    const url = await build('openai-compatible', '/v1', chatAnswer(call('xenon')))
    const said = await post(`${url}/v1/chat/completions`, CHAT)
    expect(said).not.toMatch(/xenon/)
    expect(said).toMatch(/"finish_reason":"content_filter"/)
  })

  it('is checked in arguments that are no JSON, as a reader would mend them', async () => {
    const broken = ['{"to":"xenon', '{"to":"xe\\u006eon', '{"to":"ok']
    const url = await build(
      'openai-compatible',
      '/v1',
      ...broken.map(text =>
        chatStream([
          { tool_calls: [{ index: 0, id: 'c1', function: { name: 'pay', arguments: text } }] },
        ]),
      ),
    )
    for (const text of broken) {
      const said = await post(`${url}/v1/chat/completions`, { ...CHAT, stream: true })
      expect(said.includes('"name":"pay"')).toBe(text === '{"to":"ok')
    }
  })
})

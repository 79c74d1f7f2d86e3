import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { parseJson, stringifyJson } from '../../wire/json.ts'
import { anthropic } from './index.ts'

const words = fc.constantFrom(
  'hello',
  'a "quoted" \\ word',
  'ünï 🙂',
  ' spaced ',
  '<system>x</system>',
)
const cache = fc.constantFrom<JsonObject>(
  {},
  { cache_control: { type: 'ephemeral' } },
  { cache_control: { type: 'ephemeral', ttl: '1h' } },
)
const marked = (block: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
  fc.tuple(block, cache).map(([of, mark]) => ({ ...of, ...mark }))

const text = marked(words.map(of => ({ type: 'text', text: of })))
const image = marked(
  fc.constantFrom<JsonObject>(
    { type: 'image', source: { type: 'url', url: 'https://x/y.png' } },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    { type: 'image', source: { type: 'file', file_id: 'file_1' }, transformations: { a: 'b' } },
  ),
)
const document = marked(
  fc.constantFrom<JsonObject>(
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'd' }, title: 't' },
    { type: 'document', source: { type: 'content', content: 'd' }, citations: { enabled: true } },
    { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'd' }] } },
    { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'x' }] },
  ),
)
const input = fc.constantFrom<JsonObject>(
  {},
  { a: 1 },
  { b: [1, { c: null }], a: 'x' },
  { '2': 0, '1': 1 },
)
const thinking = fc.constantFrom<JsonObject>(
  { type: 'thinking', thinking: 'hm', signature: 'sig' },
  { type: 'thinking', thinking: '', signature: 'sig' },
  { type: 'redacted_thinking', data: 'x' },
)
const served = fc.constantFrom<JsonObject>(
  { type: 'server_tool_use', id: 's', name: 'web_search', input: { q: 'x' } },
  { type: 'web_search_tool_result', tool_use_id: 's', content: [{ url: 'x' }] },
)
const resultContent = fc.oneof(
  fc.constant(undefined),
  words,
  fc.array(fc.oneof(text, image, document), { minLength: 1, maxLength: 2 }),
)

/** Calls with their results, as an assistant's message and the user's that follows. */
const exchange = fc
  .record({
    before: fc.array(fc.oneof(thinking, text, served), { maxLength: 3 }),
    calls: fc.array(fc.tuple(input, resultContent, fc.boolean()), { maxLength: 3 }),
    after: fc.array(fc.oneof(text, image, document), { minLength: 1, maxLength: 2 }),
  })
  .map(({ before, calls, after }) => {
    const uses = calls.map(([of], i) => ({
      type: 'tool_use',
      id: `toolu_${i}`,
      name: 'f',
      input: of,
    }))
    const results = calls.map(([, content, isError], i) => ({
      type: 'tool_result',
      tool_use_id: `toolu_${i}`,
      ...(content !== undefined && { content }),
      ...(isError && { is_error: true }),
    }))
    const said = [...before, ...uses]
    const assistant = said.length === 0 ? [{ type: 'text', text: 'ok' }] : said
    return [
      { role: 'assistant', content: assistant },
      { role: 'user', content: [...results, ...after] },
    ]
  })

const optional = (name: string, value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc
    .option(value, { nil: undefined })
    .map((of): JsonObject => (of === undefined ? {} : { [name]: of }))

const tools = fc.constantFrom<Json[]>(
  [{ name: 'f', input_schema: { type: 'object' } }],
  [
    { name: 'f', description: 'd', input_schema: { type: 'object', properties: {} }, strict: true },
    { type: 'web_search_20250305', name: 'web_search' },
    {
      name: 'g',
      input_schema: { type: 'object' },
      cache_control: { type: 'ephemeral' },
      defer_loading: true,
    },
  ],
)
const choice = fc.constantFrom<Json>(
  { type: 'auto' },
  { type: 'any', disable_parallel_tool_use: true },
  { type: 'tool', name: 'f' },
  { type: 'none' },
)

const body = fc
  .tuple(
    fc.array(exchange, { maxLength: 3 }),
    fc
      .tuple(tools, optional('tool_choice', choice))
      .map(([of, chosen]) => ({ tools: of, ...chosen })),
    optional('system', fc.oneof(words, fc.array(text, { minLength: 1, maxLength: 2 }))),
    optional('thinking', fc.constantFrom<Json>({ type: 'adaptive' }, { type: 'disabled' })),
    optional('output_config', fc.constantFrom<Json>({ effort: 'max' }, { task_budget: 1 })),
    optional('temperature', fc.constantFrom(0, 0.5, 1)),
    optional('stop_sequences', fc.constant(['END'])),
    optional('metadata', fc.constantFrom<Json>({ user_id: 'u' }, { user_id: 'u', odd: 1 })),
    optional('service_tier', fc.constant('auto')),
    optional('stream', fc.constant(true)),
    optional('container', fc.constant('container_1')),
  )
  .map(([exchanges, ...settings]) => ({
    model: 'm',
    max_tokens: 4096,
    messages: [{ role: 'user', content: 'q' }, ...exchanges.flat()],
    ...settings.reduce<JsonObject>((all, one) => Object.assign(all, one), {}),
  }))

/** The same request in one spelling: texts as blocks. */
function spelled(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map(item => spelled(item) ?? null)
  if (!isObject(value)) return value
  const out: JsonObject = {}
  for (const [key, inner] of Object.entries(value)) {
    const isText = (key === 'content' || key === 'system') && typeof inner === 'string'
    out[key] = isText ? [{ type: 'text', text: inner }] : spelled(inner)
  }
  return out
}

describe('a request of this protocol', () => {
  it('comes back as it was, with nothing lost', () => {
    fc.assert(
      fc.property(body, wire => {
        const text = JSON.stringify(wire)
        const request = anthropic.decodeRequest(parseJson(text), {
          headers: { 'anthropic-version': '2023-06-01' },
        })
        const encoded = anthropic.encodeRequest(request, {})
        expect(encoded.losses).toEqual([])
        expect(spelled(JSON.parse(stringifyJson(encoded.body)))).toEqual(spelled(JSON.parse(text)))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps its arguments to the letter', () => {
    const input = '{"z":1.50,"n":12345678901234567890,"10":-0,"2":1e3}'
    const text = `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":${input}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]}`
    const request = anthropic.decodeRequest(parseJson(text), {
      headers: { 'anthropic-version': '2023-06-01' },
    })
    expect(stringifyJson(anthropic.encodeRequest(request, {}).body)).toContain(`"input":${input}`)
  })
})

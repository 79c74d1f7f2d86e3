import { describe, expect, it } from 'vitest'
import { complaint, tool, user, withHeaders } from './trial.ts'

describe('limits', () => {
  it.each([
    ['claude-sonnet-4-5', 64_000, 'claude-sonnet-4-5-20250929'],
    ['claude-opus-4-1', 32_000, 'claude-opus-4-1-20250805'],
    ['claude-3-5-haiku-latest', 8_192, 'claude-3-5-haiku-20241022'],
    ['claude-sonnet-4-6', 128_000, 'claude-sonnet-4-6'],
    ['claude-opus-5', 128_000, 'claude-opus-5'],
  ])('of output tokens: %s has %i', async (model, most, id) => {
    expect(await complaint({ model, max_tokens: most })).toBeUndefined()
    expect(await complaint({ model, max_tokens: most + 1 })).toBe(
      `max_tokens: ${most + 1} > ${most}, which is the maximum allowed number of output tokens for ${id}`,
    )
  })

  it('of input tokens', async () => {
    const messages = [user('word '.repeat(200_000))]
    expect(await complaint({ messages })).toMatch(
      /^prompt is too long: \d+ tokens > 200000 maximum$/,
    )
    expect(await complaint({ model: 'claude-opus-4-8', messages })).toBeUndefined()
  })

  it.each([
    ['claude-sonnet-4-5', 'low', 'This model does not support the effort parameter.'],
    ['claude-opus-4-5', 'high', undefined],
    [
      'claude-opus-4-5',
      'max',
      "This model does not support effort level 'max'. Supported levels: high, low, medium.",
    ],
    ['claude-opus-4-6', 'max', undefined],
    [
      'claude-opus-4-6',
      'xhigh',
      "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.",
    ],
    ['claude-opus-4-8', 'xhigh', undefined],
  ])('of effort: %s and %s', async (model, effort, message) => {
    expect(await complaint({ model, output_config: { effort } })).toBe(message)
  })

  it('of sampling on newer models', async () => {
    const model = 'claude-opus-4-7'
    expect(await complaint({ model, temperature: 0.5 })).toBe(
      '`temperature` is deprecated for this model.',
    )
    expect(await complaint({ model, top_p: 0.9 })).toBe('`top_p` is deprecated for this model.')
    expect(await complaint({ model, top_k: 5 })).toBe('`top_k` is deprecated for this model.')
    expect(await complaint({ model, temperature: 1 })).toBeUndefined()
    expect(await complaint({ model: 'claude-opus-4-6', temperature: 0.5 })).toBeUndefined()
  })

  it('of sampling in pairs', async () => {
    const pair = { temperature: 0.5, top_p: 0.9 }
    expect(await complaint(pair)).toBe(
      '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
    )
    expect(await complaint({ ...pair, model: 'claude-3-5-haiku-20241022' })).toBeUndefined()
    expect(await complaint({ temperature: 0.5, top_k: 5 })).toBeUndefined()
  })

  it('of sampling while thinking', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1_024 }
    expect(await complaint({ thinking, temperature: 0.5 })).toBe(
      '`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. Please consult our documentation at https://platform.claude.com/docs/en/build-with-claude/extended-thinking',
    )
    expect(await complaint({ thinking, temperature: 1 })).toBeUndefined()
    expect(await complaint({ thinking, top_p: 0.5 })).toMatch(
      /^`top_p` must be greater than or equal to 0\.95/,
    )
    expect(await complaint({ thinking, top_p: 0.95 })).toBeUndefined()
    expect(await complaint({ thinking, top_k: 5 })).toMatch(/^`top_k` must be unset/)
  })

  it('of containers', async () => {
    const container = 'container_1'
    expect(await complaint({ container })).toBe(
      'container: Container identifier can only be provided when using the code execution tool',
    )
    const tools = [{ type: 'code_execution_20250825', name: 'code_execution' }]
    expect(await complaint({ container, tools })).toBeUndefined()
  })
})

describe('cache breakpoints', () => {
  const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } })
  const text = (words: string, ttl?: string) => ({ type: 'text', text: words, ...mark(ttl) })

  it('are at most four, wherever they stand', async () => {
    const four = {
      tools: [tool('a', mark())],
      system: [text('s')],
      messages: [user(text('a'), text('b'), 'c')],
    }
    expect(await complaint(four)).toBeUndefined()
    expect(await complaint({ ...four, ...mark() })).toBe(
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    )
    const six = [user(text('a'), text('b'), text('c'), text('d'))]
    expect(await complaint({ ...four, messages: six })).toBe(
      'A maximum of 4 blocks with cache_control may be provided. Found 6.',
    )
  })

  it('go from long to short', async () => {
    const messages = [user(text('a', '1h'), 'b')]
    expect(await complaint({ system: [text('s')], messages })).toBe(
      "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
    )
    expect(
      await complaint({ system: [text('s', '1h')], messages: [user(text('a'))] }),
    ).toBeUndefined()
  })

  it('cannot stand on thinking', async () => {
    const block = { type: 'thinking', thinking: 'x', signature: 'y', ...mark() }
    const messages = [user('a'), { role: 'assistant', content: [block] }, user('b')]
    expect(await complaint({ messages }, withHeaders({}))).toBe(
      'messages.1.content.0.thinking.cache_control: Extra inputs are not permitted',
    )
  })
})

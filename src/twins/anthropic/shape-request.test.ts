import { describe, expect, it } from 'vitest'
import {
  assistant,
  complaint,
  PLAIN_BODY,
  sendOnce,
  tool,
  toolResult,
  toolUse,
  user,
  withHeaders,
} from './trial.ts'

const IMAGE = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' }

describe('types and names of fields', () => {
  it.each([
    [{ model: undefined }, 'model: Field required'],
    [{ model: null }, 'model: Input should be a valid string'],
    [{ model: '' }, 'model: String should have at least 1 character'],
    [{ messages: undefined }, 'messages: Field required'],
    [{ messages: 'x' }, 'messages: Input should be a valid array'],
    [{ max_tokens: undefined }, 'max_tokens: Field required'],
    [{ max_tokens: '16' }, 'max_tokens: Input should be a valid integer'],
    [{ max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer'],
    [{ max_tokens: -1 }, 'max_tokens: must be greater than or equal to 0'],
    [{ stream: 'yes' }, 'stream: Input should be a valid boolean'],
    [{ system: 7 }, 'system: Input should be a valid array'],
    [{ system: [7] }, 'system.0: Input does not match the expected shape.'],
    [{ temperature: 'x' }, 'temperature: Input should be a valid number'],
    [{ temperature: 2 }, 'temperature: range: 0..1'],
    [{ top_k: 0.5 }, 'top_k: Input should be a valid integer'],
    [{ stop_sequences: 'ZZ' }, 'stop_sequences: Input should be a valid array'],
    [{ stop_sequences: [1] }, 'stop_sequences.0: Input should be a valid string'],
    [{ stop_sequences: ['\n'] }, 'stop_sequences: each stop sequence must contain non-whitespace'],
    [{ metadata: { user: 'x' } }, 'metadata.user: Extra inputs are not permitted'],
    [{ metadata: { user_id: 7 } }, 'metadata.user_id: Input should be a valid string'],
    [{ service_tier: 'flex' }, "service_tier: Input should be 'auto' or 'standard_only'"],
    [{ inference_geo: 'eu' }, "inference_geo: must be one of ['global', 'us']"],
    [{ output_config: 'x' }, 'output_config: Input does not match the expected shape.'],
    [
      { output_config: { effort: 'hard' } },
      "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ],
    [{ container: 7 }, 'container.ContainerParams: Input does not match the expected shape.'],
    [{ thinking: 'on' }, 'thinking: Input should be an object'],
    [{ thinking: { type: 'enabled' } }, 'thinking.enabled.budget_tokens: Field required'],
    [
      { thinking: { type: 'enabled', budget_tokens: 512 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      { thinking: { type: 'auto' } },
      "thinking: Input tag 'auto' found using 'type' does not match any of the expected tags: 'adaptive', 'between_tools', 'disabled', 'enabled'",
    ],
    [
      { thinking: { type: 'adaptive', budget_tokens: 2_000 } },
      'thinking.adaptive.budget_tokens: Extra inputs are not permitted',
    ],
    [{ parallel_tool_calls: true }, 'parallel_tool_calls: Extra inputs are not permitted'],
    [{ betas: [] }, 'betas: Extra inputs are not permitted'],
  ])('refuses %j', async (fields, message) => {
    expect(await complaint(fields)).toBe(message)
  })

  it.each([
    [{ content: 'x' }, 'messages.0.role: Field required'],
    [{ role: 7, content: 'x' }, "messages.0.role: Input should be 'user' or 'assistant'"],
    [
      { role: 'tool', content: 'x' },
      'messages: Unexpected role "tool". Allowed roles are "user" or "assistant"',
    ],
    [{ role: 'user' }, 'messages.0.content: Field required'],
    [{ role: 'user', content: null }, 'messages.0.content: Input should be a valid array'],
    [{ role: 'user', content: 'x', name: 'Bo' }, 'messages.0.name: Extra inputs are not permitted'],
    ['hello', 'messages.0: Input should be an object'],
    [user({ text: 'x' }), 'messages.0.content.0.type: Field required'],
    [user({ type: 'text' }), 'messages.0.content.0.text.text: Field required'],
    [
      user({ type: 'text', text: 7 }),
      'messages.0.content.0.text.text: Input should be a valid string',
    ],
    [
      user({ type: 'text', text: 'x', index: 0 }),
      'messages.0.content.0.text.index: Extra inputs are not permitted',
    ],
    [
      user({ type: 'image', source: { type: 'base64', media_type: 'image/tiff', data: 'AA==' } }),
      "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
    ],
    [
      user({ type: 'image', source: { ...IMAGE, data: 'data:image/png;base64,AA==' } }),
      'messages.0.content.0.image.source.base64.data: Invalid base64 data',
    ],
    [
      user({ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '2h' } }),
      "messages.0.content.0.text.cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
    ],
    [
      user({ ...toolResult('a'), content: [{ type: 'tool_reference' }] }),
      'messages.0.content.0.tool_result.content.0.tool_reference.tool_name: Field required',
    ],
    [
      user({ ...toolResult('a.b') }),
      "messages.0.content.0.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    [
      assistant(toolUse('call|1')),
      "messages.0.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    [
      assistant({ ...toolUse('a'), input: '{}' }),
      'messages.0.content.0.tool_use.input: Input should be an object',
    ],
    [
      assistant({ type: 'tool_use', id: 'a', name: 'f' }),
      'messages.0.content.0.tool_use.input: Field required',
    ],
    [
      assistant({ type: 'thinking', thinking: 'x' }),
      'messages.0.content.0.thinking.signature: Field required',
    ],
    [
      assistant({ type: 'server_tool_use', id: 'toolu_1', name: 'web_search', input: {} }),
      "messages.0.content.0.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
    ],
  ])('refuses the message %j', async (message, text) => {
    expect(await complaint({ messages: [message] })).toBe(text)
  })

  it('names the blocks that it knows', async () => {
    const message = await complaint({ messages: [user({ type: 'image_url', image_url: 'x' })] })
    expect(message).toMatch(
      /^messages\.0\.content\.0: Input tag 'image_url' found using 'type' does not match any of the expected tags: 'advisor_tool_result', .*'text', .*'tool_use'/,
    )
  })

  it('complains in the vendor order: choice, tools, messages, system, unknown names', async () => {
    const all = { zzz: 1, system: 7, messages: 'x', tools: 'x', tool_choice: 7 }
    expect(await complaint(all)).toBe('tool_choice: Input should be an object')
    expect(await complaint({ ...all, tool_choice: undefined })).toBe(
      'tools: Input should be a valid array',
    )
    expect(await complaint({ zzz: 1, system: 7, messages: 'x' })).toBe(
      'messages: Input should be a valid array',
    )
    expect(await complaint({ zzz: 1, system: 7 })).toBe('system: Input should be a valid array')
    expect(await complaint({ zzz: 1, messages: [] })).toBe('zzz: Extra inputs are not permitted')
  })

  it('knows beta fields only with their beta', async () => {
    const fields = { context_management: { edits: [] } }
    expect(await complaint(fields)).toBe('context_management: Extra inputs are not permitted')
    const head = withHeaders({ 'anthropic-beta': 'context-management-2025-06-27' })
    expect(await complaint(fields, head)).toBeUndefined()
  })

  it('knows no model by a wrong name', async () => {
    const { status, json } = await sendOnce({ ...PLAIN_BODY, model: 'claude-sonet-4-5' })
    expect(status).toBe(404)
    expect(json).toMatchObject({
      error: { type: 'not_found_error', message: 'model: claude-sonet-4-5' },
    })
  })

  it('accepts the many forms that are right', async () => {
    const messages = [
      user(
        'hi',
        { type: 'image', source: IMAGE },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'x' },
          citations: { enabled: true },
        },
      ),
    ]
    const fields = {
      messages,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      metadata: { user_id: null },
      stop_sequences: ['END'],
      tools: [tool(), { type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      temperature: 0.2,
      service_tier: 'auto',
      cache_control: null,
    }
    expect(await complaint(fields)).toBeUndefined()
  })
})

describe('the version of October 2026', () => {
  const head = withHeaders({ 'anthropic-version': '2026-10-21' })

  it.each(['temperature', 'top_p', 'top_k'])('has no %s, not even its default', async name => {
    const message = await complaint({ [name]: 1 }, head)
    expect(message).toBe(`${name}: Extra inputs are not permitted`)
    expect(await complaint({ [name]: 1 })).toBeUndefined()
  })

  it('has no documents on the assistant side', async () => {
    const source = { type: 'text', media_type: 'text/plain', data: 'x' }
    const messages = [user('hi'), assistant({ type: 'document', source }), user('more')]
    expect(await complaint({ messages }, head)).toBe(
      'messages.1: `document` blocks can only be in `user` messages',
    )
    expect(await complaint({ messages })).toBeUndefined()
  })

  it('has no citations on the user side, unless the list is empty', async () => {
    const cited = (citations: object[]) => [user({ type: 'text', text: 'hi', citations })]
    expect(await complaint({ messages: cited([{ type: 'char_location' }]) }, head)).toBe(
      'messages.0.content.0.text.citations: Extra inputs are not permitted',
    )
    expect(await complaint({ messages: cited([]) }, head)).toBeUndefined()
    expect(await complaint({ messages: cited([{ type: 'char_location' }]) })).toBeUndefined()
  })
})

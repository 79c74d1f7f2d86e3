import { describe, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import { redactThinking, signThinking } from './signature.ts'
import { assistant, complaint, tool, toolResult, toolUse, user, withHeaders } from './trial.ts'

const MANUAL = { type: 'enabled', budget_tokens: 1_024 }
const FAMILY = 'claude-sonnet-4-5'

function thinking(text: string, family = FAMILY) {
  return {
    type: 'thinking',
    thinking: text,
    signature: signThinking(text, text, family, seeded(7)),
  }
}

describe('the thinking field', () => {
  const ENABLED =
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
  const ADAPTIVE = 'adaptive thinking is not supported on this model'
  const DISABLED =
    '"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode when not specified; use "thinking.type.enabled" with "budget_tokens" for extended thinking.'

  it.each([
    ['claude-sonnet-4-5', undefined, ADAPTIVE, undefined],
    ['claude-haiku-4-5', undefined, ADAPTIVE, undefined],
    ['claude-opus-4-6', undefined, undefined, undefined],
    ['claude-sonnet-4-6', undefined, undefined, undefined],
    ['claude-opus-4-7', ENABLED, undefined, undefined],
    ['claude-sonnet-5', ENABLED, undefined, undefined],
    ['claude-opus-5-5', ENABLED, undefined, undefined],
    ['claude-fable-5', ENABLED, undefined, DISABLED],
    ['claude-mythos-5-1', ENABLED, undefined, DISABLED],
    [
      'claude-3-5-haiku-20241022',
      "'claude-3-5-haiku-20241022' does not support thinking.",
      ADAPTIVE,
      undefined,
    ],
  ])('suits %s', async (model, enabled, adaptive, disabled) => {
    expect(await complaint({ model, thinking: MANUAL })).toBe(enabled)
    expect(await complaint({ model, thinking: { type: 'adaptive' } })).toBe(adaptive)
    expect(await complaint({ model, thinking: { type: 'disabled' } })).toBe(disabled)
  })

  it('keeps the budget below max_tokens', async () => {
    const text = /^`max_tokens` must be greater than `thinking\.budget_tokens`\. Please consult/
    expect(await complaint({ max_tokens: 1_024, thinking: MANUAL })).toMatch(text)
    expect(await complaint({ max_tokens: 1_025, thinking: MANUAL })).toBeUndefined()
    const interleaved = withHeaders({ 'anthropic-beta': 'interleaved-thinking-2025-05-14' })
    const fields = { max_tokens: 1_024, thinking: { ...MANUAL, budget_tokens: 4_000 } }
    expect(await complaint({ ...fields, tools: [tool()] }, interleaved)).toBeUndefined()
    expect(await complaint(fields, interleaved)).toMatch(text)
  })

  it('does not go with a forced choice in manual mode', async () => {
    const fields = { tools: [tool()], thinking: MANUAL }
    const text = 'Thinking may not be enabled when tool_choice forces tool use.'
    expect(await complaint({ ...fields, tool_choice: { type: 'any' } })).toBe(text)
    expect(await complaint({ ...fields, tool_choice: { type: 'tool', name: 'get_weather' } })).toBe(
      text,
    )
    expect(await complaint({ ...fields, tool_choice: { type: 'auto' } })).toBeUndefined()
    const adaptive = { model: 'claude-opus-4-6', tools: [tool()], thinking: { type: 'adaptive' } }
    expect(await complaint({ ...adaptive, tool_choice: { type: 'any' } })).toBeUndefined()
  })
})

describe('thinking in the history', () => {
  const loop = (...content: readonly (object | string)[]) => ({
    thinking: MANUAL,
    tools: [tool()],
    messages: [user('hi'), assistant(...content, toolUse('a')), user(toolResult('a'))],
  })
  const dropped = (path: string, found: string) =>
    `${path}.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${found}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking`

  it('is accepted as it was given', async () => {
    expect(await complaint(loop(thinking('Hm.')))).toBeUndefined()
    const data = redactThinking('Hm.', FAMILY, seeded(3))
    expect(await complaint(loop({ type: 'redacted_thinking', data }))).toBeUndefined()
  })

  it('must begin a tool loop in manual mode', async () => {
    expect(await complaint(loop())).toBe(dropped('messages.1.content.0', 'tool_use'))
    expect(await complaint(loop('Sure.'))).toBe(dropped('messages.1.content.0', 'text'))
    const { messages } = loop(thinking('Hm.'))
    const longer = [...messages, assistant(toolUse('b')), user(toolResult('b'))]
    expect(await complaint({ ...loop(), messages: longer })).toBeUndefined()
    const dumb = [
      ...loop().messages,
      assistant(thinking('Hm.'), toolUse('b')),
      user(toolResult('b')),
    ]
    expect(await complaint({ ...loop(), messages: dumb })).toBe(
      dropped('messages.1.content.0', 'tool_use'),
    )
  })

  it('may be dropped from finished turns, and without manual mode', async () => {
    const finished = [...loop().messages, assistant('It is sunny.'), user('Thanks.')]
    expect(await complaint({ ...loop(), messages: finished })).toBeUndefined()
    expect(await complaint({ ...loop(), thinking: undefined })).toBeUndefined()
    const adaptive = { ...loop(), model: 'claude-opus-4-6', thinking: { type: 'adaptive' } }
    expect(await complaint(adaptive)).toBeUndefined()
  })

  it('must begin a prefill in manual mode', async () => {
    const messages = [user('hi'), assistant('The')]
    expect(await complaint({ thinking: MANUAL, messages })).toBe(
      dropped('messages.1.content.0', 'text'),
    )
  })

  it('cannot end the conversation', async () => {
    const messages = [user('hi'), assistant(thinking('Hm.'))]
    expect(await complaint({ messages })).toBe(
      'messages.1: The final block in an assistant message cannot be `thinking`.',
    )
  })

  const forged = 'messages.1.content.0: Invalid `signature` in `thinking` block'

  it.each([
    ['an edited text', { ...thinking('Hm.'), thinking: 'Hm!' }],
    ['an emptied text', { ...thinking('Hm.'), thinking: '' }],
    ['another family’s signature', thinking('Hm.', 'claude-opus-4-5')],
    ['no signature', { ...thinking('Hm.'), signature: '' }],
    ['a made-up signature', { ...thinking('Hm.'), signature: 'EqQBCgIYAhIM' }],
    ['a cut signature', { ...thinking('Hm.'), signature: thinking('Hm.').signature.slice(4) }],
  ])('is refused with %s, in any turn', async (_, block) => {
    expect(await complaint(loop(block))).toBe(forged)
    const messages = [user('hi'), assistant(block, 'Hello.'), user('again')]
    expect(await complaint({ messages })).toBe(forged)
  })

  it('is refused if redacted data is changed', async () => {
    const text = 'messages.1.content.0: Invalid `data` in `redacted_thinking` block'
    expect(await complaint(loop({ type: 'redacted_thinking', data: 'AAAA' }))).toBe(text)
    const data = redactThinking('Hm.', 'claude-opus-4-5', seeded(3))
    expect(await complaint(loop({ type: 'redacted_thinking', data }))).toBe(text)
  })
})

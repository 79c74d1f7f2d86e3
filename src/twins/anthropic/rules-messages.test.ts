import { describe, expect, it } from 'vitest'
import { assistant, complaint, tool, toolResult, toolUse, user } from './trial.ts'

const NEW = 'claude-opus-4-8'
const system = (...content: readonly (object | string)[]) => ({
  ...user(...content),
  role: 'system',
})
const ANYWHERE =
  'the directive-only form (content: [] with output_config) is accepted at any position'

describe('roles and content', () => {
  it.each([
    [[], 'messages: at least one message is required'],
    [[assistant('hi'), user('hi')], 'messages: first message must use the "user" role'],
    [[{ role: 'user', content: '' }], 'messages.0: user messages must have non-empty content'],
    [[{ role: 'user', content: [] }], 'messages.0: user messages must have non-empty content'],
    [
      [user('a'), assistant('b'), { role: 'user', content: [] }, { role: 'user', content: '' }],
      'messages.2: user messages must have non-empty content',
    ],
    [[user('')], 'messages: text content blocks must be non-empty'],
    [[user('a'), assistant(''), user('b')], 'messages: text content blocks must be non-empty'],
    [[user(' \n')], 'messages: text content blocks must contain non-whitespace text'],
    [
      [{ role: 'user', content: '  ' }],
      'messages: text content blocks must contain non-whitespace text',
    ],
    [
      [user({ type: 'text', text: '', cache_control: { type: 'ephemeral' } })],
      'messages.0.content.0.text: cache_control cannot be set for empty text blocks',
    ],
    [[user(toolUse('a'))], 'messages.0: `tool_use` blocks can only be in `assistant` messages'],
    [
      [user('a'), assistant('b', toolResult('a')), user('c')],
      'messages.1: `tool_result` blocks can only be in `user` messages',
    ],
  ])('refuses %j', async (messages, text) => {
    expect(await complaint({ messages })).toBe(text)
  })

  it.each([
    [[user('a'), user('b'), assistant('c'), assistant('d'), user('e')]],
    [[{ role: 'user', content: [] }, user('a')]],
    [[user('a'), { role: 'assistant', content: '' }, user('b')]],
    [[user('a'), { role: 'assistant', content: [] }, user('b')]],
  ])('accepts %j', async messages => {
    expect(await complaint({ messages })).toBeUndefined()
  })

  it('refuses an empty text in the system prompt, but not an empty prompt', async () => {
    expect(await complaint({ system: [{ type: 'text', text: '' }] })).toBe(
      'system: text content blocks must be non-empty',
    )
    expect(await complaint({ system: '' })).toBeUndefined()
  })

  it('wants error results to be text and not empty', async () => {
    const ending = (result: object) => ({
      tools: [tool()],
      messages: [user('a'), assistant(toolUse('a')), user({ ...toolResult('a'), ...result })],
    })
    const path = 'messages.2.content.0.tool_result'
    expect(await complaint(ending({ is_error: true, content: '' }))).toBe(
      `${path}: content cannot be empty if \`is_error\` is true`,
    )
    expect(await complaint(ending({ is_error: true, content: undefined }))).toBe(
      `${path}: content cannot be empty if \`is_error\` is true`,
    )
    const source = { type: 'url', url: 'https://example.com/a.png' }
    expect(await complaint(ending({ is_error: true, content: [{ type: 'image', source }] }))).toBe(
      `${path}: all content must be type \`text\` if \`is_error\` is true`,
    )
    expect(await complaint(ending({ content: '' }))).toBeUndefined()
    expect(await complaint(ending({ is_error: true, content: 'no such city' }))).toBeUndefined()
  })
})

describe('system messages', () => {
  it.each([
    [
      'claude-sonnet-4-5',
      /^messages: Unexpected role "system"\. The Messages API accepts a top-level `system` parameter, not "system" as an input message role\.$/,
    ],
    ['claude-opus-4-7', /^role 'system' is not supported on this model$/],
  ])('are not for %s', async (model, text) => {
    expect(await complaint({ model, messages: [user('a'), system('b')] })).toMatch(text)
  })

  it.each([
    [
      [system('a'), user('b')],
      `messages.0: use the top-level 'system' parameter for the initial system prompt; ${ANYWHERE}`,
    ],
    [
      [user('a'), assistant('b'), system('c')],
      `messages.2: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result; ${ANYWHERE}`,
    ],
    [
      [user('a'), system('b'), system('c'), user('d')],
      `messages.2: role 'system' must precede an 'assistant' message or end the array; ${ANYWHERE}`,
    ],
    [
      [user('a'), { role: 'system', content: [] }],
      'messages.1: system content must contain at least one block',
    ],
    [[user('a'), system('  ')], 'messages.1: system text blocks must contain non-whitespace text'],
    [
      [user('a'), system({ type: 'image', source: { type: 'url', url: 'https://example.com' } })],
      "messages.1: role 'system' supports text, tool_addition, and tool_removal blocks only",
    ],
  ])('refuses %j', async (messages, text) => {
    expect(await complaint({ model: NEW, messages })).toBe(text)
  })

  it.each([
    [[user('a'), system('b')]],
    [[user('a'), system('b'), system('c'), assistant('d'), user('e')]],
    [[{ role: 'system', content: [], output_config: { effort: 'low' } }, user('a')]],
    [[user('a'), assistant(toolUse('x')), user(toolResult('x')), system('b')]],
  ])('accepts %j', async messages => {
    expect(await complaint({ model: NEW, messages, tools: [tool()] })).toBeUndefined()
  })
})

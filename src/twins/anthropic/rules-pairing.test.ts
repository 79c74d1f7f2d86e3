import { describe, expect, it } from 'vitest'
import { assistant, complaint, tool, toolResult, toolUse, user } from './trial.ts'

const talk = (...messages: readonly object[]) =>
  complaint({ messages: [user('hi'), ...messages], tools: [tool()] })

const missing = (index: number, ids: string) =>
  `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
const orphan = (path: string, id: string) =>
  `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`

describe('[T1] calls and results', () => {
  it('wants every call answered in the next turn', async () => {
    expect(await talk(assistant(toolUse('a')), user('never mind'))).toBe(missing(1, 'a'))
    expect(await talk(assistant(toolUse('a')))).toBe(missing(1, 'a'))
    expect(
      await talk(assistant(toolUse('a'), toolUse('b'), toolUse('c')), user(toolResult('b'))),
    ).toBe(missing(1, 'a, c'))
    const late = [assistant(toolUse('a')), user('wait'), assistant('ok'), user(toolResult('a'))]
    expect(await talk(...late)).toBe(missing(1, 'a'))
  })

  it('wants results before anything else, across messages', async () => {
    expect(await talk(assistant(toolUse('a')), user('here', toolResult('a')))).toBe(missing(1, 'a'))
    const both = assistant(toolUse('a'), toolUse('b'))
    expect(await talk(both, user(toolResult('a'), 'and'), user(toolResult('b')))).toBe(
      missing(1, 'b'),
    )
    expect(await talk(both, user(toolResult('b')), user(toolResult('a'), 'go on'))).toBeUndefined()
    expect(await talk(both, user(toolResult('a'), toolResult('b')), user('x'))).toBeUndefined()
  })

  it('takes text around and after calls', async () => {
    const turn = assistant('one', toolUse('a'), 'two', toolUse('b'), 'three')
    expect(await talk(turn, user(toolResult('a'), toolResult('b')))).toBeUndefined()
    const split = [assistant(toolUse('a')), assistant(toolUse('b'))]
    expect(await talk(...split, user(toolResult('a'), toolResult('b')))).toBeUndefined()
  })

  it('refuses results without a call in the turn before', async () => {
    expect(await talk(assistant('hi'), user(toolResult('a')))).toBe(
      orphan('messages.2.content.0', 'a'),
    )
    expect(await complaint({ messages: [user('x', toolResult('a'))] })).toBe(
      orphan('messages.0.content.1', 'a'),
    )
    expect(await talk(assistant(toolUse('a')), user(toolResult('a'), toolResult('b')))).toBe(
      orphan('messages.2.content.1', 'b'),
    )
    expect(await talk(assistant(toolUse('a')), user(toolResult('b')))).toBe(
      orphan('messages.2.content.0', 'b'),
    )
    const again = [
      assistant(toolUse('a')),
      user(toolResult('a')),
      assistant('ok'),
      user(toolResult('a')),
    ]
    expect(await talk(...again)).toBe(orphan('messages.4.content.0', 'a'))
  })

  it('refuses ids that return, anywhere in the history', async () => {
    expect(await talk(assistant(toolUse('a'), toolUse('a')), user(toolResult('a')))).toBe(
      'messages.1.content.1: `tool_use` ids must be unique',
    )
    const later = [assistant(toolUse('a')), user(toolResult('a')), assistant('so', toolUse('a'))]
    expect(await talk(...later, user(toolResult('a')))).toBe(
      'messages.3.content.1: `tool_use` ids must be unique',
    )
  })

  it('refuses two results for one call', async () => {
    expect(await talk(assistant(toolUse('a')), user(toolResult('a'), toolResult('a')))).toBe(
      'messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: a',
    )
  })

  it('refuses results of server tools without their call', async () => {
    const result = { type: 'advisor_tool_result', tool_use_id: 'srvtoolu_1', content: {} }
    const use = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'advisor', input: {} }
    expect(await talk(assistant(result, 'so'), user('ok'))).toBe(
      'messages.1.content.0: unexpected `tool_use_id` found in `advisor_tool_result` blocks: srvtoolu_1. Each `advisor_tool_result` block must have a corresponding `server_tool_use` block before it.',
    )
    expect(await talk(assistant(use, result, 'so'), user('ok'))).toBeUndefined()
  })

  it('accepts calls in the history of a request without tools', async () => {
    const messages = [user('hi'), assistant(toolUse('a')), user(toolResult('a'))]
    expect(await complaint({ messages })).toBeUndefined()
  })
})

describe('the last message', () => {
  const prefill = (model: string, text = 'The answer is') =>
    complaint({ model, messages: [user('hi'), assistant(text)] })
  const refusal =
    'This model does not support assistant message prefill. The conversation must end with a user message.'

  it('may be the assistant’s up to 4.5', async () => {
    expect(await prefill('claude-sonnet-4-5')).toBeUndefined()
    expect(await prefill('claude-3-5-haiku-20241022')).toBeUndefined()
    expect(await prefill('claude-opus-4-6')).toBe(refusal)
    expect(await prefill('claude-sonnet-5')).toBe(refusal)
  })

  it('cannot end with a blank', async () => {
    expect(await prefill('claude-sonnet-4-5', 'The answer is ')).toBe(
      'messages: final assistant content cannot end with trailing whitespace',
    )
  })

  it('continues a turn that a server tool paused', async () => {
    const use = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }
    const result = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }
    const messages = [user('hi'), assistant(use, result)]
    expect(await complaint({ model: 'claude-opus-4-8', messages })).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { readScript, scripted } from '../script.ts'
import { assistant, PLAIN_BODY, trial, user } from './trial.ts'

const [turn] = readScript([
  {
    text: 'Let me look.',
    serverCalls: [
      { name: 'web_search', input: { query: 'news' }, result: [] },
      { name: 'web_search', input: { query: 'more' } },
    ],
    end: 'pause',
  },
])
const planned = turn && (await scripted([turn]).answer({ ...PROMPT(), messages: [] }, 0))

function PROMPT() {
  const choice = { mode: 'none' } as const
  return { model: '', tools: [], choice, parallel: true, reasoning: false, stop: [], messages: [] }
}

async function pausedTurn() {
  const talk = trial([planned ?? { blocks: [] }, { blocks: [{ type: 'text', text: 'Done.' }] }])
  const { json } = await talk.send(PLAIN_BODY)
  const content = Array.isArray(json['content']) ? json['content'] : []
  const goOn = async (...blocks: object[]) => {
    const messages = [user('hi'), assistant(...blocks)]
    return (await talk.send({ ...PLAIN_BODY, messages })).message
  }
  return { json, content, goOn }
}

describe('[T1] a paused turn', () => {
  it('shows what the vendor runs itself', async () => {
    const { json, content } = await pausedTurn()
    expect(json['stop_reason']).toBe('pause_turn')
    expect(content).toMatchObject([
      { type: 'text' },
      {
        type: 'server_tool_use',
        id: expect.stringMatching(/^srvtoolu_/),
        input: { query: 'news' },
      },
      { type: 'web_search_tool_result', content: [] },
      { type: 'server_tool_use', name: 'web_search', input: { query: 'more' } },
    ])
  })

  it('is the same in a stream', async () => {
    const talk = trial([planned ?? { blocks: [] }])
    const { events } = await talk.send({ ...PLAIN_BODY, stream: true })
    const starts = events.filter(({ type }) => type === 'content_block_start')
    expect(starts.map(({ content_block }) => content_block)).toMatchObject([
      { type: 'text' },
      { type: 'server_tool_use', input: {} },
      { type: 'web_search_tool_result', content: [] },
      { type: 'server_tool_use', input: {} },
    ])
  })

  it('comes back as it was, or is refused', async () => {
    const { content, goOn } = await pausedTurn()
    const [text, use, result, open] = content
    expect(await goOn(...content)).toBeUndefined()
    const refusal = /the content of a paused turn must be sent back as it was$/
    expect(await goOn(use, result, open)).toMatch(refusal)
    expect(await goOn({ ...text, text: 'Let me see.' }, use, result, open)).toMatch(refusal)
    expect(await goOn(text, use, { ...result, content: [{}] }, open)).toMatch(refusal)
    expect(await goOn(text, use, result)).toMatch(refusal)
    expect(await goOn(text, use, { ...result, cache_control: { type: 'ephemeral' } }, open)).toBe(
      undefined,
    )
  })
})

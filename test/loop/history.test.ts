import { afterEach, describe, expect, it } from 'vitest'
import { runTools, tool } from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

const look = tool({ name: 'look', input: { type: 'object' }, run: () => 'seen' })
afterEach(closeTwins)

describe('a history that goes on with another vendor', () => {
  it('has a paused answer and the rest of it as one answer [L2]', async () => {
    const [, , anthropic] = SCENES
    const { twin, ...at } = await play(anthropic, [
      { text: 'Well,', end: 'pause' },
      { text: 'let me see.', calls: [{ name: 'look', arguments: {} }] },
      { text: 'Seen.' },
    ])
    const result = await runTools({ ...at, prompt: 'Look.', tools: [look] })
    twin.finish()
    expect(result.messages.map(({ role }) => role)).toEqual([
      ...['user', 'assistant', 'assistant', 'tool', 'assistant'],
    ])
    await expectAccepted(result)
  })

  it.each(SCENES)('keeps answers, calls and results apart over $protocol', async scene => {
    const { twin, ...at } = await play(scene, [{ text: 'taken' }])
    const call = (id: string) =>
      ({ type: 'tool-call', id, name: 'look', arguments: '{}', kind: 'function' }) as const
    const result = await runTools({
      ...at,
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: 'Well,' },
        { role: 'assistant', at: 2, content: [{ type: 'text', text: 'so:' }, call('a')] },
        {
          role: 'tool',
          at: 3,
          content: [
            { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'seen' }], at: 3 },
          ],
        },
        { role: 'assistant', content: 'Seen.' },
      ],
      prompt: 'Go on.',
    })
    expect(result.messages).toMatchObject([
      { role: 'user', at: 0 },
      { role: 'assistant', at: 1, content: [{ text: 'Well,' }, { text: 'so:' }, { name: 'look' }] },
      { role: 'tool', at: 2, content: [{ at: 2 }] },
      { role: 'assistant', at: 3 },
      { role: 'user', at: 4 },
      { role: 'assistant', at: 5, content: [{ text: 'taken' }] },
    ])
    twin.finish()
  })
})

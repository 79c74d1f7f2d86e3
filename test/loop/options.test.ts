import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { image, resume, runTools, tool } from '../../src/index.ts'
import { closeTwins, play, SCENES } from './stage.ts'

afterEach(closeTwins)

const [chat] = SCENES
const echo = tool({ name: 'echo', input: z.object({ say: z.string() }), run: ({ say }) => say })
const slow = tool({
  name: 'echo',
  input: z.object({ say: z.string() }),
  run: ({ say }) => new Promise(resolve => setTimeout(resolve, 30, say)),
})
const ECHO = [{ calls: [{ name: 'echo', arguments: { say: 'hi' } }] }, { text: 'Done.' }]
const at = { model: 'gpt-4o', baseUrl: 'http://127.0.0.1:1/v1', prompt: 'Go.', tools: [echo] }

/** Options as a program has them that no compiler has seen. */
function unseen(options: object): object {
  return options
}

describe('options that cannot be meant', () => {
  it.each([
    [{ maxParallelCalls: Number.NaN }, 'maxParallelCalls must be a number of 1 or more'],
    [{ maxParallelCalls: 0 }, 'maxParallelCalls must be a number of 1 or more'],
    [{ callTimeoutMs: '100' }, 'callTimeoutMs must be a number'],
    [{ callTimeoutMs: 0 }, 'callTimeoutMs must be more than 0'],
    [{ budget: { turn: 3 } }, 'budget.turn is not known; there are turns, calls'],
    [{ budget: { turns: Number.NaN } }, 'budget.turns must be a number'],
    [{ budget: { turns: -1 } }, 'budget.turns must be a number'],
    [{ budget: { turns: 1.5 } }, 'budget.turns must be a whole number'],
    [{ budget: { cost: '1' } }, 'budget.cost must be a number'],
    [{ budget: null }, 'budget must be an object'],
    [{ toolChoice: 'required' }, "toolChoice must have a mode: { mode: 'auto' }"],
    [{ toolChoice: { mode: 'tool' } }, "toolChoice.name must be a tool's name"],
    [{ maxTurns: 3 }, 'maxTurns is called budget.turns here'],
    [{ system: 'Be brief.' }, 'system is called instructions here'],
    [{ afterTurn: true }, 'afterTurn must be a function'],
    [{ model: undefined }, 'model must be a name'],
    [{ signal: {} }, 'signal must be an AbortSignal'],
    [{ prompt: null }, 'prompt must be a text, and not null'],
    [{ key: 'sk-1\n' }, 'key must be a text that a header can hold'],
    [{ headers: { 'x-a': 'b\n' } }, 'headers.x-a must be a text that a header can hold'],
    [{ messages: 'Hello' }, 'messages must be a list'],
    [{ messages: [null] }, 'messages[0].role must be one of system, user, assistant, tool'],
    [{ messages: [{ role: 'developer', content: 'x' }] }, 'messages[0].role must be one of'],
    [{ messages: [{ role: 'user', content: null }] }, 'messages[0].content must be a text or a'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].content must be a list of parts'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      'messages[0].content[0].type must be one of text, image',
    ],
  ])('as %o are refused at once', (options, message) => {
    const all = { ...at, ...unseen(options) }
    expect(() => runTools(all)).toThrow(message)
  })

  it('are refused where a run goes on as well, and no secret of them is told', () => {
    const wrong = unseen({ budget: { turn: 3 } })
    expect(() => resume('/nowhere', { ...wrong })).toThrow('budget.turn is not known')
    const key = 'sk-secret\n'
    expect(() => runTools({ ...at, key })).toThrow(/^(?!.*sk-secret)/s)
  })

  it.each([
    [{ echo }, 'tools must be a list of tools'],
    [[{ name: 'echo' }], 'tools[0] was not made by tool()'],
    [[null], 'tools[0] was not made by tool()'],
  ])('as tools that are none end the run', async (tools, reason) => {
    const all = { ...at, ...unseen({ tools }) }
    expect(await runTools(all)).toMatchObject({ ended: 'failed', reason })
  })

  it('as a choice that a function made end the run', async () => {
    const options = unseen({ toolChoice: () => 'required' })
    const { ended, reason } = await runTools({ ...at, ...options })
    expect(ended).toBe('failed')
    expect(reason).toContain('toolChoice must have a mode')
  })
})

describe('limits without an end', () => {
  it.each([Number.POSITIVE_INFINITY, 2 ** 32])('of %d milliseconds are none', async ms => {
    const { twin: _, ...to } = await play(chat, ECHO)
    const budget = { ms, turns: Number.POSITIVE_INFINITY, inputTokens: Number.POSITIVE_INFINITY }
    const limits = { callTimeoutMs: ms, silenceMs: ms, maxRetryMs: ms }
    const result = await runTools({ ...to, ...limits, budget, prompt: 'Go.', tools: [slow] })
    expect(result).toMatchObject({ ended: 'answered', calls: [{ outcome: 'returned' }] })
  })

  it('are none after a pause, which is JSON, either', async () => {
    const asked = tool({ name: 'echo', approval: true, run: () => 'hi' })
    const { twin: _, ...to } = await play(chat, ECHO)
    const budget = { turns: Number.POSITIVE_INFINITY, inputTokens: Number.POSITIVE_INFINITY }
    const first = await runTools({ ...to, budget, prompt: 'Go.', tools: [asked] })
    const paused = JSON.parse(JSON.stringify(first.paused))
    const decisions = { [paused.waiting[0].callId]: 'approve' } as const
    const second = await resume(paused, { key: 'sk', tools: [asked], decisions })
    expect(second).toMatchObject({ ended: 'answered' })
  })
})

describe('messages', () => {
  it('that begin with the instructions are not told them twice', async () => {
    const { twin: _, ...to } = await play(chat, [{ text: 'One.' }, { text: 'Two.' }])
    const instructions = 'Be brief.'
    const { messages } = await runTools({ ...to, instructions, prompt: 'First?' })
    const again = await runTools({ ...to, instructions, messages, prompt: 'Second?' })
    const roles = ['system', 'user', 'assistant', 'user', 'assistant']
    expect(again.messages.map(({ role }) => role)).toEqual(roles)
  })

  it.each(SCENES)('may hold pictures, over $protocol', async scene => {
    const { twin, ...to } = await play(scene, [{ text: 'A dot.' }])
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const picture = image(Buffer.from(png, 'base64'), 'image/png')
    const content = [{ type: 'text', text: 'What is this?' }, picture] as const
    const result = await runTools({ ...to, messages: [{ role: 'user', content }] })
    expect(result.text).toBe('A dot.')
    twin.finish()
  })
})

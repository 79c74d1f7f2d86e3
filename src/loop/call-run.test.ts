import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { breathe } from './breath.ts'
import { runCall } from './call-run.ts'
import { AbortWatch } from './ending.ts'
import { type ToolContext, tool } from './tool.ts'

/** Runs a call of a tool under a signal; `late` hears what it comes to after it was given up. */
function call(run: (context: ToolContext) => unknown, signal: AbortSignal, timeoutMs = 5000) {
  const late: unknown[] = []
  const settled = runCall({
    tool: tool({ name: 'it', run: (_, context) => run(context) }),
    input: {},
    json: {},
    facts: { context: undefined, callId: 'call_1', idempotencyKey: 'tg_1', turn: 1 },
    timeoutMs,
    watch: new AbortWatch(signal),
    sandbox: undefined,
    progress() {},
    late: value => late.push(value),
  })
  return { settled, late }
}

describe('a call', () => {
  it('is not begun once the run has ended', async () => {
    let ran = 0
    await breathe()
    const { settled } = call(() => ran++, AbortSignal.abort())
    expect(await settled).toMatchObject({ kind: 'aborted' })
    await sleep(20)
    expect(ran).toBe(0)
  })

  it.each([
    ['at once', 0],
    ['later', 20],
  ])('may end its own run, %s, and is given up like any other', async (_, wait) => {
    const controller = new AbortController()
    let ended = false
    // So that the tool is called in the same breath.
    await breathe()
    const { settled, late } = call(({ signal }) => {
      const end = () => {
        controller.abort()
        ended = signal.aborted
        return 'too late'
      }
      return wait === 0 ? end() : sleep(wait).then(end)
    }, controller.signal)
    const one = await settled
    expect(one.kind).toBe('aborted')
    await ('work' in one ? one.work : undefined)
    expect(late).toEqual(['too late'])
    expect(ended).toBe(true)
  })

  it('leaves nobody waiting for the end of the run', async () => {
    const controller = new AbortController()
    const contexts: ToolContext[] = []
    const { settled, late } = call(context => contexts.push(context), controller.signal)
    expect(await settled).toMatchObject({ kind: 'value', value: 1 })
    controller.abort()
    expect(contexts[0]?.signal.aborted).toBe(false)
    expect(late).toEqual([])
  })
})

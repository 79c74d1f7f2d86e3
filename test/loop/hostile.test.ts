import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runTools, tool } from '../../src/index.ts'
import type { Fault } from '../../src/twins/faults.ts'
import type { TwinBlock, TwinModel } from '../../src/twins/model.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { closeTwins, expectAccepted, SCENES } from './stage.ts'

let twin: Twin | undefined
afterEach(async () => {
  await twin?.close()
  await closeTwins()
})

/** Says what its seed wants: text, calls of all sorts, ends of all sorts. */
const hostile: TwinModel = {
  name: 'hostile',
  answer({ choice }, seed) {
    const pick = <T>(list: readonly T[], salt: number): T | undefined =>
      list[(seed >>> salt) % list.length]
    const blocks: TwinBlock[] = []
    if (seed & 1) blocks.push({ type: 'text', text: 'Well.' })
    const calls = choice.mode === 'none' ? 0 : (pick([0, 1, 1, 2, 3, 9, 40], 3) ?? 0)
    for (let i = 0; i < calls; i++) {
      const name = pick(['good', 'hang', 'throw', 'flood', 'gone', 'good'], (i * 5) % 28) ?? 'good'
      const args = pick(['{"n":1}', '{"n":"x"}', '{}', '{"n":', '[]', ''], (i * 3) % 29) ?? ''
      const id = seed & 2 ? {} : { id: 'call_same' }
      blocks.push({ type: 'call', name, arguments: args, ...id })
    }
    if (blocks.length === 0) blocks.push({ type: 'text', text: 'Done.' })
    const end = pick([undefined, undefined, undefined, 'length', 'refusal'] as const, 9)
    return { blocks, ...(end ? { end } : {}) }
  },
}

const input = z.object({ n: z.number() })
const tools = [
  tool({ name: 'good', input, run: ({ n }) => n }),
  tool({ name: 'hang', run: () => new Promise(() => {}) }),
  tool({
    name: 'throw',
    run: async () => {
      await sleep(1)
      throw Object.assign(Object.create(null), { odd: true })
    },
  }),
  tool({ name: 'flood', run: () => 'x'.repeat(1_000_000) }),
]

const FAULTS: readonly (Fault | undefined)[] = [
  undefined,
  { kind: 'malformed-arguments', times: 0, rate: 0.5 },
  { kind: 'unknown-tool', times: 0, rate: 0.5 },
  { kind: 'duplicate-id', times: 0, rate: 0.5 },
  { kind: 'cut', atByte: 300, times: 1, rate: 0.5 },
]

describe.each(SCENES)('a hostile model over $protocol', scene => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'ends in a stated way, with a history that stands: seed %i [L2]',
    async seed => {
      const fault = FAULTS[seed % FAULTS.length]
      twin = await startTwin({
        vendor: scene.vendor,
        model: hostile,
        seed,
        ...(fault ? { faults: [fault] } : {}),
      })
      const began = performance.now()
      const result = await runTools({
        model: scene.model,
        protocol: scene.protocol,
        baseUrl: twin.url + scene.path,
        key: 'sk-test',
        prompt: 'Do it.',
        tools,
        stream: seed % 2 === 0,
        callTimeoutMs: 30,
        budget: { turns: 6, ms: 10_000 },
        maxRepeats: 0,
      })
      expect(performance.now() - began).toBeLessThan(10_500)
      expect(['answered', 'refused', 'budget', 'failed']).toContain(result.ended)
      if (result.ended === 'failed')
        expect(result.reason).toMatch(/broke off|cut|could not be read/)
      await twin.close()
      await expectAccepted(result)
    },
  )
})

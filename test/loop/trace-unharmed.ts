import { context, propagation, trace } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { type Run, runTools, tool } from '../../src/index.ts'
import { closeTwins, play, SCENES, type Scene } from './stage.ts'
import { listenToSdk } from './trace-stage.ts'

/** What is said when a tracer fails, what nobody hears, and what the SDK complains of. */
export const warnings: string[] = []
export const rejections: unknown[] = []
export const complaints = listenToSdk()

function rejected(reason: unknown): void {
  rejections.push(reason)
}

/** Listens to all three while a file of tests runs, and clears them before each. */
export function listen(): void {
  beforeAll(() => {
    // Told here, and not to whoever reads the tests.
    vi.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
      expect(options).toEqual({ type: 'ToolgateWarning', code: 'TOOLGATE_TRACE' })
      warnings.push(String(message))
    })
    process.on('unhandledRejection', rejected)
  })
  beforeEach(() => {
    for (const list of [warnings, rejections, complaints]) list.length = 0
  })
  afterEach(async () => {
    for (const api of [context, trace, propagation]) api.disable()
    await closeTwins()
  })
  afterAll(() => {
    vi.restoreAllMocks()
    process.off('unhandledRejection', rejected)
  })
}

const look = tool({
  name: 'look',
  input: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] },
  run: async ({ at }) => {
    await new Promise(resolve => setTimeout(resolve, 1))
    return `seen: ${at}`
  },
})
const fails = tool({
  name: 'fails',
  run: () => {
    throw new TypeError('no')
  },
})

/** Everything that a span is used for: tries again, several calls, one of them wrong, one unknown. */
export async function everything({
  scene = SCENES[0],
  ...options
}: {
  trace?: unknown
  headers?: object
  scene?: Scene
}) {
  const calls = [
    { name: 'look', arguments: { at: 'a' }, id: 'call_1' },
    { name: 'fails', arguments: {}, id: 'call_2' },
    { name: 'nowhere', arguments: {}, id: 'call_3' },
  ]
  const { twin, ...at } = await play(scene, [{ calls }, { text: 'Done.' }], {
    faults: [{ kind: 'status', status: 429, retryAfter: 0, times: 1 }],
  })
  // As a program without a compiler calls it, whatever it gives.
  const run: Run = Reflect.apply(runTools, undefined, [
    { ...at, ...options, tools: [look, fails], prompt: 'Go.', maxRetryMs: 1 },
  ])
  const events: string[] = []
  for await (const event of run) {
    const name = 'callId' in event ? event.callId : ''
    if (event.type !== 'end') events.push(`${event.type} ${name}`)
  }
  const { ended, text, reason, messages, calls: records, totals } = await run
  twin.finish()
  // Calls run side by side: which is done first is nobody's promise.
  const came = records
    .map(({ ms: _, ...record }) => record)
    .sort((one, other) => one.callId.localeCompare(other.callId))
  const { ms: _, ...spent } = totals
  const bodies = twin.requests.map(({ body }) => body)
  const outcome = { ended, text, reason, messages, came, spent, bodies, events: events.sort() }
  await twin.close()
  // Warnings and rejections that nobody hears are told in a later turn of the event loop.
  await new Promise(resolve => setTimeout(resolve, 5))
  return { outcome, headers: twin.requests.map(one => one.headers) }
}

/** The same run without a trace. */
export async function untraced() {
  const { outcome } = await everything({ trace: false })
  expect(outcome).toMatchObject({ ended: 'answered', text: 'Done.' })
  expect(outcome.events).toContain('model-retry ')
  return outcome
}

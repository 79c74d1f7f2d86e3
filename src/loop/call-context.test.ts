import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { CallContext } from './call-context.ts'

const facts = { context: { user: 'ann' }, callId: 'call_1', idempotencyKey: 'tg_1', turn: 2 }
const make = () => new CallContext(facts, () => {})
const why = new Error('the call took too long')

describe("a tool's context", () => {
  it('has one signal, however it is read', () => {
    const context = make()
    const { signal } = context
    expect(signal.aborted).toBe(false)
    const copies = [context, { ...context }, Object.assign({}, context), Object.create(context)]
    for (const copy of [...copies, new Proxy(context, {})]) expect(copy.signal).toBe(signal)
    expect(Object.keys(context)).toEqual(expect.arrayContaining(['signal', 'progress', 'callId']))
    expect({ ...context }).toMatchObject(facts)
  })

  it('ends its signal, and that of a copy that was made before', () => {
    const context = make()
    const copy = { ...context }
    context.abort(why)
    expect(copy.signal.aborted).toBe(true)
    expect(copy.signal.reason).toBe(why)
  })

  it('has an ended signal for who asks too late, with the first reason', () => {
    const context = make()
    context.abort(why)
    context.abort(new Error('the run ended'))
    expect(context.signal.aborted).toBe(true)
    expect(context.signal.reason).toBe(why)
  })

  it('lets many listen, with no warning of a leak', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error) => warnings.push(warning)
    process.on('warning', hear)
    const { signal, ...context } = { ...make() }
    expect(context.turn).toBe(2)
    for (let i = 0; i < 50; i++) signal.addEventListener('abort', () => {})
    await sleep(0)
    process.off('warning', hear)
    expect(warnings).toEqual([])
  })
})

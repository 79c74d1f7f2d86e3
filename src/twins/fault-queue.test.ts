import { describe, expect, it } from 'vitest'
import { faultQueue } from './fault-queue.ts'
import type { Fault } from './faults.ts'
import type { TwinPrompt, TwinTurn } from './model.ts'
import { seeded } from './random.ts'

function queueOf(...faults: Fault[]) {
  const queue = faultQueue(seeded(7))
  queue.add(...faults)
  return queue
}

const prompt: TwinPrompt = {
  model: 'm',
  tools: [],
  choice: { mode: 'auto' },
  parallel: true,
  reasoning: false,
  stop: [],
  messages: [],
}
const call = { type: 'call', name: 'f', arguments: '{"a":1}' } as const
const words: TwinTurn = { blocks: [{ type: 'text', text: 'hi' }] }

describe('claim', () => {
  it('takes faults in order, each as often as it says', () => {
    const queue = queueOf({ kind: 'status', status: 429, times: 2 }, { kind: 'reset' })
    const kinds = Array.from({ length: 4 }, () => queue.claim('/')?.fault.kind)
    expect(kinds).toEqual(['status', 'status', 'reset', undefined])
    expect(queue.list()).toEqual([])
  })

  it('lets times 0 strike for ever', () => {
    const queue = queueOf({ kind: 'reset', times: 0 })
    for (let i = 0; i < 50; i++) expect(queue.claim('/')).toBeDefined()
    expect(queue.list()).toEqual([{ kind: 'reset', times: 0 }])
  })

  it('passes over a fault for another path', () => {
    const queue = queueOf({ kind: 'reset', path: '/messages' }, { kind: 'cut', atByte: 1 })
    expect(queue.claim('/v1/models')?.fault.kind).toBe('cut')
    expect(queue.claim('/v1/models')).toBeUndefined()
    expect(queue.claim('/v1/messages')?.fault.kind).toBe('reset')
  })

  it('strikes at the rate, and at the same requests for the same seed', () => {
    const strikesOf = () => {
      const queue = queueOf({ kind: 'reset', times: 0, rate: 0.3 })
      return Array.from({ length: 1000 }, () => queue.claim('/') !== undefined)
    }
    const strikes = strikesOf()
    const number = strikes.filter(Boolean).length
    expect(number).toBeGreaterThan(240)
    expect(number).toBeLessThan(360)
    expect(strikesOf()).toEqual(strikes)
  })

  it('never strikes at rate 0 and always at rate 1', () => {
    const queue = queueOf({ kind: 'reset', rate: 0 }, { kind: 'cut', atByte: 0, rate: 1 })
    expect(queue.claim('/')?.fault.kind).toBe('cut')
    expect(queue.claim('/')).toBeUndefined()
  })

  it('takes a fault given back again, but not after clear', () => {
    const queue = queueOf({ kind: 'stall', after: 1 })
    queue.claim('/')?.settle(false)
    expect(queue.list()).toEqual([{ kind: 'stall', after: 1, times: 1 }])
    const claimed = queue.claim('/')
    queue.clear()
    claimed?.settle(false)
    expect(queue.list()).toEqual([])
    expect(queue.claim('/')).toBeUndefined()
  })

  it('forgets a fault whose strike is settled', () => {
    const queue = queueOf({ kind: 'reset' })
    queue.claim('/')?.settle(true)
    queue.add({ kind: 'cut', atByte: 1 })
    expect(queue.list()).toEqual([{ kind: 'cut', atByte: 1, times: 1 }])
    expect(queue.claim('/')?.fault.kind).toBe('cut')
  })

  it('keeps a fault given back even if others were added in between', () => {
    const queue = queueOf({ kind: 'stall', after: 1 })
    const claimed = queue.claim('/')
    queue.add({ kind: 'reset' })
    claimed?.settle(false)
    expect(queue.list().map(fault => fault.kind)).toEqual(['stall', 'reset'])
    expect(queue.claim('/')?.fault.kind).toBe('stall')
  })
})

describe('spoil', () => {
  it('applies several faults to one turn and tells each', () => {
    const queue = queueOf(
      { kind: 'unknown-tool' },
      { kind: 'reset' },
      { kind: 'duplicate-id', id: 'x' },
    )
    const struck: string[] = []
    const turn = queue.spoil({ blocks: [call, call] }, prompt, '/', kind => struck.push(kind))
    expect(struck).toEqual(['unknown-tool', 'duplicate-id'])
    expect(turn.blocks.map(block => block.type === 'call' && block.id)).toEqual(['x', 'x'])
    expect(queue.list().map(fault => fault.kind)).toEqual(['reset'])
    expect(queue.spoils).toBe(false)
  })

  it('waits for a turn that it can spoil', () => {
    const queue = queueOf({ kind: 'malformed-arguments' })
    expect(queue.spoil(words, prompt, '/', () => {})).toBe(words)
    expect(queue.spoils).toBe(true)
    const spoiled = queue.spoil({ blocks: [call] }, prompt, '/', () => {})
    expect(spoiled.blocks[0]).not.toEqual(call)
    expect(queue.spoils).toBe(false)
  })

  it('heeds the path', () => {
    const queue = queueOf({ kind: 'unknown-tool', path: '/b' })
    const turn: TwinTurn = { blocks: [call] }
    expect(queue.spoil(turn, prompt, '/a', () => {})).toBe(turn)
    expect(queue.spoil(turn, prompt, '/b', () => {})).not.toBe(turn)
  })
})

import { describe, expect, it } from 'vitest'
import type { TwinPrompt, TwinTurn } from './model.ts'
import { seeded } from './random.ts'
import { spoil } from './spoil.ts'

const one: TwinTurn = {
  blocks: [
    { type: 'text', text: 'ok' },
    { type: 'call', name: 'get_weather', arguments: '{"city":"Paris"}' },
  ],
}
const two: TwinTurn = {
  blocks: [
    ...one.blocks,
    { type: 'call', name: 'get_time', arguments: '{"zone":"abba"}', id: 'kept' },
  ],
}

function promptWith(tools: TwinPrompt['tools']): TwinPrompt {
  const choice = { mode: 'auto' } as const
  return { model: 'm', tools, choice, parallel: true, reasoning: false, stop: [], messages: [] }
}

function callsOf(turn: TwinTurn) {
  return turn.blocks.flatMap(block => (block.type === 'call' ? [block] : []))
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

describe('[T4] malformed-arguments', () => {
  const fault = { kind: 'malformed-arguments' } as const
  const brokenBy = (seed: number, turn = one) =>
    callsOf(spoil(turn, fault, seeded(seed)))[0]?.arguments ?? 'no call'
  const many = Array.from({ length: 300 }, (_, seed) => brokenBy(seed))

  it('never leaves the text of an object', () => {
    expect(many.filter(isObjectText)).toEqual([])
  })

  it('breaks in each of the known ways', () => {
    const text = '{"city":"Paris"}'
    expect(many).toContain('')
    expect(many).toContain('{"city":"Paris",}')
    expect(many).toContain("{'city':'Paris'}")
    expect(many).toContain(JSON.stringify(text))
    expect(many).toContain(`[${text}]`)
    expect(many.some(broken => broken !== '' && text.startsWith(broken))).toBe(true)
    expect(many.some(broken => broken.startsWith(text) && broken.length > text.length)).toBe(true)
    expect(
      many.some(broken => broken.startsWith('{"\\') && broken.endsWith('city":"Paris"}')),
    ).toBe(true)
  })

  it('breaks in the same way for the same seed', () => {
    expect(many.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, seed) => brokenBy(seed)))
  })

  it('breaks also a call without arguments, whether {} or empty', () => {
    for (const text of ['{}', '']) {
      const turn: TwinTurn = { blocks: [{ type: 'call', name: 'now', arguments: text }] }
      for (let seed = 0; seed < 100; seed++) {
        const broken = brokenBy(seed, turn)
        expect(broken).not.toBe(text)
        expect(isObjectText(broken)).toBe(false)
      }
    }
  })

  it('breaks one call of several and leaves the rest', () => {
    for (let seed = 0; seed < 20; seed++) {
      const spoiled = spoil(two, fault, seeded(seed))
      const changed = spoiled.blocks.filter((block, index) => block !== two.blocks[index])
      expect(changed).toHaveLength(1)
    }
  })

  it('leaves turns without calls, free text of custom tools and what is broken already', () => {
    const words: TwinTurn = { blocks: [{ type: 'text', text: 'no calls' }] }
    expect(spoil(words, fault, seeded(1))).toBe(words)
    const custom = promptWith([{ name: 'get_weather', description: '', custom: true }])
    expect(spoil(one, fault, seeded(1), custom)).toBe(one)
    const broken: TwinTurn = { blocks: [{ type: 'call', name: 'f', arguments: '{"a":' }] }
    expect(spoil(broken, fault, seeded(1))).toBe(broken)
  })
})

describe('unknown-tool', () => {
  const fault = { kind: 'unknown-tool' } as const

  it('names a tool that is neither the own one nor declared', () => {
    const names = ['get_weather', 'get_weathers', 'get_weather_v2', 'do_get_weather']
    const prompt = promptWith(names.map(name => ({ name, description: '' })))
    for (let seed = 0; seed < 50; seed++) {
      const name = callsOf(spoil(one, fault, seeded(seed), prompt))[0]?.name ?? ''
      expect(names).not.toContain(name)
      expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    }
  })

  it('keeps the longest legal name legal', () => {
    const long: TwinTurn = { blocks: [{ type: 'call', name: 'x'.repeat(64), arguments: '{}' }] }
    for (let seed = 0; seed < 20; seed++) {
      const name = callsOf(spoil(long, fault, seeded(seed)))[0]?.name ?? ''
      expect(name.length).toBeLessThanOrEqual(64)
      expect(name).not.toBe('x'.repeat(64))
    }
  })
})

describe('duplicate-id', () => {
  it('gives every call the id that one has', () => {
    const spoiled = spoil(two, { kind: 'duplicate-id' }, seeded(1))
    expect(callsOf(spoiled).map(call => call.id)).toEqual(['kept', 'kept'])
    expect(spoiled.blocks[0]).toBe(two.blocks[0])
  })

  it('makes one up from the seed, or takes the given one', () => {
    const bare: TwinTurn = { blocks: [...one.blocks, ...one.blocks] }
    const ids = callsOf(spoil(bare, { kind: 'duplicate-id' }, seeded(3))).map(call => call.id)
    expect(ids[0]).toMatch(/^call_[A-Za-z0-9]{24}$/)
    expect(ids[1]).toBe(ids[0])
    const given = callsOf(spoil(bare, { kind: 'duplicate-id', id: 'abc123def' }, seeded(3)))
    expect(given.map(call => call.id)).toEqual(['abc123def', 'abc123def'])
  })

  it('leaves a turn with one call', () => {
    expect(spoil(one, { kind: 'duplicate-id' }, seeded(1))).toBe(one)
  })
})

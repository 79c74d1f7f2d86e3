import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ReasoningSettings } from '../../core/request.ts'
import type { Quirks } from '../quirks.ts'
import { encodeReasoningSettings, thinks } from './reasoning-settings.ts'

function encode(
  settings: ReasoningSettings | undefined,
  quirks: Quirks,
  own: JsonObject = {},
  off?: string,
): { body: JsonObject; losses: Loss[] } {
  const losses: Loss[] = []
  const body: JsonObject = { ...own }
  encodeReasoningSettings(body, settings, off, { quirks, losses, own: true })
  return { body, losses }
}

const lossy = (meaning: boolean) => [
  expect.objectContaining({ path: 'reasoning_effort', action: 'approximated', meaning }),
]

describe('effort', () => {
  it('is written as it was', () => {
    expect(encode({ effort: 'xhigh' }, {})).toEqual({
      body: { reasoning_effort: 'xhigh' },
      losses: [],
    })
    expect(encode({ effort: 'none' }, {})).toEqual({
      body: { reasoning_effort: 'none' },
      losses: [],
    })
    expect(encode(undefined, { thinksByDefault: true })).toEqual({ body: {}, losses: [] })
  })

  it.each<[ReasoningSettings['effort'] & string, Quirks['efforts'] & object, string]>([
    ['xhigh', ['low', 'medium', 'high'], 'high'],
    ['minimal', ['low', 'high', 'max'], 'low'],
    ['medium', ['low', 'high', 'max'], 'low'],
    ['max', ['none', 'low', 'high'], 'high'],
    ['minimal', ['none', 'low', 'high'], 'low'],
  ])('%s becomes the nearest of %j', (effort, efforts, taken) => {
    const { body, losses } = encode({ effort }, { efforts })
    expect(body).toEqual({ reasoning_effort: taken })
    expect(losses).toEqual(lossy(false))
  })

  it('is left out where the field is not known', () => {
    expect(encode({ effort: 'high' }, { efforts: [] })).toEqual({ body: {}, losses: lossy(false) })
    expect(encode({ effort: 'high' }, { efforts: [], thinkingSwitch: 'thinking' })).toEqual({
      body: { thinking: { type: 'enabled' } },
      losses: lossy(false),
    })
  })
})

describe('no reasoning', () => {
  it('is said by the switch, by the effort, or by nothing where the model does not think', () => {
    const off: ReasoningSettings = { mode: 'off' }
    const thinking: Quirks = { thinksByDefault: true }
    expect(encode(off, { ...thinking, thinkingSwitch: 'thinking' }).body).toEqual({
      thinking: { type: 'disabled' },
    })
    expect(encode(off, { ...thinking, thinkingSwitch: 'enable_thinking' }).body).toEqual({
      enable_thinking: false,
    })
    expect(encode(off, thinking)).toEqual({ body: { reasoning_effort: 'none' }, losses: [] })
    expect(encode(off, {})).toEqual({ body: {}, losses: [] })
    expect(encode({ effort: 'none' }, { efforts: [] })).toEqual({ body: {}, losses: [] })
  })

  it('becomes the least where it cannot be had', () => {
    expect(encode({ effort: 'none' }, { thinksByDefault: true, efforts: ['low', 'high'] })).toEqual(
      { body: { reasoning_effort: 'low' }, losses: lossy(true) },
    )
  })
})

describe('a budget', () => {
  it.each([
    [1024, 'low'],
    [2048, 'medium'],
    [8192, 'medium'],
    [16_000, 'high'],
    [32_000, 'xhigh'],
  ])('of %i tokens becomes %s', (budget, effort) => {
    const { body, losses } = encode({ mode: 'budget', budget }, {})
    expect(body).toEqual({ reasoning_effort: effort })
    expect(losses).toEqual(lossy(false))
  })

  it('is exact where the vendor takes one', () => {
    expect(
      encode({ mode: 'budget', budget: 5000 }, { thinkingSwitch: 'enable_thinking', efforts: [] }),
    ).toEqual({ body: { enable_thinking: true, thinking_budget: 5000 }, losses: [] })
  })

  it('is only switched on where there is nothing to say it with', () => {
    expect(
      encode({ mode: 'budget', budget: 5000 }, { thinkingSwitch: 'thinking', efforts: [] }),
    ).toEqual({ body: { thinking: { type: 'enabled' } }, losses: lossy(false) })
  })
})

describe('adaptive thinking', () => {
  it('is the default of a model that thinks', () => {
    expect(encode({ mode: 'adaptive' }, { thinksByDefault: true })).toEqual({
      body: {},
      losses: [],
    })
    expect(encode({ mode: 'adaptive' }, { thinkingSwitch: 'thinking' }).body).toEqual({
      thinking: { type: 'enabled' },
    })
    expect(encode({ mode: 'between-tools' }, { thinksByDefault: true }).losses).toEqual(
      lossy(false),
    )
  })

  it('is medium for a model whose efforts are known, else left out', () => {
    expect(encode({ mode: 'adaptive' }, { efforts: ['none', 'low', 'medium'] })).toEqual({
      body: { reasoning_effort: 'medium' },
      losses: lossy(false),
    })
    expect(encode({ mode: 'adaptive' }, {})).toEqual({ body: {}, losses: lossy(false) })
  })

  it('gives way to the effort that stands beside it', () => {
    expect(encode({ mode: 'adaptive', effort: 'high' }, {})).toEqual({
      body: { reasoning_effort: 'high' },
      losses: [],
    })
  })
})

describe('the client’s own vendor fields', () => {
  const thinking = { thinking: { type: 'enabled', clear_thinking: false } }
  const settings: ReasoningSettings = { mode: 'adaptive', effort: 'high' }

  it('stay as they are where the vendor knows them', () => {
    expect(encode(settings, { thinkingSwitch: 'thinking' }, thinking)).toEqual({
      body: { ...thinking, reasoning_effort: 'high' },
      losses: [],
    })
    const reasoning = { reasoning: { effort: 'high', exclude: true } }
    expect(encode({ effort: 'high' }, { reasoningDetails: true }, reasoning)).toEqual({
      body: reasoning,
      losses: [],
    })
    const qwen = { enable_thinking: true, thinking_budget: 9 }
    expect(
      encode({ mode: 'budget', budget: 9 }, { thinkingSwitch: 'enable_thinking' }, qwen).body,
    ).toEqual(qwen)
  })

  it('are said in another way where it does not', () => {
    expect(encode({ mode: 'adaptive', effort: 'high' }, {}, thinking)).toEqual({
      body: { reasoning_effort: 'high' },
      losses: [],
    })
    expect(
      encode(
        { mode: 'off' },
        { thinkingSwitch: 'enable_thinking' },
        { thinking: { type: 'disabled' } },
      ),
    ).toEqual({ body: { enable_thinking: false }, losses: [] })
  })

  it('go where the model must not think', () => {
    expect(encode(settings, { thinkingSwitch: 'thinking' }, thinking, 'because')).toEqual({
      body: { thinking: { type: 'disabled' } },
      losses: lossy(true),
    })
  })
})

describe('thinking that must be off', () => {
  it('is a loss only where the model would have thought', () => {
    expect(encode(undefined, { thinksByDefault: true }, {}, 'x').losses).toEqual(lossy(true))
    expect(encode({ effort: 'high' }, {}, {}, 'x')).toEqual({
      body: { reasoning_effort: 'none' },
      losses: lossy(true),
    })
    expect(encode(undefined, {}, {}, 'x')).toEqual({
      body: { reasoning_effort: 'none' },
      losses: [],
    })
    expect(encode({ effort: 'none' }, { thinksByDefault: true }, {}, 'x').losses).toEqual([])
  })
})

describe('thinks', () => {
  it('goes by the settings, then by the default', () => {
    expect(thinks({ effort: 'none' }, { thinksByDefault: true })).toBe(false)
    expect(thinks({ mode: 'off', effort: 'high' }, {})).toBe(false)
    expect(thinks({ effort: 'low' }, {})).toBe(true)
    expect(thinks({}, { thinksByDefault: true })).toBe(true)
    expect(thinks(undefined, {})).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../core/json.ts'
import type { Loss } from '../../core/loss.ts'
import type { ModelRequest, Tool, ToolChoice } from '../../core/request.ts'
import type { Quirks } from '../quirks.ts'
import { decodeToolChoice, type EncodedChoice, encodeToolChoice } from './tool-choice.ts'

const TOOLS: readonly Tool[] = [
  { kind: 'function', name: 'a' },
  { kind: 'function', name: 'b' },
  { kind: 'custom', name: 'c' },
]

const fn = (name: string): JsonObject => ({ type: 'function', function: { name } })

const FORMS: [string, Json, ToolChoice][] = [
  ['auto', 'auto', { mode: 'auto' }],
  ['none', 'none', { mode: 'none' }],
  ['required', 'required', { mode: 'required' }],
  ['a named function', fn('a'), { mode: 'tool', name: 'a' }],
  ['a named custom tool', { type: 'custom', custom: { name: 'c' } }, { mode: 'tool', name: 'c' }],
  [
    'a subset, may',
    {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [fn('a'), { type: 'custom', custom: { name: 'c' } }] },
    },
    { mode: 'auto', allowed: ['a', 'c'] },
  ],
  [
    'a subset, must',
    { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [fn('b')] } },
    { mode: 'required', allowed: ['b'] },
  ],
]

function encode(
  choice: ToolChoice,
  quirks: Quirks,
  more: Partial<ModelRequest> = {},
): EncodedChoice & { losses: Loss[]; names: string[] } {
  const losses: Loss[] = []
  const request: ModelRequest = {
    protocol: 'openai-chat',
    model: 'm',
    messages: [],
    tools: TOOLS,
    toolChoice: choice,
    stream: false,
    bound: [],
    ...more,
  }
  const encoded = encodeToolChoice(request, { quirks, losses, own: true })
  return { ...encoded, losses, names: encoded.tools.map(tool => tool.name) }
}

const EMULATED = { path: 'tool_choice', action: 'emulated', meaning: false }
const WEAKENED = { path: 'tool_choice', action: 'approximated', meaning: true }

describe('the forms', () => {
  it.each(FORMS)('%s is read, and written as it was', (_, wire, choice) => {
    expect(decodeToolChoice(wire, TOOLS)).toEqual(choice)
    expect(encode(choice, {})).toMatchObject({
      tools: TOOLS,
      choice: wire,
      thinkingOff: false,
      losses: [],
    })
  })

  it('knows the other word for required', () => {
    expect(decodeToolChoice('any', TOOLS)).toEqual({ mode: 'required' })
    expect(encode({ mode: 'required' }, { requiredWord: 'any' }).choice).toBe('any')
  })

  it.each<[Json]>([
    ['sometimes'],
    [{ type: 'tool', name: 'a' }],
    [{ type: 'function' }],
    [{ type: 'function', name: 'a' }],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'none', tools: [] } }],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'auto' } }],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'mcp' }] } }],
    [3],
  ])('refuses %j', wire => {
    expect(() => decodeToolChoice(wire, TOOLS)).toThrow()
  })

  it('says what the vendor says to an object without a type', () => {
    expect(() => decodeToolChoice({ function: { name: 'a' } }, TOOLS)).toThrow(
      "'$.tool_choice' is invalid.",
    )
  })

  it('passes over auto and none without tools, and refuses what forces a call', () => {
    expect(decodeToolChoice('auto', [])).toBeUndefined()
    expect(decodeToolChoice('none', [])).toBeUndefined()
    expect(() => decodeToolChoice('required', [])).toThrow(
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    )
  })
})

describe('quirk toolChoices', () => {
  it('says one tool by leaving out the others', () => {
    expect(
      encode({ mode: 'tool', name: 'a' }, { toolChoices: ['auto', 'required'] }),
    ).toMatchObject({
      names: ['a'],
      choice: 'required',
      losses: [EMULATED],
    })
  })

  it('says a subset by leaving out the others', () => {
    const quirks: Quirks = { toolChoices: ['auto', 'none', 'required', 'tool'] }
    expect(encode({ mode: 'auto', allowed: ['c', 'a'] }, quirks)).toMatchObject({
      names: ['a', 'c'],
      choice: 'auto',
      losses: [EMULATED],
    })
    expect(encode({ mode: 'required', allowed: ['a', 'b'] }, quirks)).toMatchObject({
      names: ['a', 'b'],
      choice: 'required',
      losses: [EMULATED],
    })
  })

  it('says required by the name of the only tool', () => {
    expect(
      encode({ mode: 'required', allowed: ['b'] }, { toolChoices: ['auto', 'none', 'tool'] }),
    ).toMatchObject({ names: ['b'], choice: fn('b'), losses: [EMULATED] })
  })

  it.each<[ToolChoice, string[]]>([
    [{ mode: 'required' }, ['a', 'b', 'c']],
    [{ mode: 'tool', name: 'b' }, ['b']],
    [{ mode: 'required', allowed: ['a', 'b'] }, ['a', 'b']],
  ])('never weakens %j in silence', (choice, names) => {
    const { losses, ...encoded } = encode(choice, { toolChoices: ['auto'] })
    expect(encoded).toMatchObject({ names, choice: 'auto' })
    expect(losses.at(-1)).toMatchObject(WEAKENED)
  })

  it('leaves the field out where not even auto is known', () => {
    expect(encode({ mode: 'required' }, { toolChoices: [] }).choice).toBeUndefined()
    expect(encode({ mode: 'auto' }, { toolChoices: [] })).toMatchObject({ losses: [] })
  })

  it('says none by leaving the tools out', () => {
    expect(encode({ mode: 'none' }, { toolChoices: ['auto'] })).toMatchObject({
      names: [],
      losses: [EMULATED],
    })
    expect(encode({ mode: 'none' }, { noneDropsTools: true })).toMatchObject({
      names: [],
      losses: [EMULATED],
    })
    expect(encode({ mode: 'none' }, {})).toMatchObject({ names: ['a', 'b', 'c'], choice: 'none' })
  })
})

describe('quirk forcedChoiceNeedsThinkingOff', () => {
  const quirks: Quirks = { forcedChoiceNeedsThinkingOff: true, thinksByDefault: true }

  it('switches thinking off where that can be said', () => {
    expect(encode({ mode: 'required' }, { ...quirks, thinkingSwitch: 'thinking' })).toMatchObject({
      choice: 'required',
      thinkingOff: true,
      losses: [],
    })
    expect(
      encode({ mode: 'tool', name: 'a' }, { ...quirks, efforts: ['none', 'high'] }),
    ).toMatchObject({ choice: fn('a'), thinkingOff: true })
  })

  it('else falls back to auto, with a loss', () => {
    expect(encode({ mode: 'required' }, quirks)).toMatchObject({
      choice: 'auto',
      thinkingOff: false,
      losses: [WEAKENED],
    })
  })

  it('does nothing where the model does not think, or nothing is forced', () => {
    const off = { reasoning: { mode: 'off' } } as const
    expect(encode({ mode: 'required' }, quirks, off)).toMatchObject({
      choice: 'required',
      thinkingOff: false,
      losses: [],
    })
    expect(encode({ mode: 'auto' }, quirks)).toMatchObject({ choice: 'auto', losses: [] })
    expect(encode({ mode: 'required' }, { forcedChoiceNeedsThinkingOff: true })).toMatchObject({
      choice: 'required',
      thinkingOff: false,
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { Expectation } from './expectation.ts'
import type { TwinPrompt } from './model.ts'
import { readScript, scripted } from './script.ts'

function promptWith(fields: Partial<TwinPrompt> = {}): TwinPrompt {
  return {
    model: 'gpt-x',
    tools: [{ name: 'get_weather', description: '', parameters: { type: 'object' } }],
    choice: { mode: 'auto' },
    parallel: true,
    reasoning: false,
    stop: [],
    messages: [{ role: 'user', text: 'Weather in Zürich?', images: 0, documents: 0 }],
    ...fields,
  }
}

describe('scripted', () => {
  it('plays its turns in order, blocks in the order reasoning, text, calls', async () => {
    const model = scripted([
      {
        calls: [{ name: 'get_weather', arguments: { city: 'Zürich' }, id: 'c1' }],
        text: 'Let me look.',
        reasoning: 'Hm.',
        usage: { input: 5 },
      },
      { text: 'Sunny.', end: 'stop' },
    ])
    expect(await model.answer(promptWith(), 1)).toEqual({
      blocks: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Let me look.' },
        { type: 'call', name: 'get_weather', arguments: '{"city":"Zürich"}', id: 'c1' },
      ],
      usage: { input: 5 },
    })
    expect(await model.answer(promptWith(), 1)).toEqual({
      blocks: [{ type: 'text', text: 'Sunny.' }],
      end: 'stop',
    })
    expect(() => model.finish?.()).not.toThrow()
  })

  it('keeps the exact text of arguments, also where it is broken', async () => {
    const model = scripted([
      {
        blocks: [
          { type: 'call', name: 'f', arguments: '{ "a" : 1,' },
          { type: 'text', text: 'x' },
        ],
      },
    ])
    expect((await model.answer(promptWith(), 1)).blocks).toEqual([
      { type: 'call', name: 'f', arguments: '{ "a" : 1,' },
      { type: 'text', text: 'x' },
    ])
  })

  it('throws ScriptExhausted for one request too many', () => {
    const model = scripted([{ text: 'a' }], { name: 'turns.json' })
    model.answer(promptWith(), 1)
    expect(() => model.answer(promptWith(), 1)).toThrow(
      expect.objectContaining({
        name: 'ScriptExhausted',
        message:
          'turns.json has 1 turn, and one more request came; ' +
          'its last message (user) is "Weather in Zürich?"',
      }),
    )
  })

  it('lets finish tell which turn is left over', () => {
    const model = scripted([
      { text: 'a' },
      { calls: [{ name: 'f', arguments: {} }] },
      { text: 'b' },
    ])
    model.answer(promptWith(), 1)
    expect(() => model.finish?.()).toThrow(
      expect.objectContaining({
        name: 'ScriptUnfinished',
        message: 'script: 2 of 3 turns left over; the next would have been turns[1], a call of "f"',
      }),
    )
  })

  it('refuses a turn that gives its blocks twice', () => {
    expect(() => scripted([{ text: 'a' }, { text: 'a', blocks: [] }])).toThrow(
      'turns[1]: give either blocks, or text, reasoning and calls',
    )
  })

  it('does not use up a turn whose expectation fails', () => {
    const model = scripted([{ text: 'a', expect: { last: { text: 'Bern' } } }])
    expect(() => model.answer(promptWith(), 1)).toThrow(
      expect.objectContaining({ name: 'ScriptMismatch' }),
    )
    expect(() => model.finish?.()).toThrow('1 of 1 turn left over')
    const messages = [{ role: 'user', text: 'in Bern', images: 0, documents: 0 }] as const
    expect(model.answer(promptWith({ messages }), 1)).toEqual({
      blocks: [{ type: 'text', text: 'a' }],
    })
  })
})

describe('expect', () => {
  const result = {
    role: 'tool',
    callId: 'c1',
    text: '18 degrees',
    images: 0,
    isError: false,
  } as const
  const afterTool = promptWith({
    choice: { mode: 'tool', name: 'get_weather' },
    messages: [{ role: 'system', text: 'Be brief.' }, result],
  })

  it('accepts a prompt that fulfils every part', () => {
    const expectation: Expectation = {
      model: 'gpt-x',
      tools: ['get_weather'],
      choice: { mode: 'tool', name: 'get_weather' },
      parallel: true,
      reasoning: false,
      messages: 2,
      system: 'brief',
      last: { role: 'tool', text: '18', callId: 'c1', isError: false },
    }
    const model = scripted([{ text: 'a', expect: expectation }])
    expect(() => model.answer(afterTool, 1)).not.toThrow()
  })

  it.each<[Expectation, string]>([
    [{ model: 'gpt-y' }, 'expected the model "gpt-y", found "gpt-x"'],
    [{ tools: ['get_weather', 'send'] }, 'expected a tool "send", found get_weather'],
    [{ choice: 'required' }, 'expected the tool choice "required", found "tool" of "get_weather"'],
    [
      { choice: { mode: 'tool', name: 'send' } },
      'expected the tool choice "tool" of "send", found "tool" of "get_weather"',
    ],
    [{ parallel: false }, 'expected parallel calls to be forbidden, found them allowed'],
    [{ reasoning: true }, 'expected reasoning to be asked for'],
    [{ messages: 1 }, 'expected 1 messages, found 2'],
    [{ system: 'long' }, 'expected a system message with "long", found "Be brief."'],
    [{ last: { role: 'user' } }, 'expected the last message to be from "user", found "tool"'],
    [{ last: { text: 'rain' } }, 'expected the last message to contain "rain", found "18 degrees"'],
    [{ last: { callId: 'c2' } }, 'expected the last message to answer "c2", found "c1"'],
    [{ last: { isError: true } }, 'expected the last result to be an error'],
  ])('tells what %j misses', (expectation, text) => {
    const model = scripted([{ text: 'a', expect: expectation }])
    expect(() => model.answer(afterTool, 1)).toThrow(`script, turns[0].expect: ${text}`)
  })

  it('tells a missing result and missing tools', () => {
    const wantsResult = scripted([{ text: 'a', expect: { last: { isError: false } } }])
    expect(() => wantsResult.answer(promptWith(), 1)).toThrow(
      'expected the last message to be a result, found "user"',
    )
    const wantsTool = scripted([{ text: 'a', expect: { tools: ['f'] } }])
    expect(() => wantsTool.answer(promptWith({ tools: [] }), 1)).toThrow('found no tools')
  })
})

describe('readScript', () => {
  it('reads every field', () => {
    const json: unknown = [
      {
        reasoning: 'r',
        text: 't',
        calls: [
          { name: 'f', arguments: { a: [1, null] }, id: 'x' },
          { name: 'g', arguments: '' },
        ],
        end: 'calls',
        usage: { input: 1, output: 2, cached: 3, cacheWrite: 4, reasoning: 5 },
        expect: {
          model: 'm',
          tools: ['f'],
          choice: { mode: 'tool', name: 'f' },
          parallel: true,
          reasoning: false,
          messages: 1,
          system: 's',
          last: { role: 'tool', text: '', callId: 'c', isError: true },
        },
      },
      {
        blocks: [
          { type: 'reasoning', text: '', redacted: true },
          { type: 'text', text: 'x' },
          { type: 'call', name: 'f', arguments: {} },
        ],
      },
      { end: 'refusal', refusal: 'No.' },
      { text: 'cut', end: 'stop-sequence', stopSequence: 'END', expect: { choice: 'auto' } },
    ]
    expect(readScript(json)).toEqual(json)
  })

  it.each<[unknown, string]>([
    [{ turns: [] }, 'turns: expected an array, found object'],
    [['hello'], 'turns[0]: expected an object, found string'],
    [
      [{ text: 'a' }, { text: 'b' }, { calls: [{ name: 7, arguments: {} }] }],
      'turns[2].calls[0].name: expected a string, found number',
    ],
    [
      [{ calls: [{ name: '', arguments: {} }] }],
      'turns[0].calls[0].name: expected a string that is not empty',
    ],
    [
      [{ calls: [{ name: 'f' }] }],
      'turns[0].calls[0].arguments: expected an object or a string, found nothing',
    ],
    [
      [{ calls: [{ name: 'f', arguments: [] }] }],
      'turns[0].calls[0].arguments: expected an object or a string, found array',
    ],
    [
      [{ calls: [{ name: 'f', args: {} }] }],
      'turns[0].calls[0].args: unknown key; did you mean "arguments"?',
    ],
    [[{ txt: 'a' }], 'turns[0].txt: unknown key; did you mean "text"?'],
    [[{}], 'turns[0]: says nothing'],
    [[{ usage: { input: 1 } }], 'turns[0]: says nothing'],
    [[{ text: 'a', end: 'stopp' }], 'turns[0].end: unknown "stopp"; did you mean "stop"?'],
    [
      [{ text: 'a', usage: { input: -1 } }],
      'turns[0].usage.input: expected a number of at least 0',
    ],
    [
      [{ text: 'a', usage: { inputs: 1 } }],
      'turns[0].usage.inputs: unknown key; did you mean "input"?',
    ],
    [[{ text: 'a', blocks: [] }], 'turns[0]: give either blocks, or text, reasoning and calls'],
    [[{ blocks: [{ type: 'tool' }] }], 'turns[0].blocks[0].type: unknown "tool"'],
    [
      [{ blocks: [{ type: 'text', text: 'a', redacted: true }] }],
      'turns[0].blocks[0].redacted: unknown key',
    ],
    [
      [{ text: 'a', expect: { last: { contains: 'x' } } }],
      'turns[0].expect.last.contains: unknown key; expected one of: role, text, callId, isError',
    ],
    [
      [{ text: 'a', expect: { tools: 'f' } }],
      'turns[0].expect.tools: expected an array, found string',
    ],
    [[{ text: 'a', expect: { choice: 'any' } }], 'turns[0].expect.choice: unknown "any"'],
  ])('refuses %j', (json, message) => {
    expect(() => readScript(json)).toThrow(message)
  })
})

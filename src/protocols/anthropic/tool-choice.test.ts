import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelRequest, ToolChoice } from '../../core/request.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { anthropic } from './index.ts'

const CALL = { headers: { 'anthropic-version': '2023-06-01' } }

function decode(choice: Json): ModelRequest {
  const messages = [{ role: 'user', content: 'hi' }]
  const tools = [{ name: 'f', input_schema: { type: 'object' } }]
  const body = { model: 'm', max_tokens: 10, messages, tools, tool_choice: choice }
  return anthropic.decodeRequest(body, CALL)
}

function message(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (!isToolgateError(error)) throw error
    return JSON.parse(JSON.stringify(anthropic.encodeError(error, 'req').body)).error.message
  }
  throw new Error('nothing was thrown')
}

function encode(
  settings: { toolChoice?: ToolChoice; parallel?: boolean },
  quirks: Quirks = {},
  names: readonly string[] = ['f', 'g'],
) {
  const request: ModelRequest = {
    protocol: 'openai-chat',
    model: 'm',
    messages: [{ role: 'user', at: 0, content: [{ type: 'text', text: 'hi' }] }],
    tools: names.map(name => ({ kind: 'function', name })),
    maxTokens: 5,
    stream: false,
    bound: [],
    ...settings,
  }
  const { body, losses } = anthropic.encodeRequest(request, quirks)
  const wire = JSON.parse(stringifyJson(body))
  return {
    names: wire.tools?.map((tool: { name: string }) => tool.name),
    choice: wire.tool_choice,
    losses,
  }
}

describe('reading the choice', () => {
  it.each<[JsonObject, JsonObject]>([
    [{ type: 'auto' }, { toolChoice: { mode: 'auto' } }],
    [{ type: 'any' }, { toolChoice: { mode: 'required' } }],
    [{ type: 'tool', name: 'f' }, { toolChoice: { mode: 'tool', name: 'f' } }],
    [{ type: 'none' }, { toolChoice: { mode: 'none' } }],
    [
      { type: 'auto', disable_parallel_tool_use: true },
      { toolChoice: { mode: 'auto' }, parallel: false },
    ],
    [
      { type: 'any', disable_parallel_tool_use: true },
      { toolChoice: { mode: 'required' }, parallel: false },
    ],
    [
      { type: 'tool', name: 'f', disable_parallel_tool_use: true },
      { toolChoice: { mode: 'tool', name: 'f' }, parallel: false },
    ],
  ])('reads %j, and writes it again', (wire, read) => {
    const request = decode(wire)
    expect(request).toMatchObject(read)
    const { body, losses } = anthropic.encodeRequest(request, {})
    expect(body).toMatchObject({ tool_choice: wire })
    expect(losses).toEqual([])
  })

  it('takes a flag that is off for none', () => {
    expect(decode({ type: 'auto', disable_parallel_tool_use: false })).not.toHaveProperty(
      'parallel',
    )
  })

  it.each<[Json, string]>([
    ['auto', 'tool_choice: Input should be an object'],
    [{}, 'tool_choice.type: Field required'],
    [
      { type: 'required' },
      "tool_choice: Input tag 'required' found using 'type' does not match any of the expected tags: 'any', 'auto', 'none', 'tool'",
    ],
    [{ type: 'tool' }, 'tool_choice.tool.name: Field required'],
    [
      { type: 'any', disable_parallel_tool_use: 'no' },
      'tool_choice.any.disable_parallel_tool_use: Input should be a valid boolean',
    ],
  ])('refuses %j', (wire, text) => {
    expect(message(() => decode(wire))).toBe(text)
  })
})

describe('writing the choice', () => {
  it.each<[ToolChoice | undefined, boolean | undefined, JsonObject | undefined]>([
    [undefined, undefined, undefined],
    [undefined, true, undefined],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [{ mode: 'auto' }, undefined, { type: 'auto' }],
    [{ mode: 'auto' }, false, { type: 'auto', disable_parallel_tool_use: true }],
    [{ mode: 'required' }, undefined, { type: 'any' }],
    [{ mode: 'required' }, false, { type: 'any', disable_parallel_tool_use: true }],
    [{ mode: 'tool', name: 'g' }, undefined, { type: 'tool', name: 'g' }],
    [
      { mode: 'tool', name: 'g' },
      false,
      { type: 'tool', name: 'g', disable_parallel_tool_use: true },
    ],
    [{ mode: 'none' }, undefined, { type: 'none' }],
    [{ mode: 'none' }, false, { type: 'none' }],
  ])('says %j with parallel %j', (toolChoice, parallel, wire) => {
    const settings = {
      ...(toolChoice && { toolChoice }),
      ...(parallel !== undefined && { parallel }),
    }
    expect(encode(settings)).toEqual({ names: ['f', 'g'], choice: wire, losses: [] })
  })

  it('says a subset by leaving out the other tools', () => {
    const loss = {
      path: 'tool_choice',
      what: 'tools outside the allowed subset were left out of the request: 1',
      action: 'emulated',
      meaning: false,
    }
    expect(encode({ toolChoice: { mode: 'auto', allowed: ['g'] } })).toEqual({
      names: ['g'],
      choice: { type: 'auto' },
      losses: [loss],
    })
    expect(encode({ toolChoice: { mode: 'required', allowed: ['g'] } })).toEqual({
      names: ['g'],
      choice: { type: 'any' },
      losses: [loss],
    })
    expect(encode({ toolChoice: { mode: 'auto', allowed: ['g', 'f'] } })).toEqual({
      names: ['f', 'g'],
      choice: { type: 'auto' },
      losses: [],
    })
  })

  it('drops a choice among no tools', () => {
    const none = { names: undefined, choice: undefined, losses: [] }
    expect(encode({ toolChoice: { mode: 'auto' }, parallel: false }, {}, [])).toEqual(none)
    expect(encode({ toolChoice: { mode: 'none' } }, {}, [])).toEqual(none)
  })

  it.each<ToolChoice>([{ mode: 'required' }, { mode: 'tool', name: 'f' }])(
    'refuses to demand %j of no tools',
    toolChoice => {
      expect(message(() => encode({ toolChoice }, {}, []))).toBe(
        'tool_choice: a tool call is demanded, but there are no tools',
      )
    },
  )

  it('asks where the model takes no demand, and says so', () => {
    const quirks = { forcedChoice: false }
    const losses = [
      {
        path: 'tool_choice',
        what: 'this model cannot be made to call a tool; it may answer without calling',
        action: 'approximated',
        meaning: true,
      },
    ]
    expect(encode({ toolChoice: { mode: 'required' } }, quirks)).toEqual({
      names: ['f', 'g'],
      choice: { type: 'auto' },
      losses,
    })
    // Of a named tool, that it is the only one to be called can still be said.
    expect(encode({ toolChoice: { mode: 'tool', name: 'g' }, parallel: false }, quirks)).toEqual({
      names: ['g'],
      choice: { type: 'auto', disable_parallel_tool_use: true },
      losses,
    })
    expect(encode({ toolChoice: { mode: 'none' } }, quirks).losses).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import type { ProtocolName } from '../../core/extras.ts'
import type { Loss } from '../../core/loss.ts'
import type { Message } from '../../core/message.ts'
import type { Effort, ModelRequest, ReasoningSettings } from '../../core/request.ts'
import { stringifyJson } from '../../wire/json.ts'
import type { Quirks } from '../quirks.ts'
import { anthropic } from './index.ts'

const USER: Message = { role: 'user', at: 0, content: [{ type: 'text', text: 'hi' }] }
const LEVELS: readonly Effort[] = ['low', 'medium', 'high', 'max']

function encode(
  reasoning: ReasoningSettings | undefined,
  quirks: Quirks = {},
  more: Partial<ModelRequest> = {},
  protocol: ProtocolName = 'openai-chat',
) {
  const request: ModelRequest = {
    protocol,
    model: 'm',
    messages: [USER],
    tools: [],
    maxTokens: 50_000,
    stream: false,
    bound: [],
    ...(reasoning && { reasoning }),
    ...more,
  }
  const { body, losses } = anthropic.encodeRequest(request, quirks)
  const wire = JSON.parse(stringifyJson(body))
  return {
    thinking: wire.thinking,
    effort: wire.output_config?.effort,
    maxTokens: wire.max_tokens,
    losses: losses.map(({ path, action, meaning }: Loss) => `${path} ${action} ${meaning}`),
  }
}

const own = (reasoning: ReasoningSettings, quirks: Quirks = {}, more: Partial<ModelRequest> = {}) =>
  encode(reasoning, quirks, more, 'anthropic')

describe("a client's own words", () => {
  it.each<[ReasoningSettings, unknown, string | undefined]>([
    [{ mode: 'off' }, { type: 'disabled' }, undefined],
    [{ mode: 'budget', budget: 2048 }, { type: 'enabled', budget_tokens: 2048 }, undefined],
    [
      { mode: 'budget', budget: 2048, display: 'omitted' },
      { type: 'enabled', budget_tokens: 2048, display: 'omitted' },
      undefined,
    ],
    [{ mode: 'adaptive', effort: 'max' }, { type: 'adaptive' }, 'max'],
    [{ mode: 'between-tools' }, { type: 'between_tools' }, undefined],
    [{ effort: 'low' }, undefined, 'low'],
  ])('are kept where no flag says otherwise: %j', (reasoning, thinking, effort) => {
    expect(own(reasoning)).toEqual({ thinking, effort, maxTokens: 50_000, losses: [] })
  })

  it('may ask for more than the limit, as interleaved thinking allows', () => {
    const more = { maxTokens: 2000 }
    expect(own({ mode: 'budget', budget: 10_000 }, {}, more).thinking).toEqual({
      type: 'enabled',
      budget_tokens: 10_000,
    })
  })

  it('are fitted where the limit itself was lowered', () => {
    expect(own({ mode: 'budget', budget: 10_000 }, { maxOutput: 8000 })).toEqual({
      thinking: { type: 'enabled', budget_tokens: 6000 },
      effort: undefined,
      maxTokens: 8000,
      losses: ['max_tokens approximated false', 'thinking approximated false'],
    })
  })
})

describe('what the model takes', () => {
  it.each<[Quirks['thinking'], ReasoningSettings, unknown, string[]]>([
    ['none', { mode: 'budget', budget: 2048 }, undefined, ['thinking dropped true']],
    ['none', { mode: 'adaptive' }, undefined, ['thinking dropped true']],
    ['none', { mode: 'off' }, undefined, []],
    ['manual', { mode: 'budget', budget: 2048 }, { type: 'enabled', budget_tokens: 2048 }, []],
    [
      'manual',
      { mode: 'adaptive' },
      { type: 'enabled', budget_tokens: 16_384 },
      ['thinking approximated false'],
    ],
    [
      'manual',
      { mode: 'between-tools' },
      { type: 'enabled', budget_tokens: 16_384 },
      ['thinking approximated false'],
    ],
    ['manual', { mode: 'off' }, { type: 'disabled' }, []],
    ['both', { mode: 'budget', budget: 2048 }, { type: 'enabled', budget_tokens: 2048 }, []],
    ['both', { mode: 'adaptive' }, { type: 'adaptive' }, []],
    [
      'adaptive',
      { mode: 'budget', budget: 2048, display: 'summarized' },
      { type: 'adaptive', display: 'summarized' },
      ['thinking approximated false'],
    ],
    ['adaptive', { mode: 'between-tools' }, { type: 'between_tools' }, []],
    ['adaptive', { mode: 'off' }, { type: 'disabled' }, []],
    ['always-adaptive', { mode: 'off' }, undefined, ['thinking approximated false']],
    [
      'always-adaptive',
      { mode: 'between-tools' },
      { type: 'adaptive' },
      ['thinking approximated false'],
    ],
  ])('%s: %j', (thinking, reasoning, wire, losses) => {
    expect(own(reasoning, thinking ? { thinking } : {})).toMatchObject({ thinking: wire, losses })
  })

  it('says a budget as the nearest effort, where efforts are known', () => {
    const quirks = { thinking: 'adaptive', outputEfforts: LEVELS } as const
    const effort = (budget: number) => own({ mode: 'budget', budget }, quirks).effort
    expect([1024, 4096, 16_384, 32_000].map(effort)).toEqual(['low', 'medium', 'high', 'high'])
  })

  it('says off as a low effort where the model cannot stop', () => {
    const quirks = { thinking: 'always-adaptive', outputEfforts: LEVELS } as const
    expect(own({ mode: 'off' }, quirks).effort).toBe('low')
    expect(encode({ effort: 'none' }, quirks)).toMatchObject({
      thinking: undefined,
      effort: 'low',
      losses: ['reasoning_effort approximated false'],
    })
  })
})

describe('an effort of another protocol', () => {
  it.each<[Effort, number]>([
    ['minimal', 1024],
    ['low', 1024],
    ['medium', 4096],
    ['high', 16_384],
    ['xhigh', 32_000],
    ['max', 32_000],
  ])('%s is a budget of %d on models with budgets', (effort, budget) => {
    expect(encode({ effort }, { thinking: 'manual' })).toEqual({
      thinking: { type: 'enabled', budget_tokens: budget },
      effort: undefined,
      maxTokens: 50_000,
      losses: [],
    })
  })

  it.each<[Effort, Effort, string[]]>([
    ['minimal', 'low', ['reasoning_effort approximated false']],
    ['low', 'low', []],
    ['high', 'high', []],
    ['xhigh', 'high', ['reasoning_effort approximated false']],
    ['max', 'max', []],
  ])('%s is the effort %s on adaptive models', (effort, said, losses) => {
    expect(encode({ effort }, { thinking: 'adaptive', outputEfforts: LEVELS })).toMatchObject({
      thinking: { type: 'adaptive' },
      effort: said,
      losses,
    })
  })

  it('is left to a model whose efforts are not known', () => {
    expect(encode({ effort: 'low' })).toMatchObject({
      thinking: { type: 'adaptive' },
      effort: undefined,
      losses: ['reasoning_effort approximated false'],
    })
    expect(encode({ effort: 'high' }).losses).toEqual([])
  })

  it('of none switches thinking off', () => {
    expect(encode({ effort: 'none' }, { thinking: 'manual' }).thinking).toEqual({
      type: 'disabled',
    })
    expect(encode({ effort: 'none' }, { thinking: 'none' })).toMatchObject({
      thinking: undefined,
      losses: [],
    })
  })

  it('is a hint, so a model without thinking may go without', () => {
    expect(encode({ effort: 'high' }, { thinking: 'none' })).toMatchObject({
      thinking: undefined,
      losses: ['reasoning_effort dropped false'],
    })
    expect(encode({ effort: 'high' }, { thinking: 'none', outputEfforts: LEVELS })).toMatchObject({
      effort: 'high',
      losses: [],
    })
  })

  it('is dropped by a model that takes none', () => {
    expect(own({ effort: 'high' }, { outputEfforts: [] })).toMatchObject({
      effort: undefined,
      losses: ['output_config.effort dropped false'],
    })
  })
})

describe('the limit of output', () => {
  it.each<[number | undefined, number | undefined, number, string[]]>([
    [100, undefined, 100, []],
    [100, 8192, 100, []],
    [9000, 8192, 8192, ['max_tokens approximated false']],
    [undefined, 64_000, 64_000, []],
    [undefined, undefined, 32_000, ['max_tokens approximated false']],
  ])('asked %j of a model with %j: %d', (asked, maxOutput, sent, losses) => {
    const { maxTokens: _, ...rest } = { maxTokens: asked }
    const request: ModelRequest = {
      protocol: 'openai-chat',
      model: 'm',
      messages: [USER],
      tools: [],
      stream: false,
      bound: [],
      ...rest,
      ...(asked !== undefined && { maxTokens: asked }),
    }
    const encoded = anthropic.encodeRequest(request, maxOutput === undefined ? {} : { maxOutput })
    expect(encoded.body).toMatchObject({ max_tokens: sent })
    expect(encoded.losses.map(loss => `${loss.path} ${loss.action} ${loss.meaning}`)).toEqual(
      losses,
    )
  })

  it('stands: a budget is lowered below it', () => {
    expect(encode({ effort: 'high' }, { thinking: 'manual' }, { maxTokens: 10_000 })).toMatchObject(
      {
        thinking: { type: 'enabled', budget_tokens: 7500 },
        maxTokens: 10_000,
        losses: ['reasoning_effort approximated false'],
      },
    )
    expect(encode({ effort: 'high' }, { thinking: 'manual' }, { maxTokens: 1100 })).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 1024 },
      maxTokens: 1100,
    })
  })

  it('stands even where it leaves no room for thinking', () => {
    expect(encode({ effort: 'low' }, { thinking: 'manual' }, { maxTokens: 500 })).toMatchObject({
      thinking: { type: 'disabled' },
      maxTokens: 500,
      losses: ['reasoning_effort dropped true'],
    })
  })
})

describe('what manual thinking does not go with', () => {
  const tools = [{ kind: 'function', name: 'f' }] as const
  const manual = { thinking: 'manual' } as const

  it('is a demanded call', () => {
    const more = { tools, toolChoice: { mode: 'required' } } as const
    expect(encode({ effort: 'high' }, manual, more)).toMatchObject({
      thinking: { type: 'disabled' },
      losses: ['reasoning_effort dropped true'],
    })
    expect(own({ mode: 'budget', budget: 2048 }, {}, more)).toMatchObject({
      thinking: { type: 'disabled' },
      losses: ['thinking dropped true'],
    })
    expect(own({ mode: 'adaptive' }, {}, more)).toMatchObject({
      thinking: { type: 'adaptive' },
      losses: [],
    })
  })

  const call = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', kind: 'function' } as const
  const results: Message = {
    role: 'tool',
    at: 2,
    content: [{ type: 'tool-result', callId: 'a', content: [], at: 2 }],
  }
  const thought = {
    type: 'reasoning',
    text: 'hm',
    state: { family: 'anthropic', kind: 'signature', data: 's' },
  } as const

  it('is a running tool loop that began without thinking', () => {
    const messages: Message[] = [USER, { role: 'assistant', at: 1, content: [call] }, results]
    const { thinking, losses } = own({ mode: 'budget', budget: 2048 }, {}, { messages, tools })
    expect(thinking).toEqual({ type: 'disabled' })
    expect(losses).toEqual(['thinking dropped false'])
  })

  it('but one that began with it is', () => {
    for (const state of [thought.state, { ...thought.state, kind: 'redacted' } as const]) {
      const first: Message = {
        role: 'assistant',
        at: 1,
        content: [{ type: 'reasoning', text: '', state }, call],
      }
      const second: Message = { role: 'assistant', at: 3, content: [{ ...call, id: 'b' }] }
      const messages = [USER, first, results, second, results]
      expect(own({ mode: 'budget', budget: 2048 }, {}, { messages, tools })).toMatchObject({
        thinking: { type: 'enabled' },
        losses: [],
      })
    }
  })

  it('and a loop that has ended does not matter', () => {
    const first: Message = { role: 'assistant', at: 1, content: [call] }
    const answer: Message = { role: 'assistant', at: 3, content: [{ type: 'text', text: 'ok' }] }
    const messages = [USER, first, results, answer, USER]
    expect(own({ mode: 'budget', budget: 2048 }, {}, { messages, tools })).toMatchObject({
      thinking: { type: 'enabled' },
      losses: [],
    })
  })

  it('is lost with the reasoning of another family', () => {
    const state = { family: 'google', kind: 'signature', data: 's' } as const
    const first: Message = { role: 'assistant', at: 1, content: [{ ...thought, state }, call] }
    const more = { messages: [USER, first, results], tools }
    expect(own({ mode: 'budget', budget: 2048 }, {}, more)).toMatchObject({
      thinking: { type: 'disabled' },
      losses: ['messages[1].content[0] dropped false', 'thinking dropped false'],
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { Quirks } from '../protocols/quirks.ts'
import { anthropic } from './anthropic.ts'
import { capabilitiesOf, quirksOf } from './capabilities.ts'
import { deepseek } from './deepseek.ts'
import { glm } from './glm.ts'
import { groq } from './groq.ts'
import { kimi } from './kimi.ts'
import { mistral } from './mistral.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'
import { qwen } from './qwen.ts'
import { xai } from './xai.ts'

function quirks(provider: Provider, id: string): Quirks {
  return quirksOf(provider, provider.endpoints[0], id)
}

function capabilities(provider: Provider, id: string) {
  return capabilitiesOf(provider, provider.endpoints[0], id, quirks(provider, id))
}

describe('merging', () => {
  const vendor: Provider = {
    ...openai,
    capabilities: {},
    endpoints: [
      { ...openai.endpoints[0], quirks: { stop: false, topK: true } },
      { ...anthropic.endpoints[0] },
    ],
    models: [
      { match: /^a/, quirks: { stop: true, efforts: [] } },
      { match: ['a-2'], quirks: { efforts: ['high'] } },
      { match: /^a/, protocol: 'anthropic', quirks: { prefill: true } },
    ],
  }

  it('puts later rules over earlier ones, and rules over the endpoint', () => {
    expect(quirks(vendor, 'b')).toEqual({ stop: false, topK: true })
    expect(quirks(vendor, 'a')).toEqual({ stop: true, topK: true, efforts: [] })
    expect(quirks(vendor, 'A-2')).toEqual({ stop: true, topK: true, efforts: ['high'] })
  })

  it('keeps rules to their protocol', () => {
    const [, second] = vendor.endpoints
    expect(second && quirksOf(vendor, second, 'a')).toMatchObject({ prefill: true })
    expect(quirks(vendor, 'a')).not.toHaveProperty('prefill')
  })
})

describe('capabilities', () => {
  it('follow the quirks', () => {
    expect(capabilities(glm, 'glm-4.6')).toMatchObject({
      toolChoice: ['auto', 'none'],
      strictSchemas: false,
      structuredOutput: false,
      streamingArguments: true,
      reasoning: true,
    })
    expect(capabilities(glm, 'glm-4').streamingArguments).toBe(false)
    expect(capabilities(kimi, 'kimi-k3').toolChoice).toEqual(['auto', 'none', 'required'])
    expect(capabilities(mistral, 'mistral-large-latest')).toMatchObject({
      toolChoice: ['auto', 'none', 'required', 'tool'],
      streamingArguments: false,
    })
  })

  it('leave nothing of tools to a model that takes none', () => {
    expect(capabilities(groq, 'meta-llama/llama-guard-4-12b')).toMatchObject({
      tools: false,
      parallelCalls: false,
      toolChoice: [],
      streamingArguments: false,
      imagesInResults: false,
      strictSchemas: false,
    })
  })

  it('[G6] tell which tools are emulated, and what that gives', () => {
    expect(capabilities(openai, 'o1-mini')).toEqual({
      tools: 'emulated',
      parallelCalls: true,
      toolChoice: ['auto', 'none', 'required', 'tool', 'allowed'],
      streamingArguments: false,
      imagesIn: false,
      imagesInResults: false,
      strictSchemas: false,
      structuredOutput: false,
      reasoning: true,
    })
    for (const id of [
      'gemma3',
      'gemma3:4b',
      'library/gemma2:27b',
      'llama3:8b',
      'dolphin-mistral:7b',
    ])
      expect(capabilities(ollama, id).tools).toBe('emulated')
    for (const id of ['llama3.2', 'qwen3:8b', 'gemma4:12b', 'mistral', 'gpt-oss:20b', 'phi4-mini'])
      expect(capabilities(ollama, id).tools).toBe(true)
  })

  it('tell pictures in results by protocol', () => {
    expect(capabilities(openai, 'gpt-4o').imagesInResults).toBe(false)
    expect(capabilities(anthropic, 'claude-opus-4-8').imagesInResults).toBe(true)
    const [, messages] = deepseek.endpoints
    const own = messages && quirksOf(deepseek, messages, 'deepseek-v4-pro')
    expect(messages && own && capabilitiesOf(deepseek, messages, 'x', own)).toMatchObject({
      imagesIn: false,
      imagesInResults: false,
    })
  })

  it('take what is known of the model from elsewhere, under the own rules', () => {
    const [endpoint] = groq.endpoints
    const nature = { imagesIn: true, reasoning: true }
    expect(capabilitiesOf(groq, endpoint, 'some/model', {}, nature)).toMatchObject(nature)
    expect(capabilitiesOf(groq, endpoint, 'some/model', {})).toMatchObject({
      imagesIn: false,
      reasoning: false,
    })
  })
})

describe('rules of OpenAI', () => {
  it.each([
    ['gpt-4o', { efforts: [], maxOutput: 16_384 }],
    ['gpt-4o-mini-2024-07-18', { efforts: [], maxOutput: 16_384 }],
    ['ft:gpt-4o-mini-2024-07-18:org::id', { efforts: [], maxOutput: 16_384 }],
    ['gpt-4.1-nano', { efforts: [], maxOutput: 32_768 }],
    ['gpt-4', { strictTools: false, maxOutput: 8192 }],
    ['gpt-4-turbo', { strictTools: false, maxOutput: 4096 }],
    [
      'o1',
      { stop: true, sampling: 'none', parallelField: false, efforts: ['low', 'medium', 'high'] },
    ],
    ['o1-mini', { systemRole: 'user', efforts: [] }],
    ['o3-mini', { stop: true, sampling: 'none', toolsNeedReasoningOff: false }],
    ['o3', { stop: false, sampling: 'none' }],
    ['o4-mini-2025-04-16', { stop: false, sampling: 'none', maxOutput: 100_000 }],
    ['gpt-5', { efforts: ['minimal', 'low', 'medium', 'high'], toolsNeedReasoningOff: false }],
    ['gpt-5-nano-2025-08-07', { sampling: 'none', thinksByDefault: true, stop: false }],
    ['gpt-5-chat-latest', { efforts: [], sampling: 'all', thinksByDefault: false }],
    ['gpt-5.1', { efforts: ['none', 'low', 'medium', 'high'], sampling: 'quiet' }],
    ['gpt-5.2', { toolsNeedReasoningOff: false, thinksByDefault: false }],
    ['gpt-5.3-chat-latest', { efforts: ['medium'], sampling: 'none', maxOutput: 16_384 }],
    ['gpt-5.4-mini', { toolsNeedReasoningOff: true, thinksByDefault: false, sampling: 'quiet' }],
    ['gpt-5.5', { toolsNeedReasoningOff: true, thinksByDefault: true, sampling: 'none' }],
    ['gpt-5.6-terra', { toolsNeedReasoningOff: true, thinksByDefault: true }],
    ['gpt-6-sol', { toolsNeedReasoningOff: true, maxOutput: 128_000 }],
    ['gpt-11-nova', { toolsNeedReasoningOff: true, sampling: 'none' }],
  ] as const)('%s', (id, expected) => {
    expect(quirks(openai, id)).toMatchObject(expected)
  })

  it('know which models have no tools on this endpoint', () => {
    expect(quirks(openai, 'gpt-6-astra').efforts).not.toContain('none')
    expect(capabilities(openai, 'gpt-6-astra').tools).toBe(false)
    expect(capabilities(openai, 'gpt-6-luna').tools).toBe(true)
    expect(capabilities(openai, 'gpt-4o-search-preview').tools).toBe('emulated')
  })

  it('leave the endpoint itself without a difference', () => {
    expect(openai.endpoints[0].quirks).toBeUndefined()
    expect(anthropic.endpoints[0].quirks).toBeUndefined()
  })
})

describe('rules of Anthropic', () => {
  const manual = { thinking: 'manual', prefill: true, sampling: 'all', outputEfforts: [] } as const
  it.each([
    [
      'claude-3-haiku-20240307',
      { thinking: 'none', prefill: true, maxOutput: 4096, strictTools: false },
    ],
    ['claude-3-5-haiku-latest', { thinking: 'none', maxOutput: 8192, strictTools: false }],
    ['claude-3-7-sonnet-20250219', { ...manual, maxOutput: 64_000, strictTools: false }],
    ['claude-opus-4-0', { ...manual, maxOutput: 32_000, strictTools: false }],
    ['claude-opus-4-20250514', { ...manual, maxOutput: 32_000, strictTools: false }],
    ['claude-sonnet-4-20250514', { ...manual, maxOutput: 64_000, strictTools: false }],
    ['claude-opus-4-1-20250805', { ...manual, sampling: 'one', maxOutput: 32_000 }],
    ['claude-sonnet-4-5', { ...manual, sampling: 'one', maxOutput: 64_000 }],
    ['claude-haiku-4-5-20251001', { ...manual, sampling: 'one', maxOutput: 64_000 }],
    ['claude-opus-4-5', { thinking: 'manual', outputEfforts: ['low', 'medium', 'high'] }],
    [
      'claude-opus-4-6',
      { thinking: 'both', sampling: 'one', outputEfforts: ['low', 'medium', 'high', 'max'] },
    ],
    ['claude-sonnet-4-6', { thinking: 'both', systemInMessages: false, maxOutput: 128_000 }],
    ['claude-opus-4-7', { thinking: 'adaptive', sampling: 'none', systemInMessages: false }],
    ['claude-opus-4-8', { thinking: 'adaptive', sampling: 'none', systemInMessages: true }],
    ['claude-opus-5', { thinking: 'adaptive', systemInMessages: true }],
    ['claude-sonnet-5', { thinking: 'adaptive', systemInMessages: false }],
    ['claude-haiku-5-5', { thinking: 'adaptive', systemInMessages: true }],
    [
      'claude-sonnet-5-5',
      { thinking: 'always-adaptive', forcedChoice: false, systemInMessages: true },
    ],
    ['claude-opus-5-5', { thinking: 'always-adaptive', forcedChoice: false }],
    ['claude-fable-5', { thinking: 'always-adaptive', forcedChoice: false }],
    ['claude-mythos-preview', { thinking: 'always-adaptive', forcedChoice: false }],
    ['claude-opus-9', { thinking: 'adaptive', sampling: 'none', maxOutput: 128_000 }],
  ] as const)('%s', (id, expected) => {
    expect(quirks(anthropic, id)).toMatchObject(expected)
  })

  it('let no model from 4.6 on end with the assistant', () => {
    for (const id of ['claude-opus-4-6', 'claude-sonnet-5', 'claude-fable-5-2', 'claude-opus-9']) {
      expect(quirks(anthropic, id).prefill).toBeUndefined()
    }
  })

  it('offer no forced choice where it is refused', () => {
    expect(capabilities(anthropic, 'claude-fable-5-1').toolChoice).toEqual(['auto', 'none'])
    expect(capabilities(anthropic, 'claude-opus-5').toolChoice).toEqual([
      'auto',
      'none',
      'required',
      'tool',
    ])
  })

  it('know the models that do not think', () => {
    expect(capabilities(anthropic, 'claude-3-5-sonnet-latest').reasoning).toBe(false)
    expect(capabilities(anthropic, 'claude-3-7-sonnet-latest').reasoning).toBe(true)
  })
})

describe('rules of the others', () => {
  it.each([
    [deepseek, 'deepseek-v4-pro', { thinksByDefault: true, reasoningEcho: true }],
    [qwen, 'qwen-plus', { thinkingSwitch: 'enable_thinking' }],
    [qwen, 'qwen3-32b', { thinkingSwitch: 'enable_thinking', thinksByDefault: true }],
    [qwen, 'qwen3.6-plus', { thinksByDefault: true }],
    [
      qwen,
      'qwen3-235b-a22b-thinking-2507',
      { thinksByDefault: true, toolChoices: ['auto', 'none'] },
    ],
    [glm, 'glm-4.5', { thinkingSwitch: 'thinking', efforts: [] }],
    [glm, 'glm-5.3', { efforts: ['low', 'high', 'max'], toolStream: true }],
    [kimi, 'kimi-k2.6', { thinkingSwitch: 'thinking', reasoningEcho: true, sampling: 'none' }],
    [kimi, 'kimi-k3', { efforts: ['low', 'high', 'max'], reasoningEcho: true }],
    [mistral, 'mistral-small-latest', { efforts: ['none', 'high'] }],
    [mistral, 'codestral-latest', { efforts: [], noneDropsTools: true }],
    [groq, 'openai/gpt-oss-120b', { efforts: ['low', 'medium', 'high'], structuredOutput: true }],
    [xai, 'grok-4-0709', { stop: false, efforts: [] }],
    [xai, 'grok-4.3', { efforts: ['none', 'low', 'medium', 'high'] }],
    [xai, 'grok-4.5', { efforts: ['low', 'medium', 'high'] }],
    [xai, 'grok-4-1-fast-non-reasoning', { stop: true }],
  ] as const)('$name: %s', (provider, id, expected) => {
    expect(quirks(provider, id)).toMatchObject(expected)
  })

  it('say nothing of thinking where there is none', () => {
    expect(quirks(qwen, 'qwen3-coder-plus').thinkingSwitch).toBeUndefined()
    expect(quirks(qwen, 'qwen-max').thinkingSwitch).toBeUndefined()
    expect(quirks(glm, 'glm-4').thinkingSwitch).toBeUndefined()
    expect(quirks(kimi, 'kimi-k2-0905-preview').reasoningEcho).toBeUndefined()
    expect(quirks(kimi, 'kimi-k2.7-code').thinkingSwitch).toBeUndefined()
  })
})

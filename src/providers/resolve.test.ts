import { describe, expect, it } from 'vitest'
import { isToolgateError, type ToolgateError } from '../core/error.ts'
import type { Account } from './provider.ts'
import { PROVIDERS } from './registry.ts'
import { createResolver, resolveModel } from './resolve.ts'

const MAKERS: readonly Account[] = PROVIDERS.filter(({ kind }) => kind === 'maker').map(
  ({ name }) => ({ name, provider: name, key: 'k' }),
)
const AGGREGATORS: readonly Account[] = ['groq', 'openrouter', 'together'].map(name => ({
  name,
  provider: name,
}))
const EVERYONE = createResolver([
  { name: 'openai-main', provider: 'openai' },
  ...MAKERS,
  ...AGGREGATORS,
])

function refused(action: () => unknown): ToolgateError {
  try {
    action()
  } catch (thrown) {
    if (isToolgateError(thrown)) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('forms of a name', () => {
  it.each([
    // account/model
    ['openai-main/gpt-4o-mini', 'openai-main', 'gpt-4o-mini'],
    ['OpenAI-Main/GPT-4o-mini', 'openai-main', 'gpt-4o-mini'],
    ['openai-main/gpt-99-nova', 'openai-main', 'gpt-99-nova'],
    // vendor/model
    ['openai/gpt-4o', 'openai', 'gpt-4o'],
    ['anthropic/claude-sonnet-4.5', 'anthropic', 'claude-sonnet-4-5'],
    ['anthropic/claude-sonnet-4-5', 'anthropic', 'claude-sonnet-4-5'],
    ['x-ai/grok-4', 'xai', 'grok-4-0709'],
    ['moonshotai/kimi-k2.6', 'kimi', 'kimi-k2.6'],
    ['mistralai/mistral-large-2411', 'mistral', 'mistral-large-2411'],
    ['z-ai/glm-4.6', 'glm', 'glm-4.6'],
    // ids with slashes
    ['openrouter/anthropic/claude-sonnet-4.5', 'openrouter', 'anthropic/claude-sonnet-4.5'],
    ['openrouter/google/gemini-2.5-pro', 'openrouter', 'google/gemini-2.5-pro'],
    ['openrouter/deepseek/deepseek-chat:free', 'openrouter', 'deepseek/deepseek-chat:free'],
    ['openrouter/anthropic/claude-opus-4.8:nitro', 'openrouter', 'anthropic/claude-opus-4.8:nitro'],
    ['openrouter/auto', 'openrouter', 'openrouter/auto'],
    ['openrouter/someone/brand-New', 'openrouter', 'someone/brand-New'],
    ['together/meta-llama/Llama-3.3-70B', 'together', 'meta-llama/Llama-3.3-70B'],
    ['groq/openai/gpt-oss-120b', 'groq', 'openai/gpt-oss-120b'],
    [
      'meta-llama/llama-3.3-70b-instruct-turbo',
      'together',
      'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    ],
    // bare ids
    ['gpt-4o', 'openai-main', 'gpt-4o'],
    ['o3-mini', 'openai-main', 'o3-mini'],
    ['gpt-4-1-mini', 'openai-main', 'gpt-4.1-mini'],
    ['claude-opus-4', 'anthropic', 'claude-opus-4-0'],
    ['claude-sonnet-4', 'anthropic', 'claude-sonnet-4-0'],
    ['claude-3-5-haiku', 'anthropic', 'claude-3-5-haiku-latest'],
    ['deepseek-chat', 'deepseek', 'deepseek-v4-flash'],
    ['qwen-max', 'qwen', 'qwen-max'],
    ['glm-4', 'glm', 'glm-4'],
    ['GLM-5.3', 'glm', 'glm-5.3'],
    ['mistral-large', 'mistral', 'mistral-large-latest'],
    ['llama-3.3-70b-versatile', 'groq', 'llama-3.3-70b-versatile'],
    // dated ids, known and unmet
    ['gpt-4o-2024-08-06', 'openai-main', 'gpt-4o-2024-08-06'],
    ['gpt-4-1-2031-01-01', 'openai-main', 'gpt-4.1-2031-01-01'],
    ['claude-sonnet-4-5-20250929', 'anthropic', 'claude-sonnet-4-5-20250929'],
    ['claude-sonnet-4.5-20250929', 'anthropic', 'claude-sonnet-4-5-20250929'],
    ['claude-3.5-haiku-20241022', 'anthropic', 'claude-3-5-haiku-20241022'],
    // names that nobody has met
    ['claude-opus-9', 'anthropic', 'claude-opus-9'],
    ['Claude-Opus-9.1', 'anthropic', 'claude-opus-9-1'],
    ['gpt-7-nova', 'openai-main', 'gpt-7-nova'],
    ['grok-12', 'xai', 'grok-12'],
    ['ft:gpt-4o-mini-2024-07-18:org::id', 'openai-main', 'ft:gpt-4o-mini-2024-07-18:org::id'],
  ])('%s', (name, account, model) => {
    const found = EVERYONE.resolve(name)
    expect({ account: found.account.name, model: found.model }).toEqual({ account, model })
    expect(found.name).toBe(name)
  })

  it('carry what the catalog knows', () => {
    expect(EVERYONE.resolve('gpt-4o').entry).toMatchObject({ id: 'gpt-4o', context: 128_000 })
    expect(EVERYONE.resolve('gpt-4o-2024-08-06').entry).toMatchObject({
      id: 'gpt-4o-2024-08-06',
      price: { input: 2.5, output: 10 },
    })
    expect(EVERYONE.resolve('claude-opus-9').entry).toBeUndefined()
    expect(EVERYONE.resolve('claude-opus-9').quirks.thinking).toBe('adaptive')
  })

  it('carry what the name itself asks for', () => {
    expect(EVERYONE.resolve('deepseek-chat').reasoning).toEqual({ mode: 'off' })
    expect(EVERYONE.resolve('deepseek/deepseek-chat').reasoning).toEqual({ mode: 'off' })
    expect(EVERYONE.resolve('deepseek-v4-flash').reasoning).toBeUndefined()
    expect(EVERYONE.resolve('o3-mini-high')).toMatchObject({
      model: 'o3-mini',
      reasoning: { effort: 'high' },
    })
  })

  it('look like other things than they are', () => {
    for (const name of [
      '/gpt-4o',
      'openai/',
      'a/b',
      '/',
      '//',
      'openai//gpt-4o',
      '__proto__',
      'constructor/x',
    ]) {
      expect(refused(() => EVERYONE.resolve(name)).code).toBe('model_not_found')
    }
  })
})

describe('accounts', () => {
  it('are asked in their order', () => {
    const both = [
      { name: 'first', provider: 'openai', models: ['gpt-4o'] },
      { name: 'second', provider: 'openai' },
    ]
    const resolver = createResolver(both)
    expect(resolver.resolve('gpt-4o').account.name).toBe('first')
    expect(resolver.resolve('openai/gpt-4o').account.name).toBe('first')
    expect(resolver.resolve('o1').account.name).toBe('second')
    expect(createResolver(both.toReversed()).resolve('gpt-4o').account.name).toBe('second')
  })

  it('win over the vendor of the same name', () => {
    const resolver = createResolver([
      { name: 'plain', provider: 'openai' },
      { name: 'openai', provider: 'openai-compatible', baseUrl: 'http://localhost:1/v1' },
    ])
    expect(resolver.resolve('openai/gpt-4o').provider.name).toBe('openai-compatible')
    expect(resolver.resolve('gpt-4o').account.name).toBe('plain')
  })

  it('serve only what they list, where they list', () => {
    const resolver = createResolver([
      { name: 'a', provider: 'anthropic', models: ['claude-haiku-*', 'claude-opus-4'] },
    ])
    expect(resolver.resolve('claude-haiku-4-5').model).toBe('claude-haiku-4-5')
    expect(resolver.resolve('claude-opus-4').model).toBe('claude-opus-4-0')
    expect(resolver.resolve('claude-haiku-7').model).toBe('claude-haiku-7')
    for (const name of ['claude-sonnet-4-5', 'a/claude-sonnet-4-5', 'anthropic/claude-opus-9']) {
      const error = refused(() => resolver.resolve(name))
      expect(error.code).toBe('model_not_found')
      expect(JSON.stringify(error.details.names)).not.toContain('sonnet')
    }
  })

  it('may list ids that nobody else knows', () => {
    const resolver = createResolver([
      { name: 'openai', provider: 'openai' },
      { name: 'local', provider: 'ollama', models: ['llama3.2:3b', 'gpt-4o'] },
    ])
    expect(resolver.resolve('llama3.2:3b')).toMatchObject({ model: 'llama3.2:3b' })
    expect(resolver.resolve('llama3.2:3b').account.name).toBe('local')
    expect(resolver.resolve('gpt-4o').account.name).toBe('openai')
    expect(resolver.resolve('local/gpt-4o').account.name).toBe('local')
    expect(refused(() => resolver.resolve('local/llama3.1')).code).toBe('model_not_found')
  })

  it('may give names of their own, which come first', () => {
    const resolver = createResolver([
      { name: 'openai', provider: 'openai', aliases: { fast: 'gpt-4o-mini', 'gpt-4o': 'gpt-4.1' } },
      { name: 'anthropic', provider: 'anthropic', aliases: { best: 'claude-opus-4.8' } },
    ])
    expect(resolver.resolve('fast')).toMatchObject({ model: 'gpt-4o-mini' })
    expect(resolver.resolve('openai/fast').entry?.id).toBe('gpt-4o-mini')
    expect(resolver.resolve('gpt-4o').model).toBe('gpt-4.1')
    expect(resolver.resolve('best').model).toBe('claude-opus-4-8')
  })

  it('choose protocol, address and quirks', () => {
    const found = resolveModel('deepseek/deepseek-v4-pro', [
      {
        name: 'd',
        provider: 'deepseek',
        protocol: 'anthropic',
        baseUrl: 'http://127.0.0.1:9/anthropic/',
        quirks: { maxOutput: 5 },
      },
    ])
    expect(found.endpoint).toMatchObject({
      protocol: 'anthropic',
      baseUrl: 'http://127.0.0.1:9/anthropic',
      quirks: { thinking: 'manual', maxOutput: 5 },
    })
    expect(found.quirks).toMatchObject({ thinking: 'manual', maxOutput: 5 })
    expect(found.quirks).not.toHaveProperty('maxTokensField')
  })

  it('put their quirks over those of the model', () => {
    const account = { name: 'o', provider: 'openai', quirks: { stop: true } }
    expect(resolveModel('o3', [account]).quirks.stop).toBe(true)
    expect(resolveModel('o3', [account]).endpoint.quirks).toEqual({ stop: true })
  })

  it('with an address of their own take any id that is asked of them by name', () => {
    const account = { name: 'proxy', provider: 'openai', baseUrl: 'http://localhost:4000/v1' }
    const resolver = createResolver([account])
    expect(resolver.resolve('proxy/My-Model').model).toBe('My-Model')
    expect(refused(() => resolver.resolve('My-Model')).code).toBe('model_not_found')
  })

  it.each([
    [{ name: 'x', provider: 'opnai' }, 'there is no vendor `opnai`', 'openai'],
    [{ name: 'x', provider: 'openai', protocol: 'anthropic' }, 'does not speak anthropic', ''],
    [{ name: 'x', provider: 'openai-compatible' }, 'no address of its own', ''],
  ] satisfies [Account, string, string][])(
    'are refused when they make no sense: %o',
    (account, why, near) => {
      const error = refused(() => createResolver([account]))
      expect(error).toMatchObject({ code: 'invalid_value', origin: 'gateway' })
      expect(error.message).toContain('Account `x`')
      expect(error.message).toContain(why)
      expect(error.message).toContain(near)
    },
  )
})

describe('an account with two endpoints', () => {
  const both = createResolver([{ name: 'o', provider: 'openai', key: 'k' }])
  const ways = (name: string, resolver = both) => {
    const { endpoint, others } = resolver.resolve(name)
    return [endpoint, ...others.map(other => other.endpoint)].map(({ protocol }) => protocol)
  }
  it('has both for a model that both serve, the first one first', () => {
    expect(ways('gpt-5.6')).toEqual(['openai-chat', 'openai-responses'])
    const [responses] = both.resolve('gpt-5.6').others
    expect(both.resolve('gpt-5.6').quirks.toolsNeedReasoningOff).toBe(true)
    expect(responses?.quirks.toolsNeedReasoningOff).toBeUndefined()
    expect(responses?.quirks.efforts).toContain('max')
  })
  it.each([
    ['gpt-5-pro', 'openai-responses'],
    ['o3-pro', 'openai-responses'],
    ['gpt-5.1-codex-max', 'openai-responses'],
    ['gpt-7-pro', 'openai-responses'],
    ['o1-mini', 'openai-chat'],
    ['gpt-4o-search-preview', 'openai-chat'],
  ])('has one for %s', (name, protocol) => {
    expect(ways(name)).toEqual([protocol])
  })
  it('says what a model can do over either', () => {
    expect(both.resolve('gpt-6-astra').capabilities).toMatchObject({ tools: true, reasoning: true })
    expect(both.list().find(({ name }) => name === 'gpt-5-pro')?.capabilities.tools).toBe(true)
  })
  it('has the one that it names, alone', () => {
    const protocol = 'openai-responses' as const
    const one = createResolver([{ name: 'o', provider: 'openai', protocol }])
    expect(ways('gpt-5.6', one)).toEqual([protocol])
    expect(ways('gpt-5-pro', one)).toEqual([protocol])
    expect(refused(() => one.resolve('o1-mini')).message).toContain('Chat Completions only')
  })
  it('has both at an address of its own', () => {
    const baseUrl = 'http://127.0.0.1:9/v1'
    const own = createResolver([{ name: 'o', provider: 'openai', baseUrl }])
    expect(own.resolve('gpt-4o').others[0]?.endpoint.baseUrl).toBe(baseUrl)
    expect(ways('gpt-5-pro', own)).toEqual(['openai-responses'])
  })
})

describe('a model that is not there', () => {
  it('is a 404 with the nearest names', () => {
    const error = refused(() => EVERYONE.resolve('gpt-4o-mimi'))
    expect(error).toMatchObject({ code: 'model_not_found', status: 404, origin: 'client' })
    expect(error.details).toEqual({
      path: ['model'],
      names: ['gpt-4o-mini'],
      model: 'gpt-4o-mimi',
    })
    expect(error.message).toContain('`gpt-4o-mimi`')
    expect(error.message).toContain('`gpt-4o-mini`')
  })

  it('gets names in the form in which it was asked', () => {
    const error = refused(() => EVERYONE.resolve('openai-main/gpt-4oo'))
    expect(error.details.names).toEqual(['openai-main/gpt-4o'])
  })

  it('gets no silly names', () => {
    for (const name of ['llama-of-nobody', 'nonsense', 'bedrock-main/nova-pro', 'x']) {
      expect(refused(() => EVERYONE.resolve(name)).details.names).toEqual([])
    }
  })

  it('is not sent to a vendor when it is a slip of the pen', () => {
    const error = refused(() => EVERYONE.resolve('claude-sonet-4-5'))
    expect(error.details.names?.[0]).toBe('claude-sonnet-4-5')
  })

  it('says why a known one cannot be served', () => {
    const chatOnly = createResolver([{ name: 'o', provider: 'openai', protocol: 'openai-chat' }])
    const error = refused(() => chatOnly.resolve('gpt-5-pro'))
    expect(error.message).toContain('OpenAI serves it over the Responses API only.')
    expect(refused(() => EVERYONE.resolve('openai/whisper-1')).message).toContain('speech')
  })

  it('is refused in the same words each time', () => {
    const first = refused(() => EVERYONE.resolve('gpt-4o-mimi'))
    const second = refused(() => EVERYONE.resolve('gpt-4o-mimi'))
    expect(second).not.toBe(first)
    expect(second.message).toBe(first.message)
  })

  it('may have a name of any length', () => {
    const error = refused(() => EVERYONE.resolve('x'.repeat(100_000)))
    expect(error.code).toBe('model_not_found')
    expect(error.message.length).toBeLessThan(200)
    expect(refused(() => EVERYONE.resolve('')).code).toBe('model_not_found')
  })
})

describe('a model whose maker has no account', () => {
  const resolver = createResolver([...AGGREGATORS, { name: 'local', provider: 'vllm' }])

  it.each([
    ['claude-sonnet-4.5', 'Anthropic'],
    ['anthropic/claude-sonnet-4.5', 'Anthropic'],
    ['claude-sonnet-4-5-20250929', 'Anthropic'],
    ['gpt-4o', 'OpenAI'],
    ['google/gemini-2.5-pro', 'Google'],
  ])('%s is sent to nobody else', (name, vendor) => {
    const error = refused(() => resolver.resolve(name))
    expect(error.code).toBe('model_not_found')
    expect(error.message).toContain(`there is no account for ${vendor}`)
  })

  it('is offered where it could be had', () => {
    const error = refused(() => resolver.resolve('anthropic/claude-sonnet-4.5'))
    expect(error.details.names).toEqual(['openrouter/anthropic/claude-sonnet-4.5'])
    const [offer = ''] = error.details.names ?? []
    expect(resolver.resolve(offer).account.name).toBe('openrouter')
  })
})

describe('the list', () => {
  it('has names that lead back to the same model of the same account', () => {
    const models = EVERYONE.list()
    expect(models.length).toBeGreaterThan(200)
    for (const { name, account, id } of models) {
      const found = EVERYONE.resolve(name)
      expect({ name, account: found.account.name, id: found.model }).toEqual({ name, account, id })
    }
    expect(new Set(models.map(({ name }) => name)).size).toBe(models.length)
  })

  it('gives bare and short names where they are enough', () => {
    const names = new Map(EVERYONE.list().map(({ name, id, account }) => [name, { id, account }]))
    expect(names.get('gpt-4o')).toEqual({ id: 'gpt-4o', account: 'openai-main' })
    expect(names.get('openai/gpt-4o')).toEqual({ id: 'gpt-4o', account: 'openai' })
    expect(names.get('claude-opus-4')).toEqual({ id: 'claude-opus-4-0', account: 'anthropic' })
    expect(names.get('claude-3-5-haiku')?.id).toBe('claude-3-5-haiku-latest')
    expect(names.get('openrouter/anthropic/claude-sonnet-4.5')?.account).toBe('openrouter')
  })

  it('has the ids that an account lists, and no others', () => {
    const models = createResolver([
      { name: 'local', provider: 'ollama', models: ['llama3.2:3b'] },
      { name: 'a', provider: 'anthropic', models: ['claude-haiku-*'] },
    ]).list()
    expect(models.find(({ account }) => account === 'local')).toMatchObject({
      name: 'llama3.2:3b',
      vendor: 'ollama',
      capabilities: { tools: true, toolChoice: ['auto', 'none'] },
    })
    expect(models.filter(({ account }) => account === 'local')).toHaveLength(1)
    for (const { account, id } of models) if (account === 'a') expect(id).toMatch(/^claude-haiku-/)
  })

  it('is empty without accounts', () => {
    expect(createResolver([]).list()).toEqual([])
  })
})

describe('a maker that resells', () => {
  it('is not asked for the models of another maker that is at hand, whatever the order', () => {
    const accounts = ['google', 'anthropic'].map(name => ({ name, provider: name, key: 'k' }))
    for (const order of [accounts, accounts.toReversed()])
      expect(createResolver(order).resolve('claude-sonnet-4-5').account.name).toBe('anthropic')
    const google = createResolver(accounts.slice(0, 1))
    expect(google.list().every(({ id }) => id.startsWith('gemini-'))).toBe(true)
  })
})

describe('speed', () => {
  it('remembers what it has found', () => {
    expect(EVERYONE.resolve('gpt-4o')).toBe(EVERYONE.resolve('gpt-4o'))
  })

  it('forgets the oldest names and still finds them again', () => {
    const resolver = createResolver(MAKERS)
    const first = resolver.resolve('gpt-4o')
    for (let index = 0; index < 2100; index++) resolver.resolve(`gpt-9-${index}`)
    const again = resolver.resolve('gpt-4o')
    expect(again).not.toBe(first)
    expect(again).toEqual(first)
  })
})

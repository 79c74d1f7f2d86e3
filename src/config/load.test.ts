import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from './config.ts'
import { explainConfig } from './explain.ts'
import { parseConfig } from './file.ts'
import { loadConfig } from './load.ts'
import { bytes, milliseconds } from './schema.ts'

const parse = (text: string, environment = {}) => parseConfig(text, 'toolgate.yaml', environment)

describe('parseConfig', () => {
  it('reads nothing as nothing', () => {
    expect(parse('')).toEqual({})
    expect(parse('# only a comment\n')).toEqual({})
  })
  it('refuses an unknown key with its place and a suggestion', () => {
    expect(() => parse('port: 1\nacounts:\n  a: { provider: openai }\n')).toThrow(
      "toolgate.yaml:2:1: unknown key 'acounts'; did you mean 'accounts'?",
    )
    expect(() => parse('accounts:\n  a:\n    provider: openai\n    baseURL: x\n')).toThrow(
      "toolgate.yaml:4:5: unknown key 'accounts.a.baseURL'; did you mean 'baseUrl'?",
    )
    expect(() => parse('limits:\n  idel: 1s\n')).toThrow("did you mean 'idle'?")
  })
  it('refuses a wrong value with its place', () => {
    expect(() => parse('port: none\n')).toThrow(/^toolgate.yaml:1:7: port: /)
    expect(() => parse('limits: { body: 3 MB }\n')).toThrow(/limits.body/)
    expect(() => parse('port: [1\n')).toThrow(/^toolgate.yaml:/)
  })
  it('fills in the environment, and names what it lacks', () => {
    const text =
      'accounts:\n  a: { provider: openai, key: "${KEY}", baseUrl: "${URL:-http://x.test}" }\n'
    expect(parse(text, { KEY: 'k' }).accounts?.a).toMatchObject({
      key: 'k',
      baseUrl: 'http://x.test',
    })
    expect(() => parse(text)).toThrow(/toolgate.yaml:2:\d+: the environment has no KEY/)
  })
})

describe('models that know no tools', () => {
  it('are named by the account, and so is the form of calls in a text', () => {
    const text =
      'accounts:\n  a: { provider: ollama, emulatedTools: ["qwen2*"], rawCalls: pythonic }\n'
    expect(parse(text).accounts?.a).toEqual({
      provider: 'ollama',
      emulatedTools: ['qwen2*'],
      rawCalls: 'pythonic',
    })
    expect(() => parse('accounts:\n  a: { provider: ollama, rawCalls: some }\n')).toThrow(
      /^toolgate.yaml:2:\d+: accounts.a.rawCalls/,
    )
  })
})

describe('units', () => {
  it.each([
    ['500ms', 500],
    ['1.5s', 1500],
    ['10m', 600_000],
    ['1h', 3_600_000],
    [7, 7],
  ])('%s is %s ms', (text, ms) => expect(milliseconds(text)).toBe(ms))
  it.each([
    ['64KiB', 65_536],
    ['32MiB', 33_554_432],
    [9, 9],
  ])('%s is %s bytes', (text, size) => expect(bytes(text)).toBe(size))
})

describe('the vault', () => {
  it('has a size, a time and a Redis of its own, and nothing else', () => {
    expect(parse('vault: { size: 1MiB, keep: 2h, redis: "redis://h:1" }\n').vault).toEqual({
      size: '1MiB',
      keep: '2h',
      redis: 'redis://h:1',
    })
    expect(loadConfig({}, {}).vault).toEqual({})
    expect(() => parse('vault: { redis: "http://h" }\n')).toThrow(/vault.redis/)
    expect(() => parse('vault: { sise: 1 }\n')).toThrow("did you mean 'size'?")
  })
  it('is named without its password', () => {
    const config = { ...loadConfig({}, {}), vault: { redis: 'rediss://me:secret@h:6379/2' } }
    expect(explainConfig(config).join('\n')).toContain('shared in Redis at rediss://h:6379/2')
  })
})

describe('guardrails', () => {
  const rules = (text: string) => parse(`guardrails:\n  rules:\n    - ${text}\n`)
  it('are read with their options', () => {
    expect(rules('{ rule: urls, allow: [example.org], points: [output] }').guardrails).toEqual({
      rules: [{ rule: 'urls', allow: ['example.org'], points: ['output'] }],
    })
  })
  it.each([
    ['{ rule: secret }', /^toolgate.yaml:3:15: .*no guardrail 'secret'; did you mean 'secrets'\?/],
    ['{ words: [a] }', /needs 'rule', the name of a guardrail/],
    ['{ rule: secrets, prefixs: [a] }', /toolgate.yaml:3:24: .*did you mean 'prefixes'\?/],
    ['{ rule: secrets, points: [inptu] }', /toolgate.yaml:3:\d+: guardrails.rules.0.points.0/],
    ['{ rule: pattern, pattern: "a(" }', /toolgate.yaml:3:7: .*missing closing \)/],
    ['{ rule: canary, strings: [a] }', /6 characters or more/],
    ['{ rule: urls, allow: ["a b"] }', /'a b' is not a host/],
    ['{ rule: json-schema, schema: { type: text } }', /schema is malformed at \/type/],
    [
      '{ rule: json-schema, schema: { properties: { a: { pattern: "(?i)x" } } } }',
      /pattern at #\/properties\/a\/pattern is no regular expression of ECMA-262/,
    ],
    ['{ rule: classifier, url: "ftp://a" }', /guardrails.rules.0.url/],
    ['{ rule: provenance }', /guardrails.rules.0.irreversible/],
    ['{ rule: provenance, irreversible: [] }', /guardrails.rules.0.irreversible/],
    ['{ rule: provenance, irreversibel: [pay] }', /did you mean 'irreversible'\?/],
    [
      '{ rule: provenance, irreversible: [pay], action: require-approval }',
      /rules.0.action: can only be 'refuse': at the gateway nobody can approve/,
    ],
    ['{ rule: provenance, irreversible: [pay], points: [input] }', /unknown key .*points/],
    ['{ rule: size, maxCharacters: 9, action: rewrite }', /unknown key .*action/],
  ])('%s is refused with its place', (text, message) => {
    expect(() => rules(text)).toThrow(message)
  })
  it('are for keys that there are', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'toolgate-config-')), 'toolgate.yaml')
    const text = 'guardrails: { rules: [{ rule: secrets, keys: [suport] }] }\n'
    writeFileSync(file, text)
    expect(() => loadConfig({ config: file }, { TOOLGATE_KEYS: 'support=key-of-it' })).toThrow(
      "guardrails.rules.0.keys: no key is called 'suport'; did you mean 'support'?",
    )
  })
  it('are explained in a line each, without what they look for', () => {
    const text = `guardrails:
  audit: a.jsonl
  deadline: 2s
  rules:
    - rule: canary
      strings: [blue-heron-77]
    - rule: keywords
      name: projects
      words: [xenon]
      action: rewrite
      points: [input]
      keys: [support]
    - rule: classifier
      url: http://me:secret@classify.test/?key=1
      models: [gpt-*]
    - rule: provenance
      irreversible: [pay]
`
    const file = join(mkdtempSync(join(tmpdir(), 'toolgate-config-')), 'toolgate.yaml')
    writeFileSync(file, text)
    const config = loadConfig({ config: file }, { TOOLGATE_KEYS: 'support=key-of-it' })
    const lines = explainConfig(config).join('\n')
    expect(lines).toContain(`guardrails     canary refuses at output, tool-arguments
guardrails     keywords 'projects' rewrites at input, for support
guardrails     classifier refuses at input, output, with gpt-*
guardrails     provenance refuses at tool-arguments
               streams wait for their end, because a classifier reads answers
               what takes more than 2000 ms refuses
audit log      a.jsonl`)
    expect(lines).not.toMatch(/heron|xenon|secret@/)
  })
})

describe('loadConfig', () => {
  it('has sane defaults: loopback, rehearsal, no keys', () => {
    expect(loadConfig({}, {})).toMatchObject({
      host: '127.0.0.1',
      port: 8665,
      keys: {},
      accounts: [],
      rehearsal: true,
      strict: false,
      maxBodyBytes: 33_554_432,
      log: 'info',
    })
  })
  it('lets the command line win over the environment', () => {
    const environment = { TOOLGATE_PORT: '9001', TOOLGATE_HOST: '0.0.0.0' }
    expect(loadConfig({}, environment)).toMatchObject({ port: 9001, host: '0.0.0.0' })
    expect(loadConfig({ port: '9000' }, environment).port).toBe(9000)
  })
  it('refuses what is no port', () => {
    expect(() => loadConfig({ port: '70000' }, {})).toThrow(ConfigError)
    expect(() => loadConfig({ port: '8x' }, {})).toThrow("--port: '8x' is not a port")
    expect(() => loadConfig({}, { TOOLGATE_PORT: 'x' })).toThrow('TOOLGATE_PORT')
  })
  it('makes a vendor live by its key', () => {
    const { accounts } = loadConfig({}, { OPENAI_API_KEY: 'sk-1', DEEPSEEK_API_KEY: ' ' })
    expect(accounts).toMatchObject([
      { name: 'openai-main', provider: 'openai', key: 'sk-1', source: 'OPENAI_API_KEY' },
    ])
  })
  it("reads clients' keys with and without names", () => {
    expect(loadConfig({}, { TOOLGATE_KEYS: 'ci=abc, def' }).keys).toEqual({
      ci: 'abc',
      'key-2': 'def',
    })
  })
})

describe('explainConfig', () => {
  it('says what is live and what is rehearsed, and shows no key', () => {
    const text = explainConfig(loadConfig({}, { OPENAI_API_KEY: 'sk-very-secret' })).join('\n')
    expect(text).toMatch(/live {7}openai-main {2}OpenAI, from OPENAI_API_KEY/)
    expect(text).toMatch(/rehearsal {2}anthropic-main/)
    expect(text).not.toContain('sk-very-secret')
  })
})

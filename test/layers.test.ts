import { describe, expect, it } from 'vitest'
import {
  importsOf,
  lineOf,
  modulesUnder,
  type SourceFile,
  targetOf,
  withoutComments,
} from './source-tree.ts'

/**
 * What each folder of `src/` may import besides itself. The files that stand in `src/` itself (the
 * program, the library and the testing entry) may import anything.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  wire: ['core'],
  schema: ['core'],
  store: ['core'],
  sandbox: ['core'],
  guardrails: ['core'],
  protocols: ['core', 'wire', 'schema'],
  providers: ['core', 'protocols'],
  emulation: ['core', 'wire'],
  // `wire`: whoever asks a model reads its bytes; the codecs take events.
  loop: ['core', 'wire', 'schema', 'protocols', 'sandbox', 'guardrails'],
  gateway: [
    ...['core', 'wire', 'schema', 'protocols', 'providers', 'store', 'guardrails'],
    ...['emulation'],
  ],
  config: ['core', 'schema', 'providers', 'guardrails', 'gateway'],
  server: [
    ...['core', 'wire', 'schema', 'protocols', 'providers', 'store', 'guardrails'],
    ...['gateway', 'config'],
  ],
  twins: [],
  testing: ['loop'],
  conformance: ['twins'],
  // `wire`: a server's events are read for their ids, before the SDK gets them.
  mcp: ['core', 'wire', 'loop'],
  commands: ['core', 'loop', 'sandbox', 'config', 'mcp'],
}

/** Folders that install nothing, and those of them that do no I/O: no built-in module either. */
const WITHOUT_PACKAGES = ['core', 'wire', 'protocols']
const WITHOUT_BUILTINS = ['core', 'protocols']
const CODECS = ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'converse']

const modules = modulesUnder('src')
/** Tests beside the source may use the test runner and what is beside them. */
const sources = modules.filter(file => !file.path.endsWith('.test.ts'))

function folderOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/')
  return rest.length === 0 ? '' : folder
}

function codecOf(path: string): string | undefined {
  const [, folder, codec = ''] = path.split('/')
  return folder === 'protocols' && CODECS.includes(codec) ? codec : undefined
}

/** Why a module may not import what it imports; `undefined` if it may. */
function objection(file: SourceFile, specifier: string): string | undefined {
  const folder = folderOf(file.path)
  if (folder === '') return undefined
  if (specifier.startsWith('node:'))
    return WITHOUT_BUILTINS.includes(folder) ? `${folder} does no I/O` : undefined
  if (!specifier.startsWith('.'))
    return WITHOUT_PACKAGES.includes(folder) ? `${folder} has no dependencies` : undefined
  const target = targetOf(file, specifier)
  if (!target.startsWith('src/')) return 'it stands outside src/'
  const [from, to] = [codecOf(file.path), codecOf(target)]
  if (from !== undefined && to !== undefined && from !== to) return 'codecs never import each other'
  const other = folderOf(target)
  if (other === folder || MAY_IMPORT[folder]?.includes(other)) return undefined
  return `${folder} may import only ${MAY_IMPORT[folder]?.join(', ') || 'itself'}`
}

describe('imports run one way', () => {
  it('knows every folder of src/', () => {
    const folders = new Set(modules.map(file => folderOf(file.path)).filter(name => name !== ''))
    expect([...folders].filter(name => !(name in MAY_IMPORT))).toEqual([])
  })

  it('finds the imports', () => {
    const counted = sources.flatMap(importsOf).length
    expect(counted).toBeGreaterThan(sources.length)
  })

  it('has no import against the direction', () => {
    const wrong = sources.flatMap(file =>
      importsOf(file).flatMap(specifier => {
        const why = objection(file, specifier)
        return why === undefined ? [] : [`${file.path} imports ${specifier}: ${why}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('lets the tests beside the source look no further than their layer', () => {
    // The official clients read what an encoder writes: readers that nobody here has written.
    const tools = [
      ...['vitest', 'fast-check', 'openai', '@anthropic-ai/sdk', 'zod'],
      '@smithy/eventstream-codec',
    ]
    const wrong = modules
      .filter(file => file.path.endsWith('.test.ts'))
      .flatMap(file =>
        importsOf(file)
          .filter(specifier => !tools.includes(specifier) && !specifier.startsWith('node:'))
          .filter(specifier => objection(file, specifier) !== undefined)
          .map(specifier => `${file.path} imports ${specifier}`),
      )
    expect(wrong).toEqual([])
  })

  it('writes the ending of each relative import', () => {
    const wrong = modules.flatMap(file =>
      importsOf(file)
        .filter(specifier => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier))
        .map(specifier => `${file.path} imports ${specifier}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('vendors', () => {
  const NAMES = [
    ...['openai', 'anthropic', 'claude', 'gpt', 'google', 'gemini', 'vertex', 'azure', 'bedrock'],
    ...['deepseek', 'qwen', 'dashscope', 'alibaba', 'mistral', 'groq', 'openrouter', 'xai', 'grok'],
    ...['togetherai', 'ollama', 'vllm', 'moonshot', 'kimi', 'zai', 'zhipu', 'glm', 'cohere'],
    ...['fireworks', 'cerebras', 'perplexity', 'nvidia', 'huggingface', 'minimax', 'sambanova'],
    ...['llama', 'litellm', 'lmstudio'],
  ]
  const NAME = new RegExp(`(?<![a-z])(${NAMES.join('|')})(?![a-z])`, 'gi')
  /** Two protocols are called as a vendor is; only the other codecs may not say those names. */
  const PROTOCOLS = ['anthropic', 'gemini']
  const LONG_PROTOCOL = /openai-?(chat|responses)/gi

  /** Where a vendor's name has to stand all the same. */
  const ALLOWED: { path: string; words: string[]; why: string }[] = [
    {
      path: 'src/protocols/openai-chat/reasoning.ts',
      words: ['anthropic', 'claude', 'google', 'gemini', 'azure', 'xai'],
      why: 'the values of `format` in reasoning_details are made of these names',
    },
    {
      path: 'src/protocols/openai-chat/message-encode.ts',
      words: ['google', 'gemini'],
      why: 'a value of `format` in reasoning_details',
    },
    {
      path: 'src/protocols/error-envelope.ts',
      words: ['openai'],
      why: 'the sentence of two protocols about a body that is no JSON',
    },
    {
      path: 'src/protocols/openai-chat/tool-call.ts',
      words: ['google'],
      why: 'the carrier of a signature is called extra_content.google',
    },
    {
      path: 'src/protocols/thought-signature.ts',
      words: ['google'],
      why: 'the family that signs its calls, and the name of its field',
    },
    {
      path: 'src/protocols/openai-chat/stream-decoder.ts',
      words: ['groq'],
      why: 'a wire field that carries usage is called x_groq',
    },
    {
      path: 'src/protocols/converse/reasoning.ts',
      words: ['anthropic'],
      why: 'the family of the state that signed reasoning holds here',
    },
    {
      path: 'src/protocols/gemini/error-encode.ts',
      words: ['google'],
      why: 'the types of error details are addresses of this name',
    },
    {
      path: 'src/server/route.ts',
      words: ['openai'],
      why: 'a path prefix that clients write',
    },
    {
      path: 'src/cli.ts',
      words: ['openai', 'anthropic', 'deepseek'],
      why: 'the help text gives examples',
    },
    {
      path: 'src/conformance/command.ts',
      words: ['gpt', 'claude'],
      why: 'the help text gives examples',
    },
    {
      path: 'src/conformance/vendors.ts',
      words: ['openai', 'google', 'gpt', 'claude', 'bedrock'],
      why: 'the doubles that a gateway is measured against, and a model of each',
    },
    {
      path: 'src/config/schema.ts',
      words: ['openai', 'deepseek'],
      why: 'the help text gives examples',
    },
  ]

  /** Each place of a module's code, comments left out, that names a vendor. */
  function namesIn(file: SourceFile): { word: string; line: number }[] {
    const codec = codecOf(file.path)
    // camelCase is cut into words.
    const code = withoutComments(file)
      .replace(LONG_PROTOCOL, match => (codec ? match : ' '.repeat(match.length)))
      .replace(/(?<=[a-z0-9])[A-Z]/g, '_$&')
    const own = codec ? [codec.split('-')[0]] : PROTOCOLS
    return [...code.matchAll(NAME)]
      .map(match => ({ word: match[0].toLowerCase(), line: lineOf(code, match.index) }))
      .filter(({ word }) => !own.includes(word))
  }

  it('are named only where their differences live', () => {
    const found = sources
      .filter(file => !['providers', 'twins'].includes(folderOf(file.path)))
      .flatMap(file => {
        const allowed = ALLOWED.find(({ path }) => path === file.path)?.words ?? []
        return namesIn(file)
          .filter(({ word }) => !allowed.includes(word))
          .map(({ word, line }) => `${file.path}:${line} names ${word}`)
      })
    expect(found).toEqual([])
  })

  it('are allowed nowhere that no longer names them', () => {
    const gone = ALLOWED.flatMap(({ path, words }) => {
      const file = sources.find(one => one.path === path)
      const named = file ? namesIn(file).map(({ word }) => word) : []
      // A protocol's name needs no permission outside the codecs.
      const needed = words.filter(word => codecOf(path) || !PROTOCOLS.includes(word))
      return needed.filter(word => !named.includes(word)).map(word => `${path} ${word}`)
    })
    expect(gone).toEqual([])
  })
})

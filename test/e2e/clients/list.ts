import { readFileSync } from 'node:fs'
import { AGENTS } from './agents/agents.ts'

/** A client, or a part of one, as a line of the page. */
export interface Client {
  /** Each name with its version. */
  readonly packages: readonly { readonly name: string; readonly version: string }[]
  readonly protocol: string
  /** What its tests do. */
  readonly ran: string
  /** Which tests are its own, by their full name after the promise's id. */
  readonly tests: RegExp
}

/** The vendors of the page, with the models that stand for them in the tests' names. */
export const COLUMNS = [
  { vendor: 'OpenAI', models: ['gpt-4o', 'gpt-5.4'] },
  { vendor: 'Anthropic', models: ['claude-sonnet-5'] },
  { vendor: 'Google', models: ['gemini-3.5-flash'] },
  { vendor: 'DeepSeek', models: ['deepseek-v4-pro'] },
] as const

const CHAT = 'Chat Completions'
const RESPONSES = 'Responses'
const MESSAGES = 'Messages'
const GEMINI = 'generateContent'

/** All clients, in the order of the page. */
export function clients(): Client[] {
  return [...packages(), ...scripts(), ...agents()]
}

function packages(): Client[] {
  const steps = '`generateText` and `streamText`, tools run in several steps'
  const bound = '`bindTools`, `invoke` and `stream`, results as tool messages'
  const agents = '`Runner.run` with an agent and a tool, whole and streamed'
  const rows: [names: string[], protocol: string, ran: string, tests: RegExp][] = [
    [
      ['openai'],
      CHAT,
      '`runTools` whole and streamed; the streaming helper, its message sent back',
      /^openai with (?!.*Responses)/,
    ],
    [
      ['openai'],
      RESPONSES,
      '`responses.create` and `responses.stream`, output sent back',
      /^openai with .*Responses/,
    ],
    [
      ['@anthropic-ai/sdk'],
      MESSAGES,
      '`toolRunner` whole and streamed; `messages.stream`, its message sent back',
      /^@anthropic-ai\/sdk /,
    ],
    [
      ['@google/genai'],
      GEMINI,
      'functions called by itself, chats answered by hand, both whole and streamed; tokens counted',
      /^@google\/genai /,
    ],
    [['ai', '@ai-sdk/openai'], CHAT, steps, /^ai with @ai-sdk\/openai over Chat/],
    [
      ['ai', '@ai-sdk/openai'],
      RESPONSES,
      `${steps}; with \`conversations\` in the configuration`,
      /^ai with @ai-sdk\/openai over Responses(?! without)/,
    ],
    [
      ['ai', '@ai-sdk/openai'],
      RESPONSES,
      `${steps}; with \`store: false\``,
      /^ai with @ai-sdk\/openai over Responses without store/,
    ],
    [['ai', '@ai-sdk/anthropic'], MESSAGES, steps, /^ai with @ai-sdk\/anthropic/],
    [['ai', '@ai-sdk/google'], GEMINI, steps, /^ai with @ai-sdk\/google/],
    [['@langchain/openai'], CHAT, bound, /^@langchain\/openai over Chat/],
    [['@langchain/openai'], RESPONSES, bound, /^@langchain\/openai over Responses/],
    [['@langchain/anthropic'], MESSAGES, bound, /^@langchain\/anthropic/],
    [['@langchain/google-genai'], GEMINI, bound, /^@langchain\/google-genai/],
    [['@openai/agents'], CHAT, agents, /^@openai\/agents with its chat model/],
    [['@openai/agents'], RESPONSES, agents, /^@openai\/agents with its model of Responses/],
  ]
  return rows.map(([names, protocol, ran, tests]) => {
    const found = names.map(name => ({ name, version: installed(name) }))
    return { packages: found, protocol, ran, tests }
  })
}

function scripts(): Client[] {
  const pinned = readFileSync(new URL('python/requirements.txt', import.meta.url), 'utf8')
  const version = (name: string) =>
    pinned.match(new RegExp(`^${name}==(.*)$`, 'm'))?.[1] ?? 'not pinned'
  const rows: [name: string, protocol: string, ran: string][] = [
    [
      'openai',
      `${CHAT}, ${RESPONSES}`,
      '`create` and the streaming helpers of both, answers sent back',
    ],
    ['anthropic', MESSAGES, '`tool_runner`, `create` and `stream`, whole and streamed'],
    [
      'google-genai',
      GEMINI,
      'chats with functions called by itself and by hand, whole and streamed',
    ],
  ]
  return rows.map(([name, protocol, ran]) => ({
    packages: [{ name: `${name} (Python)`, version: version(name) }],
    protocol,
    ran,
    tests: new RegExp(`^${name} for Python `),
  }))
}

function agents(): Client[] {
  return AGENTS.map(agent => ({
    packages: [{ name: agent.package, version: agent.version }],
    protocol: agent.protocol,
    ran: 'a session: two files read at once by its own tool, a third one written',
    tests: new RegExp(`^${agent.package} `),
  }))
}

function installed(name: string): string {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url)
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return String(Object(manifest).version)
}

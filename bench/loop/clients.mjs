// Who is measured.
import { readFileSync } from 'node:fs'

const folder = new URL('.', import.meta.url)

/** `file` is a module of clients/; `packages` are what its figures depend on. */
export const CLIENTS = [
  {
    id: 'toolgate',
    name: 'Toolgate `runTools`',
    file: 'toolgate',
    protocol: 'openai',
    packages: [],
  },
  { id: 'ai', name: 'Vercel AI SDK', file: 'ai-sdk', packages: ['ai', '@ai-sdk/openai'] },
  { id: 'openai', name: 'openai `runTools`', file: 'openai', packages: ['openai'] },
  {
    id: 'agents',
    name: 'OpenAI Agents SDK',
    file: 'openai-agents',
    packages: ['@openai/agents', 'openai'],
  },
  {
    id: 'anthropic',
    name: 'Anthropic `toolRunner`',
    file: 'anthropic',
    protocol: 'anthropic',
    packages: ['@anthropic-ai/sdk'],
  },
].map(client => ({ protocol: 'openai', ...client }))

/** Only for the overhead: the other protocol, and what nobody can go below. */
export const BESIDE = [
  { id: 'toolgate-messages', name: 'Toolgate `runTools`', file: 'toolgate', protocol: 'anthropic' },
  { id: 'floor', name: 'bare loop (the floor)', file: 'floor', protocol: 'openai' },
  { id: 'floor-messages', name: 'bare loop (the floor)', file: 'floor', protocol: 'anthropic' },
]

/** Version and demand on Node of an installed package, as it says itself. */
export function packageFacts(name) {
  const file = new URL(`node_modules/${name}/package.json`, folder)
  const { version, engines } = JSON.parse(readFileSync(file, 'utf8'))
  return { name, version, node: engines?.node }
}

import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { request } from 'undici'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { type StartTwinOptions, startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

/** A gateway before a twin whose models know no tools, and one that leaves calls in its text. */
export interface EmulationHouse {
  readonly gateway: RunningGateway
  /** Ollama's twin, as the account `here`. */
  readonly ollama: Twin
  /** A server of no special vendor, as the account `raw`. */
  readonly raw: Twin
  close(): Promise<void>
}

/** Builds it; close it when done. */
export async function buildEmulationHouse(
  model: TwinModel,
  transport: StartTwinOptions['transport'] = {},
): Promise<EmulationHouse> {
  const twin = (name: string) => {
    const vendor = TWIN_VENDORS[name]
    if (!vendor) throw new Error(`no twin of ${name}`)
    return startTwin({ vendor, model, seed: 5, transport })
  }
  const [ollama, raw] = await Promise.all([twin('ollama'), twin('compatible')])
  const config = loadConfig({ port: '0', rehearsal: false, log: 'silent' }, {})
  const gateway = await startGateway({
    ...config,
    graceMs: 500,
    limits: { backoffMs: 5 },
    accounts: [
      {
        name: 'here',
        provider: 'ollama',
        baseUrl: `${ollama.url}/v1`,
        aliases: { small: 'gemma3:4b', big: 'llama3.2' },
        emulatedTools: ['qwen3*'],
        source: 'test',
      },
      {
        name: 'raw',
        provider: 'openai-compatible',
        key: 'any',
        baseUrl: `${raw.url}/v1`,
        quirks: { rawCalls: 'any' },
        source: 'test',
      },
    ],
  })
  return {
    gateway,
    ollama,
    raw,
    async close() {
      await gateway.close()
      await Promise.all([ollama.close(), raw.close()])
    },
  }
}

/** One question, in words that all fronts can say. */
export interface Question {
  readonly model: string
  readonly choice?: 'auto' | 'none' | 'required' | { readonly name: string }
  readonly allowed?: readonly string[]
  readonly parallel?: false
  /** A finished step before: the calls, and what came of them. */
  readonly step?: {
    readonly calls: readonly { readonly id: string; readonly name: string; readonly city: string }[]
    readonly results: readonly { readonly id: string; readonly text: string }[]
  }
}

/** What came back, whatever the front. */
export interface Reply {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly finish: string
}

/** One way to ask. */
export type Front = (url: string, question: Question, stream: boolean) => Promise<Reply>

const WORDS = 'What is the weather in Oslo and in Rome?'
const city = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
}
const TOOLS = [
  { name: 'get_weather', description: 'Get the weather of a city', parameters: city },
  { name: 'get_time', description: 'Get the time in a city', parameters: city },
]

async function askChat(url: string, question: Question, stream: boolean): Promise<Reply> {
  const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 })
  const { choice, allowed, parallel, step } = question
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: WORDS }]
  if (step) {
    messages.push({
      role: 'assistant',
      content: null,
      tool_calls: step.calls.map(({ id, name, city }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify({ city }) },
      })),
    })
    for (const { id, text } of step.results)
      messages.push({ role: 'tool', tool_call_id: id, content: text })
  }
  const named = typeof choice === 'object' ? choice.name : undefined
  const chosen: OpenAI.ChatCompletionToolChoiceOption | undefined = allowed
    ? {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'auto',
          tools: allowed.map(name => ({ type: 'function', function: { name } })),
        },
      }
    : named === undefined
      ? (typeof choice === 'string' && choice) || undefined
      : { type: 'function', function: { name: named } }
  const body = {
    model: question.model,
    messages,
    tools: TOOLS.map(tool => ({ type: 'function' as const, function: tool })),
    ...(chosen ? { tool_choice: chosen } : {}),
    ...(parallel === false ? { parallel_tool_calls: false } : {}),
  }
  const answer = stream
    ? await client.chat.completions.stream(body).finalChatCompletion()
    : await client.chat.completions.create(body)
  const [first] = answer.choices
  const calls = (first?.message.tool_calls ?? []).flatMap(call =>
    call.type === 'function' ? [call.function] : [],
  )
  return {
    text: first?.message.content ?? '',
    calls: calls.map(call => ({ name: call.name, arguments: JSON.parse(call.arguments) })),
    finish: first?.finish_reason === 'tool_calls' ? 'calls' : String(first?.finish_reason),
  }
}

async function askMessages(url: string, question: Question, stream: boolean): Promise<Reply> {
  const client = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 })
  const { choice, allowed, parallel, step } = question
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: WORDS }]
  if (step) {
    messages.push({
      role: 'assistant',
      content: step.calls.map(({ id, name, city }) => ({
        type: 'tool_use',
        id,
        name,
        input: { city },
      })),
    })
    messages.push({
      role: 'user',
      content: step.results.map(({ id, text }) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: text,
      })),
    })
  }
  const once = parallel === false ? { disable_parallel_tool_use: true } : {}
  const word = choice === 'required' ? 'any' : choice === 'none' ? 'none' : 'auto'
  const chosen: Anthropic.ToolChoice =
    typeof choice === 'object'
      ? { type: 'tool', name: choice.name, ...once }
      : word === 'none'
        ? { type: 'none' }
        : { type: word, ...once }
  const body = {
    model: question.model,
    max_tokens: 500,
    messages,
    // This protocol says a subset by telling no more than it.
    tools: TOOLS.filter(({ name }) => allowed?.includes(name) !== false).map(
      ({ parameters, ...tool }) => ({ ...tool, input_schema: parameters }),
    ),
    ...(choice || once.disable_parallel_tool_use ? { tool_choice: chosen } : {}),
  }
  const answer = stream
    ? await client.messages.stream(body).finalMessage()
    : await client.messages.create(body)
  return {
    text: answer.content.map(block => (block.type === 'text' ? block.text : '')).join(''),
    calls: answer.content.flatMap(block =>
      block.type === 'tool_use' ? [{ name: block.name, arguments: block.input }] : [],
    ),
    finish: { tool_use: 'calls', end_turn: 'stop' }[String(answer.stop_reason)] ?? 'other',
  }
}

/** An answer that was an error. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Chunk {
  candidates?: {
    finishReason?: string
    content?: { parts?: { text?: string; functionCall?: { name: string; args: unknown } }[] }
  }[]
}

async function askGemini(url: string, question: Question, stream: boolean): Promise<Reply> {
  const { choice, allowed, step } = question
  const contents: object[] = [{ role: 'user', parts: [{ text: WORDS }] }]
  if (step) {
    const names = new Map(step.calls.map(({ id, name }) => [id, name]))
    const parts = step.calls.map(({ name, city }) => ({ functionCall: { name, args: { city } } }))
    contents.push({ role: 'model', parts })
    contents.push({
      role: 'user',
      parts: step.results.map(({ id, text }) => ({
        functionResponse: { name: names.get(id), response: { output: text } },
      })),
    })
  }
  const named = typeof choice === 'object' ? [choice.name] : allowed
  const forced = choice === 'required' || typeof choice === 'object'
  // A subset is said with VALIDATED, which lets the model answer in words too.
  const mode = choice === 'none' ? 'NONE' : forced ? 'ANY' : named ? 'VALIDATED' : 'AUTO'
  const config = { mode, ...(named ? { allowedFunctionNames: named } : {}) }
  const method = stream ? 'streamGenerateContent' : 'generateContent'
  const answer = await request(`${url}/v1beta/models/${question.model}:${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      contents,
      tools: [{ functionDeclarations: TOOLS }],
      toolConfig: { functionCallingConfig: config },
    }),
  })
  const body = await answer.body.text()
  if (answer.statusCode !== 200) throw new Refused(answer.statusCode, body)
  const told: Chunk | Chunk[] = JSON.parse(body)
  const chunks = Array.isArray(told) ? told : [told]
  const parts = chunks.flatMap(chunk => chunk.candidates?.[0]?.content?.parts ?? [])
  const calls = parts.flatMap(part => (part.functionCall ? [part.functionCall] : []))
  return {
    text: parts.map(part => part.text ?? '').join(''),
    calls: calls.map(call => ({ name: call.name, arguments: call.args })),
    // The reason is STOP with calls, too.
    finish: calls.length > 0 ? 'calls' : 'stop',
  }
}

/** The fronts by name: two over the official packages, the third as one JSON list when streamed. */
export const FRONTS: readonly (readonly [string, Front])[] = [
  ['chat', askChat],
  ['messages', askMessages],
  ['gemini', askGemini],
]

import fc from 'fast-check'
import type { JsonObject } from '../../src/core/json.ts'
import type {
  AssistantPart,
  MediaSource,
  Message,
  ResultPart,
  UserPart,
} from '../../src/core/message.ts'
import {
  EFFORTS,
  type FunctionTool,
  type ModelRequest,
  type ReasoningSettings,
  type ToolChoice,
} from '../../src/core/request.ts'
import {
  type FinishKind,
  finishKind,
  type ModelResponse,
  type Usage,
} from '../../src/core/response.ts'

const WANTED = process.env['TOOLGATE_SEED'] ?? '20261121'

/**
 * The same draw each time, so that a failure is nobody's bad luck; `TOOLGATE_SEED=random` draws anew,
 * and a number repeats a draw.
 */
export const SEED = WANTED === 'random' ? 1 + (Date.now() % 2_147_483_645) : Number(WANTED)
fc.configureGlobal({ seed: SEED })

/** The protocols that the laws are held against. */
export const SPOKEN = ['openai-chat', 'anthropic'] as const

/** One of them. */
export type Spoken = (typeof SPOKEN)[number]

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function lettersOf(length: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(...LETTERS),
    minLength: length,
    maxLength: length,
  })
}

/** Text that says something: not blank. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(value => value.trim() !== ''),
  fc.constantFrom('Hello', 'a\nb', ' spaced ', '{"a":1.0}', '🙂', '"', '\\', 'data: [DONE]\n\n'),
)

const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map(bytes => Buffer.from(bytes).toString('base64'))

export const toolName = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/)

/** The text of an object of arguments, numbers that do not survive parsing among them. */
export const argumentsText: fc.Arbitrary<string> = fc.oneof(
  fc
    .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    .map(value => JSON.stringify(value)),
  fc.constantFrom('{}', '{"a":1.0}', '{"n":12345678901234567890,"e":1e5}', '{"b":1,"10":2,"1":3}'),
  fc.constantFrom('{"__proto__":{"x":1}}', '{"a":[0.10,-0]}', '{"k":"\\u0031 žš"}'),
)

const schema: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant<JsonObject>({ type: 'object' }),
  fc.constant<JsonObject>({
    type: 'object',
    properties: { city: { type: 'string', minLength: 1 }, n: { type: ['integer', 'null'] } },
    required: ['city'],
    additionalProperties: false,
  }),
  fc.constant<JsonObject>({
    type: 'object',
    properties: { list: { $ref: '#/$defs/l' } },
    $defs: { l: { type: 'array', items: { enum: [1, 'a', null] } } },
  }),
)

const functionTool: fc.Arbitrary<FunctionTool> = fc.record(
  {
    kind: fc.constant('function' as const),
    name: toolName,
    description: text,
    parameters: schema,
    strict: fc.constant(true),
  },
  { requiredKeys: ['kind', 'name', 'parameters'] },
)

function mediaSource(kinds: readonly MediaSource['kind'][], mediaType: string) {
  const sources: fc.Arbitrary<MediaSource>[] = []
  if (kinds.includes('base64'))
    sources.push(base64.map(data => ({ kind: 'base64', mediaType, data })))
  if (kinds.includes('url'))
    sources.push(
      lettersOf(6).map(name => ({ kind: 'url', url: `https://example.com/${name}.bin` })),
    )
  if (kinds.includes('file'))
    sources.push(lettersOf(8).map(id => ({ kind: 'file', id: `file-${id}` })))
  if (kinds.includes('text'))
    sources.push(text.map(held => ({ kind: 'text', mediaType: 'text/plain', text: held })))
  return fc.oneof(...sources)
}

const textPart = text.map(value => ({ type: 'text' as const, text: value }))

function image(protocol: Spoken) {
  const kinds =
    protocol === 'anthropic' ? (['base64', 'url', 'file'] as const) : (['base64', 'url'] as const)
  return mediaSource(kinds, 'image/png').map(source => ({ type: 'image' as const, source }))
}

function userPart(protocol: Spoken): fc.Arbitrary<UserPart> {
  const documents =
    protocol === 'anthropic'
      ? (['base64', 'url', 'file', 'text'] as const)
      : (['base64', 'file'] as const)
  const document = fc
    .tuple(mediaSource(documents, 'application/pdf'), fc.option(text, { nil: undefined }))
    .map(([source, name]) => ({
      type: 'document' as const,
      source,
      ...(name === undefined ? {} : { name }),
    }))
  const audio = base64.map(data => ({
    type: 'audio' as const,
    source: { kind: 'base64' as const, mediaType: 'audio/wav', data },
  }))
  const arms: fc.Arbitrary<UserPart>[] = [textPart, image(protocol), document]
  if (protocol === 'openai-chat') arms.push(audio)
  return fc.oneof(...arms)
}

/** Reasoning that the Messages protocol itself made. */
const ownReasoning: fc.Arbitrary<AssistantPart> = fc
  .tuple(text, base64, fc.constantFrom('signature' as const, 'redacted' as const))
  .map(([said, data, kind]) => ({
    type: 'reasoning',
    text: kind === 'redacted' ? '' : said,
    state: { family: 'anthropic', kind, data },
  }))

/** A call and what answers it. */
interface Exchange {
  readonly name: string
  readonly arguments: string
  readonly results: readonly ResultPart[]
  readonly isError: boolean
}

function exchange(protocol: Spoken): fc.Arbitrary<Exchange> {
  const inside: fc.Arbitrary<ResultPart> =
    protocol === 'anthropic' ? fc.oneof(textPart, image(protocol)) : textPart
  return fc.record({
    name: toolName,
    arguments: argumentsText,
    results: fc.array(inside, { maxLength: 2 }),
    isError: protocol === 'anthropic' ? fc.boolean() : fc.constant(false),
  })
}

interface Turn {
  readonly user: readonly UserPart[]
  readonly reasoning: readonly AssistantPart[]
  readonly said: readonly AssistantPart[]
  readonly calls: readonly Exchange[]
  readonly followUp: readonly UserPart[]
}

function turn(protocol: Spoken): fc.Arbitrary<Turn> {
  const refusal = text.map(value => ({ type: 'refusal' as const, text: value }))
  return fc.record({
    user: fc.array(userPart(protocol), { minLength: 1, maxLength: 3 }),
    reasoning:
      protocol === 'anthropic' ? fc.array(ownReasoning, { maxLength: 2 }) : fc.constant([]),
    said:
      protocol === 'anthropic'
        ? fc.array<AssistantPart>(textPart, { maxLength: 2 })
        : fc
            .tuple(fc.array(textPart, { maxLength: 2 }), fc.array(refusal, { maxLength: 1 }))
            .map(([texts, refusals]) => [...texts, ...refusals]),
    calls: fc.array(exchange(protocol), { maxLength: 3 }),
    followUp:
      protocol === 'anthropic' ? fc.array(userPart(protocol), { maxLength: 2 }) : fc.constant([]),
  })
}

/** A conversation that a vendor takes: each call answered, and the last word not the model's. */
function conversation(protocol: Spoken): fc.Arbitrary<Message[]> {
  const voice =
    protocol === 'anthropic'
      ? fc.constant('system' as const)
      : fc.constantFrom('system' as const, 'developer' as const)
  return fc
    .tuple(
      fc.option(fc.tuple(voice, fc.array(textPart, { minLength: 1, maxLength: 2 }))),
      fc.array(turn(protocol), { maxLength: 3 }),
      fc.array(userPart(protocol), { minLength: 1, maxLength: 2 }),
    )
    .map(([system, turns, last]) => {
      const messages: Message[] = []
      if (system) messages.push({ role: 'system', voice: system[0], content: system[1], at: -1 })
      let counted = 0
      for (const { user, reasoning, said, calls, followUp } of turns) {
        const ids = calls.map(() => `call_${++counted}`)
        const content: AssistantPart[] = [
          ...reasoning,
          ...said,
          ...calls.map((call, i) => ({
            type: 'tool-call' as const,
            id: ids[i] ?? '',
            name: call.name,
            arguments: call.arguments,
            kind: 'function' as const,
          })),
        ]
        if (content.length === 0) continue
        // What the user adds to results stands in the same turn on this wire.
        if (messages.at(-1)?.role !== 'user') messages.push({ role: 'user', content: user, at: -1 })
        messages.push({ role: 'assistant', content, at: -1 })
        if (calls.length > 0)
          messages.push({
            role: 'tool',
            at: -1,
            content: calls.map((call, i) => ({
              type: 'tool-result' as const,
              callId: ids[i] ?? '',
              content: call.results,
              at: -1,
              ...(call.isError ? { isError: true } : {}),
            })),
          })
        if (calls.length > 0 && followUp.length > 0)
          messages.push({ role: 'user', content: followUp, at: -1 })
      }
      if (messages.at(-1)?.role !== 'user') messages.push({ role: 'user', content: last, at: -1 })
      return messages
    })
}

function choice(protocol: Spoken, tools: readonly FunctionTool[]): fc.Arbitrary<ToolChoice> {
  const names = tools.map(tool => tool.name)
  const arms: fc.Arbitrary<ToolChoice>[] = [
    fc.constantFrom<ToolChoice>({ mode: 'auto' }, { mode: 'required' }, { mode: 'none' }),
    fc.constantFrom(...names).map(name => ({ mode: 'tool', name })),
  ]
  if (protocol === 'openai-chat')
    arms.push(
      fc
        .tuple(
          fc.constantFrom('auto' as const, 'required' as const),
          fc.subarray(names, { minLength: 1 }),
        )
        .map(([mode, allowed]) => ({ mode, allowed })),
    )
  return fc.oneof(...arms)
}

function reasoning(protocol: Spoken): fc.Arbitrary<ReasoningSettings> {
  const effort = fc.constantFrom(...EFFORTS)
  if (protocol === 'openai-chat') return effort.map(value => ({ effort: value }))
  const words = effort.filter(value => value !== 'none' && value !== 'minimal')
  return fc.oneof(
    words.map(value => ({ effort: value })),
    fc.integer({ min: 1024, max: 4000 }).map(budget => ({ mode: 'budget' as const, budget })),
    fc.constantFrom<ReasoningSettings>(
      { mode: 'off' },
      { mode: 'adaptive' },
      { mode: 'between-tools' },
      { mode: 'adaptive', display: 'summarized' },
      { mode: 'adaptive', effort: 'low' },
    ),
  )
}

const fraction = fc.integer({ min: 0, max: 100 }).map(value => value / 100)

/** Settings that the protocol has a field for. */
function settings(protocol: Spoken): fc.Arbitrary<Partial<ModelRequest>> {
  const stop = fc.array(text, { minLength: 1, maxLength: 4 })
  const jsonSchema = schema.map(value => ({ type: 'json-schema' as const, schema: value }))
  const shared = {
    stop,
    temperature: fraction,
    topP: fraction,
    user: text,
    reasoning: reasoning(protocol),
  }
  if (protocol === 'anthropic')
    return fc.record(
      {
        ...shared,
        maxTokens: fc.integer({ min: 5000, max: 100_000 }),
        topK: fc.integer({ min: 1, max: 500 }),
        output: jsonSchema,
        cache: fc.constantFrom({}, { ttl: '1h' }),
        serviceTier: fc.constantFrom('auto', 'standard_only'),
      },
      { requiredKeys: ['maxTokens'] },
    )
  return fc.record(
    {
      ...shared,
      maxTokens: fc.integer({ min: 1, max: 100_000 }),
      seed: fc.integer(),
      verbosity: fc.constantFrom('low', 'medium', 'high'),
      metadata: fc.dictionary(lettersOf(4), text, { minKeys: 1, maxKeys: 2 }),
      serviceTier: fc.constantFrom('auto', 'flex', 'priority'),
      output: fc.oneof(
        fc.constant({ type: 'json' as const }),
        jsonSchema.map(value => ({ ...value, name: 'answer', strict: true })),
      ),
    },
    { requiredKeys: [] },
  )
}

/** A request that the protocol can say in full. */
export function requestFor(protocol: Spoken): fc.Arbitrary<ModelRequest> {
  const tools = fc.uniqueArray(functionTool, { maxLength: 3, selector: tool => tool.name })
  return fc
    .tuple(conversation(protocol), tools, settings(protocol), fc.boolean())
    .chain(([messages, declared, more, stream]) => {
      const base = fitting({
        protocol,
        model: 'model-1',
        messages,
        tools: declared,
        stream,
        bound: [],
        ...more,
      })
      if (declared.length === 0) return fc.constant(base)
      return fc
        .tuple(fc.option(choice(protocol, declared)), fc.boolean())
        .map(([toolChoice, single]) => ({
          ...base,
          ...(toolChoice && isTaken(toolChoice, base) ? { toolChoice } : {}),
          ...(single && toolChoice?.mode !== 'none' ? { parallel: false } : {}),
        }))
    })
}

/** A demand for a call does not go with thinking by budget (Claude docs, 2026-10). */
function isTaken(toolChoice: ToolChoice, request: ModelRequest): boolean {
  const forced = toolChoice.mode === 'required' || toolChoice.mode === 'tool'
  return !(forced && request.reasoning?.mode === 'budget')
}

/** Nor does a tool loop that began without thinking: then the budget is left out here. */
function fitting(request: ModelRequest): ModelRequest {
  if (request.reasoning?.mode !== 'budget') return request
  if (request.messages.every(message => message.role !== 'tool')) return request
  const { reasoning: _, ...rest } = request
  return rest
}

const usage: fc.Arbitrary<Usage> = fc
  .tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000))
  .map(([plain, cached, cacheWrite, spoken, thought]) => ({
    input: plain + cached + cacheWrite,
    output: spoken + thought,
    cached,
    cacheWrite,
    reasoning: thought,
  }))

/** Why an answer may end, calls aside. */
const FINISHES: readonly FinishKind[] = [
  ...(['stop', 'stop-sequence', 'length', 'content-filter', 'refusal', 'pause', 'other'] as const),
]

const call: fc.Arbitrary<AssistantPart> = fc
  .tuple(toolName, argumentsText)
  .map(([name, value]) => ({
    type: 'tool-call',
    id: '',
    name,
    arguments: value,
    kind: 'function',
  }))

const said: fc.Arbitrary<AssistantPart> = text.map(value => ({ type: 'text', text: value }))
const refused: fc.Arbitrary<AssistantPart> = text.map(value => ({ type: 'refusal', text: value }))
const thought: fc.Arbitrary<AssistantPart> = text.map(value => ({ type: 'reasoning', text: value }))

/** The content of an answer: who refuses does not call, and one vendor makes all the reasoning. */
const content: fc.Arbitrary<AssistantPart[]> = fc.oneof(
  fc.array(fc.oneof(said, call, ownReasoning), { maxLength: 5 }),
  fc.array(fc.oneof(said, call, thought), { maxLength: 5 }),
  fc.array(fc.oneof(said, refused), { maxLength: 3 }),
)

/** Any answer of any vendor: what fronts must be able to say, as far as they have words. */
export const response: fc.Arbitrary<ModelResponse> = fc
  .tuple(content, fc.constantFrom(...FINISHES), usage)
  .map(([parts, kind, counted]) => {
    const hasCalls = parts.some(part => part.type === 'tool-call')
    return {
      id: 'answer-1',
      model: 'model-1',
      content: parts.map((part, i) =>
        part.type === 'tool-call' ? { ...part, id: `call_${i}` } : part,
      ),
      finish: { kind: finishKind(kind, hasCalls), raw: kind },
      usage: counted,
    }
  })

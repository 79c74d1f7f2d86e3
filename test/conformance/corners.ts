import {
  type Answer,
  type Ask,
  type AskMessage,
  DIALECTS,
  type Dialect,
} from '../../src/conformance/ask.ts'
import type { Fault } from '../../src/twins/faults.ts'
import type { TwinTurn } from '../../src/twins/model.ts'
import type { Backing } from './case.ts'
import { call, DOT, PING, TIME, text, user, WEATHER } from './cases/tools.ts'

/** One corner where two protocols do not meet: what a client sends, and what the model says. */
export interface Corner {
  readonly corner: string
  /** The client's protocol: one that can say it. */
  readonly front: Dialect
  readonly asks: readonly ((before: readonly Answer[]) => Ask)[]
  /** What the model says, one for each ask. Default: one text. */
  readonly turns?: readonly TwinTurn[]
  /** What the model says when the gateway asks again at once. */
  readonly next?: TwinTurn
  readonly models?: { readonly [B in Backing]?: string }
  readonly stream?: true
  /** How the vendor misbehaves. */
  readonly fault?: Fault
  /** What is to be seen of the last answer, besides what was told. */
  readonly see?: (answer: Answer) => string
  /** The only vendors that it concerns. */
  readonly backs?: readonly Backing[]
}

const paris = call('get_weather', '{"city":"Paris"}')
const DONE: TwinTurn = { blocks: [text('Done.')] }
const thinks = {
  'openai-chat': 'o3-mini',
  'openai-responses': 'gpt-5.6-sol',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-3-flash-preview',
  converse: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
} as const

/** A question, its calls, and what came of them. */
function round(more: {
  readonly front: Dialect
  readonly corner: string
  readonly blocks?: TwinTurn['blocks']
  readonly came?: { readonly text: string; readonly isError?: true; readonly image?: string }
  readonly ask?: Partial<Ask>
  readonly models?: Corner['models']
  readonly see?: Corner['see']
}): Corner {
  const { front, corner, blocks = [paris], came = { text: '20' }, ask = {}, models, see } = more
  const base: Ask = { messages: [user('Weather?')], tools: [WEATHER, TIME], ...ask }
  return {
    corner,
    front,
    ...(models ? { models } : {}),
    ...(see ? { see } : {}),
    turns: [{ blocks }, DONE],
    asks: [
      () => base,
      ([answer]) => {
        if (!answer) throw new Error('no answer')
        const results = answer.blocks.flatMap(block =>
          block.type === 'call' ? [{ callId: block.id, ...came }] : [],
        )
        const echo: AskMessage = { role: 'echo', answer }
        return { ...base, messages: [...base.messages, echo, { role: 'results', results }] }
      },
    ],
  }
}

/** One question with fields in the protocol's own words. */
function asks(
  corner: string,
  front: Dialect,
  ask: Partial<Ask>,
  more: Partial<Corner> = {},
): Corner {
  return { corner, front, asks: [() => ({ messages: [user('Hello')], ...ask })], ...more }
}

const chat = (corner: string, fields: object, more: Partial<Corner> = {}): Corner =>
  asks(corner, 'openai-chat', { more: { 'openai-chat': fields } }, more)

const fn = (name: string, parameters: object = { type: 'object', properties: {} }) => ({
  type: 'function',
  function: { name, parameters },
})
const callOf = (id: string, args = '{"city":"Paris"}') => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'get_weather', arguments: args } }],
})
const resultOf = (id: string) => ({ role: 'tool', tool_call_id: id, content: '20' })
const told = { role: 'user', content: 'Weather?' }
const weatherTool = [fn('get_weather', WEATHER.parameters)]
const history = (...messages: object[]) => ({ messages: [told, ...messages], tools: weatherTool })

/** Requests whose history or tools other protocols hold to other rules. */
const HISTORIES: readonly Corner[] = [
  round({
    corner: 'a call and its result, matched by an id that some vendors do not have',
    front: 'openai-chat',
  }),
  chat(
    'a call id of 60 characters',
    history(callOf(`call_${'x'.repeat(55)}`), resultOf(`call_${'x'.repeat(55)}`)),
  ),
  chat(
    'an id that two turns share',
    history(callOf('call_0'), resultOf('call_0'), callOf('call_0'), resultOf('call_0')),
  ),
  round({
    corner: 'a result that is an error',
    front: 'anthropic',
    came: { text: 'down', isError: true },
  }),
  round({
    corner: 'a picture in a result',
    front: 'anthropic',
    came: { text: 'A map:', image: DOT },
  }),
  asks('user text in the message of results', 'anthropic', {
    tools: [WEATHER],
    more: {
      anthropic: {
        messages: [
          told,
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'toolu_1', content: '20' },
              { type: 'text', text: 'And?' },
            ],
          },
        ],
      },
    },
  }),
  round({
    corner: 'text between calls',
    front: 'anthropic',
    blocks: [text('First. '), paris, text('Second.'), call('get_time', '{"zone":"UTC"}')],
  }),
  chat(
    'arguments in the history that are not JSON',
    history(callOf('call_1', '{"city":"Par'), resultOf('call_1')),
  ),
  round({
    corner: 'numbers beyond a double, in arguments',
    front: 'openai-chat',
    blocks: [call('get_weather', '{"city":"x","n":12345678901234567890,"x":1.0}')],
  }),
  chat('a result without its call', history(resultOf('call_1'))),
  chat('a call without its result', history(callOf('call_1'), { role: 'user', content: 'Well?' })),
  chat('a system message in the middle', {
    messages: [
      told,
      { role: 'assistant', content: 'Sunny.' },
      { role: 'system', content: 'In French.' },
      told,
    ],
  }),
  chat('instructions by a developer', {
    messages: [{ role: 'developer', content: 'Be brief.' }, told],
  }),
  chat('a last message of the assistant (prefill)', {
    messages: [told, { role: 'assistant', content: 'It is' }],
  }),
  chat('an assistant text of blanks', {
    messages: [told, { role: 'assistant', content: ' ' }, told],
  }),
]

/** Tools and the choice among them. */
const TOOLS: readonly Corner[] = [
  asks('parallel calls off', 'openai-chat', { tools: [WEATHER, TIME], parallel: false }),
  asks(
    'a forced call with reasoning',
    'openai-chat',
    { tools: [WEATHER], choice: { mode: 'required' }, thinking: true },
    { models: thinks, turns: [{ blocks: [paris] }] },
  ),
  asks('no call, but tools', 'openai-chat', { tools: [WEATHER], choice: { mode: 'none' } }),
  chat('an empty list of tools', { tools: [] }),
  asks('a subset of tools, may', 'openai-chat', {
    tools: [WEATHER, TIME, PING],
    choice: { mode: 'auto', allowed: ['get_weather', 'ping'] },
  }),
  asks(
    'a free-text tool',
    'openai-chat',
    { tools: [{ name: 'run_sql', custom: true }] },
    { models: { 'openai-chat': 'gpt-5', 'openai-responses': 'gpt-5' } },
  ),
  asks(
    'a free-text tool with a grammar',
    'openai-chat',
    {
      moreTools: {
        'openai-chat': [
          {
            type: 'custom',
            custom: {
              name: 'run',
              format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'a+' } },
            },
          },
        ],
      },
    },
    { models: { 'openai-chat': 'gpt-5', 'openai-responses': 'gpt-5' } },
  ),
  asks('a tool that the vendor runs', 'openai-responses', {
    moreTools: { 'openai-responses': [{ type: 'web_search' }] },
  }),
  asks(
    'functions with a model that takes them over Responses only',
    'openai-chat',
    { tools: [WEATHER] },
    {
      backs: ['openai-chat', 'openai-responses'],
      models: { 'openai-chat': 'gpt-5.6-sol', 'openai-responses': 'gpt-5.6-sol' },
    },
  ),
  chat('a schema with references and alternatives', {
    tools: [
      fn('pick', {
        type: 'object',
        properties: {
          a: { $ref: '#/$defs/A' },
          b: { oneOf: [{ type: 'string' }, { type: 'integer', exclusiveMinimum: 0 }] },
        },
        $defs: { A: { type: ['string', 'null'], pattern: '^a' } },
      }),
    ],
  }),
  asks('a strict tool with an optional parameter', 'anthropic', {
    tools: [
      {
        name: 'locate',
        strict: true,
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' }, unit: { type: 'string' } },
          required: ['city'],
          additionalProperties: false,
        },
      },
    ],
  }),
  asks('a tool name with dots', 'gemini', { tools: [{ name: 'weather.get:now' }] }),
  chat('two tools of one name', { tools: [...weatherTool, ...weatherTool] }),
  chat(
    'the deprecated functions',
    {
      functions: [{ name: 'get_weather', parameters: WEATHER.parameters }],
      function_call: 'auto',
    },
    {
      turns: [{ blocks: [paris] }],
      backs: ['openai-responses', 'anthropic', 'gemini', 'converse'],
    },
  ),
]

/** Settings of a request. */
const SETTINGS: readonly Corner[] = [
  asks('an answer that the vendor holds', 'openai-responses', {
    more: { 'openai-responses': { previous_response_id: 'resp_none' } },
  }),
  chat('stop sequences', { stop: ['END'] }),
  chat(
    'several answers at once',
    { n: 2 },
    { backs: ['openai-responses', 'anthropic', 'gemini', 'converse'] },
  ),
  chat(
    'log probabilities',
    { logprobs: true },
    { backs: ['openai-responses', 'anthropic', 'gemini', 'converse'] },
  ),
  chat('a bias of tokens', { logit_bias: { '50256': -100 } }),
  chat('a predicted output', { prediction: { type: 'content', content: 'x' } }),
  chat('a seed', { seed: 7 }),
  chat('a temperature above 1', { temperature: 1.5 }),
  chat('no limit of tokens', {}),
  chat('a limit below 16 tokens', { max_completion_tokens: 5 }),
  asks('a thinking budget', 'anthropic', { thinking: true }, { models: thinks }),
  asks('a mark for the cache', 'anthropic', {
    more: {
      anthropic: {
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'Hello', cache_control: { type: 'ephemeral' } }],
          },
        ],
      },
    },
  }),
  ...[
    { corner: 'an answer held to a schema with an optional property', schema: WEATHER.parameters },
    {
      corner: 'an answer held to a map',
      schema: { type: 'object', additionalProperties: { type: 'integer' } },
    },
  ].map(({ corner, schema }) =>
    asks(
      corner,
      'anthropic',
      { more: { anthropic: { output_config: { format: { type: 'json_schema', schema } } } } },
      { backs: ['openai-chat', 'openai-responses', 'gemini'] },
    ),
  ),
  chat('metadata', { metadata: { team: 'a' } }),
]

const end = (answer: Answer) => `ends with \`${answer.end}\``

const wordsOf = (block: Answer['blocks'][number]) =>
  block.type === 'text' ? block.text.trim() : ''

const argumentsOf = (block: Answer['blocks'][number]) =>
  block.type === 'call' ? `arguments \`${block.arguments}\`` : block.type

/** What a vendor answers. */
const ANSWERS: readonly Corner[] = [
  round({
    corner: 'reasoning state, echoed',
    front: 'openai-chat',
    blocks: [{ type: 'reasoning', text: 'Hm.' }, paris],
    ask: { thinking: true },
    models: thinks,
  }),
  asks(
    'a refusal, for a client of Chat Completions',
    'openai-chat',
    {},
    {
      turns: [{ blocks: [], end: 'refusal', refusal: 'No.' }],
      see: end,
    },
  ),
  asks(
    'a refusal, for a client of Messages',
    'anthropic',
    {},
    {
      turns: [{ blocks: [], end: 'refusal', refusal: 'No.' }],
      see: end,
    },
  ),
  asks(
    'a filtered answer',
    'openai-chat',
    {},
    {
      turns: [{ blocks: [text('So')], end: 'content-filter' }],
      see: end,
    },
  ),
  asks(
    'arguments cut off by the limit, for a client of Messages',
    'anthropic',
    { tools: [WEATHER] },
    {
      turns: [{ blocks: [text('Looking. '), call('get_weather', '{"city":"Par')], end: 'length' }],
      see: answer => `${end(answer)}, ${answer.blocks.length - 1} calls`,
    },
  ),
  ...DIALECTS.map(front =>
    asks(
      'a call that cannot be read',
      front,
      { tools: [WEATHER] },
      {
        turns: [{ blocks: [call('get_weather', '{"city":"Par')] }],
        see: answer => [end(answer), ...answer.blocks.map(argumentsOf)].join(', '),
      },
    ),
  ),
  ...DIALECTS.map(front =>
    asks(
      'a pause of the vendor (`pause_turn`)',
      front,
      {},
      {
        turns: [{ blocks: [text('Searching.')], end: 'pause' }],
        next: DONE,
        backs: ['anthropic'],
        see: answer => `${end(answer)}, says "${answer.blocks.map(wordsOf).join('')}"`,
      },
    ),
  ),
  asks(
    'calls of a forced choice',
    'openai-chat',
    { tools: [WEATHER], choice: { mode: 'tool', name: 'get_weather' } },
    {
      turns: [{ blocks: [paris] }],
      see: end,
    },
  ),
]

const LONG: TwinTurn = { blocks: [text('One, two, three, four, five, six. '.repeat(24))] }

/** A stream that goes wrong, for each client. */
const broken = (corner: string, fault: Fault): Corner[] =>
  DIALECTS.map(front => asks(corner, front, {}, { stream: true, fault, turns: [LONG] }))

/** What goes wrong after the status is out: an error inside the stream, and no end as if all were well. */
const STREAMS: readonly Corner[] = [
  asks(
    'no usage, though the vendor tells it',
    'openai-chat',
    { more: { 'openai-chat': { stream_options: { include_usage: false } } } },
    { stream: true },
  ),
  ...broken('an error in mid-stream', { kind: 'in-band-error', after: 8 }),
  ...broken('a connection that breaks off', { kind: 'cut-events', after: 8 }),
  ...broken('a stream without its last event', { kind: 'no-terminal-event' }),
]

/** Every corner, in the order of the page. */
export const CORNERS: readonly { readonly title: string; readonly corners: readonly Corner[] }[] = [
  { title: 'Conversations', corners: HISTORIES },
  { title: 'Tools', corners: TOOLS },
  { title: 'Settings', corners: SETTINGS },
  { title: 'Answers', corners: ANSWERS },
  { title: 'Streams, and how they break', corners: STREAMS },
]

/** What the model says at a step of a corner. */
export function turnAt({ turns }: Corner, step: number): TwinTurn {
  return turns?.[step] ?? DONE
}

// The bodies of the benchmark: a tool request of about 2.8 KB, a whole answer with two calls, and a
// stream of 300 events of argument deltas, each in both protocols.

const properties = {
  query: { type: 'string', description: 'What to search for, in the words of the user.' },
  limit: { type: 'integer', description: 'How many results at most.', minimum: 1, maximum: 100 },
  after: { type: 'string', description: 'Only results after this date, as YYYY-MM-DD.' },
  tags: {
    type: 'array',
    items: { type: 'string' },
    description: 'Only results with all these tags.',
  },
}
const parameters = { type: 'object', properties, required: ['query'] }
const names = ['search_documents', 'search_mail', 'search_calendar']
const describe = name => `Searches the ${name.slice(7)} of the user and returns the best matches.`
const system =
  'You are a careful assistant. Use the tools where they help, and say where facts come from.'
const ask = 'Find what we wrote about the migration of the billing database, in documents and mail.'
const callArguments = JSON.stringify({
  query: 'billing database migration',
  limit: 20,
  tags: ['billing', 'database'],
})
const result = JSON.stringify({
  results: [{ title: 'Plan', body: 'Move the ledger first. '.repeat(12) }],
})

/** @param {{ model: string, stream?: boolean, idle?: boolean }} options */
export function chatRequest({ model, stream = false, idle = false }) {
  return JSON.stringify({
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: ask },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_aaaaaaaaaaaaaaaaaaaaaaaa',
            type: 'function',
            function: { name: names[0], arguments: callArguments },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_aaaaaaaaaaaaaaaaaaaaaaaa', content: result },
      { role: 'user', content: idle ? 'hold the line' : 'And the calendar?' },
    ],
    tools: names.map(name => ({
      type: 'function',
      function: { name, description: describe(name), parameters },
    })),
    tool_choice: 'auto',
    max_completion_tokens: 2048,
    ...(stream ? { stream: true } : {}),
  })
}

/** @param {{ model: string, stream?: boolean }} options */
export function messagesRequest({ model, stream = false }) {
  return JSON.stringify({
    model,
    max_tokens: 2048,
    system,
    messages: [
      { role: 'user', content: ask },
      {
        role: 'assistant',
        content: [
          {
            type: 'tool_use',
            id: 'toolu_aaaaaaaaaaaaaaaaaaaaaaaa',
            name: names[0],
            input: JSON.parse(callArguments),
          },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_aaaaaaaaaaaaaaaaaaaaaaaa', content: result },
          { type: 'text', text: 'And the calendar?' },
        ],
      },
    ],
    tools: names.map(name => ({ name, description: describe(name), input_schema: parameters })),
    tool_choice: { type: 'auto' },
    ...(stream ? { stream: true } : {}),
  })
}

export const chatWhole = {
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'gpt-4o-2024-08-06',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [1, 2].map(n => ({
          id: `call_${n}Zk3nQ8wLr5TbVx2YmHs7Jd4`,
          type: 'function',
          function: { name: names[n], arguments: callArguments },
        })),
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: 'tool_calls',
    },
  ],
  usage: { prompt_tokens: 700, completion_tokens: 80, total_tokens: 780 },
  service_tier: 'default',
  system_fingerprint: 'fp_bench',
}

export const messagesWhole = {
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [1, 2].map(n => ({
    type: 'tool_use',
    id: `toolu_01${n}Zk3nQ8wLr5TbVx2YmHs7J`,
    name: names[n],
    input: JSON.parse(callArguments),
  })),
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 700, output_tokens: 80 },
}

const DELTAS = 294
const piece = n => `piece ${n} of the argument text, `

export function chatEvents() {
  const chunk = (delta, finish_reason = null) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-4o-2024-08-06', service_tier: 'default', system_fingerprint: 'fp_bench', choices: [{ index: 0, delta, logprobs: null, finish_reason }] })}\n\n`
  const args = text => chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] })
  return [
    chunk({ role: 'assistant', content: null }),
    chunk({
      tool_calls: [
        {
          index: 0,
          id: 'call_bench',
          type: 'function',
          function: { name: names[0], arguments: '' },
        },
      ],
    }),
    args('{"query":"'),
    ...Array.from({ length: DELTAS }, (_, n) => args(piece(n))),
    args('"}'),
    chunk({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ]
}

export function messagesEvents() {
  const event = body => `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`
  const args = partial_json =>
    event({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    })
  return [
    event({ type: 'message_start', message: { ...messagesWhole, content: [], stop_reason: null } }),
    event({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_bench', name: names[0], input: {} },
    }),
    args('{"query":"'),
    ...Array.from({ length: DELTAS }, (_, n) => args(piece(n))),
    args('"}'),
    event({ type: 'content_block_stop', index: 0 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 80 },
    }),
    event({ type: 'message_stop' }),
  ]
}

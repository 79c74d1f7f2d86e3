// Streams of 300 events of argument deltas in the two protocols that bodies.mjs has not.
const DELTAS = 292
const NAME = 'search_documents'
const piece = n => `piece ${n} of the argument text, `
const whole = `{"query":"${Array.from({ length: DELTAS }, (_, n) => piece(n)).join('')}"}`

/** A stream of OpenAI Responses. */
export function responsesEvents() {
  let sequence = 0
  const event = body =>
    `event: ${body.type}\ndata: ${JSON.stringify({ ...body, sequence_number: sequence++ })}\n\n`
  const of = { output_index: 0, item_id: 'fc_bench0000000000000000000000000000000000000000' }
  const item = {
    id: of.item_id,
    type: 'function_call',
    status: 'completed',
    arguments: whole,
    call_id: 'call_bench',
    name: NAME,
  }
  const response = {
    id: 'resp_bench00000000000000000000000000000000000000000',
    object: 'response',
    created_at: 1_760_000_000,
    status: 'completed',
    error: null,
    incomplete_details: null,
    model: 'gpt-4o-2024-08-06',
    output: [item],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: {
      input_tokens: 700,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 80,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 780,
    },
  }
  const begun = { ...response, status: 'in_progress', output: [], usage: null }
  const args = delta => event({ type: 'response.function_call_arguments.delta', ...of, delta })
  return [
    event({ type: 'response.created', response: begun }),
    event({ type: 'response.in_progress', response: begun }),
    event({
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', arguments: '' },
    }),
    args('{"query":"'),
    ...Array.from({ length: DELTAS }, (_, n) => args(piece(n))),
    args('"}'),
    event({ type: 'response.function_call_arguments.done', ...of, arguments: whole }),
    event({ type: 'response.output_item.done', output_index: 0, item }),
    event({ type: 'response.completed', response }),
  ]
}

/** A stream of Gemini's generateContent, as Vertex AI streams arguments. */
export function contentEvents() {
  const chunk = (part, more = {}) =>
    `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [part] }, ...more }], usageMetadata: { trafficType: 'ON_DEMAND' }, modelVersion: 'gemini-3-flash-preview', createTime: '2026-11-28T04:00:00.000000Z', responseId: 'bench0000000000000000' })}\r\n\r\n`
  const args = (stringValue, more = { willContinue: true }) =>
    chunk({
      functionCall: {
        partialArgs: [{ jsonPath: '$.query', stringValue, ...more }],
        willContinue: true,
      },
    })
  return [
    chunk({ functionCall: { name: NAME, willContinue: true } }),
    ...Array.from({ length: DELTAS + 4 }, (_, n) => args(piece(n))),
    args('', {}),
    chunk({ functionCall: {} }),
    chunk({ text: '' }, { finishReason: 'STOP' }),
  ]
}

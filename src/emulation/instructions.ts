import type { FunctionTool, OutputFormat } from '../core/request.ts'

/** What is asked of the model beside the definitions. */
export interface Wish {
  readonly tools: readonly FunctionTool[]
  /** What must be called: any tool, or this one. */
  readonly must: 'any' | 'one' | undefined
  /** Whether several calls may stand in one answer. */
  readonly parallel: boolean
  /** What an answer in words is held to. */
  readonly output: OutputFormat | undefined
}

/** What a model without tools is told so that it can call them. */
export function instructionsFor({ tools, must, parallel, output }: Wish): string {
  const [first] = tools
  const only =
    must === 'one' && first
      ? `You must call the tool "${first.name}" now; do not answer in words.`
      : must === 'any'
        ? 'You must call at least one of the tools now; do not answer in words.'
        : 'Call a tool only if you need it; otherwise answer in plain words, without any tags.'
  const many = parallel
    ? 'To make several calls at once, write several such blocks, one after another.'
    : 'Make at most one call in an answer.'
  return [
    'You can call tools. A call is written exactly like this, on lines of its own:',
    '',
    '<tool_call>',
    '{"name": "name_of_the_tool", "arguments": {"name_of_a_parameter": "value"}}',
    '</tool_call>',
    '',
    '"arguments" is one JSON object that fits the "parameters" schema of the tool; use {} if there are none.',
    many,
    'After a call, stop. What came of it is told to you in the next message, between <tool_response> and </tool_response>, in the order of the calls. Never write a <tool_response> yourself.',
    only,
    ...(output ? [formatWords(output)] : []),
    '',
    'The tools, one JSON object a line:',
    '<tools>',
    ...tools.map(definition),
    '</tools>',
  ].join('\n')
}

function formatWords(output: OutputFormat): string {
  const form = 'An answer that calls no tool is one JSON object and nothing else, without a fence'
  return output.type === 'json'
    ? `${form}.`
    : `${form}, and fits this JSON Schema: ${JSON.stringify(output.schema)}`
}

function definition(tool: FunctionTool): string {
  return JSON.stringify({
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: tool.parameters ?? { type: 'object', properties: {} },
  })
}

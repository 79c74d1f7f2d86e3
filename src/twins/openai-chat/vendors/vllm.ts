import { finishReason, hex, isNamedChoice } from '../dress.ts'
import { isGiven, isRecord, recordsOf } from '../json.ts'
import { type Manners, tolerate } from '../manners.ts'
import { plainDress } from '../plain-dress.ts'
import { type Refusal, type Report, refusal } from '../refusal.ts'
import type { ChatRequest } from '../request.ts'
import { requestFields } from '../request-fields.ts'

/** How a vLLM server was started. */
export interface VllmOptions {
  /** With `--enable-auto-tool-choice` and a parser; without, `auto` is refused. Default true. */
  readonly autoToolChoice?: boolean
  /** Errors without the `error` around them, as before 2025. Default false. */
  readonly flatErrors?: boolean
}

/** vLLM: needs no key, takes conversations in any order, and is picky about `tool_choice`. */
export function vllm({ autoToolChoice = true, flatErrors = false }: VllmOptions = {}): Manners {
  return {
    name: 'vllm',
    prefixes: ['/v1'],
    needsKey: false,
    models: { listed: ['Qwen/Qwen3-8B'], ownedBy: 'vllm' },
    fields: requestFields,
    reading: { unknown: 'ignored', nulls: 'absent' },
    functions: false,
    check(request, report) {
      checkChoice(request, report)
      if (!autoToolChoice) checkAuto(request, report)
    },
    words: {
      'no-model': tolerate,
      missing: found => (found.path[0] === 'model' ? undefined : pydantic(found, 'missing')),
      type: found => pydantic(found, 'value_error'),
      range: found => pydantic(found, 'value_error'),
      json: found => ({
        ...found,
        message:
          "[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error', 'input': {}}]",
      }),
      value: tolerate,
      empty: tolerate,
      'too-long': tolerate,
      pattern: tolerate,
      'too-many-properties': tolerate,
    },
    envelope({ message, status }) {
      const error = { message, type: typeOf(status), param: null, code: status }
      return flatErrors ? { object: 'error', ...error } : { error }
    },
    failures: {
      400: { message: 'The request is not valid.' },
      401: { message: 'Unauthorized' },
      404: { message: 'The model does not exist.' },
      500: { message: 'Internal server error' },
      503: { message: 'The server is not ready.' },
    },
    thinks: ({ model, body }) => {
      const options = body.chat_template_kwargs
      if (isRecord(options) && options.enable_thinking === false) return false
      return /r1|qwq|qwen3|gpt-oss|think/i.test(model) && !/instruct|coder/i.test(model)
    },
    dress: plainDress({
      responseId: random => `chatcmpl-${hex(random, 32)}`,
      callId: random => `chatcmpl-tool-${hex(random, 32)}`,
      model: requested => (requested === '' ? 'Qwen/Qwen3-8B' : requested),
      reasoning: 'reasoning_content',
      // A tool forced by its name ends with `stop`, as in several versions.
      reason: (choice, answer) =>
        choice.end === 'calls' && isNamedChoice(answer) ? 'stop' : finishReason(choice),
      usage: ({ input, output }) => ({
        prompt_tokens: input,
        total_tokens: input + output,
        completion_tokens: output,
        prompt_tokens_details: null,
      }),
      beside: () => ({ logprobs: null }),
      message: (message, choice, { thinking }) => ({
        role: 'assistant',
        reasoning_content: thinking && choice.reasoning !== '' ? choice.reasoning : null,
        content: message.content,
        refusal: null,
        annotations: null,
        audio: null,
        function_call: null,
        tool_calls: message.tool_calls ?? [],
      }),
      top: () => ({}),
      nullCounts: false,
    }),
    headers: () => ({}),
    streamType: 'text/event-stream; charset=utf-8',
    indent: 0,
  }
}

/** Checks of the server's request model (vLLM's source, 2026). */
function checkChoice(request: ChatRequest, report: Report): void {
  const { tool_choice: chosen } = request.body
  if (!isGiven(chosen) || chosen === 'none') return
  const path = ['tool_choice']
  const say = (text: string) => report(refusal('vendor', path, valueError(text)))
  if (recordsOf(request.body.tools).length === 0) {
    say('When using `tool_choice`, `tools` must be set.')
    return
  }
  if (typeof chosen === 'string' && !['auto', 'required'].includes(chosen)) {
    say(
      `Invalid value for \`tool_choice\`: ${chosen}! Only named tools, "none", "auto" or "required" are supported.`,
    )
    return
  }
  const { choice, tools } = request
  if (choice.mode === 'tool' && !tools.some(({ name }) => name === choice.name)) {
    say('The tool specified in `tool_choice` does not match any of the specified `tools`')
  }
}

/** Issues langchain4j #2550 and vllm #9986. */
function checkAuto({ choice, tools }: ChatRequest, report: Report): void {
  if (choice.mode !== 'auto' || tools.length === 0) return
  const text =
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
  report(refusal('vendor', ['tool_choice'], text))
}

/** Errors of the request model are shown as Python shows them (issue vllm #10567). */
function valueError(text: string): string {
  return `[{'type': 'value_error', 'loc': ('body',), 'msg': 'Value error, ${text}'}]`
}

function pydantic(found: Refusal, kind: string): Refusal {
  const place = ['body', ...found.path]
    .map(step => (typeof step === 'number' ? step : `'${step}'`))
    .join(', ')
  const text =
    kind === 'missing' ? 'Field required' : `Input should be ${found.expected ?? 'valid'}`
  return { ...found, message: `[{'type': '${kind}', 'loc': (${place}), 'msg': '${text}'}]` }
}

function typeOf(status: number): string {
  if (status === 404) return 'NotFoundError'
  if (status >= 500) return 'InternalServerError'
  return status === 401 ? 'Unauthorized' : 'BadRequestError'
}

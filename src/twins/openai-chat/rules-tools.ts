import { looseProblem, type StrictLimits, strictProblem } from '../json-schema-strict.ts'
import { isGiven, isRecord, recordOf, recordsOf, textOf } from './json.ts'
import { type Path, pathText, quotedList, type Report, refusal } from './refusal.ts'
import type { Body, ChatRequest } from './request.ts'

const MODES = ['none', 'auto', 'required']
const KINDS = ['allowed_tools', 'function', 'custom']

/**
 * `tool_choice` and `parallel_tool_calls` need tools, even when the choice is `none` (issues
 * openai/swarm #30, dapr-agents #248, langchainrb #442); `function_call` needs functions.
 */
export function checkChoiceHasTools(request: ChatRequest, report: Report): void {
  const { body } = request
  const pairs = [
    ['choice-without-tools', 'tool_choice', 'tools'],
    ['parallel-without-tools', 'parallel_tool_calls', 'tools'],
    ['function-call-without-functions', 'function_call', 'functions'],
  ] as const
  for (const [rule, name, needed] of pairs) {
    if (!isGiven(body[name]) || recordsOf(body[needed]).length > 0) continue
    const text = `Invalid value for '${name}': '${name}' is only allowed when '${needed}' are specified.`
    report(refusal(rule, [name], text))
  }
}

/** The form of `tool_choice` (issue openai-node #521 for an object without `type`). */
export function checkChoiceShape(request: ChatRequest, report: Report): void {
  const choice = request.body.tool_choice
  if (!isGiven(choice)) return
  const path: Path = ['tool_choice']
  if (typeof choice === 'string') {
    if (!MODES.includes(choice)) report(wrongWord(choice, MODES, path))
  } else if (!isRecord(choice) || choice.type === undefined) {
    const text =
      "'$.tool_choice' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
    report(refusal('choice-shape', path, text, { param: null, found: choice }))
  } else if (typeof choice.type !== 'string' || !KINDS.includes(choice.type)) {
    report(wrongWord(String(choice.type), KINDS, [...path, 'type']))
  } else if (choice.type === 'allowed_tools') {
    checkAllowed(recordOf(choice.allowed_tools), [...path, 'allowed_tools'], report)
  } else {
    checkNamed(choice, choice.type, path, report)
  }
}

/** The form of `function_call`. */
export function checkFunctionCall(request: ChatRequest, report: Report): void {
  const call = request.body.function_call
  if (!isGiven(call)) return
  if (typeof call === 'string') {
    if (!['none', 'auto'].includes(call)) {
      report(wrongWord(call, ['none', 'auto'], ['function_call']))
    }
  } else if (textOf(recordOf(call).name) === undefined) {
    report(missing(['function_call', 'name']))
  }
}

/** A named tool must be declared (text quoted in public repositories, 2026). */
export function checkNamedTool(request: ChatRequest, report: Report): void {
  const { choice, legacy, tools } = request
  const named = choice.mode === 'tool' && choice.name !== undefined ? [choice.name] : []
  for (const name of [...named, ...(choice.allowed ?? [])]) {
    if (tools.some(tool => tool.name === name)) continue
    const field = legacy ? 'function_call' : 'tool_choice'
    const text = `Invalid value for '${field}': no function named '${name}' was specified in the '${legacy ? 'functions' : 'tools'}' parameter.`
    report(refusal('absent-tool', [field], text, { found: name }))
  }
}

/** Schemas of tools: an object at the root, and all of strict mode's rules where asked for. */
export function checkParameters(request: ChatRequest, limits: StrictLimits, report: Report): void {
  const declared = request.legacy
    ? recordsOf(request.body.functions).map((entry, index) => ({
        entry,
        path: ['functions', index, 'parameters'],
      }))
    : recordsOf(request.body.tools).map((entry, index) => ({
        entry: recordOf(entry.function),
        path: ['tools', index, 'function', 'parameters'],
      }))
  for (const { entry, path } of declared) {
    const { parameters } = entry
    // Leaving the schema out means a tool without parameters; in strict mode too.
    if (parameters === undefined) continue
    const problem =
      entry.strict === true ? strictProblem(parameters, limits) : looseProblem(parameters)
    if (problem === undefined) continue
    const named = `Invalid schema for function '${textOf(entry.name) ?? ''}': ${problem.text}`
    const text = problem.whole ? problem.text : named
    report(refusal('parameters', path, text, { code: 'invalid_function_parameters' }))
  }
}

/** The schema of a structured answer (issue outlines #1666: no code, and only the field's name). */
export function checkResponseSchema(
  request: ChatRequest,
  limits: StrictLimits,
  report: Report,
): void {
  const format = recordOf(request.body.response_format)
  if (format.type !== 'json_schema') return
  const { name, schema, strict } = recordOf(format.json_schema)
  if (schema === undefined) return
  const problem = strict === true ? strictProblem(schema, limits) : looseProblem(schema)
  if (problem === undefined) return
  const named = `Invalid schema for response_format '${textOf(name) ?? ''}': ${problem.text}`
  const text = problem.whole ? problem.text : named
  report(refusal('response-schema', ['response_format'], text))
}

function checkAllowed(group: Body, path: Path, report: Report): void {
  const mode = textOf(group.mode)
  if (mode === undefined) {
    report(missing([...path, 'mode']))
    return
  }
  if (!['auto', 'required'].includes(mode)) {
    report(wrongWord(mode, ['auto', 'required'], [...path, 'mode']))
    return
  }
  const entries = recordsOf(group.tools)
  if (entries.length === 0) {
    const text = `Invalid 'tool_choice.allowed_tools.tools': empty array. Expected an array with minimum length 1, but got an empty array instead.`
    report(refusal('empty', [...path, 'tools'], text, { code: 'empty_array' }))
    return
  }
  for (const [index, entry] of entries.entries()) {
    checkNamed(entry, textOf(entry.type) ?? 'function', [...path, 'tools', index], report)
  }
}

function checkNamed(entry: Body, kind: string, path: Path, report: Report): void {
  if (!isRecord(entry[kind])) {
    report(missing([...path, kind]))
    return
  }
  if (textOf(recordOf(entry[kind]).name) === undefined) report(missing([...path, kind, 'name']))
}

function wrongWord(found: string, values: readonly string[], path: Path) {
  const text = `Invalid value: '${found}'. Supported values are: ${quotedList(values)}.`
  const expected = quotedList(values)
  return refusal('value', path, text, { code: 'invalid_value', found, expected })
}

function missing(path: Path) {
  const text = `Missing required parameter: '${pathText(path)}'.`
  return refusal('missing', path, text, { code: 'missing_required_parameter' })
}

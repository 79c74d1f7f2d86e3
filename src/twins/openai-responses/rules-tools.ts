import { looseProblem, type StrictProblem } from '../json-schema-strict.ts'
import { reject } from './error.ts'
import { isGiven, type JsonObject, objectOf, objectsOf, textOf } from './json.ts'
import { contentText, type ResponsesRequest } from './request.ts'
import { HOSTED_TYPES } from './shape-tools.ts'
import { strictFault } from './strict-schema.ts'

/** Rules on tools, on the choice among them, and on the output's schema. */
export function checkTools(request: ResponsesRequest): void {
  checkChoice(request)
  checkParameters(request)
  checkFormat(request)
}

/**
 * A choice needs what it chooses (measured by others against the live API: vllm #40399, 2026-04).
 * Unlike on Chat Completions, `none` and `auto` pass without any tools.
 */
function checkChoice({ body, tools }: ResponsesRequest): void {
  const { tool_choice: choice } = body
  const declared = objectsOf(body.tools)
  if (choice === 'required' && declared.length === 0 && tools.length === 0) {
    const said = "Tool choice 'required' must be specified with 'tools' parameter."
    reject(said, 'tool_choice')
  }
  const named = objectOf(choice)
  const wanted = named.type === 'allowed_tools' ? objectsOf(named.tools) : [named]
  for (const entry of wanted) {
    if (typeof entry.type !== 'string') continue
    const isThere = HOSTED_TYPES.includes(entry.type)
      ? declared.some(tool => isHosted(tool, entry))
      : tools.some(tool => tool.kind === entry.type && tool.name === entry.name)
    if (isThere) continue
    reject(`Tool choice '${entry.type}' not found in 'tools' parameter.`, 'tool_choice')
  }
}

/** Hosted tools are named by their type, and the servers of a protocol by a label. */
function isHosted(tool: JsonObject, choice: JsonObject): boolean {
  if (choice.type !== 'mcp') return tool.type === choice.type
  return tool.type === 'mcp' && tool.server_label === choice.server_label
}

/** Schemas of functions: an object at the root, and strict mode's rules where it was asked for. */
function checkParameters({ tools, model }: ResponsesRequest): void {
  for (const { kind, name, path, at } of tools) {
    const { parameters } = at
    if (kind !== 'function' || !isGiven(parameters)) continue
    const problem =
      at.strict === true ? strictFault(parameters, model.strict) : looseProblem(parameters)
    if (!problem) continue
    const place = `${path}.parameters`
    reject(problemText(problem, `function '${name}'`), place, 'invalid_function_parameters')
  }
}

/** The schema of a structured answer (live answers, 2026-09-24). */
function checkFormat({ body, model }: ResponsesRequest): void {
  const format = objectOf(objectOf(body.text).format)
  if (format.type !== 'json_schema') return
  const { schema } = format
  const problem = format.strict === true ? strictFault(schema, model.strict) : looseProblem(schema)
  if (!problem) return
  const text = problemText(problem, `response_format '${textOf(format.name) ?? ''}'`)
  reject(text, 'text.format.schema', 'invalid_json_schema')
}

function problemText({ text, whole }: StrictProblem, subject: string): string {
  return whole ? text : `Invalid schema for ${subject}: ${text}`
}

/**
 * JSON mode wants the word "json" in an input message; instructions do not count (quoted in the
 * tests of several clients, 2026).
 */
export function checkJsonWord({ body, history, items }: ResponsesRequest): void {
  if (objectOf(objectOf(body.text).format).type !== 'json_object') return
  const messages = [...history, ...items].filter(({ type }) => type === 'message')
  if (messages.some(({ at }) => /json/i.test(contentText(at.content)))) return
  const said =
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
  reject(said, 'input')
}

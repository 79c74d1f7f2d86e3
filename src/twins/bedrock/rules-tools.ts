import { Rejection as MakersRejection } from '../anthropic/error.ts'
import type { JsonObject } from '../anthropic/json.ts'
import { refuseCosts } from '../anthropic/rules-tools.ts'
import { fitsDialect, oddPropertyName, PROPERTY_NAME } from '../anthropic/schema-dialect.ts'
import { judgeStrict, type StrictCost } from '../anthropic/strict-schema.ts'
import type { ModelFacts } from './door.ts'
import { member, Rejection } from './error.ts'
import { checkName, listAt, type Message, objectAt, wordAt } from './shape.ts'

const COMPOSITION = ['oneOf', 'allOf', 'anyOf']
const BARE_ROOT = ['type', 'properties', 'required']

/** Rules on tools, their schemas and the choice among them. @throws Rejection */
export function checkTools(
  body: JsonObject,
  messages: readonly Message[],
  model: ModelFacts,
): void {
  const config = objectAt(body, 'toolConfig')
  if (!config) {
    const speaksOfTools = messages.some(({ blocks }) =>
      blocks.some(block => 'toolUse' in block || 'toolResult' in block),
    )
    if (speaksOfTools)
      throw new Rejection(
        'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
      )
    return
  }
  const tools = listAt(config, 'tools').flatMap(tool => {
    const spec = objectAt(tool, 'toolSpec')
    return spec ? [spec] : []
  })
  if (tools.length === 0)
    throw member('toolConfig.tools', '[]', 'Member must have length greater than or equal to 1')
  const names = tools.map(tool => wordAt(tool, 'name'))
  for (const [i, tool] of tools.entries()) {
    const at = `toolConfig.tools.${i + 1}.member.toolSpec`
    checkName(`${at}.name`, names[i] ?? '')
    if (tool['description'] === '')
      throw member(`${at}.description`, '', 'Member must have length greater than or equal to 1')
    checkSchema(tool, i, model)
  }
  checkStrictness(tools, model)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw new Rejection(`The tool ${twice} is already defined in toolConfig.tools.`)
  checkChoice(config, names, model)
}

function checkChoice(config: JsonObject, names: readonly string[], model: ModelFacts): void {
  const choice = objectAt(config, 'toolChoice')
  if (!choice) return
  const [form, ...others] = Object.keys(choice)
  const known = model.choices.find(one => one === form)
  if (others.length > 0 || !['auto', 'any', 'tool'].includes(form ?? ''))
    throw new Rejection(
      `Malformed input request: #/toolConfig/toolChoice: extraneous key [${others[0] ?? form}] is not permitted, please reformat your input and try again.`,
    )
  if (!known)
    throw new Rejection(
      `This model doesn't support the toolConfig.toolChoice.${form} field. Remove toolConfig.toolChoice.${form} and try again.`,
    )
  const name = wordAt(choice['tool'], 'name')
  if (known === 'tool' && !names.includes(name))
    throw new Rejection(
      `The tool ${name} in toolConfig.toolChoice.tool is not defined in toolConfig.tools.`,
    )
}

function checkSchema(tool: JsonObject, i: number, model: ModelFacts): void {
  const schema = objectAt(objectAt(tool, 'inputSchema'), 'json') ?? {}
  const at = `toolConfig.tools.${i}.toolSpec.inputSchema.json`
  if (schema['type'] !== 'object')
    throw new Rejection(`The value at ${at}.type must be one of the following: object.`)
  const complaint = schemaComplaint(schema, i, model)
  if (complaint !== undefined)
    throw new Rejection(`The model returned the following errors: ${complaint}`)
}

/**
 * What a model has against a schema, in its maker's words. Sources: senpi issue #1947, 2026-09, for
 * Claude; zed issue #28521, 2025-04, for Nova.
 */
export function schemaComplaint(
  schema: JsonObject,
  i: number,
  { isClaude, isNova }: Pick<ModelFacts, 'isClaude' | 'isNova'>,
): string | undefined {
  if (isNova) {
    const odd = Object.keys(schema).find(key => !BARE_ROOT.includes(key))
    return odd === undefined
      ? undefined
      : `Malformed input request: #/toolConfig/tools/${i}/toolSpec/inputSchema/json: extraneous key [${odd}] is not permitted, please reformat your input and try again.`
  }
  if (!isClaude) return undefined
  const path = `tools.${i}.custom.input_schema`
  if (COMPOSITION.some(keyword => keyword in schema))
    return `${path}: input_schema does not support oneOf, allOf, or anyOf at the top level`
  if (!fitsDialect(schema))
    return `${path}: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.claude.com/en/docs/tool-use.`
  if (oddPropertyName(schema) !== undefined)
    return `${path}.properties: Property keys should match pattern '${PROPERTY_NAME.source}'`
  return undefined
}

/**
 * Tools that are held to their schemas: the subset is that of Claude's own protocol for all models.
 * Sources: Bedrock user guide, "get validated JSON results from models", 2026; litellm pull request
 * #39115, 2026-09, for the words.
 */
function checkStrictness(tools: readonly JsonObject[], model: ModelFacts): void {
  const costs: StrictCost[] = []
  for (const [i, tool] of tools.entries()) {
    if (tool['strict'] !== undefined && typeof tool['strict'] !== 'boolean')
      throw new Rejection(
        `Malformed input request: #/toolConfig/tools/${i}/toolSpec/strict: expected type: Boolean, please reformat your input and try again.`,
      )
    if (tool['strict'] !== true) continue
    if (!model.takesStrict)
      throw new Rejection(
        "This model doesn't support the toolSpec.strict field. Remove strict and try again.",
      )
    const verdict = judgeStrict(objectAt(objectAt(tool, 'inputSchema'), 'json') ?? {})
    if ('fault' in verdict) throw refusal(`tools.${i}.custom: ${verdict.fault}`)
    costs.push(verdict.cost)
  }
  if (costs.length > MOST_STRICT)
    throw refusal(
      `Too many strict tools (${costs.length}). The maximum number of strict tools supported is ${MOST_STRICT}. Try reducing the number of tools marked as strict.`,
    )
  try {
    refuseCosts(costs)
  } catch (error) {
    throw error instanceof MakersRejection ? refusal(error.message) : error
  }
}

const MOST_STRICT = 20

function refusal(text: string): Rejection {
  return new Rejection(`The model returned the following errors: ${text}`)
}

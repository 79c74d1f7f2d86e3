import { Rejection, reject } from './error.ts'
import {
  anyObject,
  anything,
  type Check,
  checkMembers,
  flag,
  fraction,
  integer,
  listOf,
  type Members,
  needed,
  nullable,
  object,
  oneOf,
  optional,
  refuseOthers,
  tagged,
  text,
  textOr,
} from './fields.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { cacheControl, contentBlock, systemPrompt } from './shape-blocks.ts'
import { toolChoice, toolList } from './shape-tools.ts'

/** What of a request's head decides on the shape of its body. */
export interface Edition {
  /** `2023-06-01` or `2026-10-21`. */
  readonly version: string
  /** The values of `anthropic-beta`. */
  readonly betas: readonly string[]
  /** Whether the beta form of the endpoint is asked for, by query or header. */
  readonly isBeta: boolean
  /** Whether tokens are only counted. */
  readonly isCount: boolean
}

const ODD_SHAPE = 'Input does not match the expected shape.'

function messageOf(isBeta: boolean): Check {
  const block = contentBlock(isBeta)
  return (value, path) => checkMessage(value, path, block, isBeta)
}

function checkMessage(value: Json, path: string, block: Check, isBeta: boolean): void {
  if (!isObject(value)) reject(`${path}: Input should be an object`)
  const role = value['role']
  if (role === undefined) reject(`${path}.role: Field required`)
  if (typeof role !== 'string') reject(`${path}.role: Input should be 'user' or 'assistant'`)
  // Measured against the live API by others, 2026-08-31: an unknown role has no path of its own.
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    reject(`messages: Unexpected role "${role}". Allowed roles are "user" or "assistant"`)
  }
  const members: Members = {
    role: needed(anything),
    content: needed(textOr(listOf(block))),
    ...(role === 'system' && {
      output_config: optional(anyObject),
      ...(isBeta && { clear_at: optional(oneOf('never', 'next_user_message')) }),
    }),
  }
  checkMembers(value, members, path)
  refuseOthers(value, members, path)
}

const shownAs = optional(nullable(oneOf('summarized', 'omitted')))

const thinking = tagged({
  adaptive: { display: shownAs },
  between_tools: {},
  disabled: {},
  enabled: { budget_tokens: needed(integer(1_024)), display: shownAs },
})

const outputFormat = tagged({ json_schema: { schema: needed(anyObject), name: optional(text()) } })

const outputConfig = object(
  {
    effort: optional(nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max'))),
    format: optional(nullable(outputFormat)),
    task_budget: optional(anything),
  },
  ODD_SHAPE,
)

const maxTokens: Check = (value, path) => {
  integer()(value, path)
  if (typeof value === 'number' && value < 0) {
    reject(`${path}: must be greater than or equal to 0`)
  }
}

const stopSequence: Check = (value, path) => {
  text()(value, path)
  if (String(value).trim() === '') {
    reject('stop_sequences: each stop sequence must contain non-whitespace')
  }
}

const container: Check = (value, path) => {
  if (typeof value === 'string') return
  object(
    { id: optional(nullable(text())), skills: optional(nullable(listOf(anyObject))) },
    ODD_SHAPE,
  )(value, `${path}.ContainerParams`)
}

const region: Check = (value, path) => {
  text()(value, path)
  if (value !== 'global' && value !== 'us') reject(`${path}: must be one of ['global', 'us']`)
}

/** Fields that exist only with one of these betas. Source: Anthropic SDK 1.11, 2026-11-19. */
const BETA_FIELDS: readonly (readonly [name: string, check: Check, betas: readonly string[]])[] = [
  ['output_format', nullable(outputFormat), ['structured-outputs-']],
  ['context_management', nullable(anyObject), ['context-management-', 'compact-']],
  ['mcp_servers', listOf(anyObject), ['mcp-client-']],
  ['compaction', nullable(anyObject), ['compact-']],
  ['fallbacks', nullable(anything), ['server-side-fallback-']],
  ['fallback_credit_token', nullable(anything), ['fallback-credit-']],
  ['thread', nullable(anyObject), ['message-threads-']],
  ['billing_policy', nullable(anything), ['user-profiles-']],
]

/**
 * The fields in the order in which the vendor complains about them, which others measured against
 * the live API on 2026-08-31. Under 2026-10-21 there are no sampling fields (Claude docs,
 * "API versions", 2026-10).
 */
function membersOf(edition: Edition): Members {
  const { version, betas, isBeta, isCount } = edition
  const sampling = version === '2023-06-01' && !isCount
  const beta = BETA_FIELDS.filter(([, , prefixes]) =>
    betas.some(name => prefixes.some(prefix => name.startsWith(prefix))),
  )
  const shared: Members = {
    model: needed(text({ least: 1 })),
    tool_choice: optional(toolChoice),
    tools: optional(toolList(isBeta)),
    messages: needed(listOf(messageOf(isBeta), 100_000)),
    system: optional(systemPrompt),
    thinking: optional(thinking),
    output_config: optional(outputConfig),
    cache_control: optional(cacheControl),
    speed: optional(nullable(oneOf('standard', 'fast'))),
    ...Object.fromEntries(beta.map(([name, check]) => [name, optional(check)])),
  }
  if (isCount) return shared
  return {
    ...shared,
    max_tokens: needed(maxTokens),
    metadata: optional(object({ user_id: optional(nullable(text({ most: 512 }))) }, ODD_SHAPE)),
    stop_sequences: optional(listOf(stopSequence)),
    ...(sampling && { temperature: optional(fraction) }),
    service_tier: optional(oneOf('auto', 'standard_only')),
    ...(sampling && { top_k: optional(integer(0)), top_p: optional(fraction) }),
    stream: optional(flag),
    container: optional(nullable(container)),
    inference_geo: optional(nullable(region)),
    diagnostics: optional(nullable(object({ previous_message_id: optional(nullable(text())) }))),
  }
}

/**
 * Checks the types and names of all fields; the meaning of the conversation comes later.
 *
 * @throws Rejection
 */
export function checkShape(body: Json, edition: Edition): JsonObject {
  if (!isObject(body)) throw new Rejection('Input should be an object')
  const members = membersOf(edition)
  checkMembers(body, members, '')
  refuseOthers(body, members, '')
  return body
}

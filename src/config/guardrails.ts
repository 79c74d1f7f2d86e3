import { z } from 'zod'
import { ToolgateError } from '../core/error.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { GuardPolicy, GuardRule } from '../gateway/guard-rules.ts'
import {
  canary,
  classifier,
  GUARD_POINTS,
  type Guardrail,
  hiddenText,
  jsonSchema,
  keywords,
  openAuditLog,
  PERSONAL_KINDS,
  pattern,
  personalData,
  provenance,
  secrets,
  size,
  urls,
} from '../guardrails/index.ts'
import { checkArguments, unheldPatterns } from '../schema/validate.ts'
import { nearest } from './suggest.ts'

const words = z.array(z.string().min(1)).min(1)

const scope = {
  keys: words.exactOptional().describe("The only clients' keys it is for, by name. Default: all."),
  models: words.exactOptional().describe('The only models it is for; * stands for any text.'),
}
const points = z
  .array(z.enum(GUARD_POINTS))
  .min(1)
  .exactOptional()
  .describe('Where it applies. Default: everywhere; canary: at output and tool-arguments.')
const message = z.string().exactOptional().describe('What the client is told of a refusal.')
const name = z.string().min(1).exactOptional().describe('How it is called in the logs.')
const textual = {
  ...scope,
  points,
  action: z
    .enum(['refuse', 'rewrite'])
    .exactOptional()
    .describe('What comes of what is found. rewrite puts something else in its place.'),
  replacement: z.string().exactOptional().describe('In place of what is found, for rewrite.'),
  message,
}

const strings = z.array(z.string()).min(1)

/** Each guardrail that can be configured, by its name. */
const RULES = [
  z
    .strictObject({
      rule: z.literal('secrets'),
      prefixes: words.exactOptional().describe('Beginnings of further secrets.'),
      entropy: z.boolean().exactOptional().describe('Whether random tokens count. Default true.'),
      ...textual,
    })
    .describe('Keys and tokens. Rewrites.'),
  z
    .strictObject({
      rule: z.literal('personal-data'),
      kinds: z.array(z.enum(PERSONAL_KINDS)).min(1).exactOptional().describe('Default: all.'),
      ...textual,
    })
    .describe('Cards, IBANs, e-mail addresses, telephone numbers. Rewrites.'),
  z
    .strictObject({
      rule: z.literal('urls'),
      allow: z.array(z.string()).describe('Hosts that may be named: example.org, *.example.org.'),
      schemes: strings.exactOptional().describe('Schemes beside https and http, such as mailto.'),
      ...textual,
    })
    .describe('Addresses that are not on the list. Rewrites.'),
  z
    .strictObject({ rule: z.literal('hidden-text'), ...textual })
    .describe('Unicode that is read and not seen. Rewrites.'),
  z
    .strictObject({
      rule: z.literal('keywords'),
      name,
      words: strings.describe('Words and phrases.'),
      caseSensitive: z.boolean().exactOptional().describe('Default false.'),
      ...textual,
    })
    .describe('Words that stand by themselves. Refuses.'),
  z
    .strictObject({
      rule: z.literal('pattern'),
      name,
      pattern: z.string().describe('A regular expression of RE2.'),
      ignoreCase: z.boolean().exactOptional().describe('Default false.'),
      lookBehind: z
        .int()
        .min(1)
        .max(16_384)
        .exactOptional()
        .describe('Characters within which a match shows. Default 256.'),
      ...textual,
    })
    .describe('What a pattern matches, in linear time. Refuses.'),
  z
    .strictObject({ rule: z.literal('canary'), strings, ...textual })
    .describe('Strings that were planted, spaced out too. Refuses.'),
  z
    .strictObject({
      rule: z.literal('size'),
      maxCharacters: z.int().min(1).describe('Most characters of a text.'),
      ...scope,
      points,
      message,
    })
    .describe('Texts that are too long. Refuses.'),
  z
    .strictObject({
      rule: z.literal('json-schema'),
      name,
      schema: z.record(z.string(), z.json()).describe('What the arguments of calls must keep.'),
      tools: words.exactOptional().describe('The only tools it is for. Default: all.'),
      ...scope,
      message,
    })
    .describe('Arguments that break a schema. Refuses.'),
  z
    .strictObject({
      rule: z.literal('provenance'),
      irreversible: words.describe('Tools whose effect cannot be taken back.'),
      trusted: words
        .exactOptional()
        .describe('Tools whose results strangers cannot write, such as a clock. Default: none.'),
      action: z
        .literal('refuse', { error: "can only be 'refuse': at the gateway nobody can approve" })
        .exactOptional()
        .describe('What comes of it. Default, and all there is: refuse.'),
      ...scope,
      message,
    })
    .describe('Values of untrusted results on their way to an irreversible tool. Refuses.'),
  z
    .strictObject({
      rule: z.literal('classifier'),
      name,
      url: z.url({ protocol: /^https?$/ }).describe('Where { point, tool, text } is posted.'),
      headers: z.record(z.string(), z.string()).exactOptional(),
      ...scope,
      points: points.describe(
        'Default: input and output. At output or tool-arguments, streams wait for their end.',
      ),
      message,
    })
    .describe('What a server of yours flags: it answers { "flagged": true }. Refuses.'),
] as const

/** The names of the guardrails that can be configured. */
export const GUARDRAIL_NAMES: readonly string[] = RULES.map(option => option.shape.rule.value)

const rule = z
  .discriminatedUnion('rule', RULES, {
    error: ({ input }) => {
      const said = typeof input === 'object' && input && 'rule' in input ? input.rule : undefined
      if (typeof said !== 'string') return "needs 'rule', the name of a guardrail"
      const near = nearest(said, GUARDRAIL_NAMES)
      const hint = near ? `did you mean '${near}'?` : `there are ${GUARDRAIL_NAMES.join(', ')}`
      return `there is no guardrail '${said}'; ${hint}`
    },
  })
  .superRefine((settings, context) => {
    try {
      guardrailOf(settings)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      context.addIssue({ code: 'custom', message: why })
    }
  })

/** A guardrail as the file has it. */
export type GuardrailSettings = z.infer<typeof rule>

/** The rules of the file. A rule that cannot be made is a mistake at its place. */
export const guardrailRules = z
  .array(rule)
  .describe('What requests and answers are held to; rewrites follow each other in this order.')

/** Where all that is objected to is written. */
export const guardrailAudit = z
  .union([
    z.string().min(1),
    z.strictObject({
      file: z.string().min(1),
      content: z
        .boolean()
        .exactOptional()
        .describe('Whether what was checked is written. Default no.'),
    }),
  ])
  .describe('A file for all that is objected to, JSON Lines, chained by hashes. Default none.')

/** Guardrails, once the file was read. */
export interface GuardrailConfig {
  readonly rules: readonly GuardrailSettings[]
  readonly audit?: { readonly file: string; readonly content: boolean }
  /** Milliseconds that a guardrail may take. Default 5000. */
  readonly deadlineMs?: number
}

/**
 * Makes the guardrails, and opens their audit log.
 *
 * @throws Error if the log cannot be opened, or its last line is no entry
 */
export function guardPolicyOf({ rules, audit, deadlineMs }: GuardrailConfig): GuardPolicy {
  return {
    rules: rules.map(guardRuleOf),
    ...(audit && { audit: openAuditLog(audit.file, { content: audit.content }) }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
}

function guardRuleOf(settings: GuardrailSettings): GuardRule {
  const { keys, models } = settings
  return {
    guardrail: guardrailOf(settings),
    ...(settings.rule === 'classifier' ? { needsTime: true } : {}),
    ...(keys && { keys }),
    ...(models && { models }),
  }
}

/** The guardrail of a rule. @throws Error for what the constructors of guardrails do not take */
export function guardrailOf(options: GuardrailSettings): Guardrail {
  switch (options.rule) {
    case 'secrets':
      return secrets(options)
    case 'personal-data':
      return personalData(options)
    case 'urls':
      return urls(options)
    case 'hidden-text':
      return hiddenText(options)
    case 'keywords':
      return keywords(options.words, options)
    case 'pattern':
      return pattern(options.pattern, { ...options, name: options.name ?? 'pattern' })
    case 'canary':
      return canary(options.strings, options)
    case 'size':
      return size(options)
    case 'json-schema':
      return jsonSchema({ ...options, check: schemaCheck(options.schema), action: 'refuse' })
    case 'provenance':
      return provenance({ ...options, action: 'refuse' })
    case 'classifier':
      return classifier(options)
  }
}

/** @throws ToolgateError if the schema is malformed, or has a pattern that cannot be read */
function schemaCheck(schema: JsonObject): (value: Json) => readonly string[] {
  checkArguments(schema, '{}')
  const [odd] = unheldPatterns(schema)
  if (odd) {
    const what = `is no regular expression of ECMA-262: /${odd.pattern}/ (${odd.why}).`
    throw new ToolgateError('invalid_value', `The pattern at #${odd.path} ${what}`)
  }
  return value => {
    const verdict = checkArguments(schema, JSON.stringify(value))
    return verdict.ok ? [] : verdict.problems.map(problem => problem.message)
  }
}

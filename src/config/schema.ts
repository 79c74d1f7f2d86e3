import { z } from 'zod'
import { CALL_FORMS } from '../core/call-form.ts'
import { VALIDATE_MODES } from '../gateway/validate-calls.ts'
import { LOG_LEVELS } from './config.ts'
import { guardrailAudit, guardrailRules } from './guardrails.ts'

/** A time, such as `10s`, `500ms`, `5m`, `1h`, or a number of milliseconds. */
const duration = z
  .union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/)])
  .describe('A time: 500ms, 10s, 5m, 1h, or a number of milliseconds.')

/** A size, such as `32MiB`, `64KiB`, or a number of bytes. */
const size = z
  .union([z.int().nonnegative(), z.string().regex(/^\d+(B|KiB|MiB|GiB)$/)])
  .describe('A size: 64KiB, 32MiB, or a number of bytes.')

const mode = z
  .enum(VALIDATE_MODES)
  .describe(
    'off: pass; repair: mend, else an error; retry: ask again before that; reject: an error.',
  )

const account = z
  .strictObject({
    provider: z
      .string()
      .describe('The vendor, such as openai, anthropic, deepseek, openai-compatible.'),
    key: z.string().optional().describe('The key. Write ${NAME} to read it from the environment.'),
    baseUrl: z.url().optional().describe("Replaces the vendor's address."),
    protocol: z
      .enum(['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'converse'])
      .optional()
      .describe('Which of its protocols, for a vendor that speaks several.'),
    apiVersion: z
      .string()
      .optional()
      .describe('Version of the API, for a vendor whose older addresses hold one.'),
    project: z.string().optional().describe("Project in the vendor's cloud, in place of a key."),
    location: z.string().optional().describe('Where in that cloud. Default global.'),
    credentials: z
      .string()
      .optional()
      .describe(
        "Path of the cloud's credentials file, or its JSON. Default: as its library finds.",
      ),
    region: z.string().optional().describe("Region of the vendor's cloud, such as eu-central-1."),
    accessKeyId: z.string().optional().describe('Signs each call there, in place of a key.'),
    secretAccessKey: z.string().optional().describe('Its secret. Write ${NAME}, as for a key.'),
    sessionToken: z.string().optional().describe('Goes with an access key that runs out.'),
    headers: z.record(z.string(), z.string()).optional().describe('Sent with every request.'),
    models: z
      .array(z.string())
      .optional()
      .describe('The only models it may be used for; * stands for any text.'),
    aliases: z
      .record(z.string(), z.string())
      .optional()
      .describe("Names of your own, each with the vendor's model id."),
    emulatedTools: z
      .array(z.string())
      .optional()
      .describe('Its models that know no tools, so that they are emulated; * stands for any text.'),
    rawCalls: z
      .enum(['any', ...CALL_FORMS])
      .optional()
      .describe('The form of calls that the server leaves in its text, to be read as calls.'),
  })
  .describe('A vendor as you use it.')

/** What `toolgate.yaml` may hold. Every field may be absent. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  host: z.string().optional().describe('Address to listen on. Default 127.0.0.1.'),
  port: z
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Port to listen on; 0 picks a free one. Default 8665.'),
  keys: z
    .record(z.string(), z.string().min(8))
    .optional()
    .describe("Clients' keys by a name for the log. None: open, on a loopback address only."),
  open: z
    .boolean()
    .optional()
    .describe('Whether to listen on a public address without keys. Default false.'),
  hosts: z
    .array(z.string())
    .optional()
    .describe('Further names that may stand in the Host header.'),
  cors: z
    .array(z.string())
    .optional()
    .describe('Web origins that may call from a browser. Default none.'),
  accounts: z
    .record(z.string(), account)
    .optional()
    .describe('Your vendors, by names of your own.'),
  rehearsal: z
    .boolean()
    .optional()
    .describe(
      'Whether vendors without a key are played by twins. Default: only if no vendor has a key.',
    ),
  strict: z
    .boolean()
    .optional()
    .describe(
      'Whether to refuse what cannot be carried without a change of meaning. Default false.',
    ),
  repair: z
    .boolean()
    .optional()
    .describe('Whether to mend broken conversations in place of refusing them. Default false.'),
  conversations: z
    .strictObject({
      age: duration.optional().describe('How long an answer is held. Default 720h.'),
      size: size.optional().describe('Memory for all of them together. Default 64MiB.'),
    })
    .optional()
    .describe(
      'Holds answers for clients of Responses: previous_response_id, store, and reading them again. Without it nothing is held. Write {} for the defaults.',
    ),
  validate: z
    .union([
      mode,
      z.strictObject({
        mode: mode.optional().describe('For all others. Default off.'),
        retries: z
          .int()
          .min(0)
          .max(5)
          .optional()
          .describe('How often a model is asked again. Default 2.'),
        keys: z.record(z.string(), mode).optional().describe("By names of clients' keys."),
        models: z
          .record(z.string(), mode)
          .optional()
          .describe('By names of models; * stands for any text.'),
      }),
    ])
    .optional()
    .describe('What is done with calls that break the schema of their tool. Default off.'),
  guardrails: z
    .strictObject({
      rules: guardrailRules,
      audit: guardrailAudit.optional(),
      deadline: duration.optional().describe('For one check of one guardrail. Default 5s.'),
    })
    .optional()
    .describe('What requests and answers are held to. Default nothing.'),
  limits: z
    .strictObject({
      body: size.optional().describe("A request's body. Default 32MiB."),
      response: size.optional().describe("A vendor's whole answer. Default 64MiB."),
      connect: duration.optional().describe('Until the connection stands. Default 10s.'),
      firstByte: duration.optional().describe('Until the vendor begins to answer. Default 10m.'),
      idle: duration.optional().describe("Between two chunks of the vendor's answer. Default 5m."),
      whole: duration.optional().describe('For an exchange with all its retries. Default 1h.'),
      grace: duration.optional().describe('For running exchanges at shutdown. Default 10s.'),
      heartbeat: duration
        .optional()
        .describe('Between signs of life while a guardrail holds a stream. Default 15s; 0: none.'),
      retries: z.int().min(0).max(10).optional().describe('Further tries at a vendor. Default 2.'),
      backoff: duration.optional().describe('First pause between tries. Default 500ms.'),
      maxBackoff: duration.optional().describe('Longest pause between tries. Default 8s.'),
    })
    .optional(),
  vault: z
    .strictObject({
      size: size.optional().describe('Bytes held in memory; 0 keeps nothing. Default 64MiB.'),
      keep: duration.optional().describe('How long it is kept. Default 24h.'),
      redis: z
        .url({ protocol: /^rediss?$/ })
        .optional()
        .describe('Redis that all instances share: redis://host:6379. Default none.'),
    })
    .optional()
    .describe('Where the reasoning state of calls is kept for clients that drop it.'),
  log: z
    .enum(LOG_LEVELS)
    .optional()
    .describe('How much is logged: one line for each exchange at info. Default info.'),
})

/** A configuration file that the schema has accepted. */
export type ConfigFile = z.infer<typeof configSchema>

const MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const BYTES: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** Milliseconds of a time that the schema has accepted. */
export function milliseconds(value: number | string): number {
  return typeof value === 'number' ? value : scaled(value, MS)
}

/** Bytes of a size that the schema has accepted. */
export function bytes(value: number | string): number {
  return typeof value === 'number' ? value : scaled(value, BYTES)
}

function scaled(text: string, units: Record<string, number>): number {
  const unit = text.replace(/^[\d.]+/, '')
  return Number.parseFloat(text) * (units[unit] ?? Number.NaN)
}

/** The JSON Schema of the file, for editors; published as `schema/toolgate.schema.json`. */
export function configJsonSchema(): object {
  return {
    title: 'toolgate.yaml',
    ...z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' }),
  }
}

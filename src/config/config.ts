import type { Limits } from '../gateway/limits.ts'
import type { ValidatePolicy } from '../gateway/validate-calls.ts'
import type { Account } from '../providers/index.ts'
import type { GuardrailConfig } from './guardrails.ts'

/** How much is logged, from nothing to everything; each level holds those before it. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Everything the gateway needs to know, once file, environment and command line are put together. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Clients' keys by name. Empty: open. */
  readonly keys: { readonly [name: string]: string }
  /** Whether a public address without keys is meant. */
  readonly open: boolean
  readonly hosts: readonly string[]
  readonly cors: readonly string[]
  /** Vendors with a key, or at an address of the user's own, in the order they are tried. */
  readonly accounts: readonly ConfiguredAccount[]
  /** Whether vendors without an account are played by twins. */
  readonly rehearsal: boolean
  readonly strict: boolean
  readonly repair: boolean
  /** How answers are held for clients; absent: they are not. */
  readonly conversations?: ConversationLimits
  readonly validate: ValidatePolicy
  /** Absent: none. */
  readonly guardrails?: GuardrailConfig
  readonly limits: Partial<Limits>
  readonly maxBodyBytes: number
  readonly graceMs: number
  /** Where reasoning state is kept for clients that drop it. Default: in memory. */
  readonly vault?: {
    readonly maxBytes?: number
    readonly ttlMs?: number
    readonly redis?: string
  }
  readonly log: LogLevel
  /** The file that was read, if one was. */
  readonly file: string | undefined
}

/** How answers are held for clients that leave the conversation with the server. */
export interface ConversationLimits {
  /** Milliseconds that an answer is held. */
  readonly ageMs: number
  /** Bytes of memory for all of them together; the ones that were not used for longest go first. */
  readonly maxBytes: number
}

/** An account, and where it was found. */
export interface ConfiguredAccount extends Account {
  /** Where it comes from, for people: `OPENAI_API_KEY` or `toolgate.yaml`. */
  readonly source: string
}

/** What cannot be used, with the place: the whole message is for the user. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConfigError'
  }
}

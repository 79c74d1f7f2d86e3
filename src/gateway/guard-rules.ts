import {
  type AuditLog,
  createGuards,
  type GuardPoint,
  type Guardrail,
  type Guards,
} from '../guardrails/index.ts'
import { fitsPattern } from '../providers/names.ts'
import { PassedTexts } from './passed-texts.ts'

/** A guardrail of the house, and for whom it is. */
export interface GuardRule {
  readonly guardrail: Guardrail
  /** Whether it takes time to decide, such as one that asks a server. It can only refuse. Default false. */
  readonly needsTime?: boolean
  /** The only clients' keys that it is for, by their names. Default: all. */
  readonly keys?: readonly string[]
  /** The only models that it is for; `*` stands for any text. Default: all. */
  readonly models?: readonly string[]
}

/** What exchanges are held to. */
export interface GuardPolicy {
  /** Rewrites follow each other in this order. */
  readonly rules: readonly GuardRule[]
  /** Where all that is objected to is written. Default: nowhere. */
  readonly audit?: AuditLog
  /** Milliseconds that a guardrail may take. Default 5000. */
  readonly deadlineMs?: number
}

/** The rules that are for one exchange. */
export interface RuleSet {
  /** Those that decide at once. */
  readonly now: Guards
  /** Of these, those on texts: what is no text of its own, such as an extra field, is held to them. */
  readonly texts: Guards
  /** Those that take time. */
  readonly later: Guards
  /** Whether an answer has to be whole before any of it may be given out. */
  readonly holdsAnswers: boolean
  readonly passed: PassedTexts
}

/** The rules of the house, put together for each kind of exchange when it first comes. */
export class GuardRules {
  readonly #policy: GuardPolicy
  readonly #sets = new Map<string, RuleSet | undefined>()

  constructor(policy: GuardPolicy) {
    this.#policy = policy
  }

  /**
   * The rules for an exchange; `undefined` if there are none.
   *
   * @param models the model's name as it was asked for, and the vendor's id of it
   */
  for(client: string | undefined, models: readonly string[]): RuleSet | undefined {
    const mine = this.#policy.rules.filter(rule => isFor(rule, client, models))
    const key = this.#policy.rules.map(rule => (mine.includes(rule) ? '1' : '0')).join('')
    if (!this.#sets.has(key)) this.#sets.set(key, ruleSet(mine, this.#policy))
    return this.#sets.get(key)
  }
}

function isFor(
  { keys, models: patterns }: GuardRule,
  client: string | undefined,
  models: readonly string[],
): boolean {
  if (keys && (client === undefined || !keys.includes(client))) return false
  return !patterns || patterns.some(pattern => models.some(name => fitsPattern(name, pattern)))
}

function ruleSet(
  rules: readonly GuardRule[],
  { audit, deadlineMs }: GuardPolicy,
): RuleSet | undefined {
  if (rules.length === 0) return undefined
  const made = (list: readonly GuardRule[]): Guards =>
    createGuards(
      list.map(({ guardrail }) => guardrail),
      { ...(audit && { audit }), ...(deadlineMs === undefined ? {} : { deadlineMs }) },
    )
  const atOnce = rules.filter(rule => !rule.needsTime)
  const later = made(rules.filter(rule => rule.needsTime))
  return {
    now: made(atOnce),
    texts: made(atOnce.filter(({ guardrail }) => guardrail.text)),
    later,
    holdsAnswers: ANSWER_POINTS.some(point => later.points.has(point)),
    passed: new PassedTexts(),
  }
}

const ANSWER_POINTS: readonly GuardPoint[] = ['output', 'tool-arguments']

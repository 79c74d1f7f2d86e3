import { ToolgateError, type WirePath } from '../core/error.ts'
import type { Json } from '../core/json.ts'
import type { Loss } from '../core/loss.ts'
import type {
  CheckContext,
  Decision,
  Finding,
  GuardPoint,
  StreamGuard,
  TextBefore,
  Verdict,
  Written,
} from '../guardrails/index.ts'
import { ALLOW, REFUSED_MESSAGE, UNCHECKED_MESSAGE } from '../guardrails/verdict.ts'
import type { RuleSet } from './guard-rules.ts'
import { readable } from './readable.ts'
import type { RequestOrigins } from './request-origins.ts'

/** Which guardrails did something in an exchange, by their names. */
export interface GuardFacts {
  readonly rewrote: readonly string[]
  readonly refused: readonly string[]
}

/** Whose call something belongs to. */
export interface OfTool {
  readonly tool?: string
  readonly callId?: string
  /** Numbers as they were written, where a parsed one has lost digits. */
  readonly numbers?: readonly string[]
  /** What the audit log has of it already. */
  readonly written?: Written
}

/** The guardrails of one exchange, and what they have done in it. */
export class ExchangeGuard {
  readonly rules: RuleSet
  readonly client: string
  /** Whose words the conversation is made of, once it is known. */
  origins: RequestOrigins | undefined
  readonly #about: { readonly about?: string }
  readonly #rewrote = new Set<string>()
  readonly #refused = new Set<string>()
  #losses: Loss[] = []

  /**
   * @param about the name of the exchange in the audit log
   * @param client the name of the client's key
   */
  constructor(rules: RuleSet, about: string | undefined, client = '') {
    this.rules = rules
    this.client = client
    this.#about = about === undefined ? {} : { about }
  }

  get facts(): GuardFacts {
    return { rewrote: [...this.#rewrote], refused: [...this.#refused] }
  }

  /** Lets the rules that need no time decide. `place` is for the losses. */
  now(point: GuardPoint, value: Json, place: string, of: OfTool = {}): Decision {
    const { now } = this.rules
    if (!now.points.has(point)) return { verdict: ALLOW, value, findings: [] }
    return this.#noted(now.checkNow(point, value, this.#context(of)), place)
  }

  /** Lets the rules decide that need time; what they do not allow, they refuse. */
  async later(point: GuardPoint, value: Json, place: string, of: OfTool = {}): Promise<Verdict> {
    const { later } = this.rules
    if (!later.points.has(point)) return ALLOW
    const { verdict } = this.#noted(await later.check(point, value, this.#context(of)), place)
    if (verdict.type !== 'rewrite') return verdict
    return { type: 'refuse', reason: verdict.reason, message: REFUSED_MESSAGE }
  }

  /** Guards a text of the answer that comes in pieces; `before`: what of it has left already. */
  stream(before?: TextBefore): StreamGuard {
    return this.rules.now.stream('output', this.#about, before)
  }

  /**
   * Whether the rules on texts find nothing in a value that is no text of its own. `otherwise`: what
   * becomes of it if they do.
   */
  isClean(
    point: GuardPoint,
    value: Json,
    place: string,
    otherwise: 'refused' | 'dropped' = 'refused',
  ): boolean {
    const { texts } = this.rules
    if (!texts.points.has(point)) return true
    try {
      const { findings, verdict } = texts.checkNow(point, readable(value), this.#about)
      this.note(findings, place, otherwise)
      return verdict.type === 'allow'
    } catch {
      // Nested so deeply that nobody could look into it.
      return false
    }
  }

  /** Takes down what was found; `action`: what became of it, where the verdicts do not say. */
  note(findings: readonly Finding[], place: string, action?: 'refused' | 'dropped'): void {
    for (const { guardrail, verdict } of findings) {
      const became = action ?? (verdict.type === 'rewrite' ? 'rewritten' : 'refused')
      const into = became === 'refused' ? this.#refused : this.#rewrote
      into.add(guardrail)
      const what = `${guardrail}: ${verdict.reason}`
      if (this.#losses.some(loss => loss.path === place && loss.what === what)) continue
      // It is what the house wants, so strict mode has nothing against it.
      this.#losses.push({ path: place, what, action: became, meaning: false })
    }
  }

  /** What was lost since it was last taken. */
  get losses(): readonly Loss[] {
    return this.#losses
  }

  /** Gives the losses out, each once. */
  takeLosses(): readonly Loss[] {
    const taken = this.#losses
    this.#losses = []
    return taken
  }

  /** The error by which a request is refused. */
  refusal(message: string, path: WirePath): ToolgateError {
    return new ToolgateError('guardrail_refused', message, {
      details: { path, names: [...this.#refused] },
    })
  }

  /** An error whose words may be the model's, as far as the client may read it. */
  error(error: ToolgateError): ToolgateError {
    if (error.origin === 'client') return error
    const { message, details } = error
    const passes = (value: Json) =>
      POINTS_OF_ERRORS.every(point => this.isClean(point, value, 'error', 'dropped'))
    if (passes([message, asJson(details)])) return error
    const { code, status, origin, retryable } = error
    const said = passes(message) ? message : UNCHECKED_MESSAGE
    const { retryAfter } = details
    const kept = retryAfter === undefined ? {} : { retryAfter }
    return new ToolgateError(code, said, { status, origin, retryable, details: kept })
  }

  #context(of: OfTool): CheckContext {
    return { ...this.#about, ...of, ...(this.origins && { origins: this.origins }) }
  }

  #noted(decision: Decision, place: string): Decision {
    this.note(decision.findings, place)
    return decision
  }
}

/** An error may quote what the model said, and the calls that it made. */
const POINTS_OF_ERRORS = ['output', 'tool-arguments'] as const

/** What a client is told where a verdict stops the exchange; `undefined` where it does not. */
export function refusalIn(verdict: Verdict): string | undefined {
  if (verdict.type === 'allow' || verdict.type === 'rewrite') return undefined
  return verdict.type === 'refuse' ? verdict.message : REFUSED_MESSAGE
}

/** Details of an error as JSON; what cannot be said as such is nothing that anybody is told. */
function asJson(details: object): Json {
  try {
    return JSON.parse(JSON.stringify(details))
  } catch {
    return null
  }
}

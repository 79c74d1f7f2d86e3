import { hash } from 'node:crypto'
import type { Tool as DeclaredTool } from '../core/request.ts'
import { keepShape } from '../core/shape.ts'
import type { Quirks } from '../protocols/quirks.ts'
import type { ModelLine } from './ask.ts'
import type { Budget, TokenPrice } from './budget.ts'
import { AbortWatch, RunEnding, within } from './ending.ts'
import type { Entry } from './entry.ts'
import type { RunEvent } from './event.ts'
import { checkGuard, type GuardVerdict, type RunSubject } from './guard.ts'
import type { Journal } from './journal.ts'
import type { RunnerOptions, RunView } from './options.ts'
import type { HeldLocks } from './schedule.ts'
import { apply, type RunState, startState } from './state.ts'
import type { Tool } from './tool.ts'
import type { RunTrace } from './trace.ts'

/** What a session is made of. */
export interface SessionParts {
  readonly options: RunnerOptions & { readonly context?: unknown }
  readonly state: RunState
  readonly line: ModelLine
  readonly quirks: Quirks
  readonly price: TokenPrice | undefined
  readonly budget: Budget
  readonly journal: Journal | undefined
  readonly signal: AbortSignal
  readonly trace: RunTrace | undefined
  emit(event: RunEvent): void
}

/** One process's work on a run: its state, its journal, and what the steps of a turn share. */
export class Session {
  readonly options: RunnerOptions & { readonly context?: unknown }
  readonly state: RunState
  readonly line: ModelLine
  readonly quirks: Quirks
  readonly price: TokenPrice | undefined
  readonly budget: Budget
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  /** Absent where nothing is traced. */
  readonly trace: RunTrace | undefined
  /** Locks of calls that were given up and still run. */
  readonly heldLocks: HeldLocks = new Map()
  /** For calls that are under way when the run ends. */
  readonly watch: AbortWatch
  /** Set once the run has ended: nothing is recorded any more. */
  closed = false
  readonly #journal: Journal | undefined
  #tools: ReadonlyMap<string, Tool> = new Map()

  constructor(parts: SessionParts) {
    this.options = parts.options
    this.state = parts.state
    this.line = parts.line
    this.quirks = parts.quirks
    this.price = parts.price
    this.budget = parts.budget
    this.signal = parts.signal
    this.emit = parts.emit
    this.trace = parts.trace
    this.#journal = parts.journal
    this.watch = new AbortWatch(parts.signal)
  }

  get turn(): number {
    return this.state.turn
  }

  /** What the model may call now, by name. */
  get tools(): ReadonlyMap<string, Tool> {
    return this.#tools
  }

  get view(): RunView {
    return this.state
  }

  /** Takes a step and writes it down. `durable`: waits until it is on the disk. */
  record(entry: Entry, durable = false): Promise<void> {
    if (this.closed) return Promise.resolve()
    apply(this.state, entry)
    if (!this.#journal) return Promise.resolve()
    return this.#journal.append(entry, durable)
  }

  /** Records what concerns no state, such as a late result, if there is still somebody to read it. */
  recordLate(entry: Entry): void {
    if (!this.closed) this.record(entry).catch(() => {})
  }

  notice(what: string): void {
    this.emit({ type: 'notice', turn: this.turn, what })
  }

  /**
   * Asks the program which tools there are now.
   *
   * @throws RunEnding `failed` if two have the same name, or one needs a sandbox that is not there.
   */
  async chooseTools(): Promise<void> {
    const { tools: source, sandbox } = this.options
    const list =
      typeof source === 'function' ? await within(this.signal, () => source(this.view)) : source
    const tools = new Map<string, Tool>()
    for (const tool of readTools(list)) {
      if (tools.has(tool.name)) throw new RunEnding('failed', `two tools are named '${tool.name}'`)
      if (tool.code && !sandbox)
        throw new RunEnding('failed', `'${tool.name}' needs a sandbox, and the run has none`)
      tools.set(tool.name, tool)
    }
    this.#tools = tools
  }

  /** The tools as the model is told of them. */
  declaredTools(): DeclaredTool[] {
    return [...this.#tools.values()].map(({ name, description, parameters, strict }) => ({
      kind: 'function',
      name,
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(strict === undefined ? {} : { strict }),
    }))
  }

  /** Puts something to the run's guard; without one everything is allowed. */
  async guard(subject: Omit<RunSubject, 'turn'>): Promise<GuardVerdict> {
    const { guard } = this.options
    if (!guard) return { type: 'allow' }
    const full = { ...subject, turn: this.turn }
    const verdict = await within(this.signal, () => checkGuard(guard, full, this.signal))
    this.tellVerdict(subject, verdict)
    return verdict
  }

  /** Tells what was decided at a point. */
  tellVerdict(subject: Omit<RunSubject, 'turn' | 'value'>, verdict: GuardVerdict): void {
    const { tool, callId, point } = subject
    this.emit({
      type: 'guardrail',
      turn: this.turn,
      point,
      ...(tool === undefined ? {} : { tool }),
      ...(callId === undefined ? {} : { callId }),
      verdict,
    })
  }
}

/** Tools as a program gives them. @throws RunEnding `failed` if they are none. */
function readTools(list: readonly Tool[] | undefined): readonly Tool[] {
  const given: unknown = list ?? []
  if (!Array.isArray(given)) throw new RunEnding('failed', 'tools must be a list of tools')
  for (const [index, one] of given.entries())
    if (typeof Object(one).check !== 'function')
      throw new RunEnding('failed', `tools[${index}] was not made by tool()`)
  return list ?? []
}

/** Names a thing by its content: the first 32 hex digits of its SHA-256. */
export function printOf(...texts: string[]): string {
  let all = ''
  for (const text of texts) all += `${text.length}:${text}`
  return hash('sha256', all, 'hex').slice(0, 32)
}

/** A session of a run that never is: see `keepShape`. */
function emptySession(): Session {
  const protocol = 'openai-chat'
  const state = startState({
    type: 'start',
    version: 1,
    run: '',
    at: 0,
    model: '',
    baseUrl: '',
    protocol,
    stream: false,
    quirks: {},
    settings: {},
    budget: {},
    messages: [],
  })
  return new Session({
    options: {},
    state,
    line: {
      address: { protocol, url: () => '' },
      quirks: {},
      key: undefined,
      headers: {},
      retries: 0,
      maxRetryMs: 0,
      silenceMs: 0,
    },
    quirks: {},
    price: undefined,
    budget: {},
    journal: undefined,
    signal: new AbortController().signal,
    trace: undefined,
    emit() {},
  })
}

keepShape(emptySession())

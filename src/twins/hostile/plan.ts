import type { Fault } from '../faults.ts'
import { type Random, seeded } from '../random.ts'
import type { ScriptCall, ScriptTurn } from '../script.ts'
import { drawArguments } from './arguments.ts'

/** The protocols that a hostile model speaks. */
export const HOSTILE_PROTOCOLS = ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const
/** One of these protocols. */
export type HostileProtocol = (typeof HOSTILE_PROTOCOLS)[number]

/** A tool that a hostile model may call. */
export interface HostileTool {
  readonly name: string
  /** JSON Schema of the arguments: some calls fit it. Absent: none of its calls mean anything. */
  readonly parameters?: unknown
  /** How often it is called beside the others. Default 1. */
  readonly weight?: number
}

/** All that a hostile model does in one run, as plain data: it can be printed, kept and run again. */
export interface HostilePlan {
  /** What else is left to chance: the twin's ids, and what the program draws itself. */
  readonly seed: number
  readonly protocol: HostileProtocol
  /** Whether the client is to ask for a stream. */
  readonly stream: boolean
  readonly turns: readonly ScriptTurn[]
  /** After the last turn: an answer, or the last turn again, for ever. */
  readonly tail: 'answer' | 'again'
  /** Whether the model calls on when it was told to call nothing. */
  readonly heedless: boolean
  /** What the vendor does to its answers. */
  readonly faults: readonly Fault[]
}

/** What plans are drawn from. */
export interface PlanSource {
  readonly tools: readonly HostileTool[]
  readonly protocols: readonly HostileProtocol[]
  readonly faults: boolean
}

/** The sequence that everything in one run of a seed is drawn from. */
export function randomOf(seed: number, run: number): Random {
  return seeded(seeded(seed).below(2 ** 32) + Math.imul(run, 0x9e3779b1))
}

/** Draws a plan. Most are short. */
export function drawPlan(random: Random, source: PlanSource): HostilePlan {
  return {
    seed: random.below(2 ** 32),
    protocol: random.pick(source.protocols),
    stream: random.below(2) === 0,
    turns: Array.from({ length: 1 + random.below(4) }, () => drawTurn(random, source.tools)),
    tail: random.below(3) === 0 ? 'again' : 'answer',
    heedless: random.below(2) === 0,
    faults:
      source.faults && random.below(3) === 0
        ? Array.from({ length: 1 + random.below(2) }, () => drawFault(random))
        : [],
  }
}

/** Calls of a turn at the most: as many as the largest burst that vendors are known for. */
const BURST = 128

const TEXTS = ['Well.', '{"n":1}', '\ud800', 'é'.repeat(300)]
const ENDS = ['stop', 'length', 'refusal', 'content-filter', 'pause'] as const

function drawTurn(random: Random, tools: readonly HostileTool[]): ScriptTurn {
  return {
    calls: drawCalls(random, tools),
    ...(random.below(3) === 0 ? { text: random.pick(TEXTS) } : {}),
    ...(random.below(3) === 0 ? { reasoning: 'Hm.' } : {}),
    ...(random.below(4) === 0 ? { end: random.pick(ENDS) } : {}),
  }
}

function drawCalls(random: Random, tools: readonly HostileTool[]): ScriptCall[] {
  const kind = random.below(16)
  if (kind < 12) return Array.from({ length: random.below(6) }, () => drawCall(random, tools))
  if (kind < 15) return Array(3).fill(drawCall(random, tools))
  return Array.from({ length: BURST }, () => drawCall(random, tools))
}

const UNKNOWN = ['gone', 'Good', 'good ', '__proto__', 'constructor', 'ünknown', 'x'.repeat(90)]
const IDS = ['', ' ', 'bad id!', 'i'.repeat(200)]

function drawCall(random: Random, tools: readonly HostileTool[]): ScriptCall {
  const tool = random.below(9) === 0 ? undefined : drawTool(random, tools)
  const name = tool?.name ?? random.pick(UNKNOWN)
  const call = { name, arguments: drawArguments(random, tool?.parameters) }
  const kind = random.below(7)
  if (kind < 4) return call
  return { ...call, id: kind < 6 ? random.pick(['call_same', 'call_other']) : random.pick(IDS) }
}

function drawTool(random: Random, tools: readonly HostileTool[]): HostileTool | undefined {
  const total = tools.reduce((sum, { weight = 1 }) => sum + weight, 0)
  let at = random.next() * total
  return tools.find(({ weight = 1 }) => {
    at -= weight
    return at < 0
  })
}

function drawFault(random: Random): Fault {
  const after = random.below(13)
  return random.pick<Fault>([
    { kind: 'cut', atByte: random.below(901) },
    { kind: 'cut-events', after },
    { kind: 'in-band-error', after },
    { kind: 'stall', after },
    { kind: random.pick(['reset', 'no-terminal-event']) },
    { kind: random.pick(['malformed-arguments', 'unknown-tool', 'duplicate-id']) },
    { kind: 'slow-first-byte', ms: random.pick([5, 50]) },
    { kind: 'status', status: random.pick([400, 401, 429, 500, 503]) },
  ])
}

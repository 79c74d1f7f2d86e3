import { AssertionError } from 'node:assert'
import type { CallOutcome, CallRecord, Ended, RunEvent, RunResult } from '../loop/index.ts'
import { differences, type Expected, say } from './difference.ts'

/** A call that is expected of a run. */
export interface ExpectedCall {
  /** The tool's name. */
  readonly call: string
  /** The arguments as the model gave them; a text is compared with their text. Absent: any. */
  readonly input?: Expected
  /** Default `returned`. */
  readonly outcome?: CallOutcome
  /** The text that the model is given of the result. Absent: any. */
  readonly result?: string | RegExp
  /** Counted from 1. Absent: any. */
  readonly turn?: number
}

/** How a run is expected to end. Only as the last step. */
export interface ExpectedEnd {
  readonly ended: Ended
  /** Absent: any. */
  readonly text?: string | RegExp
  readonly reason?: string | RegExp
}

/** An event that is expected, by its type and any of its other fields. */
export interface ExpectedEvent {
  readonly event: RunEvent['type']
  readonly [field: string]: Expected
}

/** One step of an expected trace. */
export type ExpectedStep = ExpectedCall | ExpectedEnd | ExpectedEvent

/** One thing that happened, as far as it is compared. */
interface Step {
  readonly line: string
  readonly fields: { readonly [name: string]: unknown }
}

/**
 * Holds a run to a trace: its calls in order, those of one turn in the model's order, and its end.
 * Every call must be expected, and none may be missing; the end, if the trace says one. With the
 * events of a whole run, a trace may name events too: those of the types that it names are all held
 * to it, and others are passed over.
 *
 * @throws AssertionError whose message shows what was expected (`-`) and found (`+`), line by line.
 */
export function assertTrace(
  run: RunResult | readonly RunEvent[],
  expected: readonly ExpectedStep[],
): void {
  const types = new Set(expected.flatMap(step => ('event' in step ? [String(step.event)] : [])))
  const hasEnd = expected.some(step => 'ended' in step)
  const found = 'messages' in run ? stepsOfResult(run) : stepsOfEvents(run, types)
  const steps = hasEnd ? found : found.filter(({ fields }) => !('ended' in fields))
  const rows = align(expected, steps)
  if (rows.every(({ sign }) => sign === ' ')) return
  const lines = rows.flatMap(({ sign, line, notes }) => [`${sign} ${line}`, ...notes])
  throw new AssertionError({
    message: `the run is not as expected (- expected, + found)\n\n${lines.join('\n')}\n`,
    operator: 'assertTrace',
    stackStartFn: assertTrace,
  })
}

function stepsOfResult(result: RunResult): Step[] {
  const order = callOrder(result)
  const calls = result.calls.toSorted(
    (a, b) => a.turn - b.turn || (order.get(a.callId) ?? 0) - (order.get(b.callId) ?? 0),
  )
  return [...calls.map(call => callStep(call, result)), endStep(result)]
}

function stepsOfEvents(events: readonly RunEvent[], types: ReadonlySet<string>): Step[] {
  const last = events.at(-1)
  if (last?.type !== 'end')
    throw new TypeError('assertTrace needs all events of a run: the last of these is no `end`')
  const { result } = last
  const order = callOrder(result)
  const steps: Step[] = []
  // Calls of a turn come to their ends in any order: until something else happens, in the model's.
  let waiting: CallRecord[] = []
  const flush = (): void => {
    waiting.sort((a, b) => (order.get(a.callId) ?? 0) - (order.get(b.callId) ?? 0))
    steps.push(...waiting.map(call => callStep(call, result)))
    waiting = []
  }
  for (const event of events) {
    const { type } = event
    if (type === 'turn-start' || types.has(type)) flush()
    if (types.has(type)) steps.push(eventStep(event))
    if (type !== 'call-end') continue
    const { turn, callId } = event
    const call = result.calls.find(one => one.turn === turn && one.callId === callId)
    if (call) waiting.push(call)
  }
  flush()
  return [...steps, endStep(result)]
}

/** Where in the conversation each call stands. */
function callOrder({ messages }: RunResult): Map<string, number> {
  const ids = messages.flatMap(message =>
    message.role === 'assistant'
      ? message.content.flatMap(part => (part.type === 'tool-call' ? [part.id] : []))
      : [],
  )
  return new Map(ids.map((id, index) => [id, index]))
}

function callStep(call: CallRecord, { messages }: RunResult): Step {
  const { tool, turn, outcome, callId, arguments: text } = call
  const result = messages
    .flatMap(message => (message.role === 'tool' ? message.content : []))
    .findLast(part => part.callId === callId)
    ?.content.flatMap(part => (part.type === 'text' ? [part.text] : []))
    .join('\n')
  const input = parsed(text)
  const line = `${tool} ${typeof input === 'string' ? text : say(input)} → ${outcome} ${say(result ?? '')}`
  return { line, fields: { call: tool, turn, outcome, input, text, result } }
}

function endStep({ ended, text, reason }: RunResult): Step {
  return { line: `${ended} ${say(text)} (${reason})`, fields: { ended, text, reason } }
}

function eventStep(event: RunEvent): Step {
  const { type, ...fields } = event
  return { line: `${type} ${say(fields)}`, fields: { event: type, ...fields } }
}

/** Arguments as JSON; what is none stays the text that it is. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return text
  }
}

/** What is unlike in a step, in words; `undefined` if it is about something else altogether. */
function unlike(expected: ExpectedStep, { fields }: Step): string[] | undefined {
  const subject = ['call', 'ended', 'event'].find(name => name in expected) ?? 'call'
  const { [subject]: wanted, ...others }: { readonly [name: string]: unknown } = { ...expected }
  if (!(subject in fields)) return undefined
  if (wanted !== fields[subject])
    return subject === 'ended' ? differences(subject, wanted, fields[subject]) : undefined
  const all = subject === 'call' ? { outcome: 'returned', ...others } : others
  return Object.entries(all).flatMap(([name, value]) => {
    if (value === undefined) return []
    const asText = subject === 'call' && name === 'input' && typeof value === 'string'
    return differences(name, value, fields[asText ? 'text' : name])
  })
}

function lineOf(expected: ExpectedStep): string {
  if ('event' in expected) {
    const { event, ...fields } = expected
    return `${event} ${say(fields)}`
  }
  if ('ended' in expected) {
    const { ended, text, reason } = expected
    return `${ended}${text === undefined ? '' : ` ${say(text)}`}${reason === undefined ? '' : ` (${reason})`}`
  }
  const { call, input, outcome = 'returned', result, turn } = expected
  const given = input === undefined ? '(any arguments)' : say(input)
  const said = result === undefined ? '' : ` ${say(result)}`
  return `${call} ${given} → ${outcome}${said}${turn === undefined ? '' : `, in turn ${turn}`}`
}

interface Row {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
  readonly notes: readonly string[]
}

/** The longest common part of both, and around it what stands in one alone. */
function align(expected: readonly ExpectedStep[], found: readonly Step[]): Row[] {
  const same = (i: number, j: number): boolean => {
    const [step, other] = [expected[i], found[j]]
    return step !== undefined && other !== undefined && unlike(step, other)?.length === 0
  }
  // lengths[i][j]: how many steps can be matched from there on.
  const lengths = Array.from({ length: expected.length + 1 }, () =>
    Array<number>(found.length + 1).fill(0),
  )
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  for (let i = expected.length - 1; i >= 0; i--)
    for (let j = found.length - 1; j >= 0; j--) {
      const row = lengths[i]
      if (row) row[j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  const rows: Row[] = []
  for (let i = 0, j = 0; i < expected.length || j < found.length; ) {
    const [step, other] = [expected[i], found[j]]
    if (step && other && same(i, j)) {
      rows.push({ sign: ' ', line: other.line, notes: [] })
      i++
      j++
    } else if (step && (!other || at(i + 1, j) >= at(i, j + 1))) {
      const wrong = (other && unlike(step, other)) ?? []
      rows.push({ sign: '-', line: lineOf(step), notes: wrong.map(text => `    ${text}`) })
      i++
    } else if (other) {
      rows.push({ sign: '+', line: other.line, notes: [] })
      j++
    }
  }
  return rows
}

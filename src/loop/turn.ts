import { hash } from 'node:crypto'
import { isToolgateError, type ToolgateError } from '../core/error.ts'
import type { ToolChoice } from '../core/request.ts'
import type { FinishReason, ModelResponse } from '../core/response.ts'
import { type AskListener, ask, type ModelLine, writeRequest } from './ask.ts'
import { costOf, planTurn } from './budget.ts'
import { endingOf, RunEnding, within } from './ending.ts'
import type { AnswerEntry } from './entry.ts'
import { mendAnswer, textOf } from './history.ts'
import { readToolChoice } from './option-check.ts'
import { canonicalJson } from './pause.ts'
import type { Session } from './session.ts'
import { type RunState, requestOf } from './state.ts'
import { Teller } from './teller.ts'
import { wordsOf } from './thrown.ts'
import type { TracedQuestion } from './trace.ts'

/** What came of asking the model once. */
export interface AskedTurn {
  readonly finish: FinishReason
  /** What the user is given of it. */
  readonly text: string
  /** Why it was the last one, without tools. */
  readonly last: string | undefined
  /** Why the answer may not stand, if the guard wants another. */
  readonly again: string | undefined
}

/**
 * Asks the model once, within the budget, and records what it said.
 *
 * @throws RunEnding if the budget does not allow it, the model fails, or the guard refuses
 */
export async function askTurn(session: Session): Promise<AskedTurn> {
  await session.chooseTools()
  const turn = session.state.turn + 1
  const { last, entry } = await planAsk(session, turn)
  if (last !== undefined && turn > 1 && session.tools.size > 0) {
    const text = `This is the last turn of this run (${last}). Call no more tools: answer now with what is known, and say what is missing.`
    await session.record({ type: 'note', text })
  }
  const request = requestOf(session.state, entry)
  const wire = attemptWrite(session, request)
  const sha256 = hash('sha256', wire.text, 'hex')
  const bytes = Buffer.byteLength(wire.text)
  await session.record({ type: 'ask', turn, ...entry, sha256, bytes })
  session.trace?.startTurn(turn)
  const question = session.trace?.ask(request)
  session.emit({ type: 'turn-start', turn, ...(last === undefined ? {} : { last }) })
  for (const loss of wire.encoded.losses)
    if (loss.meaning) session.notice(`${loss.path}: ${loss.what} (${loss.action})`)
  const teller = new Teller(session, turn)
  let response: ModelResponse
  try {
    const line = question ? tracedLine(session.line, question.headers) : session.line
    const listener: AskListener = {
      part: part => teller.part(part),
      retry: (attempt, waitMs, error) => {
        question?.retry(attempt, waitMs, error)
        session.emit({ type: 'model-retry', turn, attempt, waitMs, error })
      },
    }
    response = await (question
      ? question.within(() => ask(request, wire, line, session.signal, listener))
      : ask(request, wire, line, session.signal, listener))
  } catch (error) {
    const ending = session.signal.aborted ? endingOf(session.signal) : undefined
    question?.fail(ending ?? error)
    if (ending) throw ending
    if (isToolgateError(error) && error.code === 'malformed_call')
      return takeMalformed(session, turn, error, bytes)
    const why = wordsOf(error)
    throw new RunEnding('failed', `the model could not be asked: ${why}`, { cause: error })
  }
  question?.answered(response)
  try {
    return await take(session, turn, response, teller, last, question)
  } finally {
    question?.end()
  }
}

/** A line whose requests carry a trace's headers, where nobody else sets them. */
function tracedLine(line: ModelLine, carried: ModelLine['headers']): ModelLine {
  return { ...line, carried }
}

/** What the next question is like: its tools, choice and limit, and whether it is the last. */
async function planAsk(session: Session, turn: number) {
  const { state, options, budget, price } = session
  const declared = session.declaredTools()
  const isSame = turn > 1 && canonicalJson(declared) === canonicalJson(state.tools)
  const tools = isSame ? {} : { tools: declared }
  const { toolChoice } = options
  const wanted =
    typeof toolChoice === 'function'
      ? readToolChoice(toolChoice(session.view))
      : fixed(toolChoice, state)
  const weighed = budget.inputTokens !== undefined || budget.cost !== undefined
  const bytes = weighed
    ? Buffer.byteLength(attemptWrite(session, requestOf(state, { ...tools })).text)
    : 0
  const plan = planTurn(state, budget, price, bytes)
  if (!plan.ask) throw new RunEnding('budget', plan.reason)
  const choice: ToolChoice | undefined = plan.last === undefined ? wanted : { mode: 'none' }
  const { settings } = state.start
  const limit = plan.maxTokens
  const isLower = limit !== undefined && limit < (settings.maxTokens ?? Number.POSITIVE_INFINITY)
  if (isLower && settings.maxTokens !== undefined)
    session.notice(
      `the answer may have ${limit} tokens, and not ${settings.maxTokens}: the budget ends there`,
    )
  return {
    last: plan.last,
    entry: { ...tools, ...(choice ? { choice } : {}), ...(isLower ? { maxTokens: limit } : {}) },
  }
}

/** A call that is demanded is demanded once: demanded for ever, no run would come to an answer. */
function fixed(choice: ToolChoice | undefined, { totals }: RunState): ToolChoice | undefined {
  const isDemand = choice?.mode === 'required' || choice?.mode === 'tool'
  if (!isDemand || totals.turns === 0) return choice
  // To how few tools it was narrowed holds for the whole run.
  return 'allowed' in choice && choice.allowed
    ? { mode: 'auto', allowed: choice.allowed }
    : { mode: 'auto' }
}

function attemptWrite(session: Session, request: Parameters<typeof writeRequest>[0]) {
  try {
    return writeRequest(request, session.quirks)
  } catch (error) {
    if (!isToolgateError(error)) throw error
    throw new RunEnding('failed', `the request cannot be said: ${error.message}`, { cause: error })
  }
}

/** Takes an answer into the run's state, once the guard has let it. */
async function take(
  session: Session,
  turn: number,
  response: ModelResponse,
  teller: Teller,
  last: string | undefined,
  question: TracedQuestion | undefined,
): Promise<AskedTurn> {
  const cost = costOf(response.usage, session.price)
  const { finish, usage } = response
  const spent = { ...(usage ? { usage } : {}), ...(cost === undefined ? {} : { cost }) }
  const mended = mendAnswer(response, session.state, turn)
  for (const mend of mended.mends) session.notice(mend)
  let { message } = mended
  let text = textOf(message?.content ?? [])
  let again: string | undefined
  const verdict =
    text === ''
      ? undefined
      : (teller.verdictOn(text) ?? (await session.guard({ point: 'output', value: text })))
  if (verdict?.type === 'rewrite') {
    text = typeof verdict.value === 'string' ? verdict.value : JSON.stringify(verdict.value)
    const others =
      message?.content.filter(({ type }) => type !== 'text' && type !== 'refusal') ?? []
    const texts = text === '' ? [] : [{ type: 'text', text } as const]
    message = { role: 'assistant', at: 0, content: [...texts, ...others] }
  } else if (verdict?.type === 'ask-again') again = verdict.reason
  else if (verdict?.type === 'refuse' || verdict?.type === 'require-approval') {
    // The words do not enter the history: what was refused shall not be read there either.
    const nothing: AnswerEntry = { type: 'answer', turn, calls: [], finish, ...spent }
    question?.end(nothing)
    await session.record(nothing)
    const words =
      verdict.type === 'refuse'
        ? verdict.message
        : 'The answer needs an approval that nobody can give.'
    throw new RunEnding('refused', verdict.reason, { text: words })
  }
  // What was not told as it came is told now: an answer that came whole, or that a guard has seen.
  if (text !== '' && again === undefined && !teller.hasToldText)
    session.emit({ type: 'text-delta', turn, text })
  const calls = again === undefined ? mended.calls : []
  if (again !== undefined && message)
    message = { ...message, content: message.content.filter(({ type }) => type !== 'tool-call') }
  const entry: AnswerEntry = {
    type: 'answer',
    turn,
    ...(message && message.content.length > 0 ? { message } : {}),
    calls,
    finish,
    ...spent,
  }
  question?.end(entry)
  await session.record(entry)
  session.emit({ type: 'turn-end', turn, finish, ...spent })
  return { finish, text, last, again }
}

/** An answer that was nothing but a call that cannot be read: the vendor gives no word of it. */
async function takeMalformed(
  session: Session,
  turn: number,
  error: ToolgateError,
  bytes: number,
): Promise<AskedTurn> {
  const finish = { kind: 'malformed-call', raw: error.code } as const
  // Nor does it say what it cost; the question has been paid all the same.
  const usage = { input: Math.ceil(bytes / 4), output: 0 }
  const cost = costOf(usage, session.price)
  const spent = { usage, ...(cost === undefined ? {} : { cost }) }
  await session.record({ type: 'answer', turn, calls: [], finish, ...spent })
  session.emit({ type: 'turn-end', turn, finish, ...spent })
  return {
    finish,
    text: '',
    last: undefined,
    again: `the tool call could not be read (${error.message})`,
  }
}

/** Asks a hook of the program's, and does what it wants. @throws RunEnding if it ends the run. */
export async function callHook(session: Session, name: 'beforeTurn' | 'afterTurn'): Promise<void> {
  const hook = session.options[name]
  if (!hook) return
  const change = await within(session.signal, () => hook(session.view))
  if (change?.note !== undefined && typeof change.note !== 'string')
    throw new RunEnding('failed', `the note of ${name} is no text`)
  if (change?.note !== undefined) await session.record({ type: 'note', text: change.note })
  if (change?.end !== undefined)
    throw new RunEnding('aborted', `${name} ended the run: ${change.end}`)
}

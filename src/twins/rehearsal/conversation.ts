import type { TwinBlock, TwinCall, TwinPrompt, TwinTurn } from '../model.ts'
import { argumentsOf } from './arguments.ts'
import { statedToday } from './dates.ts'
import { followUp } from './follow-up.ts'
import { type Exchange, type History, type Made, readHistory } from './history.ts'
import { readMessage } from './message.ts'
import { INTRODUCTION, phraseQuestion, phraseResults } from './phrase.ts'
import { readCatalog } from './pick.ts'
import { type Draft, draftCalls, type Order } from './plan.ts'
import { type Parameter, type Profile, readProfile } from './profile.ts'
import { errorIn, fromResults } from './results.ts'
import { structuredText } from './structured.ts'
import { rawText } from './topic.ts'
import { canonical } from './valid.ts'

/** A call that could be made, and the parameters whose values it would have to make up. */
interface Ready {
  readonly draft: Draft
  readonly call: TwinCall
  readonly unknown: readonly Parameter[]
}

/** Answers a conversation: the calls that it still asks for, or what came of those made. */
export function converse(prompt: TwinPrompt): TwinTurn {
  const history = readHistory(prompt.messages)
  const exchange = history.exchanges.at(-1)
  if (exchange === undefined) return say(prompt, INTRODUCTION)
  const profiles = prompt.tools.map(readProfile)
  const drafts = draftsOf(prompt, history, exchange, profiles)
  const ready = stillToMake(
    drafts.map(draft => readyCall(draft, exchange)),
    exchange,
  )
  const chosen = choose(prompt, ready, exchange) ?? producerFor(prompt, ready, exchange, profiles)
  if (prompt.choice.mode !== 'none' && chosen !== undefined)
    return callAll(prompt, exchange, chosen)
  if (exchange.made.length === 0)
    return say(prompt, withoutCalls(prompt, exchange, ready), exchange)
  const open = ready.find(one => one.unknown.length > 0)
  const failed = exchange.made.some(
    one => one.result !== undefined && errorIn(one.result) !== undefined,
  )
  const asks = open !== undefined && !failed && prompt.choice.mode === 'auto'
  const text = phraseResults(exchange.made)
  return say(prompt, asks ? `${text} ${questionFor(open)}` : text, exchange)
}

function draftsOf(
  prompt: TwinPrompt,
  history: History,
  exchange: Exchange,
  profiles: readonly Profile[],
): Draft[] {
  if (profiles.length === 0) return []
  const catalog = readCatalog(profiles)
  const { mode, name } = prompt.choice
  const only = mode === 'tool' ? profiles.find(one => one.tool.name === name) : undefined
  const now = statedToday(history.system) ?? statedToday(exchange.text)
  const order = (text: string): Order => ({
    catalog,
    message: readMessage(text),
    must: mode === 'required' || mode === 'tool',
    ...(only === undefined ? {} : { only }),
    ...(now === undefined ? {} : { now }),
  })
  const earlier = history.exchanges.slice(0, -1)
  return followUp(order, exchange, earlier) ?? draftCalls(order(exchange.text))
}

/** Makes a call of a draft; what the words lack may be in results of other tools. */
function readyCall(draft: Draft, exchange: Exchange): Ready {
  const { tool } = draft.profile
  if (tool.custom === true) {
    return { draft, call: { name: tool.name, arguments: rawText(exchange.text) }, unknown: [] }
  }
  const fillings = new Map(draft.fillings)
  const others = exchange.made.filter(
    one => one.call.name !== tool.name && one.result !== undefined,
  )
  for (const parameter of others.length === 0 ? [] : draft.missing) {
    const value = fromResults(parameter, others) ?? told(parameter, others)
    if (value !== undefined)
      fillings.set(parameter, { parameter, value, strength: 1, from: 0, to: 0, more: [] })
  }
  const missing = draft.missing.filter(one => !fillings.has(one))
  const made = argumentsOf({ ...draft, fillings, missing })
  return {
    draft,
    call: { name: tool.name, arguments: JSON.stringify(made.value) },
    unknown: made.unknown,
  }
}

/** For a text to pass on (`mail it to Ann`), the words of the results. */
function told(parameter: Parameter, made: readonly Made[]): string | undefined {
  const text = phraseResults(made)
  return parameter.roles.has('text') && parameter.schema.types.has('string') && text !== ''
    ? text
    : undefined
}

/** The calls that were not made yet. One made with other arguments counts for the first of its tool. */
function stillToMake(ready: readonly Ready[], exchange: Exchange): Ready[] {
  const left = ready.filter(
    (one, at) => ready.findIndex(other => keyOf(other.call) === keyOf(one.call)) === at,
  )
  const take = (index: number): boolean => index >= 0 && left.splice(index, 1).length > 0
  const others = exchange.made.filter(
    one => !take(left.findIndex(item => keyOf(item.call) === keyOf(one.call))),
  )
  for (const one of others) take(left.findIndex(item => item.call.name === one.call.name))
  return left
}

/** Equal for two calls of one tool with the same arguments. */
function keyOf(call: TwinCall): string {
  try {
    return `${call.name} ${canonical(JSON.parse(call.arguments))}`
  } catch {
    return `${call.name} ${call.arguments}`
  }
}

/** The calls to make now: those that lack nothing; where a call is demanded, else all, with values made up. */
function choose(
  prompt: TwinPrompt,
  ready: readonly Ready[],
  exchange: Exchange,
): readonly Ready[] | undefined {
  const able = ready.filter(one => one.unknown.length === 0)
  if (able.length > 0) return able
  const must = prompt.choice.mode === 'required' || prompt.choice.mode === 'tool'
  return must && exchange.made.length === 0 && ready.length > 0 ? ready : undefined
}

/** A call that needs nothing and whose tool is named for what another call lacks (`get_user_city`). */
function producerFor(
  prompt: TwinPrompt,
  ready: readonly Ready[],
  exchange: Exchange,
  profiles: readonly Profile[],
): readonly Ready[] | undefined {
  const first = ready[0]
  const lacked = first?.unknown[0]
  if (lacked === undefined || prompt.choice.mode !== 'auto') return undefined
  const profile = profiles.find(
    one =>
      one.tool.name !== first?.draft.profile.tool.name &&
      one.parameters.every(parameter => !parameter.required) &&
      lacked.stems.some(word => one.nameStems.has(word)) &&
      exchange.made.every(made => made.call.name !== one.tool.name),
  )
  if (profile === undefined) return undefined
  return [
    readyCall({ profile, fillings: new Map(), missing: [], because: [lacked.name] }, exchange),
  ]
}

function callAll(prompt: TwinPrompt, exchange: Exchange, ready: readonly Ready[]): TwinTurn {
  const chosen = prompt.parallel ? ready : ready.slice(0, 1)
  const calls: TwinBlock[] = chosen.map(one => ({ type: 'call', ...one.call }))
  return { blocks: [...reasoning(prompt, thoughts(exchange, chosen)), ...calls] }
}

function thoughts(exchange: Exchange, chosen: readonly Ready[]): string {
  const asked = exchange.text.replace(/\s+/g, ' ').trim().slice(0, 160)
  const lines = [...new Map(chosen.map(one => [one.call.name, one])).values()].map(one => {
    const words = one.draft.because.slice(0, 5).map(word => `"${word}"`)
    return words.length === 0
      ? `${one.call.name} is the tool to call.`
      : `${one.call.name} fits best, because of ${words.join(', ')}.`
  })
  const count = chosen.length === 1 ? 'One call is needed.' : `${chosen.length} calls are needed.`
  return `The user says: "${asked}". ${lines.join(' ')} ${count}`
}

function reasoning(prompt: TwinPrompt, text: string): TwinBlock[] {
  return prompt.reasoning ? [{ type: 'reasoning', text }] : []
}

function say(prompt: TwinPrompt, text: string, exchange?: Exchange): TwinTurn {
  const made = exchange?.made ?? []
  const words =
    prompt.output === undefined
      ? text
      : structuredText(prompt.output.schema, text, exchange?.text ?? '', made)
  const why =
    made.length === 0
      ? 'No tool is to be called, so this is answered in words.'
      : 'All results are there, so they are put into words.'
  return { blocks: [...reasoning(prompt, why), { type: 'text', text: words }] }
}

function questionFor(open: Ready): string {
  const lacking = open.unknown.map(one => ({
    name: one.path.join(' '),
    description: one.schema.description,
  }))
  return phraseQuestion(open.draft.profile.tool.name, lacking)
}

/** What is said when nothing is called and nothing has come. */
function withoutCalls(prompt: TwinPrompt, exchange: Exchange, ready: readonly Ready[]): string {
  const first = ready[0]
  if (first !== undefined && prompt.choice.mode === 'none') {
    const words = first.unknown.length > 0 ? '' : ` with ${first.call.arguments}`
    return `${INTRODUCTION} It was told to call no tool; it would have called ${first.call.name}${words}.`
  }
  if (first !== undefined && first.unknown.length > 0) return questionFor(first)
  const seen =
    exchange.images + exchange.documents === 0 ? '' : ' It cannot look at images or documents.'
  const names = prompt.tools.slice(0, 8).map(tool => tool.name)
  if (names.length === 0) {
    return `${INTRODUCTION}${seen} It answers out of the results of tools, and none is declared here.`
  }
  const rest =
    prompt.tools.length > names.length ? ` and ${prompt.tools.length - names.length} more` : ''
  return `${INTRODUCTION}${seen} Nothing in the message asks for one of its tools: ${names.join(', ')}${rest}.`
}

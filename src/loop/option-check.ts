import { ToolgateError } from '../core/error.ts'
import { isObject } from '../core/json.ts'
import type { ToolChoice } from '../core/request.ts'
import type { Budget } from './budget.ts'
import type { RunOptions } from './options.ts'

type Rule = 'count' | 'positive count' | 'milliseconds' | 'amount'

const LIMITS = {
  maxParallelCalls: 'positive count',
  callTimeoutMs: 'milliseconds',
  maxResultBytes: 'count',
  maxRepeats: 'count',
  retries: 'count',
  maxRetryMs: 'amount',
  silenceMs: 'milliseconds',
} as const satisfies { readonly [name in keyof RunOptions]?: Rule }

const BUDGET: { readonly [name in keyof Required<Budget>]: Rule } = {
  turns: 'count',
  calls: 'count',
  inputTokens: 'count',
  outputTokens: 'count',
  cost: 'amount',
  resultBytes: 'count',
  ms: 'amount',
}

/** What other loops and the protocols call an option, and what it is called here. */
const FOREIGN = {
  maxTurns: 'budget.turns',
  maxSteps: 'budget.turns',
  stopWhen: 'budget',
  system: 'instructions',
  max_tokens: 'maxTokens',
  maxOutputTokens: 'maxTokens',
  maxRetries: 'retries',
  timeout: 'budget.ms',
  abortSignal: 'signal',
  apiKey: 'key',
  baseURL: 'baseUrl',
  base_url: 'baseUrl',
  tool_choice: 'toolChoice',
} as const

/**
 * Holds options to what can be meant by them. The compiler holds most programs to it; a number that
 * is none, a limit under another loop's name or a key that is empty by mistake would else be no limit
 * and no key. Names that mean nothing are let be: options are often part of a larger object.
 *
 * @throws ToolgateError `invalid_value` that names the option.
 */
export function checkOptions(options: object): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (isName(name, FOREIGN)) throw invalid(name, `is called ${FOREIGN[name]} here`)
    checkOption(name, value)
  }
}

function checkOption(name: string, value: unknown): void {
  if (isName(name, LIMITS)) checkNumber(name, value, LIMITS[name])
  else if (name === 'budget') checkBudget(value)
  else if (name === 'signingKey') checkSecret(name, value)
  else if (name === 'signal') checkSignal(value)
  else if (name === 'key') checkHeader(name, value)
  else if (name === 'headers') {
    for (const [header, text] of Object.entries(isObject(value) ? value : {}))
      checkHeader(`headers.${header}`, text)
  } else if (name === 'toolChoice' && typeof value !== 'function') checkToolChoice(value)
  else if (name === 'messages' && !Array.isArray(value))
    throw invalid(name, `must be a list, and not ${kindOf(value)}`)
  else if (TEXTS.includes(name) && typeof value !== 'string')
    throw invalid(name, `must be a text, and not ${kindOf(value)}`)
  else if (FUNCTIONS.includes(name) && typeof value !== 'function')
    throw invalid(name, `must be a function, and not ${kindOf(value)}`)
}

const TEXTS = ['model', 'baseUrl', 'instructions', 'prompt', 'journal']
const FUNCTIONS = ['beforeTurn', 'afterTurn', 'guard', 'describeError', 'facts']

function checkBudget(budget: unknown): void {
  if (!isObject(budget)) throw invalid('budget', `must be an object, and not ${kindOf(budget)}`)
  for (const [name, value] of Object.entries(budget)) {
    if (!isName(name, BUDGET)) {
      const known = Object.keys(BUDGET).join(', ')
      throw invalid(`budget.${name}`, `is not known; there are ${known}`)
    }
    if (value !== undefined) checkNumber(`budget.${name}`, value, BUDGET[name])
  }
}

/** Numbers may be `Infinity`: no limit. */
function checkNumber(name: string, value: unknown, rule: Rule): void {
  const least = rule === 'positive count' ? 1 : 0
  if (typeof value !== 'number' || !(value >= least))
    throw invalid(name, `must be a number of ${least} or more, and not ${kindOf(value)}`)
  if (rule === 'milliseconds' && value === 0) throw invalid(name, 'must be more than 0')
  if (rule.endsWith('count') && Number.isFinite(value) && !Number.isInteger(value))
    throw invalid(name, `must be a whole number, and not ${value}`)
}

function checkSecret(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw invalid(name, 'must be a text that is not empty: with an empty key anybody could sign')
}

function checkSignal(value: unknown): void {
  // `null` is how `fetch` is told that there is none.
  if (value !== null && typeof Object(value).addEventListener !== 'function')
    throw invalid('signal', 'must be an AbortSignal')
}

/** The value is not told: it may be a key. */
function checkHeader(name: string, value: unknown): void {
  if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value))
    throw invalid(name, 'must be a text that a header can hold, without a line break')
}

const MODES = ['auto', 'required', 'none', 'tool']

/** A choice that a function made. @throws ToolgateError `invalid_value` if it is none. */
export function readToolChoice(choice: ToolChoice | undefined): ToolChoice | undefined {
  if (choice !== undefined) checkToolChoice(choice)
  return choice
}

function checkToolChoice(choice: unknown): void {
  const { mode, name } = isObject(choice) ? choice : {}
  if (typeof mode !== 'string' || !MODES.includes(mode))
    throw invalid('toolChoice', "must have a mode: { mode: 'auto' }, 'required', 'none' or 'tool'")
  if (mode === 'tool' && typeof name !== 'string')
    throw invalid('toolChoice.name', "must be a tool's name")
}

function isName<T extends object>(name: string, names: T): name is string & keyof T {
  return Object.hasOwn(names, name)
}

function kindOf(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return 'a list'
  return value === null ? 'null' : `a value of type ${typeof value}`
}

function invalid(name: string, why: string): ToolgateError {
  return new ToolgateError('invalid_value', `${name} ${why}.`)
}

import { DIALECTS, type Dialect } from './ask.ts'
import type { Measurement } from './run.ts'

/** The short names of the protocols on the command line. */
const SHORT: { readonly [name: string]: Dialect | undefined } = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  messages: 'anthropic',
  gemini: 'gemini',
}

/** What the command line says, as it is typed. */
export interface TypedConformance {
  readonly key?: string
  readonly models?: string
  readonly front?: string
  readonly prefix?: string
  readonly only?: string
  readonly timeout?: string
}

/**
 * Reads the command line.
 *
 * @throws InvalidInput that names the option and what it takes.
 */
export function readConformance(
  typed: TypedConformance,
  base: string,
  usual: Measurement['models'],
): Measurement {
  if (!/^https?:\/\//.test(base)) throw invalid(`--base: expected an http address, found '${base}'`)
  const timeoutMs = Number(typed.timeout ?? 60) * 1000
  if (!(timeoutMs > 0)) throw invalid('--timeout: expected a number of seconds')
  const prefixes = Object.fromEntries(
    pairs(typed.prefix, '--prefix').map(([name, path]) => [dialect(name, '--prefix'), path]),
  )
  const fronts = typed.front?.split(',').map(name => dialect(name, '--front')) ?? DIALECTS
  const models = typed.models
    ? pairs(typed.models, '--models').map(([label, model]) => ({ label, model }))
    : usual
  return {
    door: { base, key: typed.key ?? 'none', prefixes, timeoutMs },
    fronts,
    models,
    ...(typed.only === undefined ? {} : { only: typed.only }),
  }
}

function pairs(text: string | undefined, option: string): [string, string][] {
  if (text === undefined) return []
  return text.split(',').map(pair => {
    const at = pair.indexOf('=')
    if (at < 1) throw invalid(`${option}: expected name=value, found '${pair}'`)
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
  })
}

function dialect(name: string, option: string): Dialect {
  const found = SHORT[name.trim()] ?? DIALECTS.find(one => one === name.trim())
  if (found) return found
  throw invalid(`${option}: expected one of ${Object.keys(SHORT).join(', ')}, found '${name}'`)
}

function invalid(message: string): Error {
  const error = new Error(message)
  error.name = 'InvalidInput'
  return error
}

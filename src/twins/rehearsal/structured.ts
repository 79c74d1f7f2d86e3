import { settle } from './arguments.ts'
import { fill } from './fill.ts'
import type { Made } from './history.ts'
import { readMessage } from './message.ts'
import { readProfile } from './profile.ts'
import { errorIn, fromResults, readResult } from './results.ts'
import { isJson, readSchema } from './schema.ts'
import { fitValue, leastValue } from './shape.ts'
import { identifierWords, stem } from './stem.ts'
import { accepts } from './valid.ts'

/**
 * The final answer as JSON text that fits a schema, with values out of the results and the user's
 * words. Without a schema, an object with the answer's text.
 */
export function structuredText(
  schema: unknown,
  text: string,
  said: string,
  made: readonly Made[],
): string {
  if (schema === undefined) return JSON.stringify({ answer: text })
  const read = readSchema(schema)
  if (read.properties.size === 0) {
    const tries = [...resultsOf(made), text, said, fitValue(text, read), leastValue(read)]
    return JSON.stringify(
      tries.find(one => one !== undefined && accepts(schema, one)) ?? leastValue(read),
    )
  }
  const profile = readProfile({ name: 'answer', description: '', parameters: schema })
  const message = readMessage(said)
  const found = fill({ message, profile, from: 0, to: message.tokens.length }, true)
  const value: { [key: string]: unknown } = {}
  for (const [name, property] of read.properties) {
    const raw =
      isJson(schema) && isJson(schema['properties']) ? schema['properties'][name] : undefined
    const parameter = profile.parameters.find(one => one.path.length === 1 && one.name === name)
    const whole = wholeMember(name, made).find(one => accepts(raw ?? {}, one, schema))
    const leaf = parameter === undefined ? undefined : fromResults(parameter, made)
    const words = parameter === undefined ? undefined : found.get(parameter)?.value
    value[name] =
      whole ??
      leaf ??
      (parameter?.roles.has('text') === true || ANSWERS.test(name)
        ? fitValue(text, property)
        : undefined) ??
      words
    if (value[name] === undefined) delete value[name]
  }
  for (const [parameter, one] of found) {
    const [top = '', inner] = parameter.path
    if (inner === undefined || parameter.path.length > 2) continue
    const holder = value[top]
    if (holder === undefined) value[top] = { [inner]: one.value }
    else if (isJson(holder) && !Object.hasOwn(holder, inner))
      value[top] = { ...holder, [inner]: one.value }
  }
  return JSON.stringify(settle(value, profile))
}

const ANSWERS =
  /^(?:answer|summary|response|reply|output|result|conclusion|explanation|reasoning|text)s?$/i

function resultsOf(made: readonly Made[]): unknown[] {
  return made.flatMap(one =>
    one.result === undefined || errorIn(one.result) !== undefined
      ? []
      : [readResult(one.result.text)],
  )
}

/** The members of results whose key has the same words as a name, wherever they stand. */
function wholeMember(name: string, made: readonly Made[]): unknown[] {
  const wanted = identifierWords(name).map(stem).join(' ')
  const out: unknown[] = []
  const visit = (value: unknown, depth: number): void => {
    if (depth > 6) return
    if (Array.isArray(value)) for (const one of value) visit(one, depth + 1)
    if (!isJson(value)) return
    for (const [key, one] of Object.entries(value)) {
      if (identifierWords(key).map(stem).join(' ') === wanted) out.push(one)
      visit(one, depth + 1)
    }
  }
  for (const one of resultsOf(made)) visit(one, 0)
  return out
}

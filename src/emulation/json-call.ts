import { isObject } from '../core/json.ts'
import { tryParseJson } from '../wire/json.ts'
import type { FoundCall, KnownTools } from './form.ts'
import type { Step, TextReader } from './held-text.ts'
import { readJson, readJsonString } from './json-reader.ts'

/** The keys under which models write the name and the arguments. */
const NAME_KEYS = ['name', 'tool', 'tool_name']
const ARGUMENT_KEYS = ['arguments', 'parameters', 'args', 'input']
const OTHER_KEYS = ['id', 'type', 'index']
const KEYS = [...NAME_KEYS, ...ARGUMENT_KEYS, ...OTHER_KEYS, 'function']

/**
 * A call as a JSON object: a name, arguments, nothing else but an id or a type; or the same under
 * `function`, as in Chat Completions.
 *
 * @param bare whether the object alone must show that it is a call: then arguments are needed
 */
export function* readCallObject(
  reader: TextReader,
  tools: KnownTools,
  bare: boolean,
): Step<FoundCall | undefined> {
  if (!(yield* reader.literal('{'))) return undefined
  let name: string | undefined
  let text: string | undefined
  for (;;) {
    yield* reader.space()
    const key = yield* readKey(reader)
    if (key === undefined) return undefined
    if (NAME_KEYS.includes(key)) {
      if (name !== undefined) return undefined
      name = yield* readName(reader, tools)
      if (name === undefined) return undefined
    } else if (ARGUMENT_KEYS.includes(key)) {
      if (text !== undefined) return undefined
      text = yield* readArguments(reader)
      if (text === undefined) return undefined
    } else if (key === 'function') {
      if (name !== undefined || text !== undefined) return undefined
      const inner = yield* readFunction(reader, tools, bare)
      if (!inner) return undefined
      name = inner.name
      text = inner.arguments
    } else if ((yield* readJson(reader)) === undefined) return undefined
    yield* reader.space()
    if (yield* reader.literal('}')) break
    if (!(yield* reader.literal(','))) return undefined
  }
  if (name === undefined || (bare && text === undefined)) return undefined
  return { name, arguments: text ?? '{}' }
}

/** Objects parted by `separators` or by white space alone; at least one. */
export function* readCallObjects(
  reader: TextReader,
  tools: KnownTools,
  bare: boolean,
  separators: string,
): Step<readonly FoundCall[] | undefined> {
  const calls: FoundCall[] = []
  for (;;) {
    const call = yield* readCallObject(reader, tools, bare)
    if (!call) return undefined
    calls.push(call)
    const end = reader.at
    yield* reader.space()
    for (const separator of separators) if (yield* reader.literal(separator)) break
    yield* reader.space()
    if (String.fromCharCode(yield* reader.peek()) !== '{') {
      reader.at = end
      return calls
    }
  }
}

/** `[{…}, {…}]`; at least one. */
export function* readCallList(
  reader: TextReader,
  tools: KnownTools,
  bare: boolean,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal('['))) return undefined
  const calls: FoundCall[] = []
  for (;;) {
    yield* reader.space()
    const call = yield* readCallObject(reader, tools, bare)
    if (!call) return undefined
    calls.push(call)
    yield* reader.space()
    if (yield* reader.literal(']')) return calls
    if (!(yield* reader.literal(','))) return undefined
  }
}

function* readKey(reader: TextReader): Step<string | undefined> {
  if (!(yield* reader.literal('"'))) return undefined
  const key = yield* reader.oneName(KEYS)
  if (key === undefined || !(yield* reader.literal('"'))) return undefined
  yield* reader.space()
  if (!(yield* reader.literal(':'))) return undefined
  yield* reader.space()
  return key
}

function* readName(reader: TextReader, tools: KnownTools): Step<string | undefined> {
  if (!(yield* reader.literal('"'))) return undefined
  const name = yield* reader.oneName(tools.keys())
  return name !== undefined && (yield* reader.literal('"')) ? name : undefined
}

/** An object, a string that holds the text of one, or `null` for none. */
function* readArguments(reader: TextReader): Step<string | undefined> {
  const letter = String.fromCharCode(yield* reader.peek())
  if (letter === '{') return yield* readJson(reader)
  if (letter === 'n') return (yield* reader.literal('null')) ? '{}' : undefined
  if (letter !== '"') return undefined
  const text = yield* readJsonString(reader)
  if (text === undefined) return undefined
  if (text.trim() === '') return '{}'
  return isObject(tryParseJson(text)) ? text : undefined
}

/** `"function": {…}`, or `"function": "name"`. */
function* readFunction(
  reader: TextReader,
  tools: KnownTools,
  bare: boolean,
): Step<{ name: string; arguments: string | undefined } | undefined> {
  if (String.fromCharCode(yield* reader.peek()) === '{')
    return yield* readCallObject(reader, tools, bare)
  const name = yield* readName(reader, tools)
  return name === undefined ? undefined : { name, arguments: undefined }
}

import type { FormRule, FoundCall, KnownTools } from './form.ts'
import type { Step, TextReader } from './held-text.ts'
import { isLast } from './json-forms.ts'
import { readPythonValue } from './python-value.ts'
import { TypedArguments } from './typed-arguments.ts'

const FENCE = '```tool_code'
const KEY_LETTER = /[A-Za-z0-9_]/
const MAX_KEY = 256

/** Calls as Python writes them: arguments by their names, values as literals. */
export const PYTHON_FORMS: readonly FormRule[] = [
  { form: 'pythonic', opener: FENCE, atLineStart: true, read: readFence },
  { form: 'pythonic', opener: '[', atLineStart: true, read: readBareList },
]

function* readBareList(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  const calls = yield* readList(reader, tools)
  return calls && (yield* isLast(reader)) ? calls : undefined
}

function* readList(reader: TextReader, tools: KnownTools): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal('['))) return undefined
  const calls: FoundCall[] = []
  for (;;) {
    yield* reader.space()
    const call = yield* readPythonCall(reader, tools, '')
    if (!call) return undefined
    calls.push(call)
    yield* reader.space()
    if (yield* reader.literal(']')) return calls
    if (!(yield* reader.literal(','))) return undefined
  }
}

/** A list, or one call a line, each perhaps inside `print()`. */
function* readFence(reader: TextReader, tools: KnownTools): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal(FENCE)) || !(yield* reader.lineEnd())) return undefined
  const calls: FoundCall[] = []
  for (;;) {
    yield* reader.space()
    if (yield* reader.literal('```')) break
    if (String.fromCharCode(yield* reader.peek()) === '[') {
      const list = yield* readList(reader, tools)
      if (!list) return undefined
      calls.push(...list)
      continue
    }
    const isPrinted = yield* reader.literal('print(')
    const call = yield* readPythonCall(reader, tools, '')
    if (!call || (isPrinted && !(yield* reader.literal(')')))) return undefined
    calls.push(call)
  }
  return calls.length > 0 && (yield* reader.lineEnd()) ? calls : undefined
}

/**
 * `name(key=value, …)`. Values without a key are no call: which argument is meant would be a guess.
 *
 * @param method what stands between the name and the parenthesis
 */
export function* readPythonCall(
  reader: TextReader,
  tools: KnownTools,
  method: string,
): Step<FoundCall | undefined> {
  const name = yield* reader.oneName(tools.keys())
  if (name === undefined || !(yield* reader.literal(`${method}(`))) return undefined
  const values = new TypedArguments(tools.get(name))
  yield* reader.space()
  while (!(yield* reader.literal(')'))) {
    const key = yield* reader.word(KEY_LETTER, MAX_KEY)
    yield* reader.space()
    if (key === '' || !(yield* reader.literal('='))) return undefined
    yield* reader.space()
    const json = yield* readPythonValue(reader, 0)
    if (json === undefined || !values.addJson(key, json)) return undefined
    yield* reader.space()
    if (yield* reader.literal(',')) yield* reader.space()
    else if (String.fromCharCode(yield* reader.peek()) !== ')') return undefined
  }
  return { name, arguments: values.toText() }
}

import type { FormRule, FoundCall, KnownTools } from './form.ts'
import type { Step, TextReader } from './held-text.ts'
import { readCallList, readCallObjects } from './json-call.ts'
import { readJson } from './json-reader.ts'
import { TypedArguments } from './typed-arguments.ts'

const CALL = '<tool_call>'
const CALL_END = '</tool_call>'
const MAX_KEY = 256
const KEY_LETTER = /[^<>"\s]/

/** Forms that stand between tags. A closing tag may be left out only where the answer ends. */
export const TAG_FORMS: readonly FormRule[] = [
  { form: 'tool-call-tags', opener: CALL, atLineStart: false, read: readTaggedJson },
  { form: 'function-tags', opener: CALL, atLineStart: false, read: readTaggedFunctions },
  { form: 'argument-tags', opener: CALL, atLineStart: false, read: readTaggedArguments },
  { form: 'function-tags', opener: '<function=', atLineStart: false, read: readFunction },
]

function* readTaggedJson(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal(CALL))) return undefined
  yield* reader.space()
  const calls =
    String.fromCharCode(yield* reader.peek()) === '['
      ? yield* readCallList(reader, tools, false)
      : yield* readCallObjects(reader, tools, false, ',')
  return calls && (yield* isClosed(reader, CALL_END)) ? calls : undefined
}

/** Whether the tag is closed, or nothing follows at all. */
function* isClosed(reader: TextReader, tag: string): Step<boolean> {
  yield* reader.space()
  return (yield* reader.literal(tag)) || (yield* reader.peek()) === -1
}

function* readTaggedFunctions(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal(CALL))) return undefined
  const calls: FoundCall[] = []
  for (;;) {
    yield* reader.space()
    const found = yield* readFunction(reader, tools)
    if (!found) break
    calls.push(...found)
  }
  return calls.length > 0 && (yield* isClosed(reader, CALL_END)) ? calls : undefined
}

/** `<function=name>`, then JSON or parameters in tags of their own, then `</function>`. */
function* readFunction(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal('<function='))) return undefined
  const name = yield* reader.oneName(tools.keys())
  if (name === undefined || !(yield* reader.literal('>'))) return undefined
  yield* reader.space()
  const isJson = String.fromCharCode(yield* reader.peek()) === '{'
  const text = isJson ? yield* readJson(reader) : yield* readParameters(reader, name, tools)
  if (text === undefined || !(yield* isClosed(reader, '</function>'))) return undefined
  return [{ name, arguments: text }]
}

function* readParameters(
  reader: TextReader,
  name: string,
  tools: KnownTools,
): Step<string | undefined> {
  const values = new TypedArguments(tools.get(name))
  while (yield* reader.literal('<parameter=')) {
    const key = yield* reader.word(KEY_LETTER, MAX_KEY)
    if (key === '' || !(yield* reader.literal('>'))) return undefined
    const text = yield* reader.until('</parameter>')
    if (text === undefined || !values.addText(key, withoutLineEnds(text))) return undefined
    yield* reader.space()
  }
  return values.toText()
}

/** A value stands on lines of its own; the line ends around it are no part of it. */
function withoutLineEnds(text: string): string {
  return text.replace(/^\r?\n/, '').replace(/\r?\n$/, '')
}

function* readTaggedArguments(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal(CALL))) return undefined
  yield* reader.space()
  const name = yield* reader.oneName(tools.keys())
  if (name === undefined) return undefined
  const values = new TypedArguments(tools.get(name))
  yield* reader.space()
  while (yield* reader.literal('<arg_key>')) {
    const key = (yield* reader.until('</arg_key>'))?.trim()
    if (key === undefined || key === '') return undefined
    yield* reader.space()
    if (!(yield* reader.literal('<arg_value>'))) return undefined
    const text = yield* reader.until('</arg_value>')
    if (text === undefined || !values.addText(key, withoutLineEnds(text))) return undefined
    yield* reader.space()
  }
  if (!(yield* isClosed(reader, CALL_END))) return undefined
  return [{ name, arguments: values.toText() }]
}

import type { FormRule, FoundCall, KnownTools } from './form.ts'
import type { Step, TextReader } from './held-text.ts'
import { readCallList, readCallObjects } from './json-call.ts'
import { readJson } from './json-reader.ts'
import { readPythonCall } from './python-forms.ts'
import { TypedArguments } from './typed-arguments.ts'

const CALLS = '<｜tool▁calls▁begin｜>'
const CALLS_END = '<｜tool▁calls▁end｜>'
const CALL = '<｜tool▁call▁begin｜>'
const CALL_END = '<｜tool▁call▁end｜>'
const SEPARATOR = '<｜tool▁sep｜>'
const MARK = '｜DSML｜'
const SECTION = '<|tool_calls_section_begin|>'
const SECTION_END = '<|tool_calls_section_end|>'
const MAX_ID = 128
const ID_LETTER = /[A-Za-z0-9_-]/
const DIGIT = /[0-9]/
const KEY_LETTER = /[^<>"\s]/

/** Forms that are made of special tokens, which a server shows when it does not read calls itself. */
export const TOKEN_FORMS: readonly FormRule[] = [
  { form: 'python-tag', opener: '<|python_tag|>', atLineStart: false, read: readPythonTag },
  { form: 'calls-token', opener: '[TOOL_CALLS]', atLineStart: false, read: readCallsToken },
  { form: 'call-tokens', opener: CALLS, atLineStart: false, read: readCallTokens },
  { form: 'invoke-tags', opener: `<${MARK}`, atLineStart: false, read: readInvokeTags },
  { form: 'section-tokens', opener: SECTION, atLineStart: false, read: readSection },
]

function* readPythonTag(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal('<|python_tag|>'))) return undefined
  yield* reader.space()
  if (String.fromCharCode(yield* reader.peek()) === '{') {
    const calls = yield* readCallObjects(reader, tools, false, ';,')
    if (calls) yield* reader.anyOf(['<|eom_id|>', '<|eot_id|>'])
    return calls
  }
  const call = yield* readPythonCall(reader, tools, '.call')
  if (call) yield* reader.anyOf(['<|eom_id|>', '<|eot_id|>'])
  return call && [call]
}

/** A list of objects; or names, each with an id if there is one, and its arguments. */
function* readCallsToken(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  const calls: FoundCall[] = []
  while (yield* reader.literal('[TOOL_CALLS]')) {
    yield* reader.space()
    if (String.fromCharCode(yield* reader.peek()) === '[') {
      const list = yield* readCallList(reader, tools, false)
      if (!list) return undefined
      calls.push(...list)
    } else {
      const call = yield* readNamed(reader, tools)
      if (!call) return undefined
      calls.push(call)
    }
  }
  return calls.length > 0 ? calls : undefined
}

function* readNamed(reader: TextReader, tools: KnownTools): Step<FoundCall | undefined> {
  const name = yield* reader.oneName(tools.keys())
  if (name === undefined) return undefined
  if (yield* reader.literal('[CALL_ID]')) yield* reader.word(ID_LETTER, MAX_ID)
  yield* reader.literal('[ARGS]')
  yield* reader.space()
  return yield* withObject(reader, name)
}

/** The call of `name` with the JSON object that stands here. */
function* withObject(reader: TextReader, name: string): Step<FoundCall | undefined> {
  if (String.fromCharCode(yield* reader.peek()) !== '{') return undefined
  const text = yield* readJson(reader)
  return text === undefined ? undefined : { name, arguments: text }
}

/** `function<sep>name` and arguments in a fence, or `name<sep>` and arguments. */
function* readCallTokens(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal(CALLS))) return undefined
  const calls: FoundCall[] = []
  for (;;) {
    yield* reader.space()
    if (!(yield* reader.literal(CALL))) break
    const call = yield* readCallToken(reader, tools)
    if (!call) return undefined
    calls.push(call)
    yield* reader.space()
    if (!(yield* reader.literal(CALL_END))) return undefined
  }
  if (calls.length === 0) return undefined
  return (yield* reader.literal(CALLS_END)) || (yield* reader.peek()) === -1 ? calls : undefined
}

function* readCallToken(reader: TextReader, tools: KnownTools): Step<FoundCall | undefined> {
  const isFenced = yield* reader.literal(`function${SEPARATOR}`)
  const name = yield* reader.oneName(tools.keys())
  if (name === undefined) return undefined
  if (!isFenced) {
    if (!(yield* reader.literal(SEPARATOR))) return undefined
    yield* reader.space()
    return yield* withObject(reader, name)
  }
  yield* reader.space()
  if (!(yield* reader.literal('```json'))) return undefined
  yield* reader.space()
  const call = yield* withObject(reader, name)
  yield* reader.space()
  return (yield* reader.literal('```')) ? call : undefined
}

function* readInvokeTags(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal(`<${MARK}`))) return undefined
  const around = yield* reader.anyOf(['function_calls', 'tool_calls'])
  if (around === undefined || !(yield* reader.literal('>'))) return undefined
  const calls: FoundCall[] = []
  for (;;) {
    yield* reader.space()
    if (!(yield* reader.literal(`<${MARK}invoke name="`))) break
    const call = yield* readInvoke(reader, tools)
    if (!call) return undefined
    calls.push(call)
  }
  if (calls.length === 0) return undefined
  const isClosed = yield* reader.literal(`</${MARK}${around}>`)
  return isClosed || (yield* reader.peek()) === -1 ? calls : undefined
}

function* readInvoke(reader: TextReader, tools: KnownTools): Step<FoundCall | undefined> {
  const name = yield* reader.oneName(tools.keys())
  if (name === undefined || !(yield* reader.literal('">'))) return undefined
  const values = new TypedArguments(tools.get(name))
  yield* reader.space()
  while (yield* reader.literal(`<${MARK}parameter name="`)) {
    const key = yield* reader.word(KEY_LETTER, MAX_ID)
    if (!(yield* reader.literal('" string="'))) return undefined
    const isText = (yield* reader.anyOf(['true', 'false'])) === 'true'
    if (!(yield* reader.literal('">'))) return undefined
    const text = yield* reader.until(`</${MARK}parameter>`)
    if (text === undefined) return undefined
    const isNew = isText ? values.addJson(key, JSON.stringify(text)) : values.addText(key, text)
    if (!isNew) return undefined
    yield* reader.space()
  }
  if (!(yield* reader.literal(`</${MARK}invoke>`))) return undefined
  return { name, arguments: values.toText() }
}

function* readSection(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal(SECTION))) return undefined
  const calls: FoundCall[] = []
  for (;;) {
    yield* reader.space()
    if (!(yield* reader.literal('<|tool_call_begin|>'))) break
    yield* reader.space()
    yield* reader.literal('functions.')
    const name = yield* reader.oneName(tools.keys())
    if (name === undefined) return undefined
    if (yield* reader.literal(':')) yield* reader.word(DIGIT, MAX_ID)
    yield* reader.space()
    if (!(yield* reader.literal('<|tool_call_argument_begin|>'))) return undefined
    yield* reader.space()
    const call = yield* withObject(reader, name)
    yield* reader.space()
    if (!call || !(yield* reader.literal('<|tool_call_end|>'))) return undefined
    calls.push(call)
  }
  if (calls.length === 0) return undefined
  return (yield* reader.literal(SECTION_END)) || (yield* reader.peek()) === -1 ? calls : undefined
}

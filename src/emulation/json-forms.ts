import type { FormRule, FoundCall, KnownTools } from './form.ts'
import type { Step, TextReader } from './held-text.ts'
import { readCallList, readCallObjects } from './json-call.ts'

/** What a fence may say. The first two say that it is a call; the others leave it open. */
const TOLD = ['tool_calls', 'tool_call']
const LABELS = [...TOLD, 'json', '']

/** What another call may begin with, but for a tag. */
const OPENERS = '`{['

/**
 * Whether nothing but further calls can follow. A call ends what the model has to say, and an
 * example has words after it: this tells them apart where nothing else does.
 */
export function* isLast(reader: TextReader): Step<boolean> {
  const end = reader.at
  if (!(yield* reader.lineEnd())) return false
  yield* reader.space()
  const code = yield* reader.peek()
  // A closing tag closes what was no call.
  const isTag = (yield* reader.literal('<')) && String.fromCharCode(yield* reader.peek()) !== '/'
  reader.at = end
  return code === -1 || isTag || OPENERS.includes(String.fromCharCode(code))
}

/** Bare JSON and JSON in a fence: the forms that models fall back to. */
export const JSON_FORMS: readonly FormRule[] = [
  { form: 'json', opener: '```', atLineStart: true, read: readFence },
  { form: 'json', opener: '{', atLineStart: true, read: readBareObjects },
  { form: 'json', opener: '[', atLineStart: true, read: readBareList },
]

function* readFence(reader: TextReader, tools: KnownTools): Step<readonly FoundCall[] | undefined> {
  if (!(yield* reader.literal('```'))) return undefined
  const label = yield* reader.anyOf(LABELS)
  if (label === undefined || !(yield* reader.lineEnd())) return undefined
  yield* reader.space()
  const bare = !TOLD.includes(label)
  const calls = yield* readObjectsOrList(reader, tools, bare)
  if (!calls) return undefined
  yield* reader.space()
  if (!(yield* reader.literal('```'))) return undefined
  if (bare) return (yield* isLast(reader)) ? calls : undefined
  return (yield* reader.lineEnd()) ? calls : undefined
}

function* readObjectsOrList(
  reader: TextReader,
  tools: KnownTools,
  bare: boolean,
): Step<readonly FoundCall[] | undefined> {
  return String.fromCharCode(yield* reader.peek()) === '['
    ? yield* readCallList(reader, tools, bare)
    : yield* readCallObjects(reader, tools, bare, ',;')
}

function* readBareObjects(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  const calls = yield* readCallObjects(reader, tools, true, ',;')
  return calls && (yield* isLast(reader)) ? calls : undefined
}

function* readBareList(
  reader: TextReader,
  tools: KnownTools,
): Step<readonly FoundCall[] | undefined> {
  const calls = yield* readCallList(reader, tools, true)
  return calls && (yield* isLast(reader)) ? calls : undefined
}

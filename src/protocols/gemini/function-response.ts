import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ResultPart, TextPart, ToolResultPart } from '../../core/message.ts'
import { embed, sourceText, tryParseJson } from '../../wire/json.ts'
import { asObject, type Place, place, string, wrongValue } from '../../wire/read.ts'
import { decodeMedia, encodeMedia, kindOfPart, opaque } from './content-part.ts'
import { weighPart } from './part-decode.ts'
import {
  type Building,
  camel,
  leftover,
  listAt,
  lose,
  messageAt,
  NAME,
  objectAt,
  ownExtras,
  type Reading,
  restore,
  resultPath,
  type Writing,
} from './wire.ts'

const PART_FIELDS: ReadonlySet<string> = new Set(['functionResponse'])
const RESPONSE_FIELDS: ReadonlySet<string> = new Set(['id', 'name', 'response', 'parts'])

/** The keys of `response` that the vendor understands, and one that its clients write. */
const KEYS = ['output', 'result', 'error'] as const

/** A result as it stood on the wire: `id` is empty where none was told. */
export interface DecodedResponse {
  readonly id: string
  readonly name: string
  readonly part: Building<ToolResultPart>
}

/** Reads a part with a `functionResponse`; whose result it is, is found by its caller. */
export function decodeResponsePart(
  wire: JsonObject,
  index: number,
  indexInside: number,
  at: Place,
  reading: Reading,
): DecodedResponse {
  const inside = place('functionResponse', at)
  const response = messageAt(wire, 'functionResponse', at) ?? {}
  const name = string(response, 'name', inside)
  if (name === '') throw wrongValue(place('name', inside), 'Name cannot be empty.')
  const given = response['id']
  const id = given === undefined || given === null ? '' : string(response, 'id', inside)
  const { texts, wrap, isError } = decodeOutput(response, inside, reading)
  const content: ResultPart[] = texts
  for (const [i, entry] of (listAt(response, 'parts', inside) ?? []).entries()) {
    const entryPlace = place(i, place('parts', inside))
    const part = camel(asObject(entry, entryPlace))
    content.push(decodeMedia(part, entryPlace) ?? opaque(kindOfPart(part), part))
  }
  const part: Building<ToolResultPart> = {
    type: 'tool-result',
    callId: id,
    name,
    content,
    at: index,
    atPart: indexInside,
  }
  if (isError) part.isError = true
  let kept = leftover(wire, PART_FIELDS, at, reading, weighPart)
  const more = leftover(response, RESPONSE_FIELDS, inside, reading, () => 'hint')
  if (more) kept = { ...kept, $functionResponse: more }
  if (wrap !== undefined) kept = { ...kept, $wrap: wrap }
  if (kept) part.extras = { [NAME]: kept }
  return { id, name, part }
}

/**
 * Takes the text out of `response`. A lone `output` or `result` holds it, a lone `error` too; any
 * other object is the result itself, as JSON text. `wrap` notes what writing would not choose.
 */
function decodeOutput(
  response: JsonObject,
  at: Place,
  reading: Reading,
): { texts: TextPart[]; wrap?: string; isError: boolean } {
  const given = response['response']
  if (given === undefined || given === null) return { texts: [], isError: false }
  const object = asObject(given, place('response', at))
  const names = Object.keys(object)
  if (names.length === 0) return { texts: [], isError: false }
  const key = names.length === 1 ? KEYS.find(candidate => candidate === names[0]) : undefined
  const value = key && object[key]
  if (key === undefined || value === undefined) {
    return { texts: [{ type: 'text', text: sourceText(reading.root, object) }], isError: false }
  }
  const isError = key === 'error'
  if (typeof value !== 'string') {
    const text = isObject(value) ? sourceText(reading.root, value) : JSON.stringify(value)
    return { texts: [{ type: 'text', text }], wrap: `${key}-json`, isError }
  }
  const texts: TextPart[] = [{ type: 'text', text: value }]
  const isChosen = isError || (key === 'output' && !isJsonObject(value))
  return isChosen ? { texts, isError } : { texts, wrap: key, isError }
}

function isJsonObject(text: string): boolean {
  return text.trimStart().charCodeAt(0) === 123 && isObject(tryParseJson(text))
}

/** A result in the vendor's words. */
export interface EncodedResponse {
  readonly part: JsonObject
  /** What may not stand in a result, to follow in a content of the user's. */
  readonly moved: JsonObject[]
}

/** Writes a result. `name` and `id` are those of its call; an empty id is left out. */
export function encodeResponsePart(
  part: ToolResultPart,
  name: string,
  id: string,
  writing: Writing,
): EncodedResponse {
  const path = resultPath(part, writing)
  const own = ownExtras(part.extras)
  const texts: string[] = []
  const inside: JsonObject[] = []
  const moved: JsonObject[] = []
  for (const [i, inner] of part.content.entries()) {
    const innerPath = `${path}.content[${i}]`
    if (inner.type === 'text') texts.push(inner.text)
    else if (inner.type === 'opaque') {
      if (inner.protocol === NAME && isObject(inner.value)) inside.push(inner.value)
      else
        lose(writing, innerPath, `\`${inner.kind}\` belongs to another protocol`, 'dropped', true)
    } else {
      const encoded = encodeMedia(inner, innerPath, writing)
      if ('text' in encoded) texts.push(String(encoded['text']))
      else if (writing.isOwn || writing.quirks.imagesInResults) inside.push(encoded)
      else {
        if (moved.length === 0) moved.push({ text: `[From the result of ${name}]` })
        moved.push(encoded)
        const what = `a ${inner.type} in a tool's result, moved behind the results`
        lose(writing, innerPath, what, 'approximated', false)
      }
    }
  }
  if (moved.length > 0) texts.push('[The rest of this result follows the results.]')
  const wrap = own?.['$wrap']
  const functionResponse: JsonObject = {
    name,
    response: encodeOutput(texts, part.isError === true, typeof wrap === 'string' ? wrap : ''),
  }
  if (id !== '') functionResponse['id'] = id
  if (inside.length > 0) functionResponse['parts'] = inside
  if (own) restore(functionResponse, objectAt(own, '$functionResponse'))
  return { part: restore({ functionResponse }, own), moved }
}

/**
 * The `response` object: the text of a JSON object as that object, any other text under `output`,
 * of a failure under `error`. Source: Google Gen AI SDK 2.32, `FunctionResponse`, 2026.
 */
function encodeOutput(texts: readonly string[], isError: boolean, wrap: string): JsonObject {
  if (texts.length === 0) return isError ? { error: '' } : {}
  const text = texts.join('\n')
  const key = isError ? 'error' : wrap.startsWith('result') ? 'result' : 'output'
  if (wrap.endsWith('-json')) {
    const value = embedded(text)
    if (value !== undefined) return { [key]: value }
  }
  if (isError || wrap !== '') return { [key]: text }
  if (text.trimStart().charCodeAt(0) !== 123) return { output: text }
  const value = tryParseJson(text)
  if (!isObject(value)) return { output: text }
  const names = Object.keys(value)
  // An empty object would read as nothing, and one under a key with a meaning as something else.
  const isAmbiguous = names.length === 0 || (names.length === 1 && isKey(names[0]))
  const object = isAmbiguous ? undefined : embedded(text)
  return isObject(object) ? object : { output: text }
}

function isKey(name: string | undefined): boolean {
  return KEYS.some(key => key === name)
}

function embedded(text: string): Json | undefined {
  try {
    return embed(text)
  } catch {
    return undefined
  }
}

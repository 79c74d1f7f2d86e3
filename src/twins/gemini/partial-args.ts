import type { Random } from '../random.ts'
import type { AnswerPart } from './answer.ts'
import { isList, isObject, type Json, type JsonDocument, parseObject } from './json.ts'
import { jsonSource, type Writable } from './json-writer.ts'
import { pieces } from './pieces.ts'

type CallPart = Extract<AnswerPart, { readonly type: 'call' }>

/** A value inside arguments that is neither an object nor a list. */
interface Leaf {
  readonly path: string
  /** The path of the innermost list item around it, to tell where a new one begins. */
  readonly items: string
  readonly value: string | number | boolean | null
  readonly source: string
}

/**
 * The parts in which a call's arguments are streamed, value by value. A text is continued until an
 * empty one ends it. The call's own end, an empty `functionCall`, is sometimes left out; `isClosed`
 * says so. A call without arguments comes whole, and so does one with an empty object or list inside,
 * which this form cannot say.
 *
 * Source: recorded streams of gemini-3.1-pro-preview and gemini-3-flash-preview, 2026-04 and 2026-05.
 */
export function partialCall(
  call: CallPart,
  random: Random,
): { readonly members: readonly Writable[]; readonly isClosed: boolean } {
  const { name, id, signature: thoughtSignature } = call
  const leaves = leavesOf(call.arguments)
  if (leaves === undefined) {
    const functionCall = { name, args: jsonSource(call.arguments), id }
    return { members: [{ functionCall, thoughtSignature }], isClosed: false }
  }
  if (leaves.length === 0) {
    return { members: [{ functionCall: { name, id }, thoughtSignature }], isClosed: false }
  }
  const isClosed = random.below(4) > 0
  const values = leaves.flatMap((leaf, place) => {
    const before = leaves[place - 1]
    const isNewItem = before !== undefined && before.items !== leaf.items
    const pause = isNewItem && random.below(2) === 0 ? [undefined] : []
    return [...pause, ...valuesOf(leaf, random)]
  })
  const parts = values.map((value, place) => ({
    functionCall: {
      partialArgs: value && [value],
      willContinue: isClosed || place < values.length - 1 ? true : undefined,
    },
  }))
  const start = { functionCall: { name, id, willContinue: true }, thoughtSignature }
  return { members: [start, ...parts, ...(isClosed ? [{ functionCall: {} }] : [])], isClosed }
}

function valuesOf({ path: jsonPath, value, source }: Leaf, random: Random): Writable[] {
  if (value === null) return [{ jsonPath, nullValue: 'NULL_VALUE' }]
  if (typeof value === 'boolean') return [{ jsonPath, boolValue: value }]
  if (typeof value === 'number') return [{ jsonPath, numberValue: jsonSource(source) }]
  const texts = pieces(value, random).map(stringValue => ({
    jsonPath,
    stringValue,
    willContinue: true,
  }))
  return [...texts, { jsonPath, stringValue: '' }]
}

/** The values in order; `undefined` if there is an empty object or list among them. */
function leavesOf(source: string): readonly Leaf[] | undefined {
  const document = parseObject(source)
  if (!document) return undefined
  const leaves: Leaf[] = []
  const isWhole = Object.entries(document.value).every(([name, value]) =>
    collect(value, stepOf(name), '', { parent: document.value, name }, document, leaves),
  )
  return isWhole ? leaves : undefined
}

function collect(
  value: Json | undefined,
  path: string,
  items: string,
  home: { readonly parent: object; readonly name: string },
  document: JsonDocument,
  leaves: Leaf[],
): boolean {
  if (value === undefined) return true
  if (isList(value)) {
    return (
      value.length > 0 &&
      value.every((item, index) => {
        const name = String(index)
        const place = `${path}[${index}]`
        return collect(item, place, place, { parent: value, name }, document, leaves)
      })
    )
  }
  if (isObject(value)) {
    const members = Object.entries(value)
    return (
      members.length > 0 &&
      members.every(([name, member]) =>
        collect(member, path + stepOf(name), items, { parent: value, name }, document, leaves),
      )
    )
  }
  const source = document.sourceOfMember(home.parent, home.name) ?? JSON.stringify(value)
  leaves.push({ path: `$${path}`, items, value, source })
  return true
}

/** One step of a path: a plain name, or any other in brackets (RFC 9535). */
function stepOf(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `.${name}`
  return `['${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
}

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { TwinTool } from '../model.ts'
import { rehearsal } from './index.ts'

/*
 * The data files hold tool sets of many domains and what is asked of them:
 *
 *   tool name: description          a tool, its parameters indented below
 *     name*: type (description)     `*` marks a required one, `a.b` a member of an object; types are
 *                                   text, whole, number, flag, [list], a/b/c for choices
 *   ask words                       a message, and below it the calls that it must lead to:
 *   = name {"argument": "value"}    none at all means an answer in text
 */

interface Case {
  readonly tools: readonly TwinTool[]
  readonly message: string
  readonly calls: readonly string[]
}

const TYPES: { readonly [name: string]: string } = {
  text: 'string',
  whole: 'integer',
  number: 'number',
  flag: 'boolean',
}

/** `type = default >= least <= most (description)` as a JSON Schema. */
function schemaOf(text: string): { [key: string]: unknown } {
  const description = /\((.*)\)$/.exec(text)?.[1]
  const head = text.replace(/\s*\(.*\)$/, '')
  const limit = (sign: string): unknown => {
    const found = new RegExp(`${sign} ([\\d.]+)`).exec(head)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const type = head.replace(/ (?:=|>=|<=) .*/, '')
  const fallback = / = (\S+)/.exec(head)?.[1]
  return {
    ...shapeOf(type),
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(limit('>=') === undefined ? {} : { minimum: limit('>=') }),
    ...(limit('<=') === undefined ? {} : { maximum: limit('<=') }),
  }
}

function shapeOf(type: string): { [key: string]: unknown } {
  if (type.startsWith('[')) return { type: 'array', items: shapeOf(type.slice(1, -1)) }
  if (type.includes('/')) return { type: 'string', enum: type.split('/') }
  const [name = '', format] = type.split('@')
  return { type: TYPES[name] ?? name, ...(format === undefined ? {} : { format }) }
}

/** Members, where `a.b` is member `b` of an object `a`; an object at the top is required if a member is. */
function objectOf(members: readonly string[], top = true): { [key: string]: unknown } {
  const properties: { [name: string]: unknown } = {}
  const required = new Set<string>()
  const inner = new Map<string, string[]>()
  for (const member of members) {
    const [, object, name = '', star, rest = ''] =
      /^(?:(\w+)\.)?([\w.]+)(\*)?: (.*)$/.exec(member) ?? []
    if (object !== undefined) {
      inner.set(object, [...(inner.get(object) ?? []), `${name}${star ?? ''}: ${rest}`])
      properties[object] = {}
      if (top && star !== undefined) required.add(object)
      continue
    }
    properties[name] = schemaOf(rest)
    if (star !== undefined) required.add(name)
  }
  for (const [object, list] of inner) properties[object] = objectOf(list, false)
  return { type: 'object', properties, required: [...required] }
}

function readCases(file: string): Case[] {
  const out: Case[] = []
  for (const group of readFileSync(new URL(file, import.meta.url), 'utf8').split(/\n\n+/)) {
    const tools: { name: string; description: string; members: string[] }[] = []
    const asked: { message: string; calls: string[] }[] = []
    for (const line of group.split('\n')) {
      const tool = /^tool (\w+): (.*)$/.exec(line)
      if (tool !== null)
        tools.push({ name: tool[1] ?? '', description: tool[2] ?? '', members: [] })
      else if (line.startsWith('  ')) tools.at(-1)?.members.push(line.trim())
      else if (line.startsWith('ask ')) asked.push({ message: line.slice(4), calls: [] })
      else if (line.startsWith('= ')) asked.at(-1)?.calls.push(line.slice(2))
    }
    const declared = tools.map(({ name, description, members }) => ({
      name,
      description,
      parameters: objectOf(members),
    }))
    out.push(...asked.map(one => ({ tools: declared, ...one })))
  }
  return out
}

/** Members in one order, and texts without a leading article, which says nothing. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^(?:the|a|an) /i, '')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, one]) => [key, plain(one)]),
  )
}

async function callsOf({ tools, message }: Case): Promise<unknown[]> {
  const turn = await rehearsal().answer(
    {
      model: 'any',
      tools,
      choice: { mode: 'auto' },
      parallel: true,
      reasoning: false,
      stop: [],
      messages: [{ role: 'user', text: message, images: 0, documents: 0 }],
    },
    1,
  )
  return turn.blocks.flatMap(one =>
    one.type === 'call' ? [[one.name, plain(JSON.parse(one.arguments))]] : [],
  )
}

describe.each(['./assistant-domains.txt', './everyday-domains.txt', './office-domains.txt'])(
  '[T3] tool sets of %s',
  file => {
    it.each(readCases(file))('$message', async one => {
      const wanted = one.calls.map(call => {
        const at = call.indexOf(' ')
        return [call.slice(0, at), plain(JSON.parse(call.slice(at + 1)))]
      })
      expect(await callsOf(one)).toEqual(wanted)
    })
  },
)

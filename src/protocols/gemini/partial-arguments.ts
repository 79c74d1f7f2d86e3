import { isObject, type Json, type JsonObject } from '../../core/json.ts'
import { textAt } from './wire.ts'

/** Far more items than any list of arguments has; a path beyond it would fill the memory. */
const MAX_INDEX = 100_000

type Step = string | number

/**
 * Arguments that come value by value. Each names its place by a path (RFC 9535, names and indices
 * only), and a text goes on at the same place until it is closed. They are given out whole, because
 * JSON text of them could not be written before the last value is known.
 * Source: recorded streams of Gemini 3 on Vertex, 2026-04 and 2026-05.
 */
export class PartialArguments {
  #root: JsonObject = Object.create(null)
  /** The path whose text goes on. */
  #continued = ''
  /** What could not be read; nothing more is taken then. */
  broken: string | undefined

  /** Takes the `partialArgs` of one part. */
  add(values: Json | undefined): void {
    if (!Array.isArray(values)) return
    for (const value of values) if (isObject(value)) this.#put(value)
  }

  /** Lays whole arguments over what has come. */
  addWhole(args: Json | undefined): void {
    if (!isObject(args)) return
    for (const key in args) this.#root[key] = args[key]
  }

  /** The JSON text of what has come. */
  text(): string {
    return JSON.stringify(this.#root)
  }

  #put(value: JsonObject): void {
    const path = textAt(value, 'jsonPath')
    const steps = stepsOf(path)
    if (!steps) {
      this.broken ??= `arguments at a path that cannot be read: ${path.slice(0, 200)}`
      return
    }
    const leaf = leafOf(value)
    const isText = typeof value['stringValue'] === 'string'
    const goesOn = isText && this.#continued === path
    this.#continued = isText && value['willContinue'] === true ? path : ''
    if (leaf === undefined) return
    this.#set(steps, leaf, goesOn)
  }

  #set(steps: readonly Step[], leaf: Json, goesOn: boolean): void {
    let home: Json | undefined = this.#root
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]
      if (step === undefined) return
      const next = steps[i + 1]
      const there = read(home, step)
      if (next === undefined) {
        const text = goesOn && typeof there === 'string' && typeof leaf === 'string'
        if (!write(home, step, text ? there + leaf : leaf)) this.#clash(steps)
        return
      }
      if (typeof there === 'object' && there !== null) home = there
      else {
        const made: Json = typeof next === 'number' ? [] : Object.create(null)
        if (!write(home, step, made)) {
          this.#clash(steps)
          return
        }
        home = made
      }
    }
  }

  #clash(steps: readonly Step[]): void {
    this.broken ??= `arguments contradict each other at ${steps.join('.')}`
  }
}

function read(home: Json | undefined, step: Step): Json | undefined {
  if (Array.isArray(home)) return typeof step === 'number' ? home[step] : undefined
  return isObject(home) && typeof step === 'string' ? home[step] : undefined
}

function write(home: Json | undefined, step: Step, value: Json): boolean {
  if (Array.isArray(home) && typeof step === 'number') {
    // A list without holes: JSON knows none.
    while (home.length < step) home.push(null)
    home[step] = value
    return true
  }
  if (!isObject(home) || typeof step !== 'string') return false
  home[step] = value
  return true
}

function leafOf(value: JsonObject): Json | undefined {
  const text = value['stringValue']
  if (typeof text === 'string') return text
  const number = value['numberValue']
  if (typeof number === 'number') return number
  const flag = value['boolValue']
  if (typeof flag === 'boolean') return flag
  return 'nullValue' in value ? null : undefined
}

const STEP = /\.([^.[\]'"]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y

/** The steps of a path; `undefined` if it is none, or points to the root or into the boundless. */
function stepsOf(path: string): Step[] | undefined {
  if (path.charCodeAt(0) !== 36) return undefined
  const steps: Step[] = []
  STEP.lastIndex = 1
  let at = 1
  while (at < path.length) {
    const found = STEP.exec(path)
    if (!found) return undefined
    at = STEP.lastIndex
    const [, name, index, single, double] = found
    if (index !== undefined) {
      if (Number(index) > MAX_INDEX) return undefined
      steps.push(Number(index))
    } else steps.push(name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1'))
  }
  return steps.length > 0 && steps.length <= 64 ? steps : undefined
}

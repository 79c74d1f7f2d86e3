// What stands beside the code on the far side of the wall. It is plain JavaScript because a thread
// and a child start from a file that Node 20 can read as it is, from the source as from the build.
// The functions use nothing but `stringify` from outside themselves: `wasm` runs their text.
// @ts-check

import { pathToFileURL } from 'node:url'

const { stringify } = JSON

/**
 * Writes a value as JSON text, strictly: what JSON lacks is a TypeError that names its key.
 * @param {unknown} value
 * @returns {string}
 */
export function encodeResult(value) {
  const text = stringify(value === undefined ? null : value, (key, item) => {
    const type = typeof item
    const place = key === '' ? '' : ` at "${key}"`
    if (type === 'function' || type === 'symbol' || type === 'bigint')
      throw new TypeError(`the result holds a ${type}${place}`)
    if (type === 'number' && item - item !== 0)
      throw new TypeError(`the result holds ${item}${place}`)
    return item
  })
  if (typeof text !== 'string') throw new TypeError('the result is no JSON value')
  return text
}

/**
 * Name and message of what was thrown, however it fights being read.
 * @param {any} thrown
 * @returns {[string, string]}
 */
export function describeThrown(thrown) {
  try {
    const known = typeof thrown === 'object' && thrown !== null
    const name = known && typeof thrown.name === 'string' ? thrown.name : 'Error'
    const message = known && typeof thrown.message === 'string' ? thrown.message : `${thrown}`
    return [name.slice(0, 200), message.slice(0, 2000)]
  } catch {
    return ['Error', 'what was thrown cannot be read']
  }
}

/**
 * The text of a module whose default export is the function: the text itself, or its one expression.
 * @param {string} text
 * @returns {string}
 */
export function moduleText(text) {
  return /(^|[\n;}])\s*export\s*(default\b|\{)/.test(text) ? text : `export default (${text}\n)`
}

/**
 * The function that a module or a source text holds; cached by the engine as any module is.
 * @param {{ kind: string, path?: string, export?: string, text?: string }} code
 */
export async function loadFunction(code) {
  const address =
    code.kind === 'module'
      ? pathToFileURL(code.path ?? '').href
      : `data:text/javascript,${encodeURIComponent(moduleText(code.text ?? ''))}`
  const name = code.export ?? 'default'
  const run = (await import(address))[name]
  if (typeof run !== 'function') throw new TypeError(`the code exports no function "${name}"`)
  return run
}

// The far side of the tier `process`: one call, told and answered in lines of JSON on descriptor 3.
// @ts-check
import { readFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import { describeThrown, encodeResult, loadFunction } from './guest.mjs'

// Taken before the code can put something else in their place.
const { stringify, parse } = JSON
const exit = process.exit.bind(process)
/** How this process ends itself where its code floods the line: see `OVERFLOW` of `process.ts`. */
const OVERFLOW = 97

const line = new Socket({ fd: 3 })
// Whoever started this is gone.
line.on('close', () => process.exit(0))
for (const name of Object.keys(process.env)) delete process.env[name]
// Node's permissions do not cover signals. Where no namespace hides the other processes this is a
// seat belt, no wall, and the guide says so.
for (const name of ['kill', '_kill', '_debugProcess', 'binding', '_linkedBinding', 'dlopen'])
  Reflect.deleteProperty(process, name)
// What reaches files, threads or other processes past Node's permissions, in one version of it or
// another: WASI's folders, flags of the engine, traces and snapshots written where they are told to.
/** @type {Readonly<Record<string, readonly string[]>>} */
const PAST_PERMISSIONS = {
  'node:v8': ['setFlagsFromString', 'setHeapSnapshotNearHeapLimit'],
  'node:os': ['setPriority'],
  'node:module': ['register'],
  'node:wasi': ['WASI'],
  'node:trace_events': ['createTracing'],
}
for (const [name, exports] of Object.entries(PAST_PERMISSIONS)) {
  const { default: module } = await import(name)
  for (const one of exports) Reflect.deleteProperty(module, one)
}
syncBuiltinESMExports()

/** @type {Map<string, { resolve: (text: string) => void, reject: (error: Error) => void }>} */
const waiting = new Map()
let asked = 0

/** @param {unknown[]} message */
const say = (...message) => line.write(`${stringify(message)}\n`)

/**
 * @param {string} kind
 * @param {unknown} argument
 * @returns {Promise<string>}
 */
const ask = (kind, argument) =>
  new Promise((resolve, reject) => {
    const id = String(++asked)
    waiting.set(id, { resolve, reject })
    say('ask', id, kind, encodeResult(argument))
  })

/** @param {any} task */
async function run({ code, input, network, files, outputBytes }) {
  // A loop that waits for nothing lets nothing out: what it said would only fill the memory here.
  const progress = (/** @type {unknown} */ value) => {
    say('progress', encodeResult(value))
    if (line.writableLength > outputBytes) exit(OVERFLOW)
  }
  try {
    const tool = await loadFunction(code)
    const context = {
      progress,
      ...(network && {
        /**
         * @param {unknown} url
         * @param {object} [options]
         */
        fetch: async (url, options) => parse(await ask('fetch', { ...options, url: String(url) })),
      }),
      ...(files && {
        /** @param {string} path */
        readFile: path => readFile(path, 'utf8'),
      }),
    }
    say('returned', encodeResult(await tool(parse(input), context)))
  } catch (thrown) {
    say('threw', ...describeThrown(thrown))
  }
}

/** @param {string} text */
const hear = text => {
  const message = parse(text)
  if (!Array.isArray(message)) {
    run(message)
    return
  }
  const [id, ok, answer] = message
  const one = waiting.get(id)
  waiting.delete(id)
  if (ok) one?.resolve(answer)
  else one?.reject(new Error(answer))
}

// Node's `readline` ends lines at U+2028 too, which JSON text may hold, from some version on.
/** @type {string[]} */
let parts = []
line.setEncoding('utf8')
line.on('data', (/** @type {string} */ chunk) => {
  const [first = '', ...others] = chunk.split('\n')
  parts.push(first)
  for (const next of others) {
    hear(parts.join(''))
    parts = [next]
  }
})
say('ready')

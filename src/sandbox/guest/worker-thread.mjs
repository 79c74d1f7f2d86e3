// The far side of the tier `worker`: one call at a time, told and answered in strings.
// @ts-check
import { Writable } from 'node:stream'
import { parentPort } from 'node:worker_threads'
import { describeThrown, encodeResult, loadFunction } from './guest.mjs'

const port = parentPort
if (!port) throw new Error('this file runs in a thread')

const TOO_LONG = Symbol('too long')
// Taken before the code can put something else in its place.
const later = setImmediate

// What is printed goes nowhere, and is counted.
for (const name of ['stdout', 'stderr']) {
  const write = (
    /** @type {Buffer} */ chunk,
    /** @type {string} */ _,
    /** @type {() => void} */ done,
  ) => {
    port.postMessage(['printed', chunk.length])
    done()
  }
  Object.defineProperty(process, name, { value: new Writable({ write }) })
}

port.on('message', async ({ code, input, outputBytes }) => {
  /** @param {unknown} value */
  const encode = value => {
    const text = encodeResult(value)
    // Not even copied to the other side if it is too long.
    if (text.length > outputBytes) throw TOO_LONG
    return text
  }
  let over = false
  try {
    const run = await loadFunction(code)
    /** @param {unknown} value */
    const progress = value => {
      // Work left over from this call may not speak in the next one.
      if (!over) port.postMessage(['progress', encode(value)])
    }
    const text = encode(await run(JSON.parse(input), { progress }))
    over = true
    port.postMessage(['returned', text])
  } catch (thrown) {
    over = true
    if (thrown === TOO_LONG) port.postMessage(['output'])
    else port.postMessage(['threw', ...describeThrown(thrown)])
  }
  // Not said while what the code left behind still holds the thread.
  later(() => port.postMessage(['done']))
})
port.postMessage(['ready'])

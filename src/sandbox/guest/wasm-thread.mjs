// The far side of the tier `wasm`: QuickJS in WebAssembly, inside a thread.
//
// Each call gets an instance of its own, made ahead while nobody waits and dropped whole for the
// garbage collector: disposing of a runtime that ran out of memory aborts the instance
// (justjake/quickjs-emscripten issues 235, 257, 269), and nothing may pass from call to call.
//
// Not checked by types: Node's own for version 20 do not know WebAssembly.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { parentPort } from 'node:worker_threads'
import variant from '@jitl/quickjs-wasmfile-release-sync'
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core'
import { describeThrown, encodeResult, moduleText } from './guest.mjs'

const port = parentPort
if (!port) throw new Error('this file runs in a thread')

const require = createRequire(import.meta.url)
const wasmModule = await WebAssembly.compile(
  await readFile(require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm')),
)
const PAGE = 65_536
/** What the engine's build starts with. */
const FIRST_PAGES = 256
/** Bytes that the engine takes for itself, and some: with less it does not start. */
const LEAST = 16 * 1024
/** Bytes of stack for the interpreter; a build-in stack of 1 MiB holds it. */
const STACK = 256 * 1024

/**
 * A fresh instance. The engine's own limit comes first; the memory's maximum is a lid on top of it.
 * @param {number} memoryBytes
 */
async function makeInstance(memoryBytes) {
  const maximum = Math.min(65_536, FIRST_PAGES + Math.ceil(memoryBytes / PAGE))
  const wasmMemory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum })
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(variant, { wasmModule, wasmMemory }),
  )
  const runtime = quickjs.newRuntime()
  runtime.setMemoryLimit(memoryBytes)
  runtime.setMaxStackSize(STACK)
  return { memoryBytes, runtime, vm: runtime.newContext() }
}

// Runs inside, before the code does. What it needs later it takes now, out of the code's reach.
const PRELUDE = `(send => {
  'use strict'
  const { stringify, parse } = JSON
  const { call } = Function.prototype
  const then = call.bind(Promise.prototype.then)
  const PromiseOf = Promise
  const encodeResult = ${encodeResult}
  const describeThrown = ${describeThrown}
  const waiting = { __proto__: null }
  let asked = 0
  const ask = (kind, argument) => new PromiseOf((resolve, reject) => {
    waiting[++asked] = { resolve, reject }
    send('ask', '' + asked, kind, argument)
  })
  const fail = thrown => {
    const [name, message] = describeThrown(thrown)
    send('threw', name, message)
  }
  return {
    start(space, input, network, files) {
      const context = { progress: value => send('progress', encodeResult(value)) }
      if (network) context.fetch = async (url, options) =>
        parse(await ask('fetch', encodeResult({ ...options, url: '' + url })))
      if (files) context.readFile = async path => parse(await ask('readFile', encodeResult('' + path)))
      const run = async () => {
        const tool = (await space).default
        if (typeof tool !== 'function') throw new TypeError('the code exports no function "default"')
        return encodeResult(await tool(parse(input), context))
      }
      then(run(), text => send('returned', text), fail)
    },
    settle(id, ok, text) {
      const one = waiting[id]
      delete waiting[id]
      if (ok) one.resolve(text)
      else one.reject(new Error(text))
    },
  }
})`

/** @type {((id: string, ok: boolean, text: string) => void) | undefined} */
let settle
/** Whether a call's end has been told, and not yet that nothing of it runs any more. */
let ending = false
let ready = makeInstance(64 * 2 ** 20)

/** @param {{ code: { text: string }, input: string, memoryBytes: number, outputBytes: number, network: boolean, files: boolean }} call */
async function run(call) {
  let over = false
  let open = 0
  /** @param {...(string | number)} message */
  const finish = (...message) => {
    if (over) return
    over = true
    ending = true
    settle = undefined
    port?.postMessage(message)
    // Ready for the next call while this one's answer travels.
    if (message[0] === 'returned' || message[0] === 'threw') {
      ready = makeInstance(call.memoryBytes)
      // A failure is told when the next call awaits it.
      ready.catch(() => {})
    }
  }
  if (call.memoryBytes < LEAST) return finish('memory')
  let instance = await ready
  if (instance.memoryBytes !== call.memoryBytes) instance = await makeInstance(call.memoryBytes)
  const { runtime, vm } = instance
  // What it left behind ends with it.
  runtime.setInterruptHandler(() => over)
  /**
   * Whether there is room for a text: one without would be written over the engine's own memory.
   * @param {string} text
   */
  const fits = text => {
    const bytes = Buffer.byteLength(text)
    return bytes <= PAGE || memoryOf(runtime) + bytes <= call.memoryBytes
  }
  /** @param {import('quickjs-emscripten-core').QuickJSHandle} handle */
  const fail = handle => {
    const [name, message] = describeThrown(vm.dump(handle))
    if (message === 'out of memory') finish('memory')
    else finish('threw', name, message)
  }
  const send = vm.newFunction('send', (...handles) => {
    if (over) return
    if (handles.some(handle => vm.typeof(handle) !== 'string'))
      return finish('threw', 'TypeError', 'the code answered with no text')
    const [kind = '', first = '', ...rest] = handles.map(handle => vm.getString(handle))
    if (kind === 'threw' && rest[0] === 'out of memory') return finish('memory')
    if (kind === 'threw') return finish(kind, first.slice(0, 200), rest[0]?.slice(0, 2000) ?? '')
    // Not even copied to the other side if it is too long.
    if ([first, ...rest].some(text => text.length > call.outputBytes)) return finish('output')
    if (kind === 'returned') finish(kind, first, memoryOf(runtime))
    else {
      if (kind === 'ask') open++
      port?.postMessage([kind, first, ...rest])
    }
  })
  const work = () => {
    const jobs = runtime.executePendingJobs()
    if (jobs.error) fail(jobs.error)
    else if (!over && open === 0)
      finish('threw', 'Error', 'the promise never settles: nothing is left that could settle it')
  }
  const made = vm.evalCode(PRELUDE, 'prelude.js')
  if (made.error) return fail(made.error)
  const guest = vm.callFunction(made.value, vm.undefined, send)
  if (guest.error) return fail(guest.error)
  if (!fits(call.code.text) || !fits(call.input)) return finish('memory')
  const space = vm.evalCode(moduleText(call.code.text), 'tool.mjs', { type: 'module' })
  if (space.error) return fail(space.error)
  const started = vm.callFunction(
    vm.getProp(guest.value, 'start'),
    vm.undefined,
    space.value,
    vm.newString(call.input),
    call.network ? vm.true : vm.false,
    call.files ? vm.true : vm.false,
  )
  if (started.error) return fail(started.error)
  settle = (id, ok, text) => {
    open--
    if (!fits(text)) return finish('memory')
    const settled = vm.callFunction(
      vm.getProp(guest.value, 'settle'),
      vm.undefined,
      vm.newString(id),
      ok ? vm.true : vm.false,
      vm.newString(text),
    )
    if (settled.error) fail(settled.error)
    else work()
  }
  work()
}

/** @param {import('quickjs-emscripten-core').QuickJSRuntime} runtime */
function memoryOf(runtime) {
  return Number(/memory allocated\s+\d+\s+(\d+)/.exec(runtime.dumpMemoryUsage())?.[1] ?? 0)
}

function rest() {
  if (!ending) return
  ending = false
  port?.postMessage(['done'])
}

port.on('message', message => {
  if (Array.isArray(message)) {
    port.postMessage(['read'])
    settle?.(message[0], message[1], message[2])
    rest()
  } else
    run(message).then(rest, thrown => {
      const [name, text] = describeThrown(thrown)
      // The engine itself failed: whoever reads this ends the thread.
      port.postMessage(['broken', name, text])
    })
})
await ready
port.postMessage(['ready'])

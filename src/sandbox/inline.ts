import { pathToFileURL } from 'node:url'
import type { Json } from '../core/json.ts'
import type { Report, SandboxCode, SandboxContext, Task } from './call.ts'
import { describeThrown, encodeResult } from './result.ts'

/**
 * Runs trusted code in this thread. Its limits are raced: a call that ignores its signal is abandoned
 * and its late result dropped, but code that never yields holds the thread until it does.
 */
export async function runInline(task: Task): Promise<Report> {
  const started = performance.now()
  const stop = new AbortController()
  let over: ((report: Report) => void) | undefined
  const ended = new Promise<Report>(resolve => {
    over = resolve
  })
  const finish = (report: Omit<Report, 'walls' | 'ms'>) => {
    over?.({ ...report, walls: [], ms: performance.now() - started })
    over = undefined
  }
  const abort = () => {
    finish({ ended: 'aborted' })
    stop.abort()
  }
  task.signal?.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(() => {
    finish({ ended: 'timeout' })
    stop.abort()
  }, task.limits.timeMs)
  let left = task.limits.outputBytes
  const spend = (text: string) => {
    left -= Buffer.byteLength(text)
    if (left < 0) {
      finish({ ended: 'output' })
      stop.abort()
    }
    return left >= 0
  }
  const context: SandboxContext = {
    signal: stop.signal,
    progress: value => {
      const text = encodeResult(value)
      if (over && spend(text)) task.progress(text)
    },
  }
  const work = async () => {
    const run = await functionOf(task.code)
    if (!over) return
    const text = encodeResult(await run(JSON.parse(task.input), context))
    if (spend(text)) finish({ ended: 'returned', text })
  }
  work().catch(thrown => finish({ ended: 'threw', ...describeThrown(thrown) }))
  try {
    return await ended
  } finally {
    clearTimeout(timer)
    task.signal?.removeEventListener('abort', abort)
  }
}

/** Source text never comes here: it is refused before. */
async function functionOf(
  code: SandboxCode,
): Promise<(input: Json, context: SandboxContext) => unknown> {
  if (code.kind === 'function') return (input, context) => code.run(input, context)
  if (code.kind === 'source') throw new TypeError('source text does not run inline')
  const name = code.export ?? 'default'
  const module: Record<string, unknown> = await import(pathToFileURL(code.path).href)
  const run = module[name]
  if (typeof run !== 'function') throw new TypeError(`${code.path} exports no function "${name}"`)
  return (input, context) => run(input, context)
}

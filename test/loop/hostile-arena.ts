import { isToolgateError } from '../../src/core/error.ts'
import { createSandbox, type RunResult, runTools } from '../../src/index.ts'
import type { HostileRun } from '../../src/testing.ts'
import { isModelFault } from '../../src/twins/faults.ts'
import type { Random } from '../../src/twins/random.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { CONFINED, hostileTools } from './hostile-tools.ts'
import { LeftOver } from './left-over.ts'
import { SCENES } from './stage.ts'

/** Milliseconds that a run may end after its deadline: what one busy turn of the loop takes. */
const SLACK = 1000

/** Counts from now on the milliseconds that this thread had work and the machine gave to others. */
function starvation(): () => number {
  const loop = performance.eventLoopUtilization()
  const cpu = process.cpuUsage()
  return () => {
    const { active } = performance.eventLoopUtilization(loop)
    const { user, system } = process.cpuUsage(cpu)
    return Math.max(0, active - (user + system) / 1000)
  }
}

/** What the program itself does in one run. */
function drawProgram(random: Random) {
  return {
    callTimeoutMs: random.pick([5, 15, 30]),
    /** The run's deadline. */
    ms: random.pick([60, 300, 1000]),
    turns: 1 + random.below(8),
    maxRepeats: random.pick([0, 1, 3]),
    maxParallelCalls: random.pick([1, 8, 200]),
    /** Milliseconds after which it aborts the run. */
    abortAfter: random.below(7) === 0 ? random.below(60) : undefined,
    /** Events that it reads before it leaves. */
    reads: random.below(2) === 0 ? undefined : random.pick([0, 3, 1_000_000]),
  }
}

/** Names of the tools, with how often they are called: a sandbox takes its time. */
export const TOOLS = hostileTools(() => {}).map(({ name, parameters }) => ({
  name,
  parameters,
  weight: CONFINED.includes(name) ? 0.15 : 1,
}))

/** Strict twins of all protocols that judge histories, and one sandbox. */
export class Arena {
  /** How runs ended and calls came out, each with how often. */
  readonly counts = new Map<string, number>()
  /** Milliseconds that each run ended after its deadline, without those that others had. */
  readonly late: number[] = []
  /** What it is at, for whoever waits in vain. */
  doing = 'nothing'
  readonly #judges: Twin[] = []
  readonly #sandbox = createSandbox({ concurrency: 2 })
  readonly #leftOver = new LeftOver()

  /** Starts the judges. */
  async open(): Promise<void> {
    const model = {
      name: 'judge',
      answer: () => ({ blocks: [{ type: 'text', text: 'taken' } as const] }),
    }
    for (const { vendor } of SCENES) this.#judges.push(await startTwin({ vendor, model }))
  }

  /** Closes everything. @throws Error that says what is left over all the same */
  async close(): Promise<void> {
    this.doing = 'closing the twins'
    await Promise.all(this.#judges.map(twin => twin.close()))
    this.doing = 'closing the sandbox'
    await this.#sandbox.close()
    this.doing = 'looking for what is left over'
    const left = await this.#leftOver.list(['process', 'worker', 'socket'])
    this.stop()
    if (left.length > 0) throw new Error(`left over at the end: ${left.join(', ')}`)
  }

  /** Stops to listen for what is opened, also where something hangs. */
  stop(): void {
    this.#leftOver.stop()
  }

  /** Runs the loop once. @throws Error that says what is wrong with how it went */
  async attempt({ at, plan, random }: HostileRun): Promise<void> {
    this.doing = `running ${JSON.stringify(plan)}`
    const { ms, turns, abortAfter, reads, ...limits } = drawProgram(random)
    const wrong: string[] = []
    this.#leftOver.mark()
    const began = performance.now()
    const starved = starvation()
    const run = runTools({
      ...at,
      ...limits,
      prompt: 'Do it.',
      tools: hostileTools(what => wrong.push(what)),
      sandbox: this.#sandbox,
      budget: { turns, ms },
      retries: 1,
      maxRetryMs: 5,
      // 128 results of the default size are more than some models take.
      maxResultBytes: 4096,
    })
    const timer =
      abortAfter === undefined ? undefined : setTimeout(() => run.abort('enough'), abortAfter)
    if (reads !== undefined) wrong.push(...(await readEvents(run, reads)))
    const result = await run
    const late = performance.now() - began - ms - starved()
    clearTimeout(timer)
    if (late > SLACK) wrong.push(`it ended ${Math.round(late)} ms after its deadline of ${ms} ms`)
    wrong.push(...judgeEnding(plan, result, abortAfter !== undefined))
    this.doing = `judging ${JSON.stringify(result.messages)}`
    wrong.push(...(await this.#judge(result)))
    this.doing = `looking for what is left over of ${JSON.stringify(plan)}`
    const left = await this.#leftOver.list(['process', 'timer'])
    if (left.length > 0) wrong.push(`left over after the run: ${left.join(', ')}`)
    this.doing = 'closing the twin of a run'
    this.late.push(Math.max(0, late))
    this.#count(result)
    if (wrong.length > 0)
      throw new Error(`${wrong.join('\n')}\n(${result.ended}: ${result.reason})`)
  }

  #count({ ended, calls }: RunResult): void {
    const all = [
      ended,
      ...calls.map(({ outcome }) => `call ${outcome}`),
      ...calls.flatMap(({ receipt }) => (receipt ? [`sandboxed call ${receipt.ended}`] : [])),
    ]
    for (const what of all) this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  /** Sends a history on to the strict twin of every protocol. */
  async #judge({ messages }: RunResult): Promise<string[]> {
    const said = await Promise.all(
      SCENES.map(async ({ protocol, model, path }, i) => {
        const judge = this.#judges[i]
        if (!judge) throw new Error('the arena is not open')
        const next = await runTools({
          ...{ protocol, model, messages, baseUrl: judge.url + path, key: 'sk-test' },
          prompt: 'Go on.',
          retries: 0,
          stream: false,
        })
        if (next.text === 'taken') return []
        const history = JSON.stringify(messages).slice(0, 4000)
        return [`over ${protocol} the history is not taken: ${next.reason}\n${history}`]
      }),
    )
    return said.flat()
  }
}

/** Reads so many events of a run; says what is wrong with their order. */
async function readEvents(run: ReturnType<typeof runTools>, most: number): Promise<string[]> {
  const started = new Set<string>()
  const wrong: string[] = []
  let isOver = false
  let read = 0
  for await (const event of run) {
    if (isOver) wrong.push(`${event.type} came after the end`)
    if (event.type === 'end') isOver = true
    if (event.type === 'call-start') {
      const key = `${event.turn} ${event.callId}`
      if (started.has(key)) wrong.push(`the call ${key} was started twice`)
      started.add(key)
    }
    if (++read > most) return wrong
  }
  if (!isOver) wrong.push('no end was told')
  return wrong
}

function judgeEnding(plan: HostileRun['plan'], result: RunResult, isAborted: boolean): string[] {
  const { ended, reason, error, calls } = result
  const wrong: string[] = []
  if (reason === '') wrong.push('no reason is given')
  if (ended === 'aborted' && !isAborted) wrong.push('it says aborted, and nobody did')
  if (ended === 'failed' && !isStated(plan, result))
    wrong.push(`it failed in no stated way: ${error?.stack} ${error?.cause}`)
  const ids = calls.map(({ turn, callId }) => `${turn} ${callId}`)
  if (new Set(ids).size !== ids.length) wrong.push('a call has two results')
  return wrong
}

/** Whether a run failed of what was done to it on the wire, or of a model that gets nowhere. */
function isStated({ faults }: HostileRun['plan'], { reason, error }: RunResult): boolean {
  if (/^no progress|^the answer did not pass/.test(reason)) return true
  const { cause } = error ?? {}
  const isSlip = [TypeError, RangeError, ReferenceError].some(kind => cause instanceof kind)
  // A strict twin that refuses what it is asked has found a fault of the loop's.
  return isToolgateError(error) && !isSlip && faults.some(fault => !isModelFault(fault))
}

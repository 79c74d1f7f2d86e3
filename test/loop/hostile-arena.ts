import { setTimeout as sleep } from 'node:timers/promises'
import { isToolgateError } from '../../src/core/error.ts'
import { createSandbox, type RunResult, runTools } from '../../src/index.ts'
import { isModelFault } from '../../src/twins/faults.ts'
import type { TwinModel } from '../../src/twins/model.ts'
import { type ScriptTurn, scripted } from '../../src/twins/script.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import type { Plan } from './hostile-plan.ts'
import { hostileTools } from './hostile-tools.ts'
import { SCENES } from './stage.ts'

/** Milliseconds that a run may end after its deadline: what one busy turn of the loop takes. */
const SLACK = 1000

/** Milliseconds that the program's own late tools need to be over. */
const SETTLING = 3000

/** Plays a plan's turns whatever it is asked. */
function modelOf(plan: Plan): TwinModel {
  let played = 0
  return {
    name: 'hostile',
    answer(prompt, seed) {
      const isTold = prompt.choice.mode === 'none' && !plan.heedless
      const over = played >= plan.turns.length && plan.tail === 'answer'
      const turn: ScriptTurn | undefined =
        isTold || over ? undefined : plan.turns[Math.min(played, plan.turns.length - 1)]
      played++
      return scripted([turn ?? { text: 'Done.' }]).answer(prompt, seed)
    },
  }
}

/** What is open in this process, by kind. */
export function openResources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** What is open beyond what was, once it has had time to go; empty if nothing is. */
export async function leftOver(
  before: ReadonlyMap<string, number>,
  kinds?: readonly string[],
): Promise<string[]> {
  const until = performance.now() + SETTLING
  for (;;) {
    const left = [...openResources()]
      .filter(([kind, count]) => count > (before.get(kind) ?? 0))
      .filter(([kind]) => kind !== 'Immediate' && (kinds?.includes(kind) ?? true))
      .map(([kind, count]) => `${count - (before.get(kind) ?? 0)} ${kind}`)
    if (left.length === 0 || performance.now() > until) return left
    await sleep(5)
  }
}

/** A twin of each protocol that plays plans, another that judges histories, and one sandbox. */
export class Arena {
  /** How runs ended and calls came out, each with how often. */
  readonly counts = new Map<string, number>()
  slowest = 0
  #model: TwinModel = scripted([])
  readonly #players: Twin[] = []
  readonly #judges: Twin[] = []
  readonly #sandbox = createSandbox({ concurrency: 2 })

  /** Starts the twins. */
  async open(): Promise<void> {
    const player = {
      name: 'player',
      answer: (...asked: Parameters<TwinModel['answer']>) => this.#model.answer(...asked),
    }
    const judge = {
      name: 'judge',
      answer: () => ({ blocks: [{ type: 'text', text: 'taken' } as const] }),
    }
    for (const { vendor } of SCENES) {
      this.#players.push(await startTwin({ vendor, model: player }))
      this.#judges.push(await startTwin({ vendor, model: judge }))
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#players, ...this.#judges].map(twin => twin.close()))
    await this.#sandbox.close()
  }

  /** Runs a plan. @throws Error that says what is wrong with how it went */
  async run(plan: Plan): Promise<void> {
    const before = openResources()
    const scene = SCENES[plan.scene] ?? SCENES[0]
    const twin = this.#players[plan.scene]
    if (!twin) throw new Error('the arena is not open')
    this.#model = modelOf(plan)
    twin.faults.clear()
    twin.faults.add(...plan.faults)
    const wrong: string[] = []
    const { callTimeoutMs, maxRepeats, maxParallelCalls, stream } = plan
    const began = performance.now()
    const run = runTools({
      model: scene.model,
      protocol: scene.protocol,
      baseUrl: twin.url + scene.path,
      key: 'sk-test',
      prompt: 'Do it.',
      tools: hostileTools(what => wrong.push(what)),
      sandbox: this.#sandbox,
      budget: { turns: plan.maxTurns, ms: plan.ms },
      retries: 1,
      maxRetryMs: 5,
      stream,
      callTimeoutMs,
      maxRepeats,
      maxParallelCalls,
    })
    const timer =
      plan.abortAfter < 0 ? undefined : setTimeout(() => run.abort('enough'), plan.abortAfter)
    if (plan.reads >= 0) wrong.push(...(await readEvents(run, plan.reads)))
    const result = await run
    const took = performance.now() - began
    clearTimeout(timer)
    if (took > plan.ms + SLACK) wrong.push(`it took ${Math.round(took)} of ${plan.ms} ms`)
    wrong.push(...judgeEnding(plan, result))
    await this.#judge(result, wrong)
    const timers = await leftOver(before, ['Timeout', 'ProcessWrap'])
    if (timers.length > 0) wrong.push(`left over after the run: ${timers.join(', ')}`)
    this.slowest = Math.max(this.slowest, took - plan.ms)
    for (const what of [result.ended, ...result.calls.map(({ outcome }) => `call ${outcome}`)])
      this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
    for (const { receipt } of result.calls)
      if (receipt) {
        const what = `sandboxed call ${receipt.ended}`
        this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
      }
    if (wrong.length > 0)
      throw new Error(`${wrong.join('\n')}\n(${result.ended}: ${result.reason})`)
  }

  /** Sends a history on to the strict twin of every protocol. */
  async #judge({ messages }: RunResult, wrong: string[]): Promise<void> {
    await Promise.all(
      SCENES.map(async ({ protocol, model, path }, i) => {
        const judge = this.#judges[i]
        if (!judge) return
        const next = await runTools({
          ...{ protocol, model, messages, baseUrl: judge.url + path, key: 'sk-test' },
          prompt: 'Go on.',
          retries: 0,
          stream: false,
        })
        if (next.text === 'taken') return
        const history = JSON.stringify(messages).slice(0, 4000)
        wrong.push(`over ${protocol} the history is not taken: ${next.reason}\n${history}`)
      }),
    )
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

function judgeEnding(plan: Plan, result: RunResult): string[] {
  const { ended, reason, error, calls } = result
  const wrong: string[] = []
  if (reason === '') wrong.push('no reason is given')
  if (ended === 'aborted' && plan.abortAfter < 0) wrong.push('it says aborted, and nobody did')
  if (ended === 'failed' && !isStated(plan, result))
    wrong.push(`it failed in no stated way: ${error?.stack} ${error?.cause}`)
  const ids = calls.map(({ turn, callId }) => `${turn} ${callId}`)
  if (new Set(ids).size !== ids.length) wrong.push('a call has two results')
  return wrong
}

/** Whether a run failed of what was done to it on the wire, or of a model that gets nowhere. */
function isStated({ faults }: Plan, { reason, error }: RunResult): boolean {
  if (/^no progress|^the answer did not pass/.test(reason)) return true
  const { cause } = error ?? {}
  const isSlip = [TypeError, RangeError, ReferenceError].some(kind => cause instanceof kind)
  // A strict twin that refuses what it is asked has found a fault of the loop's.
  return isToolgateError(error) && !isSlip && faults.some(fault => !isModelFault(fault))
}

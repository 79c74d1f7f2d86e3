import type { Command } from 'commander'
import { isObject } from '../core/json.ts'
import type { Decision, PausedRun, Run, RunEvent, RunResult } from '../loop/index.ts'
import { CAUSE_CODES, CAUSE_WORDS, type Cause, hearCauses, leave, leaveNow } from './departure.ts'
import { jsonLine, lineFor, plain, shorten } from './event-lines.ts'
import { Lines } from './lines.ts'
import {
  failureOf,
  openSetting,
  type Runner,
  type Setting,
  type TypedSetting,
  withSetting,
} from './setting.ts'

interface Typed extends TypedSetting {
  readonly json?: true
}

/** Adds `chat`: a conversation with a model and tools, line by line, until the input ends. */
export function addChat(program: Command, runner: Runner): void {
  withSetting(program.command('chat').description('Talk with a model that can call your tools.'))
    .option('--json', 'for machines: one event a line on standard output')
    .addHelpText(
      'after',
      `
Each line is a message. Before a call that needs approval: y runs it, n (and a reason) does not,
edit {...} runs it with other arguments. Ctrl-C ends the turn, and if pressed twice the chat;
between turns, the chat. So does the end of the input (Ctrl-D).

Exit codes: 0 at the end of the input, 130 after Ctrl-C, 141 if nobody reads the output.`,
    )
    .action(async (typed: Typed) => {
      let chat: Chat | undefined
      hearCauses(cause => (chat ? chat.interrupt(cause) : leaveNow(cause)))
      const setting = await openSetting(typed, runner)
      try {
        chat = new Chat(setting, runner, typed.json === true)
        await chat.talk()
      } finally {
        await setting.close()
      }
      const { cause } = chat
      await leave(cause ? CAUSE_CODES[cause] : 0, cause === undefined)
    })
}

class Chat {
  readonly #setting: Setting
  readonly #runner: Runner
  readonly #json: boolean
  readonly #lines: Lines
  /** Why the chat ends before its input does. */
  cause: Cause | undefined
  #run: Run | undefined
  /** What ends the turn under way. */
  #stopping: Cause | undefined
  #isInTurn = false
  #messages: RunResult['messages'] = []
  /** Whether the answer's text has begun a line that is not ended. */
  #inLine = false

  constructor(setting: Setting, runner: Runner, json: boolean) {
    this.#setting = setting
    this.#runner = runner
    this.#json = json
    this.#lines = new Lines(() => this.interrupt('SIGINT'))
  }

  async talk(): Promise<void> {
    process.stderr.write(`${this.#setting.about}\n`)
    while (!this.cause) {
      const line = await this.#lines.next('you> ')
      if (line === undefined) break
      if (line.trim() === '') continue
      this.#isInTurn = true
      await this.#turn(line)
      this.#isInTurn = false
      this.#stopping = undefined
    }
    this.#lines.close()
    if (process.stdin.isTTY) process.stderr.write('\n')
  }

  /** The first Ctrl-C in a turn ends the turn. What else is heard ends the chat, a second time at once. */
  interrupt(cause: Cause): void {
    if (this.cause || this.#stopping) leaveNow(cause)
    if (!this.#isInTurn || cause !== 'SIGINT') this.cause = cause
    if (this.#isInTurn) {
      this.#stopping = cause
      if (this.#run) this.#run.abort(CAUSE_WORDS[cause])
      else this.#lines.cancel()
    } else this.#lines.close()
  }

  async #turn(prompt: string): Promise<void> {
    const { options, runner } = this.#setting
    const { instructions, ...others } = options
    // The instructions are part of the conversation from the first turn on.
    const first = this.#messages.length === 0 && instructions !== undefined ? { instructions } : {}
    const run = this.#runner.runTools({
      ...others,
      ...first,
      ...runner,
      messages: this.#messages,
      prompt,
    })
    let result = await this.#show(run)
    while (result.paused) {
      const { paused } = result
      const decisions = await this.#decide(paused)
      if (!decisions) {
        this.#tellUndecided(paused)
        break
      }
      const next = await this.#show(this.#runner.resume(paused, { ...runner, decisions }))
      // What a person typed can be typed again; nothing has been run.
      result = isMistyped(next, paused) ? { ...result, paused } : next
    }
    if (result.messages.length > 0) this.#messages = result.messages
  }

  async #show(run: Run): Promise<RunResult> {
    this.#run = run
    try {
      for await (const event of run) this.#tell(event)
      return await run
    } finally {
      this.#run = undefined
    }
  }

  #tell(event: RunEvent): void {
    if (this.#json) {
      process.stdout.write(`${jsonLine(event)}\n`)
      return
    }
    if (event.type === 'text-delta') {
      process.stdout.write(plain(event.text))
      this.#inLine = true
      return
    }
    const line = event.type === 'end' ? this.#ending(event.result) : lineFor(event)
    if (event.type === 'end' || line !== undefined) this.#endLine()
    if (line !== undefined) process.stdout.write(`${line}\n`)
  }

  #endLine(): void {
    if (this.#inLine) process.stdout.write('\n')
    this.#inLine = false
  }

  #ending({ ended, reason, error, text }: RunResult): string | undefined {
    if (ended === 'answered' || ended === 'paused') return undefined
    const words = ended === 'refused' && text !== '' && !this.#inLine ? `${plain(text)}\n` : ''
    return `${words}[${ended}: ${failureOf(reason, error, this.#setting.options.baseUrl)}]`
  }

  #tellUndecided({ waiting }: PausedRun): void {
    const why = this.#stopping ? CAUSE_WORDS[this.#stopping] : 'the input ended'
    const names = waiting.map(({ tool }) => tool).join(', ')
    const line = `[not run: ${names}: ${why}]\n`
    if (this.#json) process.stderr.write(line)
    else process.stdout.write(line)
  }

  /** Asks about each waiting call; `undefined` if nobody is there to answer. */
  async #decide(paused: PausedRun): Promise<Record<string, Decision> | undefined> {
    const decisions: Record<string, Decision> = {}
    for (const { callId, tool, input, reason } of paused.waiting) {
      const question = `? ${tool} ${shorten(JSON.stringify(input))}\n  ${shorten(reason)}\n`
      if (!this.#json) process.stdout.write(question)
      for (;;) {
        if (this.#stopping) return undefined
        const line = await this.#lines.ask('  run it? y, n [reason] or edit {...}> ')
        if (line === undefined) return undefined
        const read = readDecision(line)
        if ('decision' in read) {
          decisions[callId] = read.decision
          break
        }
        process.stderr.write(`${read.problem}\n`)
      }
    }
    return decisions
  }
}

function isMistyped({ ended, error, calls }: RunResult, paused: PausedRun): boolean {
  const code = error && 'code' in error ? error.code : undefined
  return (
    ended === 'failed' && code === 'invalid_value' && calls.length === paused.state.records.length
  )
}

/** What a line decides, or what is wrong with it. */
function readDecision(
  line: string,
): { readonly decision: Decision } | { readonly problem: string } {
  const [, word = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? []
  if (/^y(es)?$/i.test(word)) return { decision: 'approve' }
  if (/^no?$/i.test(word)) return { decision: { reject: rest.trim() || 'a person declined' } }
  if (!/^e(dit)?$/i.test(word)) return { problem: 'please say y, n [reason] or edit {...}' }
  try {
    const edit: unknown = JSON.parse(rest)
    return isObject(edit)
      ? { decision: { edit } }
      : { problem: 'the arguments must be a JSON object' }
  } catch (cause) {
    return { problem: `the arguments are no JSON: ${cause instanceof Error ? cause.message : ''}` }
  }
}

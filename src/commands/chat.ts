import type { Command } from 'commander'
import { isObject } from '../core/json.ts'
import type { Decision, PausedRun, Run, RunEvent, RunResult } from '../loop/index.ts'
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
edit {...} runs it with other arguments. Ctrl-C ends the turn; between turns, the chat.`,
    )
    .action(async (typed: Typed) => {
      const setting = await openSetting(typed, runner)
      try {
        await new Chat(setting, runner, typed.json === true).talk()
      } finally {
        await setting.close()
      }
    })
}

class Chat {
  readonly #setting: Setting
  readonly #runner: Runner
  readonly #json: boolean
  readonly #lines: Lines
  #run: Run | undefined
  #messages: RunResult['messages'] = []
  /** Whether the answer's text has begun a line that is not ended. */
  #inLine = false

  constructor(setting: Setting, runner: Runner, json: boolean) {
    this.#setting = setting
    this.#runner = runner
    this.#json = json
    this.#lines = new Lines(this.#interrupt)
  }

  async talk(): Promise<void> {
    process.on('SIGINT', this.#interrupt)
    process.stderr.write(`${this.#setting.about}\n`)
    try {
      for (;;) {
        const line = await this.#lines.next('you> ')
        if (line === undefined) return
        if (line.trim() !== '') await this.#turn(line)
      }
    } finally {
      process.off('SIGINT', this.#interrupt)
      this.#lines.close()
    }
  }

  readonly #interrupt = (): void => {
    if (this.#run) this.#run.abort('Ctrl-C')
    else this.#lines.close()
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
      if (!decisions) break
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

  /** Asks about each waiting call; `undefined` if nobody is there to answer. */
  async #decide(paused: PausedRun): Promise<Record<string, Decision> | undefined> {
    const decisions: Record<string, Decision> = {}
    for (const { callId, tool, input, reason } of paused.waiting) {
      const question = `? ${tool} ${shorten(JSON.stringify(input))}\n  ${shorten(reason)}\n`
      if (!this.#json) process.stdout.write(question)
      for (;;) {
        const line = await this.#lines.next('  run it? y, n [reason] or edit {...}> ')
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

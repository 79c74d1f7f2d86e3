import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { ConfigError } from '../config/config.ts'
import type { Ended, Run, RunResult } from '../loop/index.ts'
import { CAUSE_CODES, CAUSE_WORDS, type Cause, hearCauses, leave, leaveNow } from './departure.ts'
import { jsonLine, lineFor, shorten } from './event-lines.ts'
import {
  failureOf,
  openSetting,
  type Runner,
  type Setting,
  type TypedSetting,
  withSetting,
} from './setting.ts'

interface Typed extends TypedSetting {
  readonly journal?: string
  readonly resume?: string
  readonly yes?: true
  readonly json?: true
}

/** How the process ends for each ending of a run; 2 is a mistake on the command line, 128 and more a signal. */
export const EXIT_CODES: Readonly<Record<Ended, number>> = {
  answered: 0,
  failed: 1,
  refused: 3,
  paused: 4,
  budget: 5,
  aborted: 130,
}

/** Adds `run`: one prompt to its end, the answer on standard output, the rest on standard error. */
export function addRun(program: Command, runner: Runner): void {
  withSetting(
    program
      .command('run')
      .description('Ask a model once, and run the tools it calls, until there is an answer.')
      .argument('[prompt]', 'file with the prompt; - for standard input'),
  )
    .option('--journal <file>', 'write everything down, so that --resume can go on')
    .addOption(new Option('--resume <file>', 'go on from a journal').conflicts(['journal']))
    .option('--yes', 'approve every call that would wait for a person')
    .option('--json', 'for machines: one event a line on standard output')
    .addHelpText(
      'after',
      `
Exit codes: 0 answered, 1 failed, 2 wrong use, 3 refused, 4 waits for approval, 5 out of budget,
130 interrupted (another signal's code after that signal, 141 if nobody reads the output).`,
    )
    .action(async (file: string | undefined, typed: Typed) => {
      if ((file === undefined) === (typed.resume === undefined))
        throw new ConfigError('give either a file with the prompt (or -) or --resume')
      const watch = new Watch()
      const prompt = file === undefined ? '' : await readPrompt(file)
      const setting = await openSetting(typed, runner, typed.resume !== undefined)
      let ended: Ended
      try {
        ended = await finish(setting, runner, typed, prompt, watch)
      } finally {
        await setting.close()
      }
      await leave(watch.code(ended), watch.cause === undefined)
    })
}

/** Ends the run under way at the first signal, and the process at the second. */
class Watch {
  cause: Cause | undefined
  #run: Run | undefined

  constructor() {
    hearCauses(cause => {
      if (this.cause || !this.#run) leaveNow(cause)
      this.cause = cause
      this.#run.abort(CAUSE_WORDS[cause])
    })
  }

  follow(run: Run, json: boolean): Promise<RunResult> {
    this.#run = run
    if (this.cause) run.abort(CAUSE_WORDS[this.cause])
    return follow(run, json)
  }

  code(ended: Ended): number {
    const lost = ended === 'aborted' || this.cause === 'SIGPIPE'
    return this.cause && lost ? CAUSE_CODES[this.cause] : EXIT_CODES[ended]
  }
}

async function finish(
  setting: Setting,
  { runTools, resume }: Runner,
  typed: Typed,
  prompt: string,
  watch: Watch,
): Promise<Ended> {
  const { runner, options } = setting
  process.stderr.write(`${setting.about}\n`)
  if (setting.own && typed.journal !== undefined)
    process.stderr.write('! after a rehearsal of our own no --resume can ask again: give --base\n')
  const journal = typed.journal === undefined ? {} : { journal: typed.journal }
  let result = await watch.follow(
    typed.resume === undefined
      ? runTools({ ...options, ...runner, ...journal, prompt })
      : resume(typed.resume, runner),
    typed.json === true,
  )
  while (result.paused && typed.yes) {
    const { paused } = result
    const decisions = Object.fromEntries(
      paused.waiting.map(({ callId }) => [callId, 'approve'] as const),
    )
    const from = typed.resume ?? typed.journal ?? paused
    result = await watch.follow(resume(from, { ...runner, decisions }), typed.json === true)
  }
  if (!typed.json && result.text !== '') process.stdout.write(`${result.text}\n`)
  if (result.ended !== 'answered')
    process.stderr.write(
      `${result.ended}: ${failureOf(result.reason, result.error, options.baseUrl)}\n`,
    )
  const file = typed.resume ?? typed.journal
  if (result.ended === 'aborted' && file !== undefined && !setting.own)
    process.stderr.write(`! --resume ${file} goes on from here\n`)
  for (const { tool, input, reason } of result.paused?.waiting ?? [])
    process.stderr.write(`? ${tool} ${shorten(JSON.stringify(input))}: ${shorten(reason)}\n`)
  return result.ended
}

/** Shows a run as it goes. */
async function follow(run: Run, json: boolean): Promise<RunResult> {
  const began = performance.now()
  const shows = process.stderr.isTTY === true
  let turn = 0
  const progress = (): void => {
    const seconds = Math.round((performance.now() - began) / 1000)
    process.stderr.write(`\r\x1b[Kturn ${turn}, ${seconds} s`)
  }
  const timer = shows ? setInterval(progress, 500) : undefined
  try {
    for await (const event of run) {
      if (event.type === 'turn-start') turn = event.turn
      if (json) process.stdout.write(`${jsonLine(event)}\n`)
      const line = lineFor(event)
      if (line !== undefined) process.stderr.write(`${shows ? '\r\x1b[K' : ''}${line}\n`)
    }
    return await run
  } finally {
    clearInterval(timer)
    if (shows) process.stderr.write('\r\x1b[K')
  }
}

async function readPrompt(file: string): Promise<string> {
  try {
    if (file !== '-') return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) text += String(chunk)
  return text
}

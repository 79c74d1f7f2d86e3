import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')

/** Milliseconds that a program may take to say or do what a test waits for. */
const PATIENCE_MS = 25_000

/** Whether a terminal can be had here, from the `script` of util-linux. */
export const hasTerminal = ((): boolean => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux')
  } catch {
    return false
  }
})()

/** How a program is started: with pipes, or in a terminal, where its two outputs are one. */
export interface Start {
  readonly terminal?: true
  readonly env?: Readonly<Record<string, string>>
}

/** The program as a user starts it, until it ends. */
export class Program {
  /** Stands on the command line, and on those of all processes that it begins. */
  readonly mark = mkdtempSync(join(tmpdir(), 'toolgate-program-'))
  readonly child: ChildProcessWithoutNullStreams
  out = ''
  err = ''
  readonly #ended: Promise<number | string>

  /** @param args in which MARK stands for the mark's folder */
  constructor(args: readonly string[], { terminal, env = {} }: Start = {}) {
    const given = args.map(arg => arg.replace('MARK', this.mark))
    const words = [process.execPath, CLI, ...given, '--system', `Mind ${this.mark}.`]
    const line = words.map(word => `'${word}'`).join(' ')
    // What has become of the terminal is told at the end, as a person would see it.
    const shown = `trap : INT; ${line}; code=$?; stty -a; exit $code`
    const [file = '', ...rest] = terminal ? ['script', '-qec', shown, '/dev/null'] : words
    writeFileSync(join(this.mark, 'prompt.txt'), 'Hello')
    this.child = spawn(file, rest, {
      cwd: this.mark,
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm', STUBBORN_MARK: this.mark, ...env },
    })
    this.child.stdout.on('data', chunk => {
      this.out += chunk
    })
    this.child.stderr.on('data', chunk => {
      this.err += chunk
    })
    this.child.stdin.on('error', () => {})
    this.#ended = new Promise(resolve =>
      this.child.on('close', (code, signal) => resolve(code ?? signal ?? '')),
    )
  }

  /** Waits until one of the outputs has said something. */
  async said(what: string | RegExp, times = 1): Promise<void> {
    const pattern = new RegExp(what, 'g')
    await this.#until(
      () => [...`${this.out}\n${this.err}`.matchAll(pattern)].length >= times,
      `${what} was not said`,
    )
  }

  /** The exit code, or the signal that ended it. Fails if it does not end. */
  async ended(): Promise<number | string> {
    const late = sleep(PATIENCE_MS, 'late', { ref: false })
    const code = await Promise.race([this.#ended, late])
    if (code === 'late') throw this.#failure('it did not end')
    return code
  }

  /** The command lines of what it has begun and is still there, besides itself. */
  #left(): string[] {
    const list = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    return list
      .split('\n')
      .filter(line => line.includes(this.mark) && !line.includes('<defunct>'))
      .filter(line => !line.trim().startsWith(`${this.child.pid} `))
  }

  /** Waits until nothing is left: what was killed takes a moment to go. */
  gone(): Promise<void> {
    return this.#until(() => this.#left().length === 0, 'processes are left')
  }

  /** Waits until processes that it has begun are there. */
  began(): Promise<void> {
    return this.#until(() => this.#left().length > 0, 'no process was begun')
  }

  type(text: string): void {
    this.child.stdin.write(text)
  }

  /** Ends whatever is left of it, and its folder. */
  dispose(): void {
    this.child.kill('SIGKILL')
    rmSync(this.mark, { recursive: true, force: true })
  }

  async #until(holds: () => boolean, failure: string): Promise<void> {
    const until = performance.now() + PATIENCE_MS
    while (!holds()) {
      if (performance.now() > until) throw this.#failure(failure)
      await sleep(20)
    }
  }

  #failure(what: string): Error {
    return new Error(`${what}; out: ${this.out}\nerr: ${this.err}`)
  }
}

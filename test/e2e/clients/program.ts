import { spawn } from 'node:child_process'

/** What is left of a program that has ended. */
export interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string
  /** The environment, beside `PATH`. Nothing else gets through: it may hold keys. */
  readonly environment?: { readonly [name: string]: string | undefined }
  /** Milliseconds after which it is ended. Default 5 minutes. */
  readonly timeout?: number
}

/**
 * Runs a program to its end, without input. The gateway lives in the same thread, so nothing here
 * may block.
 */
export function run(
  command: string,
  words: readonly string[],
  { cwd, environment, timeout = 300_000 }: RunOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (errors += chunk))
    child.on('error', reject)
    child.on('close', code => resolve({ code, output, errors }))
  })
}

/** Runs a program that has to end well; gives its output. */
export async function succeed(
  command: string,
  words: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, output, errors } = await run(command, words, options)
  if (code !== 0) throw new Error(`${command} ${words.join(' ')}\n${output}\n${errors}`)
  return output
}

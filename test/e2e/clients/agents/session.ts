import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Ended, run, succeed } from '../program.ts'
import type { Agent } from './agents.ts'
import { COPY, FILES } from './model.ts'

/** Where agents are installed, apart from the project: they are large, and nothing else needs them. */
const INSTALLED = join(tmpdir(), 'toolgate-clients')

/** How long one session may take, in milliseconds. */
const SESSION_MS = 120_000

/** What is left of a session. */
export interface Session extends Ended {
  /** What the agent wrote into the file, if it did. */
  readonly written: string | undefined
}

/** Installs an agent, unless it is there, without running any script of it; gives its program's path. */
export async function install(agent: Agent): Promise<string> {
  const { package: name, version } = agent
  const folder = join(INSTALLED, `${name.replaceAll('/', '-')}@${version}`)
  const program = join(folder, 'node_modules', agent.program)
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`]
  await succeed('npm', words, { cwd: folder, environment: process.env })
  return program
}

/** Runs one session in a folder of its own, with a home and an environment of its own. */
export async function session(
  agent: Agent,
  program: string,
  url: string,
  model: string,
  contents: readonly string[],
): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'toolgate-session-'))
  try {
    const [home, work] = [join(folder, 'home'), join(folder, 'work')]
    mkdirSync(home)
    mkdirSync(work)
    for (const [path, text] of Object.entries(agent.files?.(url, model) ?? {})) {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), text)
    }
    for (const [i, file] of FILES.entries()) writeFileSync(join(work, file), `${contents[i]}\n`)
    const prompt = `Tell me what is in ${FILES.join(' and ')}, and write both into ${COPY}.`
    const words = agent.arguments(url, model, prompt)
    const ended = await run(
      agent.isScript ? process.execPath : program,
      agent.isScript ? [program, ...words] : words,
      {
        cwd: work,
        environment: { HOME: home, TERM: 'dumb', ...agent.environment(url, model, home) },
        timeout: SESSION_MS,
      },
    )
    const copy = join(work, COPY)
    return { ...ended, written: existsSync(copy) ? readFileSync(copy, 'utf8') : undefined }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

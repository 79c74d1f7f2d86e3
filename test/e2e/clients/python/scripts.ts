import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningGateway } from '../../../../src/start.ts'
import { succeed } from '../program.ts'
import { MODELS, rehearsing } from '../weather.ts'

const FOLDER = import.meta.dirname
const REQUIREMENTS = join(FOLDER, 'requirements.txt')

/** The scripts, by the package that each of them drives. */
const SCRIPTS = [
  ['openai for Python', 'openai_client.py'],
  ['anthropic for Python', 'anthropic_client.py'],
  ['google-genai for Python', 'genai_client.py'],
] as const

let gateway: RunningGateway
let python: string
beforeAll(async () => {
  python = await install()
  gateway = await rehearsing()
})
afterAll(() => gateway.close())

/** An environment with the packages as they are pinned, kept for the next time. */
async function install(): Promise<string> {
  const pinned = readFileSync(REQUIREMENTS, 'utf8').trim().replaceAll(/\s+/g, '+')
  const folder = join(tmpdir(), 'toolgate-clients', pinned)
  const program = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'installed'))) return program
  const environment = process.env
  await succeed('python3', ['-m', 'venv', '--clear', folder], { environment })
  const words = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', REQUIREMENTS]
  await succeed(program, words, { environment })
  writeFileSync(join(folder, 'installed'), '')
  return program
}

/** The vendors' packages for Python, unchanged. */
describe.each(SCRIPTS)('[G13] %s', (_, script) => {
  it.each(MODELS)('with %s', async model => {
    const said = await succeed(python, [
      join(FOLDER, script),
      '--base',
      gateway.url,
      '--model',
      model,
    ])
    expect(said.match(/: passed$/gm)).toHaveLength(4)
  })
})

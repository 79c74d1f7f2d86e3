import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { rehearsal } from '../../src/twins/rehearsal/index.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { SCENES } from './stage.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'loop')
const folder = mkdtempSync(join(tmpdir(), 'toolgate-examples-'))
const [chat] = SCENES
let twin: Twin | undefined
afterEach(() => twin?.close())

/** Starts an example as a user does, against a rehearsal. */
async function start(name: string, args: string[] = [], env: Record<string, string> = {}) {
  twin ??= await startTwin({ vendor: chat.vendor, model: rehearsal() })
  const child = spawn(process.execPath, [join(EXAMPLES, name), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', BASE_URL: `${twin.url}/v1`, API_KEY: 'sk-test', ...env },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      text += chunk
    })
  const ended = new Promise<string>(resolve => child.on('exit', () => resolve(text)))
  return { child, ended, text: () => text }
}

async function run(name: string, args?: string[], env?: Record<string, string>): Promise<string> {
  return (await start(name, args, env)).ended
}

describe('an example', () => {
  afterEach(async () => {
    await twin?.close()
    twin = undefined
  })

  it('with one tool answers', async () => {
    expect(await run('one-tool.mjs')).toMatch(/partly cloudy|22/)
  })

  it('with several tools calls the right one', async () => {
    const text = await run('several-tools.mjs')
    expect(text).toMatch(/get_order_status \{"order_id":"12345"\}: returned in \d+ ms/)
    expect(text).toContain('shipped')
  })

  it('streams to a terminal', async () => {
    const text = await run('streaming.mjs')
    expect(text).toContain('> count_stock(lamp)')
    expect(text).toContain('shelf 3 of 3')
    expect(text).toContain('[answered: the model answered]')
  })

  it('asks a person, in two processes', async () => {
    const env = { PAUSED: join(folder, 'paused.json') }
    expect(await run('approval.mjs', [], env)).toContain('waiting: refund order 12345?')
    expect(await run('approval.mjs', ['approve'], env)).toMatch(/is refunded/)
    expect(await run('approval.mjs', ['reject', 'not yet'], env)).not.toMatch(/is refunded/)
  })

  it('goes on after a crash', async () => {
    const env = { JOURNAL: join(folder, 'run.jsonl') }
    expect(await run('resume.mjs', [], { ...env, CRASH: '1' })).toBe('')
    expect(await run('resume.mjs', [], env)).toContain('send_invoice: unfinished')
  })

  it('shuts code in', async () => {
    const text = await run('sandboxed.mjs')
    expect(text).toContain('convert_temperature ran in wasm')
    expect(text).toContain('212')
  })

  it('serves the web', async () => {
    const server = await start('web-server.mjs', [], { PORT: '0' })
    while (!server.text().includes('listening')) await new Promise(done => setTimeout(done, 20))
    const url = /http:\S+/.exec(server.text())?.[0] ?? ''
    const answer = await request(url, { method: 'POST', body: 'What time is it in Oslo?' })
    expect(await answer.body.text()).toContain('12:00')
    server.child.kill()
    await server.ended
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createGuards, keywords, openAuditLog } from '../../src/guardrails/index.ts'

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
const folder = mkdtempSync(join(tmpdir(), 'toolgate-cli-'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The program as a user starts it, in an empty folder and with an empty environment. */
function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  children.push(child)
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  child.stderr.on('data', chunk => {
    text += chunk
  })
  const ended = new Promise<number | null>(resolve => child.on('exit', resolve))
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /listening on (http\S+)/.exec(text)
      if (found?.[1]) resolve(found[1])
    })
    child.on('exit', () => reject(new Error(`it ended: ${text}`)))
  })
  listening.catch(() => {})
  return { child, ended, listening, text: () => text }
}

describe('the program', () => {
  it('[T5] rehearses without a key, says so, and stops cleanly', async () => {
    const gateway = run(['--port', '0'], { DEEPSEEK_API_KEY: 'sk-not-a-real-one' })
    const url = await gateway.listening
    expect(gateway.text()).toMatch(/live +deepseek-main \(from DEEPSEEK_API_KEY\)/)
    expect(gateway.text()).toMatch(/rehearsal +openai-main, anthropic-main/)
    expect(gateway.text().trimEnd().split('\n').at(-1)).toMatch(
      /^listening on http:\/\/127\.0\.0\.1:\d+$/,
    )
    const answer = await request(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }),
    })
    expect(answer.statusCode).toBe(200)
    expect(await answer.body.text()).toContain('rehearsal')
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended).toBe(0)
    expect(gateway.text()).toContain('"model":"gpt-4o"')
    expect(gateway.text()).not.toContain('sk-not-a-real-one')
  })

  it('explains what it would do', async () => {
    const check = run(['check'], { ANTHROPIC_API_KEY: 'sk-ant-secret' })
    expect(await check.ended).toBe(0)
    expect(check.text()).toMatch(/live +anthropic-main +Anthropic, from ANTHROPIC_API_KEY/)
    expect(check.text()).toMatch(/rehearsal +openai-main .* set OPENAI_API_KEY to go live/)
    expect(check.text()).not.toContain('sk-ant-secret')
  })

  it.each([['--help'], ['serve', '--help'], ['check', '--help'], ['twin', '--help']])(
    'helps: %s %s',
    async (...args) => {
      const help = run(args)
      expect(await help.ended).toBe(0)
      expect(help.text()).toMatch(/Usage: toolgate/)
    },
  )

  it.each([
    [['--prot', '1'], /unknown option '--prot'[\s\S]*--port/],
    [['--port', 'x'], /--port: 'x' is not a port/],
    [['twin', 'nobody'], /no twin of 'nobody'; there are openai/],
    [['--config', 'absent.yaml'], /absent.yaml: there is no such file/],
    [['twin', 'openai', '--fault', '4x9'], /4x9/],
    [['--host', '0.0.0.0', '--port', '0'], /TOOLGATE_KEYS/],
  ])('refuses %j in a sentence', async (args, said) => {
    const wrong = run(args)
    expect(await wrong.ended).not.toBe(0)
    expect(wrong.text()).toMatch(said)
    expect(wrong.text()).not.toMatch(/\n\s+at /)
  })

  it('says that a port is taken', async () => {
    const first = run(['--port', '0'])
    const port = new URL(await first.listening).port
    const second = run(['--port', port])
    expect(await second.ended).toBe(2)
    expect(second.text()).toMatch(new RegExp(`port ${port} of 127.0.0.1 is in use`))
  })

  it('[T2] runs a twin alone, with a script, and fails if a turn is left over', async () => {
    const script = join(folder, 'turns.json')
    writeFileSync(script, JSON.stringify([{ text: 'One.' }, { text: 'Two.' }]))
    const twin = run(['twin', 'anthropic', '--port', '0', '--script', script])
    const url = await twin.listening
    const answer = await request(`${url}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'k',
        'anthropic-version': '2023-06-01',
      },
      body: JSON.stringify({
        model: 'claude-sonnet-4-5',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'x' }],
      }),
    })
    expect(await answer.body.text()).toContain('One.')
    twin.child.kill('SIGTERM')
    expect(await twin.ended).not.toBe(0)
    expect(twin.text()).toMatch(/turn/)
  })
})

describe('toolgate audit verify', () => {
  it('says that a log is whole, or the line that is not', async () => {
    const file = join(folder, 'audit.jsonl')
    const audit = openAuditLog(file)
    const guards = createGuards([keywords(['xenon'])], { audit })
    for (const text of ['a xenon', 'b xenon']) await guards.check('input', text)
    audit.close()
    const good = run(['audit', 'verify', file])
    expect(await good.ended).toBe(0)
    expect(good.text()).toContain('2 entries, all as they were written')
    writeFileSync(file, readFileSync(file, 'utf8').replace('refuse', 'allow'))
    const bad = run(['audit', 'verify', file])
    expect(await bad.ended).toBe(1)
    expect(bad.text()).toContain(`${file}:1: it was changed`)
    const none = run(['audit', 'verify', 'none.jsonl'])
    expect(await none.ended).toBe(2)
    expect(none.text()).toContain('there is no such file')
  })
})

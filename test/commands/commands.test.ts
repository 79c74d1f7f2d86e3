import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rehearsal } from '../../src/twins/rehearsal/index.ts'
import { startTwin, type Twin } from '../../src/twins/server.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
const TOOLS = join(import.meta.dirname, 'tools')
const folder = mkdtempSync(join(tmpdir(), 'toolgate-commands-'))
const vendor = TWIN_VENDORS['openai']
let twin: Twin | undefined
beforeAll(async () => {
  if (vendor) twin = await startTwin({ vendor, model: rehearsal() })
})
afterAll(() => twin?.close())

/** The program as a user starts it, its input piped. */
async function run(
  args: string[],
  input: string,
  base: string | undefined = `${twin?.url}/v1`,
  env: Readonly<Record<string, string>> = {},
) {
  const all = base === '' ? args : [...args, '--base', base, '--key', 'sk-test']
  const asks = args[0] === 'run' || args[0] === 'chat'
  const model = args.includes('--resume') || !asks ? [] : ['--model', 'gpt-4o']
  const child = spawn(process.execPath, [CLI, ...all, ...model], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    err += chunk
  })
  child.stdin.end(input)
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, out, err }
}

describe('a folder of tools', () => {
  it.each([
    ['await new Promise(() => {})', 'what it waits for never comes'],
    ['throw Object.create(null)', '[Object: null prototype] {}'],
    ['export default new Proxy({}, { get() { throw new Error("trap") } })', 'trap'],
  ])('[L7] is wrong use where a file cannot be loaded: %s', async (text, why) => {
    const file = join(mkdtempSync(join(tmpdir(), 'toolgate-tools-')), 'tool.mjs')
    writeFileSync(file, text)
    for (const command of [['run', '-'], ['chat'], ['mcp']]) {
      const { code, err } = await run([...command, '--tools', file], 'Hello\n', '')
      expect([code, err]).toEqual([2, `toolgate: ${file} cannot be loaded: ${why}\n`])
    }
  })
})

describe('wrong use', () => {
  it.each([
    ['run', '--bogus'],
    ['chat', '--protocol', 'smoke'],
    ['mcp'],
    ['run', 'one', 'two'],
    ['audit', 'verify'],
    ['audit', 'verify', '.'],
    ['twin', 'nobody'],
    ['no-such-command'],
  ])('[L7] ends with 2: %s %s %s', async (...args) => {
    const { code, out, err } = await run(args, '', '')
    expect([code, out]).toEqual([2, ''])
    expect(err).not.toMatch(/^ +at /m)
    expect(err).not.toBe('')
  })

  it('[L7] is not what asks for help or the version', async () => {
    for (const args of [['--help'], ['--version'], ['audit', 'verify', '--help']])
      expect(await run(args, '', '')).toMatchObject({ code: 0, err: '' })
  })
})

describe('chat', () => {
  it('[L7] shows calls, asks again after wrong arguments, and runs the edited ones', async () => {
    const lines = ['Refund order 12345', 'edit {"order_id":5}', 'edit {"order_id":"777"}']
    const { code, out } = await run(['chat', '--tools', TOOLS], `${lines.join('\n')}\n`)
    expect(code).toBe(0)
    expect(out).toContain('expected string, found number 5')
    expect(out).toMatch(/< refund_order \[returned in \d+ ms, inline\].*Order 777 is refunded/)
    expect(out).not.toContain('Order 12345 is refunded')
  })

  it('[L7] tells machines one event a line', async () => {
    const { out } = await run(['chat', '--json', '--tools', TOOLS], 'Weather in Tokyo?\n')
    const types = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).type)
    expect(types[0]).toBe('turn-start')
    expect(types.at(-1)).toBe('end')
    expect(types).toContain('call-end')
  })

  it('[L7] says what to do where no model is reachable', async () => {
    const { out } = await run(['chat'], 'Hello\n', 'http://127.0.0.1:9')
    expect(out).toMatch(/no model is reachable at http:\/\/127.0.0.1:9.*--base/)
  })
})

describe('run', () => {
  it('[L7] pauses with its own exit code, and goes on from the journal', async () => {
    const journal = join(folder, 'run.jsonl')
    const first = await run(
      ['run', '-', '--tools', TOOLS, '--journal', journal],
      'Refund order 12345',
    )
    expect([first.code, first.out]).toEqual([4, ''])
    expect(first.err).toContain('? refund_order {"order_id":"12345"}')
    const second = await run(['run', '--resume', journal, '--tools', TOOLS, '--yes'], '')
    expect(second.code).toBe(0)
    expect(second.out).toContain('Order 12345 is refunded')
  })

  it('[L7] [T8] asks no real model where that is forbidden', async () => {
    const env = { TOOLGATE_FORBID_REAL_MODELS: '1' }
    const { code, err } = await run(['run', '-'], 'Hello', `http://0.0.0.0:${twin?.port}/v1`, env)
    expect(code).toBe(1)
    expect(err).toMatch(/failed: .*Real models are forbidden here .*TOOLGATE_FORBID_REAL_MODELS/)
    expect(await run(['run', '-'], 'Hello', undefined, env)).toMatchObject({ code: 0 })
  })

  it('[L7] refuses wrong use with 2', async () => {
    const { code, err } = await run(['run', '-', '--tools', '/nowhere'], 'Hello')
    expect([code, err]).toEqual([2, 'toolgate: there is no /nowhere to load tools from\n'])
  })
})

const WRONG_CITY = `The arguments of get_weather are invalid, and it was not run.
- /city: expected string, found number 5 (type)
Call it again with arguments that keep its schema.`

describe('mcp', () => {
  it('[L8] serves the tools that run takes from it', async () => {
    const server = `${process.execPath} ${CLI} mcp --tools ${TOOLS}`
    const { code, out } = await run(['run', '-', '--mcp', server], 'Weather in Tokyo?')
    expect(code).toBe(0)
    expect(out).toContain('22')
  })

  it('[L8] keeps checks, deadlines, pictures and order for a client of the SDK', async () => {
    const client = new Client({ name: 'test', version: '1' })
    const args = [CLI, 'mcp', '--tools', TOOLS]
    await client.connect(new StdioClientTransport({ command: process.execPath, args }))
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...['count_up', 'draw_dot', 'get_weather', 'refund_order', 'sleep'],
    ])
    const ask = (name: string, given = {}) => client.callTool({ name, arguments: given })
    expect(await ask('draw_dot')).toMatchObject({
      content: [{ text: 'A dot:' }, { type: 'image', mimeType: 'image/png', data: 'iVBORw==' }],
    })
    expect(await ask('get_weather', { city: 5 })).toEqual({
      isError: true,
      content: [{ type: 'text', text: WRONG_CITY }],
    })
    const steps: unknown[] = []
    const onprogress = (step: unknown) => steps.push(step)
    const counted = await client.callTool({ name: 'count_up' }, undefined, { onprogress })
    expect(counted).toMatchObject({ content: [{ text: '3' }] })
    expect(steps).toEqual([
      { progress: 1, message: 'one' },
      { progress: 2, message: '{"two":2}' },
    ])
    expect(await ask('sleep')).toMatchObject({
      isError: true,
      content: [{ text: "'sleep' did not finish within 200 ms and was given up." }],
    })
    expect(await ask('refund_order', { order_id: '1' })).toMatchObject({ isError: true })
    await client.close()
  })
})

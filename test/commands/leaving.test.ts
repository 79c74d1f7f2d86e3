import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { closeTwins, play, SCENES } from '../loop/stage.ts'
import { hasTerminal, Program, type Start } from './program.ts'

const [scene] = SCENES
const STUBBORN = join(import.meta.dirname, 'stubborn')
const CTRL_C = '\x03'
const CTRL_D = '\x04'
const programs: Program[] = []
// Each starts the program several times.
vi.setConfig({ testTimeout: 60_000 })

afterEach(async () => {
  for (const one of programs.splice(0)) one.dispose()
  await closeTwins()
})

type Turns = Parameters<typeof play>[1]

/** Starts a twin with a script, slow enough to be interrupted, and the program that asks it. */
async function start(args: string[], turns: Turns, how: Start = {}) {
  const { twin, model, baseUrl, key } = await play(scene, turns, { transport: { delayMs: 20 } })
  const at = ['--base', baseUrl, '--key', key, '--tools', STUBBORN]
  const program = new Program([...args, ...at, '--model', model], how)
  programs.push(program)
  return { program, twin, at }
}

const calls = (...names: string[]) => ({ calls: names.map(name => ({ name, arguments: {} })) })
const LONG = { text: 'one two three '.repeat(2000) }
const SPINNING = ['hold_on', 'spin_thread', 'spin_process']
const CLOSING = { text: 'Back again.' }

describe('[L10] run', () => {
  it.each([
    ['SIGINT', 130, 'Ctrl-C'],
    ['SIGTERM', 143, 'SIGTERM'],
    ['SIGHUP', 129, 'the terminal was closed'],
  ] as const)('ends while the model streams: %s', async (signal, code, words) => {
    const { program } = await start(['run', '-', '--json', '--journal', 'MARK/run.jsonl'], [LONG])
    program.child.stdin.end('Hello')
    await program.said('text-delta', 5)
    program.child.kill(signal)
    expect(await program.ended()).toBe(code)
    expect(program.err).toContain(`aborted: the run was aborted: ${words}\n`)
    await program.gone()
  })

  it('ends while tools run that do not listen, and goes on from its journal', async () => {
    const journal = ['--journal', 'MARK/run.jsonl']
    const { program, twin, at } = await start(
      ['run', '-', ...journal],
      [calls(...SPINNING), CLOSING],
    )
    program.child.stdin.end('Hello')
    await program.said('> spin_process')
    await program.began()
    program.child.kill('SIGINT')
    expect(await program.ended()).toBe(130)
    expect(program.err).toMatch(/! --resume \S+run.jsonl goes on from here/)
    await program.gone()
    const resume = ['run', '--resume', join(program.mark, 'run.jsonl')]
    const second = new Program([...resume, ...at])
    programs.push(second)
    expect(await second.ended()).toBe(0)
    expect(second.out).toBe('Back again.\n')
    twin.finish()
  })

  it('leaves at once at the second Ctrl-C, and before a run has begun', async () => {
    const server = `${process.execPath} ${join(import.meta.dirname, 'stubborn-server.mjs')} MARK`
    const { program } = await start(['run', 'MARK/prompt.txt', '--mcp', `${server} hang`], [])
    await program.began()
    program.child.kill('SIGINT')
    expect(await program.ended()).toBe(130)
    await program.gone()
    const again = await start(['run', '-', '--json', '--mcp', server], [LONG])
    again.program.child.stdin.end('Hello')
    await again.program.said('text-delta')
    again.program.child.kill('SIGINT')
    await again.program.said('aborted')
    again.program.child.kill('SIGINT')
    expect(await again.program.ended()).toBe(130)
    await again.program.gone()
  })

  it('ends with the signal of closed pipes when nobody reads, and the journal is whole', async () => {
    const { program } = await start(['run', '-', '--json', '--journal', 'MARK/run.jsonl'], [LONG])
    program.child.stdin.end('Hello')
    program.child.stdout.once('data', () => program.child.stdout.destroy())
    expect(await program.ended()).toBe(141)
    expect(program.err).toContain('nobody reads the output any more')
    expect(program.err).not.toMatch(/EPIPE|\n\s+at /)
    const lines = readFileSync(join(program.mark, 'run.jsonl'), 'utf8').trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'end', ended: 'aborted' })
  })

  it('goes on without anybody who reads the words beside the answer', async () => {
    const { program } = await start(['run', '-'], [CLOSING])
    program.child.stderr.destroy()
    program.child.stdin.end('Hello')
    expect(await program.ended()).toBe(0)
    expect(program.out).toBe('Back again.\n')
  })

  it('is not held open by a tool that was given up', async () => {
    const { program } = await start(['run', '-'], [calls('give_up'), CLOSING])
    program.child.stdin.end('Hello')
    expect(await program.ended()).toBe(0)
    expect(program.err).toContain('! something that a tool began is still under way')
  })
})

describe('[L10] chat', () => {
  it('ends the turn at Ctrl-C, keeps a valid history, and the chat at the end of input', async () => {
    const { program, twin } = await start(['chat'], [LONG, calls(...SPINNING), CLOSING])
    program.type('Hello\n')
    await program.said('one two three', 5)
    program.child.kill('SIGINT')
    await program.said(/\[aborted: the run was aborted: Ctrl-C\]/)
    program.type('Go on\n')
    await program.said('> spin_process')
    await program.began()
    program.child.kill('SIGINT')
    await program.said(/\[aborted: /, 2)
    program.type('And now?\n')
    await program.said('Back again')
    program.child.stdin.end()
    expect(await program.ended()).toBe(0)
    await program.gone()
    twin.finish()
  })

  it('runs nothing where an approval is answered by Ctrl-C or the end of input', async () => {
    const { program, twin } = await start(
      ['chat'],
      [calls('ask_first'), CLOSING, calls('ask_first')],
    )
    program.type('Hello\n')
    await program.said(/\? ask_first/)
    await new Promise(resolve => setTimeout(resolve, 100))
    program.child.kill('SIGINT')
    await program.said(/\[not run: ask_first: Ctrl-C\]/)
    program.type('And now?\n')
    await program.said('Back again')
    program.type('Once more\n')
    await program.said(/\? ask_first/, 2)
    program.child.stdin.end()
    expect(await program.ended()).toBe(0)
    expect(program.out).toContain('[not run: ask_first: the input ended]')
    expect(program.out).not.toContain('It has been done')
    twin.finish()
  })

  it('leaves at the prompt by signal', async () => {
    const { program } = await start(['chat'], [])
    await program.said('5 tools')
    await new Promise(resolve => setTimeout(resolve, 100))
    program.child.kill('SIGINT')
    expect(await program.ended()).toBe(130)
  })

  it('ends when nobody reads', async () => {
    const { program } = await start(['chat'], [LONG])
    program.type('Hello\n')
    program.child.stdout.once('data', () => program.child.stdout.destroy())
    expect(await program.ended()).toBe(141)
    expect(program.err).not.toMatch(/EPIPE|\n\s+at /)
  })
})

const terminal: Start = { terminal: true }

if (!hasTerminal) console.warn('script of util-linux is not installed: no terminal is tried here')
else
  describe('[L10] in a terminal', () => {
    it('chat ends the turn at Ctrl-C, and the chat at the prompt', async () => {
      const { program, twin } = await start(
        ['chat'],
        [LONG, calls(...SPINNING), calls('ask_first'), CLOSING],
        terminal,
      )
      await program.said('you> ')
      program.type('Hello\r')
      await program.said('one two three', 5)
      program.type(CTRL_C)
      await program.said(/\[aborted: the run was aborted: Ctrl-C\]/)
      program.type('Go on\r')
      await program.said('> spin_process')
      await program.began()
      program.type(CTRL_C)
      await program.said(/\[aborted: /, 2)
      program.type('Ask\ry\r')
      await program.said('let go')
      await program.said('run it\\?')
      program.type(`half a word${CTRL_C}`)
      await program.said(/\[not run: ask_first: Ctrl-C\]/)
      program.type('And now?\r')
      await program.said('Back again')
      await program.said('you> ', 5)
      program.type(CTRL_C)
      expect(await program.ended()).toBe(130)
      expect(program.out).toMatch(/ icanon .* echo /s)
      await program.gone()
      twin.finish()
    })

    it('chat ends at Ctrl-D, also where a person is asked and while the model streams', async () => {
      const { program } = await start(['chat'], [calls('ask_first')], terminal)
      await program.said('you> ')
      program.type('Hello\r')
      await program.said('run it\\?')
      program.type(CTRL_D)
      expect(await program.ended()).toBe(0)
      expect(program.out).toContain('[not run: ask_first: the input ended]')
      expect(program.out).toMatch(/ icanon .* echo /s)
      const streaming = await start(['chat'], [{ text: 'one two three' }], terminal)
      await streaming.program.said('you> ')
      streaming.program.type('Hello\r')
      await streaming.program.said('one')
      streaming.program.type(CTRL_D)
      expect(await streaming.program.ended()).toBe(0)
      expect(streaming.program.out).toContain('one two three')
    })

    it('run ends at Ctrl-C, at once at the second', async () => {
      const { program } = await start(['run', 'MARK/prompt.txt'], [LONG], terminal)
      await program.said('turn 1')
      program.type(CTRL_C)
      expect(await program.ended()).toBe(130)
      expect(program.out).toContain('aborted: the run was aborted: Ctrl-C')
      expect(program.out).toMatch(/ icanon .* echo /s)
    })
  })

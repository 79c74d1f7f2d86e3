import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { createSandbox } from './sandbox.ts'

/** The processes with a mark on their command lines. */
function childrenWith(mark: string): number[] {
  return execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.includes(mark) && !line.includes('<defunct>'))
    .map(line => Number.parseInt(line, 10))
}

it.each(['bubblewrap', 'none'])('a child that loops ends by itself: %s', async kind => {
  const mark = mkdtempSync(join(tmpdir(), 'toolgate-loops-'))
  const script = `
    import { createSandbox } from ${JSON.stringify(join(import.meta.dirname, '../../dist/index.js'))}
    if (${kind === 'none'}) process.env.PATH = '/nonexistent'
    const code = { kind: 'source', text: '() => { for (;;); }' }
    createSandbox().run({ code, tier: 'process', input: null, files: [${JSON.stringify(mark)}] })
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500)`
  spawnSync(process.execPath, ['--input-type=module', '-e', script])
  await sleep(300)
  const [left, ...more] = childrenWith(mark)
  expect(more).toEqual([])
  if (left !== undefined) {
    // Nobody ends it but its own limit, of some fifty seconds here.
    expect(kind).toBe('none')
    expect(readFileSync(`/proc/${left}/limits`, 'utf8')).toMatch(/Max cpu time +50 +50 /)
    process.kill(left, 'SIGKILL')
  }
  rmSync(mark, { recursive: true })
})

it('leaves no process behind, at whatever moment of its start a child is ended', async () => {
  // A name that stands on the command line of every process of these calls.
  const mark = mkdtempSync(join(tmpdir(), 'toolgate-orphans-'))
  const sandbox = createSandbox()
  const run = (holds: boolean, signal?: AbortSignal) =>
    sandbox.run({
      // One that holds on would stay for ever if nobody ended it.
      code: {
        kind: 'source',
        text: 'holds => holds ? new Promise(() => setInterval(() => {}, 1e3)) : 1',
      },
      tier: 'process',
      files: [mark],
      input: holds,
      ...(signal && { signal }),
    })
  expect(await run(false)).toMatchObject({ ok: true })
  for (let i = 0; i < 120; i++) {
    const stop = new AbortController()
    const call = run(i % 24 < 12, stop.signal)
    await sleep(i % 12)
    stop.abort()
    expect(['aborted', 'returned']).toContain((await call).receipt.ended)
  }
  await sandbox.close()
  // They have been killed; a busy kernel takes up to a fifth of a second to be done with them.
  await vi.waitFor(() => expect(childrenWith(mark)).toEqual([]), 2000)
  rmSync(mark, { recursive: true })
})

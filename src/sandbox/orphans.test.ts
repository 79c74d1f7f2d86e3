import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createSandbox } from './sandbox.ts'

it('leaves no process behind, at whatever moment of its start a child is ended', async () => {
  // A name that stands on the command line of every process of these calls.
  const mark = mkdtempSync(join(tmpdir(), 'toolgate-orphans-'))
  const sandbox = createSandbox()
  const run = (signal?: AbortSignal) =>
    sandbox.run({
      code: { kind: 'source', text: '() => 1' },
      tier: 'process',
      files: [mark],
      input: null,
      ...(signal && { signal }),
    })
  expect(await run()).toMatchObject({ ok: true })
  for (let i = 0; i < 120; i++) {
    const stop = new AbortController()
    const call = run(stop.signal)
    await sleep(i % 12)
    stop.abort()
    expect(['aborted', 'returned']).toContain((await call).receipt.ended)
  }
  await sandbox.close()
  const left = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.includes(mark) && !line.includes('<defunct>'))
  rmSync(mark, { recursive: true })
  expect(left).toEqual([])
})

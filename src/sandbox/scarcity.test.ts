import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const HOME = join(import.meta.dirname, '../../dist/index.js')
const RUN = `
  import { closeSync, openSync } from 'node:fs'
  import { createSandbox } from ${JSON.stringify(HOME)}
  const sandbox = createSandbox()
  const run = (text, tier = 'process') => sandbox.run({ code: { kind: 'source', text }, tier, input: null })`

/** What a program prints that a shell starts with \`before\` done first, and how it ends. */
function inShell(before: string, script: string, path = process.env['PATH'] ?? '') {
  // What is open here would be open there too.
  const alone =
    'for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -lt 3 ] || eval "exec $fd>&-"; done'
  const shell = `${alone}; ${before}; exec "$0" --input-type=module -e "$1"`
  const { stdout, stderr, status } = spawnSync(
    '/bin/bash',
    ['--norc', '-c', shell, process.execPath, `${RUN}\n${script}`],
    { encoding: 'utf8', env: { PATH: path } },
  )
  return { said: stdout, stderr, status }
}

describe('a machine that has no descriptor left [L6]', () => {
  const fill = `
    const all = []
    const fill = () => { try { for (;;) all.push(openSync('/dev/null')) } catch {} }
    const empty = () => { for (const one of all.splice(0)) closeSync(one) }`

  it.each(['worker', 'wasm', 'process'])('%s tells it, and goes on when there are some', tier => {
    const { said, stderr, status } = inShell(
      'ulimit -n 80',
      `${fill}
      fill()
      const first = await run('() => 1', '${tier}')
      empty()
      const second = await run('() => 2', '${tier}')
      fill()
      const third = await run('() => 3 - 0', '${tier}')
      empty()
      await sandbox.close()
      console.log(JSON.stringify([first, second, third]))`,
    )
    expect([stderr, status]).toEqual(['', 0])
    const [first, second, third] = JSON.parse(said)
    expect(first).toMatchObject({ ok: false, receipt: { ended: 'crashed' } })
    expect(first.error.message).toContain('EMFILE')
    expect(second).toMatchObject({ ok: true, value: 2 })
    // A thread that is there already needs none.
    if (tier !== 'wasm') expect(third.error?.message).toContain('EMFILE')
    if (tier === 'process') expect(first.receipt.walls).toEqual([])
  })
})

describe('what whoever started the program left open', () => {
  it.each(['with bubblewrap', 'without'])('is not handed on to a child: %s', kind => {
    const folder = mkdtempSync(join(tmpdir(), 'toolgate-open-'))
    const secret = join(folder, 'secret.txt')
    writeFileSync(secret, 'a secret of this machine')
    const text = `async () => {
      const { fstatSync } = await import('node:fs')
      const files = []
      for (let fd = 0; fd < 99; fd++) try { if (fstatSync(fd).isFile()) files.push(fd) } catch {}
      return files
    }`
    const { said, stderr } = inShell(
      `exec 20<${secret} 21<${secret} 77<${secret}`,
      `const { value } = await run(${JSON.stringify(text)})
      console.log(JSON.stringify(value))
      await sandbox.close()`,
      kind === 'without' ? '/nonexistent' : undefined,
    )
    rmSync(folder, { recursive: true })
    expect(stderr).toBe('')
    expect(JSON.parse(said)).toEqual([])
  })
})

describe('a program that has used a sandbox and does not close it', () => {
  it.each(['worker', 'wasm', 'process'])('ends by itself: %s', tier => {
    const { said, status } = inShell(
      ':',
      `console.log((await run('() => { globalThis.console?.log("printed"); return 1 }', '${tier}')).value)
      setTimeout(() => { console.log('still there'); process.exit(1) }, 5000).unref()`,
    )
    expect([said, status]).toEqual(['1\n', 0])
  })
})

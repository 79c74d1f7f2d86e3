import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { bundledPath } from '../../scripts/bundle.mjs'

const module = pathToFileURL(await bundledPath('src/schema/time-limit.ts')).href

/** Does honest work of 5 ms under a limit of 60 ms, a hundred times. */
const PROGRAM = `
import { withinTime } from ${JSON.stringify(module)}
const used = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}
const work = () => {
  const before = used()
  while (used() - before < 5000);
  return 1
}
const counts = { done: 0, late: 0 }
console.log('begun')
for (let i = 0; i < 100; i++) {
  try {
    counts.done += withinTime(60, work)
  } catch {
    counts.late++
  }
}
console.log(JSON.stringify(counts))
`

it('takes no honest check for an endless one where the machine gives its time to others', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM])
  const closed = once(child, 'close')
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  await once(child.stdout, 'data')
  // The clock goes on while a process is stopped, as it does while one is not scheduled.
  while (child.exitCode === null) {
    child.kill('SIGSTOP')
    await sleep(100)
    child.kill('SIGCONT')
    await sleep(137)
  }
  await closed
  expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toEqual({ done: 100, late: 0 })
})

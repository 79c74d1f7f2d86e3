import type { Reporter, TestModule } from 'vitest/node'
import { misplaced, type Ran, table, write } from './page.ts'

const PROMISE = '[G13] '

/**
 * Prints what ran as the table of `docs/clients.md`; with `TOOLGATE_WRITE=1` it is written there,
 * unless a test failed.
 */
export default class ClientsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const ran: Ran[] = []
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (!test.fullName.startsWith(PROMISE)) continue
        const name = test.fullName.slice(PROMISE.length)
        ran.push({ name, passed: test.result().state === 'passed' })
      }
    }
    const lost = misplaced(ran)
    if (lost.length > 0) {
      process.exitCode = 1
      console.error(`on no line of the table, or on several:\n${lost.join('\n')}`)
    }
    const text = table(ran)
    console.log(`\n${text}`)
    const mayWrite = process.env['TOOLGATE_WRITE'] === '1'
    const isWhole = lost.length === 0 && ran.every(({ passed }) => passed) && !text.includes('| - ')
    if (mayWrite && isWhole) write(text)
    else if (mayWrite) console.error('Not written: something failed or did not run.')
  }
}

// Tools that do not end when they are told to, and one that a person has to allow.
import { tool } from 'toolgate'

/** Stands on the command line of every process that a call begins. */
const files = [process.env.STUBBORN_MARK ?? '/nowhere']

export default [
  tool({
    name: 'hold_on',
    description: 'Ignores its signal and keeps its process busy.',
    run: () => new Promise(() => setInterval(() => {}, 1000)),
  }),
  tool({
    name: 'spin_thread',
    description: 'Never gives its thread back.',
    code: { kind: 'source', text: '() => { for (;;) {} }' },
    sandbox: { tier: 'worker' },
  }),
  tool({
    name: 'spin_process',
    description: 'Never gives its process back.',
    code: { kind: 'source', text: '() => { for (;;) {} }' },
    sandbox: { tier: 'process', files },
  }),
  tool({
    name: 'ask_first',
    description: 'Waits for a person.',
    effect: 'irreversible',
    approval: true,
    run: () => 'It has been done.',
  }),
  tool({
    name: 'give_up',
    description: 'Is given up soon, and keeps its process busy.',
    timeoutMs: 100,
    run: () => new Promise(() => setInterval(() => {}, 1000)),
  }),
]

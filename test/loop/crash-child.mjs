// A run with effects that a test kills: begins a journal, or goes on with it.
import { appendFileSync, existsSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { resume, runTools, tool } from '../../dist/index.js'

const [baseUrl, journal, ledger] = process.argv.slice(2)
const input = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }

/** A tool whose effect is a line in a file, with time around it to be killed in. */
const effectOf = (name, effect) =>
  tool({
    name,
    input,
    effect,
    async run({ n }, { idempotencyKey }) {
      await sleep(Math.random() * 8)
      appendFileSync(ledger, `${name} ${n} ${idempotencyKey}\n`)
      await sleep(Math.random() * 8)
      return `${name} ${n} done`
    },
  })

const options = {
  key: 'sk-test',
  tools: [effectOf('charge', 'irreversible'), effectOf('store', 'write'), effectOf('look', 'read')],
  budget: { turns: 100 },
}
const isBegun = existsSync(journal) && statSync(journal).size > 0
const run = isBegun
  ? resume(journal, options)
  : runTools({ ...options, model: 'gpt-4o', baseUrl, prompt: 'Charge all of them.', journal })
for await (const event of run) {
  if (event.type === 'turn-start') console.log('turn')
  if (event.type === 'end') console.log(JSON.stringify({ ...event.result, messages: [] }))
}

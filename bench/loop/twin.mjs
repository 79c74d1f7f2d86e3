// The model of a run, in a process of its own: a strict twin that plays a case.
//   node twin.mjs openai|anthropic case NAME
//   node twin.mjs openai|anthropic shape CALLS TURNS
import { startTwin, TWIN_VENDORS } from '../../dist/testing.js'
import { CASES } from './cases.mjs'

const [vendor, kind, ...spec] = process.argv.slice(2)
const turn = kind === 'case' ? caseTurn(spec[0]) : shapeTurn(Number(spec[0]), Number(spec[1]))

const twin = await startTwin({
  vendor: TWIN_VENDORS[vendor],
  model: {
    name: spec.join(' '),
    // By what the conversation holds, not by what was asked before: the same for run after run.
    answer(prompt) {
      const said = prompt.messages.filter(({ role }) => role === 'assistant').length
      return turn(said, prompt)
    },
  },
})
console.log(`listening on ${twin.url}`)

function caseTurn(name) {
  const { turns } = CASES.find(one => one.name === name)
  return (said, prompt) => turns(said, prompt)
}

function shapeTurn(calls, turns) {
  return said => {
    if (said >= turns) return { blocks: [{ type: 'text', text: 'Done.' }] }
    const blocks = Array.from({ length: calls }, (_, index) => ({
      type: 'call',
      name: 'count',
      arguments: JSON.stringify({ n: said * calls + index }),
    }))
    return { blocks }
  }
}

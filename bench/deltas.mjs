// What one event of tool arguments costs to carry between two protocols: the vendor's bytes, one event
// a chunk, through the gateway's own pump to the client's text. No network and no second process: it
// is the CPU time of this one. The floor is what no gateway can save that reads and writes JSON: the
// same events parsed and written again, with their framing.
import { bundled } from '../scripts/bundle.mjs'
import { chatEvents, chatRequest, messagesEvents } from './bodies.mjs'
import { contentEvents, responsesEvents } from './delta-bodies.mjs'

const EVENTS = {
  'openai-chat': chatEvents(),
  'openai-responses': responsesEvents(),
  anthropic: messagesEvents(),
  gemini: contentEvents(),
}
const TITLES = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  anthropic: 'messages',
  gemini: 'generateContent',
}
const TARGET = 2

/** Prints the twelve figures. @param {{ rounds: number }} options */
export async function benchDeltas({ rounds }) {
  const { protocolNamed } = await bundled('src/protocols/index.ts')
  const { createPump } = await bundled('src/gateway/translating-pump.ts')
  const names = Object.keys(EVENTS)
  const cases = names.flatMap(back => [
    { back, run: floorOf(EVENTS[back]), us: [] },
    ...names
      .filter(front => front !== back)
      .map(front => ({
        back,
        front,
        run: pumping(EVENTS[back], back, front, { protocolNamed, createPump }),
        us: [],
      })),
  ])
  const ms = 250
  for (const each of cases) cpuOf(each, ms) // warm up
  for (let round = 0; round < rounds; round++)
    for (const each of cases) each.us.push(cpuOf(each, ms))

  console.log(
    `tool-argument deltas, streams of 300 events, one a chunk; ${rounds} rounds of ${ms} ms; figures are medians`,
  )
  let floor = 0
  for (const { back, front, us } of cases) {
    const figure = median(us)
    if (!front) floor = figure
    const name = front
      ? `deltas, ${TITLES[back]} to ${TITLES[front]}`
      : `deltas, ${TITLES[back]}, events parsed and written`
    const ratio = figure / floor
    const verdict = front
      ? `${ratio.toFixed(2)} × floor (target ${TARGET}) ${ratio <= TARGET ? 'met' : 'MISSED'}`
      : ''
    console.log(`${name.padEnd(56)} ${figure.toFixed(2).padStart(8)} µs CPU  ${verdict}`)
  }
  console.log(`${(written / 1e6).toFixed(0)} million characters written\n`)
}

/** Microseconds of CPU for an event, over at least `ms` of running. */
function cpuOf({ run, back }, ms) {
  const end = performance.now() + ms
  const before = process.cpuUsage()
  let streams = 0
  do {
    run()
    streams++
  } while (performance.now() < end)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (streams * EVENTS[back].length)
}

/** What was written, in characters: it is printed, so that no write can be left out. */
let written = 0

function floorOf(events) {
  const chunks = events.map(text => Buffer.from(text))
  return () => {
    for (const chunk of chunks) {
      const text = chunk.toString('utf8')
      const at = text.startsWith('data: ') ? 6 : text.indexOf('\ndata: ') + 7
      const data = text.slice(at, text.indexOf('\n', at))
      const out = data.startsWith('[DONE]') ? data : JSON.stringify(JSON.parse(data))
      written += `${text.slice(0, at)}${out}\n\n`.length
    }
  }
}

function pumping(events, backName, frontName, { protocolNamed, createPump }) {
  const chunks = events.map(text => Buffer.from(text))
  const front = protocolNamed(frontName)
  const plan = { direct: false, back: protocolNamed(backName), target: { quirks: {} } }
  const asked = JSON.parse(chatRequest({ model: 'gpt-4o', stream: true }))
  const request = protocolNamed('openai-chat').decodeRequest(asked, { headers: {} })
  let ids = 0
  const newId = (prefix, length) => prefix + String(ids++).padStart(length, '0')
  const context = { requestId: 'req_bench', now: 1_760_000_000, request, newId }
  const carry = () => {
    const pump = createPump(plan, front, context)
    let out = 0
    for (const chunk of chunks) out += pump.push(chunk).length
    out += pump.end().length
    if (pump.error) throw pump.error
    written += out
    return pump.facts
  }
  if (carry().calls !== 1) throw new Error(`${backName} to ${frontName}: not one call came through`)
  return carry
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
}

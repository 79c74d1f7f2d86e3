// Runs every client through every case and judges what was seen.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { start } from '../process.mjs'
import { CASES, PATIENCE } from './cases.mjs'

const here = name => new URL(name, import.meta.url).pathname

/** Environment of a client: no key of a real vendor, so that nothing can leave by mistake. */
export function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/_(API_)?(KEY|TOKEN)$|_BASE_URL$/.test(name),
  )
  return Object.fromEntries(kept)
}

/** A verdict and words for each case, by its name. */
export async function behavioursOf(client, { report = () => {} } = {}) {
  const verdicts = {}
  for (const one of CASES) {
    const [verdict, words] = one.judge(await observe(client, one))
    verdicts[one.name] = { verdict, words }
    report(one, verdict, words)
    const what = one.optIn?.[client.id]
    if (what === undefined) continue
    const [second, seen] = one.judge(await observe(client, one, true))
    verdicts[one.name].optIn = { what, verdict: second, words: seen }
    report(one, second, `with ${what}: ${seen}`)
  }
  return verdicts
}

async function observe(client, one, optIn = false) {
  const twin = await start(process.execPath, [here('twin.mjs'), client.protocol, 'case', one.name])
  try {
    const lines = await runChild(client, twin.url, one.name, optIn)
    const requests = await (await fetch(`${twin.url}/__twin/requests`)).json()
    const asked = requests.filter(({ method }) => method === 'POST')
    const last = asked.at(-1)?.body
    const end = lines.find(({ type }) => type === 'end') ?? { ended: 'hung', text: '' }
    const listed = (type, key) => lines.filter(line => line.type === type).map(line => line[key])
    return {
      ...end,
      without: one.without?.includes(client.id) ?? false,
      ran: listed('ran', 'input'),
      stream: listed('text', 'text').join(''),
      asked: asked.length,
      results: last ? resultsIn(last) : [],
      lastBytes: last ? Buffer.byteLength(JSON.stringify(last)) : 0,
    }
  } finally {
    await twin.stop()
  }
}

/** What a client's process told until it ended, or until patience did. */
async function runChild(client, url, name, optIn) {
  const child = spawn(
    process.execPath,
    [
      here('child.mjs'),
      client.file,
      client.protocol,
      url,
      'case',
      name,
      ...(optIn ? ['opt-in'] : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment() },
  )
  let complaint = ''
  child.stderr.on('data', chunk => {
    complaint = (complaint + chunk).slice(-4000)
  })
  const ended = new Promise(resolve => child.once('close', resolve))
  // A child ends itself when its run hangs; this is for one whose thread is blocked.
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE + 15_000)
  const lines = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"type":')) lines.push(JSON.parse(line))
  }
  const code = await ended
  clearTimeout(timer)
  if (code !== null && !lines.some(({ type }) => type === 'end'))
    throw new Error(`${client.id}, ${name}: ended with ${code} and said nothing: ${complaint}`)
  return lines
}

/** Texts of the tool results that a request holds, in either protocol. */
function resultsIn({ messages = [] }) {
  return messages.flatMap(({ role, content }) => {
    if (role === 'tool') return [textIn(content)]
    const blocks = Array.isArray(content) ? content : []
    return blocks.filter(({ type }) => type === 'tool_result').map(block => textIn(block.content))
  })
}

function textIn(content) {
  if (typeof content === 'string') return content
  return (content ?? []).map(({ text }) => text ?? '').join('')
}

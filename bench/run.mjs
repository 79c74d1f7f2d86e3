// npm run bench: what one exchange costs the gateway in CPU time, beside a plain Node pass-through
// and nginx, all in one run on one machine. Read the ratios; absolute times are the machine's.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { chatRequest, messagesRequest } from './bodies.mjs'
import { benchDeltas } from './deltas.mjs'
import { memoryOfIdleStreams } from './memory.mjs'
import { cpuMs, start } from './process.mjs'

const options = parse(process.argv.slice(2))
if (options.help) {
  console.log(`usage: npm run bench -- [--rounds N] [--only TEXT] [--no-memory]

  --rounds N    rounds of which the median counts (default 21)
  --only TEXT   only the cases whose name holds TEXT; 'deltas': only what needs no network
  --no-memory   without the 1,000 idle streams`)
  process.exit(0)
}

/** Exchanges of one case in one round: about a quarter of a second, so that a round is one moment. */
const ROUND = { whole: 1000, stream: 60 }
const WARM_UP = { whole: { first: 5000, rest: 35_000 }, stream: { first: 100, rest: 900 } }

const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`
if (!options.only || options.only === 'deltas') {
  console.log(machine)
  await benchDeltas(options)
  if (options.only) process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'toolgate-bench-'))
const node = process.execPath
const upstream = await start(node, ['bench/upstream.mjs'])
const plain = await start(node, ['bench/plain.mjs', upstream.url, 'json'])
const events = await start(node, ['bench/plain.mjs', upstream.url, 'events'])
const gateway = await startGateway()
const nginx = await startNginx()

const chat = { path: '/v1/chat/completions', body: chatRequest({ model: 'gpt-4o' }) }
const chatStream = {
  path: '/v1/chat/completions',
  body: chatRequest({ model: 'gpt-4o', stream: true }),
}
const messages = { path: '/v1/messages', body: messagesRequest({ model: 'claude-sonnet-4-5' }) }
const messagesStream = {
  path: '/v1/messages',
  body: messagesRequest({ model: 'claude-sonnet-4-5', stream: true }),
}
const toClaude = ask => ({ ...ask, body: ask.body.replace('"gpt-4o"', '"claude-sonnet-4-5"') })
const toGpt = ask => ({ ...ask, body: ask.body.replace('"claude-sonnet-4-5"', '"gpt-4o"') })

/** name, who, ask, the case it is compared with, the target as a factor of it */
const CASES = [
  ['nginx, whole', nginx, chat],
  ['plain, whole', plain, chat],
  ['gateway, whole, same protocol (chat)', gateway, chat, 'plain, whole', 1.25],
  ['gateway, whole, same protocol (messages)', gateway, messages, 'plain, whole', 1.25],
  ['gateway, whole, chat to messages', gateway, toClaude(chat), 'plain, whole', 1.6],
  ['gateway, whole, messages to chat', gateway, toGpt(messages), 'plain, whole', 1.6],
  ['plain, stream (chat)', plain, chatStream],
  ['plain, stream (messages)', plain, messagesStream],
  ['plain, stream, events parsed and written (chat)', events, chatStream],
  ['plain, stream, events parsed and written (messages)', events, messagesStream],
  ['gateway, stream, same protocol (chat)', gateway, chatStream, 'plain, stream (chat)', 1.3],
  [
    'gateway, stream, same protocol (messages)',
    gateway,
    messagesStream,
    'plain, stream (messages)',
    1.3,
  ],
  [
    'gateway, stream, chat to messages',
    gateway,
    toClaude(chatStream),
    'plain, stream, events parsed and written (messages)',
    2,
  ],
  [
    'gateway, stream, messages to chat',
    gateway,
    toGpt(messagesStream),
    'plain, stream, events parsed and written (chat)',
    2,
  ],
].filter(([name, who]) => who && (!options.only || name.includes(options.only)))

console.log(machine)
console.log(
  `request ${chat.body.length} bytes; streams of 300 events; 8 connections; ${options.rounds} rounds of ${ROUND.whole} exchanges or ${ROUND.stream} streams, the cases in turn;
a ratio is the median of the rounds' ratios, with the quarter below and above which the others lie\n`,
)

const first = new Map()
for (const [name, who, ask] of CASES) first.set(name, await warmUp(who, ask))
const figures = new Map(CASES.map(([name]) => [name, []]))
for (let round = 0; round < options.rounds; round++) {
  // Each round begins with another case, so that none always comes after the same one.
  for (let i = 0; i < CASES.length; i++) {
    const [name, who, ask] = CASES[(i + round) % CASES.length]
    figures.get(name).push(await load(who, ask, ROUND[kindOf(ask)]))
  }
}
for (const [name, , , base, target] of CASES) {
  const us = quantile(figures.get(name), 0.5)
  console.log(
    `${name.padEnd(56)} ${us.toFixed(1).padStart(8)} µs CPU  ${verdict(name, base, target)}`,
  )
}
console.log('\nthe first exchanges after the start, while the engine still compiles:')
for (const [name] of CASES)
  console.log(`${name.padEnd(56)} ${first.get(name).toFixed(1).padStart(8)} µs CPU`)

await latency(gateway, chat, 2) // warm up
const direct = await latency({ url: upstream.url }, chat, 6)
const through = await latency(gateway, chat, 6)
const added = through.p99 - direct.p99
console.log(
  `\n32 connections, each asking again as soon as it is answered: p99 direct ${direct.p99} ms (${direct.rate}/s), through the gateway ${through.p99} ms (${through.rate}/s), added ${added} ms (target under 10) ${added < 10 ? 'met' : 'MISSED'}`,
)
if (options.memory) await memoryOfIdleStreams(gateway, 1000)

for (const each of [gateway, plain, events, upstream, nginx]) await each?.stop()
process.exit(0)

/**
 * The engine goes on compiling for tens of thousands of exchanges. @returns the cost of the first
 * ones, in µs each
 */
async function warmUp(who, ask) {
  const { first, rest } = WARM_UP[kindOf(ask)]
  const us = await load(who, ask, first)
  await load(who, ask, rest)
  return us
}

/** @returns µs of CPU for each of `amount` exchanges */
async function load(who, ask, amount) {
  const before = cpuMs(who.pid)
  const { requests, non2xx, errors } = await autocannon({
    url: who.url + ask.path,
    method: 'POST',
    headers: headers(),
    body: ask.body,
    connections: 8,
    amount,
  })
  if (non2xx > 0 || errors > 0)
    throw new Error(`${ask.path} at ${who.url}: ${non2xx} bad answers, ${errors} errors`)
  return ((cpuMs(who.pid) - before) * 1000) / requests.total
}

function kindOf(ask) {
  return ask.body.includes('"stream":true') ? 'stream' : 'whole'
}

function verdict(name, base, target) {
  if (!base || !figures.has(base)) return ''
  const ratios = figures.get(name).map((us, round) => us / figures.get(base)[round])
  const [low, middle, high] = [0.25, 0.5, 0.75].map(part => quantile(ratios, part))
  return `${middle.toFixed(2)} × plain (${low.toFixed(2)} to ${high.toFixed(2)}; target ${target}) ${middle <= target ? 'met' : 'MISSED'}`
}

async function latency(who, ask, seconds) {
  const { latency, requests } = await autocannon({
    url: who.url + ask.path,
    method: 'POST',
    headers: headers(),
    body: ask.body,
    connections: 32,
    duration: seconds,
  })
  return { p99: latency.p99, rate: Math.round(requests.average) }
}

function headers() {
  return {
    'content-type': 'application/json',
    authorization: 'Bearer bench',
    'anthropic-version': '2023-06-01',
  }
}

function startGateway() {
  const config = join(folder, 'toolgate.yaml')
  writeFileSync(
    config,
    `accounts:\n  gpt: { provider: openai, key: bench, baseUrl: "${upstream.url}/v1" }\n  claude: { provider: anthropic, key: bench, baseUrl: "${upstream.url}" }\n`,
  )
  return start(node, ['dist/cli.js', '--port', '0', '--config', config], {
    OPENAI_API_KEY: '',
    ANTHROPIC_API_KEY: '',
  })
}

/** nginx as a plain proxy, where it is installed. */
async function startNginx() {
  if (spawnSync('nginx', ['-v']).error) {
    console.log('nginx is not installed: its line is left out')
    return undefined
  }
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
upstream vendor { server ${new URL(upstream.url).host}; keepalive 64; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://vendor; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  )
  return start('sh', [
    '-c',
    `(sleep 0.5; echo "listening on http://127.0.0.1:${port}") & exec nginx -c ${file}`,
  ])
}

function quantile(list, part) {
  return [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * part)]
}

function parse(args) {
  const value = (name, fallback) => {
    const at = args.indexOf(name)
    return at === -1 ? fallback : args[at + 1]
  }
  return {
    help: args.includes('--help'),
    rounds: Number(value('--rounds', 21)),
    only: value('--only', undefined),
    memory: !args.includes('--no-memory'),
  }
}

// docs/benchmarks-loop.md, written from what a run saw.
import { cpus, loadavg } from 'node:os'
import { BESIDE, CLIENTS, packageFacts } from './clients.mjs'
import { SHAPES } from './overhead.mjs'

const MARKS = { pass: 'yes', fail: '**no**', none: 'no guardrails' }

/** The machine, and how busy it is just now. */
export function machineNow() {
  const [load] = loadavg()
  const day = new Date().toISOString().slice(0, 10)
  const machine = `${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'an unknown CPU'}, Node ${process.version}, ${day}`
  return { load, machine, text: `${machine}, load ${load.toFixed(1)}` }
}

/** The whole page. */
export function page({ cases, behaviours, figures, rounds, began, ended }) {
  return `${[
    '# The tool loop beside others',
    '<!-- Written by npm run bench:loop -- --write. Do not edit: run it again. -->',
    intro(began),
    versions(),
    '## Behaviours',
    behavioursIntro(),
    verdictTable(cases, behaviours),
    tally(cases, behaviours),
    '### What was seen',
    ...cases.flatMap(one => seen(one, behaviours)),
    '## Overhead',
    overheadIntro(figures, rounds, began, ended),
    ...['openai', 'anthropic'].flatMap(protocol => overheadOver(protocol, figures)),
    '### Where we lose',
    losses(figures),
  ].join('\n\n')}\n`
}

function intro({ machine }) {
  return `\`npm run bench:loop\` runs Toolgate's loop and four others, each in a process of its own, against the
same strict twin in another, over real HTTP on loopback. No model and no network take part. \`-- --write\`
writes this page. The machine: ${machine}.`
}

function versions() {
  const node = Number(process.versions.node.split('.')[0])
  const lines = CLIENTS.filter(({ packages }) => packages.length > 0).map(({ name, packages }) => {
    const facts = packages.map(packageFacts)
    const says = facts.map(({ name: id, version }) => `\`${id}\` ${version}`).join(', ')
    const wants = facts.filter(one => Number(/\d+/.exec(one.node ?? '0')[0]) > node)
    const ran = wants
      .map(
        one =>
          `\`${one.name}\` asks for Node ${one.node}; it installed and ran here, with npm's warning`,
      )
      .join('; ')
    return `- ${name}: ${says}${ran ? `. ${ran}` : ''}`
  })
  return lines.join('\n')
}

function behavioursIntro() {
  return `Each row says what passes. A verdict comes from what the twin received, what the tool was run with,
what came out and when. Nothing is set but what the row names. The criteria and the twins are ours, and
what the vendors themselves refuse is known to the twins from documentation and recordings. In the
row of invalid arguments, the AI SDK's \`jsonSchema()\` can be given a \`validate\` of one's own, and
openai's loop a \`parse\`; here they have none, and \`JSON.parse\`.`
}

function verdictTable(cases, behaviours) {
  const clients = [...behaviours.keys()]
  return table(
    ['case', 'what passes', ...clients.map(({ name }) => name)],
    cases.map(({ name, criterion }) => [
      name,
      criterion,
      ...clients.map(client => MARKS[behaviours.get(client)[name].verdict]),
    ]),
  )
}

function tally(cases, behaviours) {
  const counts = [...behaviours].map(([{ name }, verdicts]) => {
    const passed = cases.filter(one => verdicts[one.name].verdict === 'pass').length
    return `${name} ${passed}`
  })
  return `Passed, of ${cases.length}: ${counts.join(', ')}.`
}

function seen(one, behaviours) {
  const lines = [...behaviours].flatMap(([{ name }, verdicts]) => {
    const { words, optIn } = verdicts[one.name]
    const line = `- ${name}: ${inLine(words)}`
    if (!optIn) return [line]
    return [line, `- ${name}, with ${optIn.what}: ${inLine(optIn.words)} (${MARKS[optIn.verdict]})`]
  })
  return [`**${one.name}**`, lines.join('\n'), ...(one.note ? [one.note] : [])]
}

function overheadIntro(figures, rounds, began, ended) {
  const shapes = SHAPES.map(({ name, runs }) => `${name} (${runs})`).join(', ')
  const spreads = figures.map(({ cpuSpread }) => cpuSpread).sort((one, other) => one - other)
  const percent = share => `${Math.round(share * 100)} %`
  const typical = percent(spreads[Math.floor(spreads.length / 2)])
  const widest = percent(spreads.at(-1))
  return `The tool does nothing, answers are whole, not streamed, and every request holds the whole
history. Clients and tools are made once, a run is one prompt to its answer; a turn without calls ends
it. A figure is the mean of the runs of one process, in brackets, after as many to warm up:
${shapes}; and of these the median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, the clients in turn. CPU is that of the client's process,
user and system. Wall time holds the twin's time too. The bare loop makes the same exchanges with
\`node:http\` and \`JSON\`, checks nothing, and is what nobody can go below.

The warm-up was made longer, for every client alike, after a first full run of 2026-11-28 had been
seen; it helps us most, for more code of ours has to be compiled. Before the measured runs the heap is
collected, and V8 then throws away the optimized code for shapes of which no object is alive; Toolgate
keeps one of each of its own. What 50 calls a turn take with other warm-ups, ms of CPU, as many runs
measured as to warm up (medians of five, and of three for 1,500; 2026-11-28):

| runs to warm up | Toolgate, Chat | openai | Toolgate, Messages | Anthropic |
| --- | --- | --- | --- | --- |
| 15 | 9.59 | **8.69** | 15.0 | **9.23** |
| 1,500 | **3.47** | 4.37 | **3.75** | 4.39 |

A program that ends after a few prompts is nearer to the first row, and to the columns of loading and
first run.

OpenAI's Agents SDK has its tracing off. Anthropic's runner is told \`thread: false\`: by default it
would ask the vendor to keep the conversation, so that requests do not grow, which a twin does not do.

Load average of the machine: ${began.load.toFixed(1)} before, ${ended.load.toFixed(1)} after; the benchmark itself keeps one to two cores busy.
Between the rounds, the CPU of one figure differed by ${typical} (the median of all figures) and by ${widest} at
most: smaller differences between loops say nothing.`
}

function overheadOver(protocol, figures) {
  const clients = [...CLIENTS, ...BESIDE].filter(client => client.protocol === protocol)
  const rows = show =>
    clients.map(client => [
      client.name,
      ...SHAPES.map(shape =>
        show(figureOf(figures, client, shape), floorOf(figures, protocol, shape)),
      ),
    ])
  const heads = SHAPES.map(({ name }) => name)
  return [
    `### Over ${protocol === 'openai' ? 'Chat Completions' : 'Messages'}`,
    table(
      ['CPU ms a run (× bare loop), wall ms', ...heads],
      rows(
        ({ cpuMs, wallMs }, floor) =>
          `${short(cpuMs)} (${(cpuMs / floor.cpuMs).toFixed(1)}), ${short(wallMs)}`,
      ),
    ),
    table(
      ['CPU ms to start Node and load the client, CPU ms of the first run', ...heads],
      rows(({ loadMs, firstMs }) => `${short(loadMs)}, ${short(firstMs)}`),
    ),
    table(
      ['MB of heap after the runs and a collection, MB of memory at the peak', ...heads],
      rows(({ heapMb, peakMb }) => `${heapMb.toFixed(1)}, ${peakMb.toFixed(0)}`),
    ),
  ]
}

/** Every figure of ours that another loop over the same protocol is better than. */
function losses(figures) {
  const kinds = [
    ['cpuMs', 'ms of CPU', short],
    ['wallMs', 'ms of wall time', short],
    ['loadMs', 'ms of CPU to load', short],
    ['firstMs', 'ms of CPU for the first run', short],
    ['heapMb', 'MB of heap', value => value.toFixed(1)],
    ['peakMb', 'MB at the peak', value => value.toFixed(0)],
  ]
  const lines = SHAPES.flatMap(shape =>
    figures
      .filter(one => one.client.file === 'toolgate' && one.shape === shape)
      .flatMap(ours =>
        kinds.flatMap(([key, unit, write]) => {
          const better = figures
            .filter(one => rivals(ours, one) && one[key] < ours[key])
            .sort((one, other) => one[key] - other[key])
          if (better.length === 0) return []
          const list = better.map(one => `${one.client.name} ${write(one[key])}`).join(', ')
          const over = ours.client.protocol === 'openai' ? 'Chat Completions' : 'Messages'
          return [`- ${shape.name}, over ${over}: ${write(ours[key])} ${unit}; ${list}`]
        }),
      ),
  )
  return lines.length === 0 ? 'In no figure of this run.' : lines.join('\n')
}

function rivals(ours, other) {
  const { client, shape } = other
  return (
    shape === ours.shape &&
    client.protocol === ours.client.protocol &&
    client.file !== 'floor' &&
    client.file !== 'toolgate'
  )
}

const figureOf = (figures, client, shape) =>
  figures.find(one => one.client.id === client.id && one.shape === shape)
const floorOf = (figures, protocol, shape) =>
  figures.find(
    ({ client, shape: its }) =>
      client.file === 'floor' && client.protocol === protocol && its === shape,
  )

const short = value =>
  value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)
const inLine = words => words.replaceAll(/\s*\n\s*/g, ' ')
const cell = words => inLine(words).replaceAll('|', '\\|')

function table(heads, rows) {
  const line = cells => `| ${cells.map(cell).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

import { type Command, Option } from 'commander'
import { readConformance, type TypedConformance } from './options.ts'
import { countOf, tableOf } from './report.ts'
import { measure } from './run.ts'
import { startVendors, USUAL_MODELS } from './vendors.ts'

/** A gateway of one's own, for a measurement without `--base`. */
export interface OwnGateway {
  readonly url: string
  close(): Promise<void>
}

interface Typed extends TypedConformance {
  readonly base?: string
  readonly json?: true
  readonly vendors?: true
}

/**
 * Adds `conformance` to a program: measures a gateway with clients of all protocols. Exits with 0
 * if everything passed and 1 if something failed.
 */
export function addConformance(
  program: Command,
  startOwn: () => Promise<OwnGateway>,
  stopOnSignal: (running: Pick<OwnGateway, 'close'>) => void,
): void {
  program
    .command('conformance')
    .description('Measure any gateway with clients of all four protocols, whole and streamed.')
    .option('--base <url>', 'address of the gateway; without it, one of our own in rehearsal')
    .option('--key <key>', "a client's key")
    .option(
      '--models <list>',
      'a model of each vendor, as label=model,...; for example chat=gpt-4o,messages=claude-sonnet-4-5',
    )
    .option('--front <list>', 'only clients of these protocols: chat, responses, messages, gemini')
    .option('--prefix <list>', "what stands before a protocol's path, as messages=/anthropic,...")
    .option('--only <text>', 'only checks whose name holds this')
    .option('--timeout <seconds>', 'for one exchange', '60')
    .option('--json', 'print the outcomes as JSON')
    .addOption(
      new Option('--vendors', 'run doubles of the vendors, to put a gateway before').conflicts([
        'base',
      ]),
    )
    .addHelpText(
      'after',
      `
It checks shape, ids, pairing, order of events, finish reasons, usage and refusals, never words: any
model that can call tools will do, such as one behind Converse with --models converse=NAME. To
measure a gateway without a vendor's key, run it before the doubles that --vendors starts.`,
    )
    .action(async (typed: Typed) => {
      if (typed.vendors) {
        const vendors = await startVendors()
        for (const { vendor, url } of vendors.twins) console.log(`${vendor.name.padEnd(10)} ${url}`)
        console.log(
          'listening; put a gateway before them, then run: toolgate conformance --base URL',
        )
        stopOnSignal(vendors)
        return
      }
      process.exitCode = (await run(typed, startOwn)) ? 0 : 1
    })
}

async function run(typed: Typed, startOwn: () => Promise<OwnGateway>): Promise<boolean> {
  // A mistake on the command line is told before anything starts.
  readConformance(typed, typed.base ?? 'http://own', USUAL_MODELS)
  const own = typed.base === undefined ? await startOwn() : undefined
  try {
    const base = own?.url ?? typed.base ?? ''
    const measurement = readConformance(typed, base, USUAL_MODELS)
    const shows = process.stderr.isTTY === true
    const outcomes = await measure(measurement, (done, all, { front, label, check }) => {
      if (shows) process.stderr.write(`\r\x1b[K${done}/${all} ${front} to ${label}: ${check}`)
    })
    if (shows) process.stderr.write('\r\x1b[K')
    if (typed.json)
      console.log(JSON.stringify({ count: countOf(outcomes), outcomes }, undefined, 2))
    else for (const line of tableOf(outcomes)) console.log(line)
    return countOf(outcomes).failed === 0
  } finally {
    await own?.close()
  }
}

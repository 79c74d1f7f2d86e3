#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { Command, CommanderError, Option } from 'commander'
import { addChat } from './commands/chat.ts'
import { addMcp } from './commands/mcp.ts'
import { addRun } from './commands/run.ts'
import { ConfigError, LOG_LEVELS } from './config/config.ts'
import { explainConfig } from './config/explain.ts'
import { type CommandLine, loadConfig } from './config/load.ts'
import { addConformance } from './conformance/command.ts'
import { USUAL_MODELS } from './conformance/vendors.ts'
import { verifyAuditLog } from './guardrails/index.ts'
import { resume, runTools } from './run.ts'
import { type RunningGateway, startGateway } from './start.ts'
import { describeTwin, parseTwinOptions, type TypedTwinOptions } from './twins/options.ts'
import { rehearsal } from './twins/rehearsal/index.ts'
import { readScript, scripted } from './twins/script.ts'
import { startTwin } from './twins/server.ts'
import { TWIN_VENDORS } from './twins/vendors.ts'

const program = new Command('toolgate')
  .description('A gateway that makes function calling work the same with every vendor.')
  .version(version())
  .showHelpAfterError('(toolgate --help tells more)')
  .showSuggestionAfterError()
  .exitOverride()

withGatewayOptions(
  program.command('serve', { isDefault: true }).description('Run the gateway (the default).'),
)
  .addHelpText(
    'after',
    `
Environment:
  TOOLGATE_HOST, TOOLGATE_PORT     as --host and --port
  TOOLGATE_KEYS                    clients' keys, parted by commas, each as name=key or key
  TOOLGATE_CONFIG, TOOLGATE_LOG    as --config and --log
  OPENAI_API_KEY, ANTHROPIC_API_KEY, DEEPSEEK_API_KEY, ...
                                   make a vendor live; 'toolgate check' lists them all`,
  )
  .action(serve)

withGatewayOptions(
  program.command('check').description('Say what the gateway would do, without doing it.'),
).action((options: CommandLine) => {
  for (const line of explainConfig(loadConfig(options, process.env))) console.log(line)
})

const audit = program.command('audit').description('Look after the audit log of guardrails.')
audit
  .command('verify')
  .description('Check that no line of an audit log was changed, left out or put in.')
  .argument('<file>', 'the log, JSON Lines')
  .option('--head <hash>', 'a hash that was kept: some line must have it')
  .action(verifyAudit)

program
  .command('twin')
  .description('Run the offline double of one vendor, to test a program against.')
  .argument('<vendor>', `one of ${Object.keys(TWIN_VENDORS).join(', ')}`)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--port <number>', 'port to listen on; 0 picks a free one', '0')
  .option(
    '--script <file>',
    'play the turns of a JSON file; without it, the rehearsal model answers',
  )
  .option('--seed <number>', 'what everything random is drawn from', '1')
  .option(
    '--fault <fault>',
    'misbehave: 429, 503:times=3, cut:120, malformed-arguments:rate=0.5, ... (repeatable)',
    (value: string, before: string[]) => [...before, value],
    [],
  )
  .option(
    '--chunk <how>',
    'cut the bytes: event, burst, random, byte, or a number of bytes',
    'event',
  )
  .option('--delay <ms>', 'pause between writes')
  .option('--first-byte <ms>', 'pause before the first byte of a body')
  .option('--gzip', 'compress whole answers for clients that accept it')
  .action(runTwin)

const startOwn = () => startGateway(loadConfig({ port: '0', log: 'silent', rehearsal: true }, {}))
addConformance(program, startOwn, stopOnSignal)
const runner = { runTools, resume, startOwn, model: USUAL_MODELS[0].model }
addChat(program, runner)
addRun(program, runner)
addMcp(program, version())

function withGatewayOptions(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <number>', 'port to listen on; 0 picks a free one (default 8665)')
    .option('--config <file>', 'configuration file (default ./toolgate.yaml, if there is one)')
    .option('--rehearsal', 'play vendors without a key by their twins')
    .option('--no-rehearsal', 'serve only vendors with a key')
    .option('--open', 'listen on a public address although no client needs a key')
    .addOption(new Option('--log <level>', 'how much is logged (default info)').choices(LOG_LEVELS))
}

async function serve(options: CommandLine): Promise<void> {
  // A gateway's garbage dies young: threads that look for survivors cost more than they find.
  setFlagsFromString('--no-parallel-scavenge')
  const config = loadConfig(options, process.env)
  const gateway = await startGateway(config)
  console.log(`toolgate ${version()}`)
  for (const account of gateway.live)
    console.log(`live       ${account.name} (from ${account.source})`)
  if (gateway.rehearsed.length > 0) {
    console.log(`rehearsal  ${gateway.rehearsed.join(', ')}`)
    console.log(
      '           offline twins answer for these vendors; set a key to go live (toolgate check)',
    )
  }
  if (gateway.live.length + gateway.rehearsed.length === 0)
    console.log(
      'no vendor has a key, and rehearsal is off: every model is unknown (toolgate check)',
    )
  console.log(`listening on ${gateway.url}`)
  stopOnSignal(gateway)
}

/** The first signal stops cleanly, the second at once. */
function stopOnSignal(gateway: Pick<RunningGateway, 'close'>): void {
  let stopping = false
  const stop = () => {
    const again = stopping
    stopping = true
    const closed = gateway.close()
    if (!again) closed.then(() => process.exit(0), fail)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

async function runTwin(
  name: string,
  options: TypedTwinOptions & { readonly script?: string },
): Promise<void> {
  const vendor = TWIN_VENDORS[name]
  if (!vendor) {
    const known = Object.keys(TWIN_VENDORS).join(', ')
    throw new ConfigError(`there is no twin of '${name}'; there are ${known}`)
  }
  const model =
    options.script === undefined ? rehearsal() : scripted(readScriptFile(options.script))
  const twin = await startTwin({ vendor, model, ...parseTwinOptions(options) })
  for (const line of describeTwin(twin)) console.log(line)
  stopOnSignal({
    async close() {
      await twin.close()
      twin.finish()
    },
  })
}

async function verifyAudit(file: string, { head }: { readonly head?: string }): Promise<void> {
  if (!existsSync(file)) throw new ConfigError(`${file}: there is no such file`)
  const {
    entries,
    head: last,
    problem,
  } = await verifyAuditLog(file, head).catch(cause => {
    throw new ConfigError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  if (!problem) {
    console.log(`${file}: ${entries} entries, all as they were written; the last has hash ${last}`)
    return
  }
  console.error(`${file}:${problem.line}: ${problem.why} (${entries} entries before it are good)`)
  process.exitCode = 1
}

function readScriptFile(file: string): ReturnType<typeof readScript> {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return readScript(json)
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? '0'
}

/** Mistakes of the user get their text; anything else is ours, and gets its trace. */
function fail(error: unknown): void {
  // What is wrong with the command line, or the help that was asked for, has been said.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2)
  const known =
    error instanceof Error &&
    /^(ConfigError|ToolgateError|InvalidInput|Script\w+|Twin\w+)$/.test(error.name)
  console.error(known ? `toolgate: ${error.message}` : error)
  process.exit(known ? 2 : 1)
}

program.parseAsync().catch(fail)

import { type Command, Option } from 'commander'
import { ConfigError } from '../config/config.ts'
import type { PausedRun, ResumeOptions, Run, RunOptions, Tool } from '../loop/index.ts'
import { type McpTools, mcpTools } from '../mcp/client.ts'
import { createSandbox } from '../sandbox/index.ts'
import { isGateway } from './probe.ts'
import { loadTools } from './tool-folder.ts'

/** What the commands need of the program: runs that ask the catalog, and a gateway of their own. */
export interface Runner {
  runTools(options: RunOptions): Run
  resume(from: string | PausedRun, options: ResumeOptions): Run
  startOwn(): Promise<{ readonly url: string; close(): Promise<void> }>
  /** Asked where no model is named. */
  readonly model: string
}

/** The flags that `chat` and `run` share. */
export interface TypedSetting {
  readonly tools?: string
  readonly mcp: readonly string[]
  readonly model?: string
  readonly base?: string
  readonly protocol?: NonNullable<RunOptions['protocol']>
  readonly key?: string
  readonly system?: string
}

/** A run's surroundings: tools, address, sandbox. */
export interface Setting {
  readonly options: Pick<RunOptions, 'model' | 'baseUrl' | 'protocol' | 'instructions'>
  readonly runner: Required<Pick<ResumeOptions, 'sandbox'>> & {
    readonly tools: readonly Tool[]
    readonly key?: string
  }
  /** Whether our own gateway answers, whose address ends with this process. */
  readonly own: boolean
  /** What a person should know of it. */
  readonly about: string
  close(): Promise<void>
}

const USUAL_BASE = 'http://127.0.0.1:8665'

/** Adds the flags that `chat` and `run` share. */
export function withSetting(command: Command): Command {
  const more = (value: string, before: string[]) => [...before, value]
  return command
    .option('--tools <folder>', 'folder of .mjs and .js files that export tools')
    .option('--mcp <server>', 'command line or URL of an MCP server (repeatable)', more, [])
    .option('--model <name>', 'model to ask')
    .option(
      '--base <url>',
      `address to ask (default: the gateway at ${USUAL_BASE}, else one of our own in rehearsal)`,
    )
    .addOption(
      new Option('--protocol <name>', 'protocol to speak').choices([
        ...['openai-chat', 'openai-responses', 'anthropic', 'gemini'],
      ]),
    )
    .option('--key <key>', 'key for the address (default: TOOLGATE_KEY)')
    .option('--system <text>', 'instructions before the conversation')
}

/**
 * Loads the tools and finds the model.
 *
 * @param journaled whether the run's address stands in a journal, so that none is looked for
 * @throws ConfigError where one cannot be had.
 */
export async function openSetting(
  typed: TypedSetting,
  runner: Runner,
  journaled = false,
): Promise<Setting> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one()
  }
  try {
    const tools = typed.tools === undefined ? [] : await loadTools(typed.tools)
    for (const server of typed.mcp) {
      const found = await connect(server)
      closers.push(() => found.close())
      tools.push(...found.tools)
    }
    const usual = typed.base === undefined && !journaled && (await isGateway(USUAL_BASE))
    const running = usual ? USUAL_BASE : typed.base
    const own = running === undefined && !journaled ? await runner.startOwn() : undefined
    if (own) closers.push(() => own.close())
    const baseUrl = running ?? own?.url ?? ''
    const sandbox = createSandbox()
    closers.push(() => sandbox.close())
    const key = typed.key ?? process.env['TOOLGATE_KEY']
    const model = typed.model ?? runner.model
    const rehearsed = 'our own gateway in rehearsal: offline twins answer'
    const where = own ? rehearsed : baseUrl
    const place = journaled ? 'going on at the address of the journal' : `${model} at ${where}`
    return {
      options: {
        model,
        baseUrl,
        ...(typed.protocol === undefined ? {} : { protocol: typed.protocol }),
        ...(typed.system === undefined ? {} : { instructions: typed.system }),
      },
      runner: { tools, sandbox, ...(key === undefined ? {} : { key }) },
      own: own !== undefined,
      about: `${place}; ${tools.length === 1 ? '1 tool' : `${tools.length} tools`}`,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function connect(server: string): Promise<McpTools> {
  try {
    if (/^https?:\/\//.test(server)) return await mcpTools({ url: server })
    const [command = '', ...args] = server.trim().split(/\s+/)
    return await mcpTools({ command, args })
  } catch (cause) {
    throw new ConfigError(
      `--mcp ${server}: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
}

/** Why a run failed, and where nothing answers, what to do about it. */
export function failureOf(reason: string, error: Error | undefined, baseUrl: string): string {
  if (!error || !('code' in error) || error.code !== 'vendor_unreachable') return reason
  const where = baseUrl === '' ? 'the address of the journal' : new URL(baseUrl).origin
  return `no model is reachable at ${where}: ${reason} Start a gateway with 'toolgate', or give another --base.`
}

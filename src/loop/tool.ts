import { ToolgateError } from '../core/error.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { refusalOf } from '../sandbox/index.ts'
import type { ToolOutput } from './output.ts'
import type { SandboxSettings, ToolCode } from './sandbox-call.ts'
import { type CheckedInput, readSchemaSource, refuseOddPatterns } from './schema-source.ts'
import type { InputOf, JsonSchema, StandardSchema } from './standard.ts'
import { LEGAL_NAME } from './tool-name.ts'

/**
 * What running a tool does to the world. `read`: nothing, so it may be run again. `write`: something
 * that running it again with the same idempotency key does not do twice. `irreversible`: something
 * that cannot be taken back, and is never run again on a guess.
 */
export type Effect = 'read' | 'write' | 'irreversible'

/** What a tool's function gets beside its arguments. */
export interface ToolContext<Context = unknown> {
  /** What the program passed to the run as `context`. */
  readonly context: Context
  /** Ends when the call's deadline has passed, or the run is aborted. */
  readonly signal: AbortSignal
  readonly callId: string
  /** The same for the same call of the same run, also after a crash and `resume`. */
  readonly idempotencyKey: string
  /** Of the run, counted from 1. */
  readonly turn: number
  /** Tells whoever iterates the run how far the call is. The model is not told. */
  progress(value: Json): void
}

/**
 * What a tool may answer: text, any JSON, `output(...)` for pictures, files and errors, nothing, or
 * an async iterable, whose values are progress and whose return value (else its last value) is the
 * answer. Everything but text and `output(...)` is told to the model as JSON.
 */
export type ToolAnswer = ToolOutput | AsyncIterable<unknown> | unknown

/** Whether a call may run without a person: a question to one, with a reason; or no question. */
export type ApprovalPolicy<Input> =
  | boolean
  | ((input: Input) => boolean | string | Promise<boolean | string>)

/** How a tool is made. */
export interface ToolOptions<Name extends string, Source, Context> {
  /** Letters, digits, `_` and `-`, not first a digit or `-`, at most 64: the rule of all protocols. */
  readonly name: Name
  readonly description?: string
  /** Schema of the arguments. Absent: it takes none. */
  readonly input?: Source
  /** The JSON Schema to tell the model, where `input` belongs to a library that cannot write one. */
  readonly parameters?: JsonSchema
  /** Default `read`. */
  readonly effect?: Effect
  /** Calls with the same lock run one at a time, in the model's order. Default: no lock. */
  readonly lock?: string | ((input: InputOf<Source>) => string | undefined)
  /** Milliseconds a call may take. Default: the run's `callTimeoutMs`. */
  readonly timeoutMs?: number
  /** Bytes of text that the model is given of a result. Default: the run's `maxResultBytes`. */
  readonly maxResultBytes?: number
  /** Whether a person must agree to a call. Default false. */
  readonly approval?: ApprovalPolicy<InputOf<Source>>
  /** Whether the vendor shall hold the arguments to the schema. Default: as the vendor does. */
  readonly strict?: boolean
  /** Whether asking the same again is what it is for, as with a status: no lack of progress. */
  readonly polls?: boolean
  /** Instead of `run`, which runs in this process: code for the sandbox that the run is given. */
  readonly code?: ToolCode
  /** How `code` is shut in. Default: a thread for a module, WebAssembly for source text. */
  readonly sandbox?: SandboxSettings
  readonly run?: (input: InputOf<Source>, context: ToolContext<Context>) => ToolAnswer
}

/** A tool that a run can offer to a model. Made by `tool()`. */
export interface Tool<Name extends string = string, Input = unknown, Context = unknown> {
  readonly name: Name
  readonly description: string | undefined
  /** JSON Schema that the model is told; `undefined` if the tool takes nothing. */
  readonly parameters: JsonObject | undefined
  readonly strict: boolean | undefined
  readonly effect: Effect
  readonly timeoutMs: number | undefined
  readonly maxResultBytes: number | undefined
  readonly polls: boolean
  readonly sandbox: SandboxSettings
  readonly code: ToolCode | undefined
  /** Checks the text of a call's arguments; never throws on what a model wrote. */
  check(text: string): CheckedInput | Promise<CheckedInput>
  /** The lock of a call. */
  lockOf(input: Input): string | undefined
  /** Why a person must be asked; `undefined` if none needs to be. */
  approvalFor(input: Input): Promise<string | undefined> | undefined
  run(input: Input, context: ToolContext<Context>): ToolAnswer
  /** For the compiler alone: never there. */
  readonly types?: { readonly input: Input; readonly context: Context }
}

/**
 * Makes a tool. The type of the function's argument comes from `input`: a schema of zod or any
 * library of Standard Schema, or a plain JSON Schema.
 *
 * @throws ToolgateError `invalid_value` or `invalid_tool_name` if it could not be offered to a model,
 * or if a pattern of its schema is no regular expression of ECMA-262.
 */
export function tool<
  const Name extends string,
  const Source extends StandardSchema | JsonSchema | undefined = undefined,
  Context = unknown,
>(options: ToolOptions<Name, Source, Context>): Tool<Name, InputOf<Source>, Context>
/** As above, with the types of the tools let go. */
export function tool(options: ToolOptions<string, unknown, unknown>): Tool {
  const made = foreignTool(options)
  refuseOddPatterns(made.name, made.parameters)
  return made
}

/**
 * A tool whose schema its program has not written and cannot mend: a pattern that cannot be read is
 * told to the model, and left to whoever takes the arguments.
 *
 * @throws ToolgateError as `tool`, but for such a pattern
 */
export function foreignTool(options: ToolOptions<string, unknown, unknown>): Tool {
  const { name, lock, approval = false, run, code } = options
  if (!LEGAL_NAME.test(name)) {
    const message = `'${name}' is no name for a tool: letters, digits, _ and -, first a letter or _, at most 64.`
    throw new ToolgateError('invalid_tool_name', message, { details: { names: [name] } })
  }
  if (!run === !code) throw invalid(name, 'it needs either `run` or `code`')
  if (run && options.sandbox)
    throw invalid(name, '`sandbox` is for `code`: a function runs in this process')
  const refused = code && refusalOf({ ...options.sandbox, code, input: {} })
  if (refused !== undefined) throw invalid(name, refused)
  for (const limit of ['timeoutMs', 'maxResultBytes'] as const)
    if (options[limit] !== undefined && !(options[limit] > 0))
      throw invalid(name, `\`${limit}\` must be more than 0`)
  const source = readSchemaSource(name, options.input, options.parameters)
  return {
    name,
    description: options.description,
    parameters: source.parameters,
    strict: options.strict,
    effect: options.effect ?? 'read',
    timeoutMs: options.timeoutMs,
    maxResultBytes: options.maxResultBytes,
    polls: options.polls ?? false,
    sandbox: options.sandbox ?? {},
    code,
    check: text => source.check(text),
    lockOf: input => (typeof lock === 'function' ? lock(input) : lock),
    approvalFor: input => (approval === false ? undefined : askPolicy(approval, name, input)),
    run(input, context) {
      if (!run) throw invalid(name, 'its code runs only in a sandbox')
      return run(input, context)
    },
  }
}

async function askPolicy<Input>(
  approval: ApprovalPolicy<Input>,
  name: string,
  input: Input,
): Promise<string | undefined> {
  const asked = typeof approval === 'function' ? await approval(input) : approval
  if (asked === false) return undefined
  return typeof asked === 'string' ? asked : `'${name}' runs only when a person agrees`
}

function invalid(name: string, why: string): ToolgateError {
  return new ToolgateError('invalid_value', `Tool '${name}': ${why}.`, {
    details: { names: [name] },
  })
}

/** An error whose text is meant for the model: what to do differently. */
export class RetryHint extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RetryHint'
  }
}

/** Thrown by a tool, asks the model to try again: its text reaches the model word for word. */
export function retryHint(message: string): RetryHint {
  return new RetryHint(message)
}

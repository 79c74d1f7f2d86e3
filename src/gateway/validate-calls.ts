import { isToolgateError, ToolgateError } from '../core/error.ts'
import type { Loss } from '../core/loss.ts'
import type { AssistantPart, ToolCallPart } from '../core/message.ts'
import type { ModelRequest, Tool } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import { fitsPattern } from '../providers/names.ts'
import { mendArguments } from '../schema/mend.ts'
import { excerpt } from '../schema/pointer.ts'
import type { Problem } from '../schema/problems.ts'
import { checkArguments, unheldPatterns } from '../schema/validate.ts'

/** What is done with calls that break their schema. */
export const VALIDATE_MODES = ['off', 'repair', 'retry', 'reject'] as const
/**
 * `off`: they pass. `repair`: they are mended where that is no guess, else it is an error. `retry`:
 * as `repair`, but the model is asked again before it is an error. `reject`: it is an error at once.
 */
export type ValidateMode = (typeof VALIDATE_MODES)[number]

/** Which mode holds for whom. A request's own header comes first, then its key, its model, the rest. */
export interface ValidatePolicy {
  readonly mode: ValidateMode
  /** How often a model is asked again at most. */
  readonly retries: number
  /** By the names of clients' keys. */
  readonly keys: { readonly [name: string]: ValidateMode }
  /** By names of models, in which `*` stands for any text; the first one that fits counts. */
  readonly models: { readonly [pattern: string]: ValidateMode }
}

/** The policy where nobody says otherwise. */
export const NO_VALIDATION: ValidatePolicy = { mode: 'off', retries: 2, keys: {}, models: {} }

/** What the calls of one exchange are held to. */
export interface Validation {
  readonly mode: Exclude<ValidateMode, 'off'>
  readonly retries: number
  /** The client's tools, by their names. */
  readonly tools: ReadonlyMap<string, Tool>
  /** What of the tools' schemas no call is held to. */
  readonly losses: readonly Loss[]
}

/** A call that broke its schema, and in what. */
export interface BrokenCall {
  /** Which of the answer's calls it is, from 0. */
  readonly index: number
  readonly name: string
  readonly problems: readonly Problem[]
}

/** A checked call: as it may go to the client, or what is wrong with it. */
export interface CheckedCall {
  readonly call: ToolCallPart
  readonly losses: readonly Loss[]
  readonly problems: readonly Problem[]
}

/** Who asks what of whom, for choosing a mode. */
export interface Asked {
  readonly header: string | undefined
  readonly client: string | undefined
  /** The model's name as it was asked for, and the vendor's id of it. */
  readonly models: readonly string[]
}

/**
 * The validation of a request; `undefined` if there is none, or nothing to hold calls to.
 *
 * @throws ToolgateError `invalid_value` for a header that is no mode, or for a tool whose schema
 * nothing can be held to.
 */
export function validationFor(
  asked: Asked,
  request: ModelRequest,
  policy: ValidatePolicy,
): Validation | undefined {
  const mode = headerMode(asked.header) ?? standingMode(asked, policy)
  if (mode === 'off') return undefined
  // A schema that cannot be checked is the client's to mend, before a token is spent.
  for (const tool of request.tools)
    if (tool.kind === 'function') patiently(() => checkArguments(tool.parameters, '{}'))
  return {
    mode,
    retries: policy.retries,
    tools: new Map(request.tools.map(tool => [tool.name, tool])),
    losses: request.tools.flatMap(unheldIn),
  }
}

/** Vendors take patterns of any dialect, and so a client may send them: they are told of, no more. */
function unheldIn(tool: Tool, index: number): Loss[] {
  if (tool.kind !== 'function' || !tool.parameters) return []
  return unheldPatterns(tool.parameters).map(({ path, pattern, why }) => ({
    path: `tools[${index}].parameters${path}`,
    what: `a pattern that calls are not held to: ${excerpt(pattern, 80)} (${why})`,
    action: 'dropped',
    meaning: false,
  }))
}

function headerMode(header: string | undefined): ValidateMode | undefined {
  if (header === undefined) return undefined
  const mode = VALIDATE_MODES.find(one => one === header)
  if (mode) return mode
  const why = `must be one of ${VALIDATE_MODES.join(', ')}`
  throw new ToolgateError('invalid_value', `Header toolgate-validate ${why}.`, {
    details: { path: ['toolgate-validate'], why },
  })
}

function standingMode({ client, models }: Asked, policy: ValidatePolicy): ValidateMode {
  const own = client !== undefined && Object.hasOwn(policy.keys, client) && policy.keys[client]
  if (own) return own
  for (const [pattern, mode] of Object.entries(policy.models))
    if (models.some(name => fitsPattern(name, pattern))) return mode
  return policy.mode
}

/** Checks one call as the client would get it, and mends it where the mode says so. */
export function checkCall(call: ToolCallPart, index: number, validation: Validation): CheckedCall {
  const tool = validation.tools.get(call.name)
  if (!tool || tool.kind === 'server') {
    const names = [...validation.tools.keys()].slice(0, 50).join(', ')
    return { call, losses: [], problems: [unknownTool(call.name, names)] }
  }
  if (tool.kind === 'custom') return { call, losses: [], problems: [] }
  if (validation.mode === 'reject') {
    const verdict = patiently(() => checkArguments(tool.parameters, call.arguments))
    return { call, losses: [], problems: verdict.ok ? [] : verdict.problems }
  }
  const { text, verdict, mended } = patiently(() => mendArguments(tool.parameters, call.arguments))
  return {
    call: text === call.arguments ? call : { ...call, arguments: text },
    losses: mended.map(what => repaired(call.name, index, what)),
    problems: verdict.ok ? [] : verdict.problems,
  }
}

/** A check has little time, and a busy machine may take that away: it gets a second chance. */
function patiently<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!isToolgateError(error) || error.code !== 'unsupported') throw error
    return check()
  }
}

function unknownTool(name: string, names: string): Problem {
  const expected = names === '' ? 'no call, for there are no tools' : `one of ${names}`
  return {
    path: '',
    rule: 'tool',
    expected,
    found: name,
    message: `there is no tool '${name}': expected ${expected}`,
  }
}

function repaired(name: string, index: number, what: string): Loss {
  return { path: `calls[${index}].${name}`, what, action: 'repaired', meaning: false }
}

/** All calls of a whole answer, checked. */
export interface CheckedAnswer {
  readonly response: ModelResponse
  readonly losses: readonly Loss[]
  readonly broken: readonly BrokenCall[]
}

/** Checks the calls of a whole answer. */
export function checkAnswer(response: ModelResponse, validation: Validation): CheckedAnswer {
  const losses: Loss[] = []
  const broken: BrokenCall[] = []
  let index = 0
  const content = response.content.map((part): AssistantPart => {
    if (part.type !== 'tool-call') return part
    const checked = checkCall(part, index, validation)
    losses.push(...checked.losses)
    if (checked.problems.length > 0)
      broken.push({ index, name: part.name, problems: checked.problems })
    index++
    return checked.call
  })
  const isSame = content.every((part, i) => part === response.content[i])
  return { response: isSame ? response : { ...response, content }, losses, broken }
}

/** Whether asking again makes sense: not if the answer was cut off by the client's own limit. */
export function isWorthRetry(finish: string, validation: Validation, tries: number): boolean {
  return validation.mode === 'retry' && tries < validation.retries && finish !== 'length'
}

/** What a client is told of calls that could not be had right. */
export function brokenCallsError(broken: readonly BrokenCall[], tries: number): ToolgateError {
  const said = broken
    .slice(0, 3)
    .map(({ name, problems }) => `'${name}': ${problems.map(one => one.message).join('; ')}`)
    .join(' | ')
  const often =
    tries === 0 ? '' : ` also when it was asked again ${tries === 1 ? 'once' : `${tries} times`}`
  return new ToolgateError(
    'malformed_call',
    `The model's calls do not keep their schemas${often}. ${said}`,
    {
      origin: 'vendor',
      retryable: false,
      details: {
        names: broken.map(({ name }) => name),
        problems: broken.flatMap(one => one.problems),
      },
    },
  )
}

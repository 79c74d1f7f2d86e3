import { ToolgateError } from '../core/error.ts'
import type { Loss } from '../core/loss.ts'
import type { ModelRequest, OutputFormat } from '../core/request.ts'
import { backNamed } from '../protocols/index.ts'
import type { Back } from '../protocols/protocol.ts'
import type { Quirks } from '../protocols/quirks.ts'
import type { Coercion } from '../schema/coerce.ts'
import { Unfit } from '../schema/dialect.ts'
import { DIALECTS, type Lowered, lowerSchema } from '../schema/lower.ts'
import { schemaProblems } from '../schema/read.ts'
import { upgradeSchema } from '../schema/upgrade.ts'

/** A request whose answer's schema is said in the words of the vendor's dialect. */
export interface LoweredOutput {
  /** The same object as came in if there was nothing to change. */
  readonly request: ModelRequest
  readonly losses: readonly Loss[]
  /** How the answer's text comes back; only where it must. */
  readonly coercion?: Coercion
}

type SchemaFormat = Extract<OutputFormat, { type: 'json-schema' }>

/** Where a Chat Completions client has it; other clients are told their own place. */
const PATH = 'response_format.json_schema'

/**
 * Lowers the schema that an answer is to be held to, as the schemas of tools are. A client of the
 * vendor's own protocol is taken at its word. Where the schema cannot be enforced, the vendor is
 * asked to go by it as well as it can, which is reported.
 *
 * @throws ToolgateError `invalid_value` for a schema that is malformed.
 */
export function lowerOutput(request: ModelRequest, back: Back, quirks: Quirks): LoweredOutput {
  const { output } = request
  const dialects = back.outputSchema
  const isWorded = quirks.structuredOutput === false || quirks.nativeTools === false
  if (output?.type !== 'json-schema' || !dialects || isWorded || request.protocol === back.name)
    return { request, losses: [] }
  checkShape(output)
  // Some protocols always hold an answer to its schema; their clients count on it.
  const counts = output.strict ?? backNamed(request.protocol).outputSchema?.plain === undefined
  const isAble = dialects.plain === undefined || quirks.strictTools !== false
  const strict = isAble && (counts || dialects.plain === undefined)
  const tried = strict ? tryStrict(output, DIALECTS[dialects.strict]) : undefined
  const why = tried instanceof Unfit ? tried : undefined
  const losses = why ? [unheld(why, counts)] : []
  if (counts && !isAble) losses.push(UNKNOWN)
  if (why && dialects.plain === undefined)
    return { request: { ...request, output: { ...output, inWords: true } }, losses }
  const plain = DIALECTS[dialects.plain ?? dialects.strict]
  const lowered: Lowered =
    tried && !(tried instanceof Unfit) ? tried : lowerSchema(output.schema, plain)
  for (const { at, what, action, meaning } of lowered.losses)
    losses.push({ path: `${PATH}.schema${at}`, what, action, meaning: meaning && counts })
  const { coercion, schema = { type: 'object' } } = lowered
  const said = { ...output, schema, strict: strict && !why }
  return {
    request:
      said.schema === output.schema && said.strict === output.strict
        ? request
        : { ...request, output: said },
    losses,
    ...(coercion ? { coercion } : {}),
  }
}

const UNKNOWN: Loss = {
  path: `${PATH}.strict`,
  what: 'strict, which the model does not know',
  action: 'dropped',
  meaning: true,
}

function tryStrict(
  { schema }: SchemaFormat,
  dialect: Parameters<typeof lowerSchema>[1],
): Lowered | Unfit {
  try {
    return lowerSchema(schema, dialect)
  } catch (error) {
    if (error instanceof Unfit) return error
    throw error
  }
}

function unheld({ at, message }: Unfit, meaning: boolean): Loss {
  const place = at === '' ? '' : ` at ${at}`
  const what = `strict, because the schema${place} ${message}`
  return { path: `${PATH}.strict`, what, action: 'dropped', meaning }
}

function checkShape({ schema }: SchemaFormat): void {
  const [problem] = schemaProblems(upgradeSchema(schema))
  if (!problem) return
  const place = problem.path === '' ? 'its root' : problem.path
  const why = `the schema of the output is malformed at ${place}: ${problem.message.replace(/\.$/, '')}`
  throw new ToolgateError('invalid_value', `T${why.slice(1)}.`, {
    details: { path: ['response_format'], why },
  })
}

import { ToolgateError, type WirePath } from '../../core/error.ts'
import type { Extras } from '../../core/extras.ts'
import type { JsonObject } from '../../core/json.ts'

export {
  type Building,
  dataUrl,
  filledLeftover,
  isFilled,
  isNote,
  keepField,
  leftover,
  objectAt,
  restore,
  sourceOfUrl,
  textAt,
} from '../kept-fields.ts'

/** The protocol's name, and its key in `extras`. */
export const NAME = 'openai-responses'

/**
 * What this protocol left in `extras`. Keys that begin with `$` are notes of the codec to itself;
 * all others are fields of the wire, as they came.
 */
export function ownExtras(extras: Extras | undefined): JsonObject | undefined {
  return extras?.[NAME]
}

/** A path in this wire's own words: what the house calls messages is `input` here. */
function fieldPath(path: WirePath): WirePath {
  const [first, second] = path
  if (first !== 'messages') return path
  return second === -1 ? ['instructions'] : ['input', ...path.slice(1)]
}

/** How OpenAI writes the place of a parameter: `input[0].content[1].text`. */
export function parameter(path: WirePath): string {
  let text = ''
  for (const step of fieldPath(path)) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/**
 * A refusal of a client's request in the vendor's own sentence. `param` and `code` go into the
 * envelope as they are.
 */
export function refused(
  message: string,
  param: string | null,
  code: string | null,
  path: WirePath = [],
): ToolgateError {
  return new ToolgateError('invalid_value', message, {
    details: {
      path,
      protocol: NAME,
      vendor: { type: 'invalid_request_error', param, code },
    },
  })
}

/** What stands between texts that were apart: paragraphs of instructions, parts of a summary. */
export const BETWEEN = '\n\n'

/** Fields of items that only report, so that nothing is lost without them. */
const REPORTS: ReadonlySet<string> = new Set([
  'id',
  'status',
  'phase',
  'annotations',
  'logprobs',
  'created_by',
  'prompt_cache_breakpoint',
])

/** Whether a field says nothing that the model would read. */
export function isReport(key: string): boolean {
  return REPORTS.has(key)
}

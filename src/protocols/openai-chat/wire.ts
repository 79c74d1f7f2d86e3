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
export const NAME = 'openai-chat'

/**
 * What this protocol left in `extras`. Keys that begin with `$` are notes of the codec to itself;
 * all others are fields of the wire, as they came.
 */
export function ownExtras(extras: Extras | undefined): JsonObject | undefined {
  return extras?.[NAME]
}

/** How OpenAI writes the place of a parameter: `messages[0].content[1].text`. */
export function parameter(path: WirePath): string {
  let text = ''
  for (const step of path) {
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

import type { ToolgateError } from '../core/error.ts'
import type { EncodeContext, Front } from '../protocols/protocol.ts'

/** The error frame alone: an encoder that has written nothing writes nothing but the error. */
export function inBand(error: ToolgateError, front: Front, context: EncodeContext): string {
  let out = ''
  front.streamEncoder(context).push({ type: 'error', error }, text => {
    out += text
  })
  return out
}

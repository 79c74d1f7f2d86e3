import { ToolgateError } from '../core/error.ts'
import type { Json } from '../core/json.ts'
import type { BoundField, Loss } from '../core/loss.ts'
import type { Front } from '../protocols/protocol.ts'

const MAX_HEADER = 1024

/** The losses as one header value: the count, then `path action` each, cut after 1,024 characters. */
export function lossesHeader(losses: readonly Loss[]): string {
  let text = `${losses.length}`
  for (const [index, loss] of losses.entries()) {
    const next = `; ${loss.path} ${loss.action}`
    if (text.length + next.length > MAX_HEADER - 16) {
      text += `; and ${losses.length - index} more`
      break
    }
    text += next
  }
  // A header takes visible ASCII only, and a path may hold a client's own words.
  return text.replace(/[^\x20-\x7e]/g, '?')
}

/**
 * What the fields that only the client's protocol knows become at a vendor of another protocol.
 *
 * @throws ToolgateError `unsupported`, or the field's own, for one that the request makes no sense
 * without.
 */
export function lossesOfBound(bound: readonly BoundField[], vendor: string): Loss[] {
  const losses: Loss[] = []
  for (const field of bound) {
    if (field.weight === 'required') {
      if (field.refusal) throw field.refusal()
      throw new ToolgateError(
        'unsupported',
        `'${field.path}' (${field.what}) cannot be carried to ${vendor}: its protocol has nothing like it.`,
        { details: { path: [field.path] } },
      )
    }
    if (field.weight === 'meaning')
      losses.push({ path: field.path, what: field.what, action: 'dropped', meaning: true })
  }
  return losses
}

/** The losses with the places of the client's own body. */
export function placed(losses: readonly Loss[], front: Front, wire: Json): readonly Loss[] {
  if (losses.length === 0 || !front.placeOf) return losses
  const { placeOf } = front
  return losses.map(loss => ({ ...loss, path: placeOf(loss.path, wire) }))
}

/** What is reported of an answer whose vendor told no counts of tokens. */
export function lossOfUsage({ needsUsage }: Pick<Front, 'needsUsage'>): Loss {
  return needsUsage
    ? { path: 'usage', what: NO_COUNTS + ZEROS, action: 'approximated', meaning: false }
    : { path: 'usage', what: NO_COUNTS, action: 'dropped', meaning: false }
}

const NO_COUNTS = 'the vendor told no counts of tokens'
const ZEROS = '; the zeros are no counts, but the protocol asks for numbers'

/** In strict mode: refuses what would change the meaning of a request. @throws `lossy_request` */
export function refuseLosses(losses: readonly Loss[]): void {
  const grave = losses.filter(loss => loss.meaning)
  if (grave.length === 0) return
  const list = grave.map(loss => `${loss.path} (${loss.what}) would be ${loss.action}`).join('; ')
  throw new ToolgateError('lossy_request', `Refused in strict mode: ${list}.`, {
    details: { losses: grave, path: [grave[0]?.path ?? ''] },
  })
}

import type { TwinModel } from './model.ts'
import { namedError } from './shape.ts'
import type { TwinContext, TwinReply, TwinVendor } from './vendor.ts'

/** Failed answers, remembered so that a test cannot end well by overlooking a 500. */
export interface FailureList {
  /** Returns the text under which the failure is remembered. */
  remember(error: unknown): string
  /** Remembers a failure and gives the vendor's 500 that tells it. */
  reply(error: unknown, vendor: TwinVendor, context: TwinContext): TwinReply
  /**
   * Lets the model finish.
   *
   * @throws TwinUnfinished that names every failure, and what the model says was left over.
   */
  finish(model: TwinModel): void
}

/** Makes an empty list. */
export function failureList(): FailureList {
  // Texts rather than errors, because a client that tries again fails with the same one.
  const seen = new Map<string, { count: number; readonly error: unknown }>()
  const remember = (error: unknown) => {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const entry = seen.get(message)
    if (entry) entry.count += 1
    else if (seen.size < 100) seen.set(message, { count: 1, error })
    return message
  }
  return {
    remember,
    reply: (error, vendor, context) =>
      loud(vendor, context, `The twin could not answer. ${remember(error)}`),
    finish(model) {
      const lines = [...seen].map(([text, { count }]) =>
        count > 1 ? `${text} (${count} times)` : text,
      )
      let cause = seen.values().next().value?.error
      try {
        model.finish?.()
      } catch (error) {
        cause ??= error
        lines.push(error instanceof Error ? error.message : String(error))
      }
      if (lines.length === 0) return
      throw namedError('TwinUnfinished', lines.join('\n'), cause)
    },
  }
}

/** The vendor's 500, with the header that tells the vendors' SDKs not to try again. */
function loud(vendor: TwinVendor, context: TwinContext, message: string): TwinReply {
  let reply: TwinReply
  try {
    reply = vendor.failure(500, context, { message })
  } catch {
    const body = JSON.stringify({ error: { message } })
    reply = { status: 500, headers: { 'content-type': 'application/json' }, body }
  }
  return { ...reply, headers: { ...reply.headers, 'x-should-retry': 'false' } }
}

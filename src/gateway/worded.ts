import type { ModelRequest } from '../core/request.ts'
import {
  type CallReading,
  type EmulatedRequest,
  emulateTools,
  formsOf,
  rawReading,
} from '../emulation/index.ts'
import type { Quirks } from '../protocols/quirks.ts'

/**
 * Puts tools into words for a model that knows none, and says how calls are to be read out of the
 * answer's text, if they are.
 */
export function wordTools(request: ModelRequest, quirks: Quirks): EmulatedRequest {
  if (quirks.nativeTools === false) return emulateTools(request)
  const reading =
    quirks.rawCalls === undefined ? undefined : rawReading(request, formsOf(quirks.rawCalls))
  return { request, losses: [], reading }
}

/** How calls are read out of an answer that the vendor refuses to give out; absent: not at all. */
export function rescueReading(request: ModelRequest, quirks: Quirks): CallReading | undefined {
  const { failedCalls } = quirks
  return failedCalls === undefined ? undefined : rawReading(request, formsOf(failedCalls))
}

/** The quirks to fit a request by: free-text tools become functions before they become words. */
export function fittingQuirks(quirks: Quirks): Quirks {
  return quirks.nativeTools === false ? { ...quirks, customTools: false } : quirks
}

import type { CallForm } from '../core/call-form.ts'
import type { JsonObject } from '../core/json.ts'
import type { Step, TextReader } from './held-text.ts'

/** A call that was found in a text. */
export interface FoundCall {
  readonly name: string
  /** JSON text of an object: the model's own where it wrote JSON. */
  readonly arguments: string
}

/** The tools that may be called, by name, each with the schema of its arguments. */
export type KnownTools = ReadonlyMap<string, JsonObject | undefined>

/**
 * Reads calls from where they begin. Returns nothing if what stands there is no call of a known
 * tool; else the reader stands behind the calls.
 */
export type CallReader = (
  reader: TextReader,
  tools: KnownTools,
) => Step<readonly FoundCall[] | undefined>

/** How one form of calls is told and read. */
export interface FormRule {
  readonly form: CallForm
  /** What it begins with; its reader reads that too. */
  readonly opener: string
  /** Whether it counts only at the beginning of a line. */
  readonly atLineStart: boolean
  readonly read: CallReader
}

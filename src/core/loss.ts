import type { ToolgateError } from './error.ts'

/**
 * What became of a thing that could not be carried as it was. `rewritten` and `refused` are the
 * doing of guardrails.
 */
export type LossAction =
  | 'dropped'
  | 'approximated'
  | 'emulated'
  | 'repaired'
  | 'rewritten'
  | 'refused'

/** One difference between what a side said and what the other side is told. */
export interface Loss {
  /** Where it was, in the words of the protocol it came from, such as `messages[2].content[0]`. */
  readonly path: string
  /** What it was, in a few words for a person. */
  readonly what: string
  readonly action: LossAction
  /** Whether what the model may do or say is changed. In `strict` mode such a loss is a 400. */
  readonly meaning: boolean
}

/**
 * A field of a request that only its own protocol understands. The decoder lists it once, so that
 * any other protocol's encoder need not know of it.
 */
export interface BoundField {
  readonly path: string
  readonly what: string
  /**
   * `hint`: harmless to leave out, no loss is reported. `meaning`: left out and reported.
   * `required`: the request makes no sense without it, so another protocol refuses it.
   */
  readonly weight: 'hint' | 'meaning' | 'required'
  /** For a required field: what its own vendor says where the thing that it names is not there. */
  readonly refusal?: () => ToolgateError
}

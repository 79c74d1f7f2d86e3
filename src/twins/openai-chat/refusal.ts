/** Names of the rules that a request can break; a vendor may reword or drop each of them. */
export type RuleName =
  | 'authorization'
  | 'url'
  | 'method'
  | 'content-type'
  | 'json'
  | 'unknown-argument'
  | 'unknown-field'
  | 'missing'
  | 'type'
  | 'value'
  | 'range'
  | 'too-long'
  | 'empty'
  | 'pattern'
  | 'too-many-properties'
  | 'no-model'
  | 'unknown-model'
  | 'retired-model'
  | 'unsupported-parameter'
  | 'unsupported-value'
  | 'unsupported-role'
  | 'tools-with-reasoning'
  | 'web-search'
  | 'stream-options'
  | 'both-limits'
  | 'json-word'
  | 'response-schema'
  | 'no-content'
  | 'content-part'
  | 'no-call-id'
  | 'no-function-name'
  | 'orphan-result'
  | 'unknown-result'
  | 'duplicate-result'
  | 'missing-results'
  | 'choice-without-tools'
  | 'parallel-without-tools'
  | 'function-call-without-functions'
  | 'choice-shape'
  | 'absent-tool'
  | 'parameters'
  | 'tool-use-failed'
  | 'vendor'

/** Where in the body something is: names and indices from the root. */
export type Path = readonly (string | number)[]

/** A request that is turned down, in the words of the vendor that does it. */
export interface Refusal {
  readonly rule: RuleName
  readonly status: number
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | number | null
  readonly path: Path
  /** What stands at the path, for vendors that quote it. */
  readonly found?: unknown
  /** What should stand there, as a few words such as `a string`. */
  readonly expected?: string
  /** Further keys of the error, such as Groq's `failed_generation`. */
  readonly extra?: { readonly [name: string]: unknown }
}

/** Told of each broken rule; throws `ChatRefused` unless the vendor tolerates it. */
export type Report = (refusal: Refusal) => void

/** Ends the checks with what the vendor answers. */
export class ChatRefused extends Error {
  override readonly name = 'ChatRefused'
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** Builds a refusal: 400 `invalid_request_error` at `path` unless the details say otherwise. */
export function refusal(
  rule: RuleName,
  path: Path,
  message: string,
  details: Partial<Omit<Refusal, 'rule' | 'path' | 'message'>> = {},
): Refusal {
  return {
    rule,
    status: 400,
    message,
    type: 'invalid_request_error',
    param: path.length > 0 ? pathText(path) : null,
    code: null,
    path,
    ...details,
  }
}

/** A path as OpenAI writes it: `messages[0].tool_calls[1].id`. */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/** A path as OpenAI's older checks write it in `param`: `messages.[2].role`. */
export function dottedPath(path: Path): string {
  return path.map(step => (typeof step === 'number' ? `[${step}]` : step)).join('.')
}

/** Words in a row as OpenAI's texts have them: `'a', 'b', and 'c'`. */
export function quotedList(words: readonly string[]): string {
  const quoted = words.map(word => `'${word}'`)
  const last = quoted.pop()
  if (last === undefined) return ''
  if (quoted.length === 0) return last
  return quoted.length === 1 ? `${quoted[0]} and ${last}` : `${quoted.join(', ')}, and ${last}`
}

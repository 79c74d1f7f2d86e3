/** At most so many problems are named at once. */
export const MAX_PROBLEMS = 20

/** Keys as a JSON Pointer. Source: RFC 6901. */
export function pointer(keys: readonly string[]): string {
  return keys.map(key => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * The keys of a JSON Pointer in a URI fragment, such as `#/a%20b/0`. A step that is not a legal
 * escape stands for itself. Source: RFC 6901, section 6.
 */
export function steps(fragment: string): string[] {
  return fragment
    .split('/')
    .slice(1)
    .map(step => decode(step).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

/** A text cut to a length, with an ellipsis where something was cut. */
export function excerpt(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`
}

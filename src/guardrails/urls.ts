import type { Guardrail } from './guardrail.ts'
import { firstMatch } from './search.ts'
import { type TextRuleOptions, textRule } from './text-rule.ts'

/** What `urls()` can be told. */
export interface UrlsOptions extends TextRuleOptions {
  /**
   * Hosts that may be named: `example.org`, `*.example.org` for all below it, or either with a port.
   * An entry with a path, such as `example.org/docs/`, allows only what begins with it.
   */
  readonly allow: readonly string[]
  /** Schemes beside `https` and `http`, such as `mailto`. Default none. */
  readonly schemes?: readonly string[]
}

/** Where an address ends: blanks, quotes, and what markdown and HTML put after it. */
const REST = '[^\\s<>"\'`)\\]}|]*'
const ADDRESS = new RegExp(
  [
    // With a scheme that a browser fetches or opens. It takes `https:/host` and `https:\host` too.
    `(?<![A-Za-z0-9+.-])(?:https?|wss?|ftp):${REST}`,
    `(?<![A-Za-z0-9+.-])(?:javascript|vbscript|data|file|blob|mailto|tel):(?=[^\\s])${REST}`,
    // Without one: `//host` after what opens a link, and `www.`.
    `(?<=[("'=<>:]\\s{0,3})[\\\\/]{2}[A-Za-z0-9\\[]${REST}`,
    `(?<![A-Za-z0-9./@-])www\\.[A-Za-z0-9]${REST}`,
  ].join('|'),
  'gi',
)

/**
 * Finds addresses that are not on the list: plain ones, and those of links and images in markdown
 * and HTML, by which an answer can carry data to a stranger as soon as it is shown. Default action:
 * `rewrite`.
 */
export function urls(options: UrlsOptions): Guardrail {
  const allowed = options.allow.map(readEntry)
  const schemes = new Set(['http:', 'https:', ...(options.schemes ?? []).map(name => `${name}:`)])
  const isAllowed = (written: string) => {
    const bare = /^www\./i.test(written)
    const url = parse(bare ? `https://${written}` : written)
    if (!url || !schemes.has(url.protocol) || url.username !== '' || url.password !== '')
      return false
    if (url.host === '') return true
    return allowed.some(entry => entry(url))
  }
  return textRule({
    ...options,
    name: 'urls',
    kind: 'an address that is not allowed',
    replacement: options.replacement ?? '[link removed]',
    defaultAction: 'rewrite',
    lookBehind: 16,
    find: (text, from) => firstMatch(ADDRESS, text, from),
    judge(text, { start, end }) {
      const written = text.slice(start, end)
      if (/^(?:https?|wss?|ftp):[.,;:!?]*$/i.test(written)) return undefined
      return isAllowed(written.replace(/[.,;:!?*_~]+$/, '')) ? undefined : end
    },
  })
}

function parse(written: string): URL | undefined {
  try {
    return new URL(written, 'https://relative.invalid')
  } catch {
    return undefined
  }
}

/** One entry of the list, as a question to an address. */
function readEntry(entry: string): (url: URL) => boolean {
  const match = /^(\*\.)?([^/*]+)(\/.*)?$/.exec(entry)
  const url = match && parse(`https://${match[2]}${match[3] ?? '/'}`)
  if (!match || !url) throw new Error(`urls: '${entry}' is not a host, with or without a path`)
  const [, below, , path = '/'] = match
  return ({ hostname, port, pathname }) => {
    const hosts = below ? hostname.endsWith(`.${url.hostname}`) : hostname === url.hostname
    return hosts && (url.port === '' || url.port === port) && pathname.startsWith(path)
  }
}

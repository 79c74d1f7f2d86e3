import type { Guardrail } from './guardrail.ts'
import { searchFor } from './search.ts'
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
    `(?<=[("'=<>:]\\s{0,3})(?:/{2,12}|[\\\\/]{2})[^\\s<>"'\`)\\]}|\\\\/]${REST}`,
    `(?<![A-Za-z0-9./@-])www\\.[^\\s<>"'\`)\\]}|.]${REST}`,
  ].join('|'),
  'gi',
)

/** A name of an attribute of HTML that holds an address. */
const NAME =
  '[\\s"\'/](?:href|src|srcset|action|formaction|poster|background|data|ping|content|cite|xlink:href)\\s{0,2}=\\s?'
/** What a link of markdown leads to, and what an attribute of HTML does: as they are written. */
const DESTINATION = new RegExp(
  [
    '(?<=\\]\\(|\\]:)\\s*(?:<[^<>\\n]*>?|[^\\s<>()]*(?:\\([^\\s<>()]*\\)?[^\\s<>()]*)*)',
    `(?<=${NAME}")[^"]{1,4000}|(?<=${NAME}')[^']{1,4000}|(?<=${NAME})[^\\s"'<>]+`,
  ].join('|'),
  'gi',
)
/** What a browser takes for an address of its own, and not for one below that of the page. */
const ABSOLUTE =
  /^(?:(?:https?|wss?|ftp|javascript|vbscript|data|file|blob|mailto|tel):|[a-z][a-z0-9+.-]+:[\\/]|[\\/]{2})/i

/**
 * Finds addresses that are not on the list: plain ones, and those of links and images in markdown
 * and HTML, by which an answer can carry data to a stranger as soon as it is shown: also where
 * entities, escapes or blanks hide them. Default action: `rewrite`.
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
  const addressFrom = searchFor(ADDRESS)
  const destinationFrom = searchFor(DESTINATION)
  const isForeign = (written: string) =>
    !/^(?:https?|wss?|ftp):[.,;:!?]*$/i.test(written) &&
    !isAllowed(written.replace(/[.,;:!?*_~]+$/, ''))
  const leadsOut = (written: string) =>
    piecesOf(written).some(piece => ABSOLUTE.test(piece) && !isAllowed(piece))
  return textRule({
    ...options,
    name: 'urls',
    kind: 'an address that is not allowed',
    replacement: options.replacement ?? '[link removed]',
    defaultAction: 'rewrite',
    lookBehind: 16,
    find(text, from) {
      const address = addressFrom(text, from)
      const destination = destinationFrom(text, from)
      if (!address || !destination) return address ?? destination
      if (address.start !== destination.start)
        return address.start < destination.start ? address : destination
      return { start: address.start, end: Math.max(address.end, destination.end) }
    },
    judge(text, { start }) {
      const address = addressFrom(text, start)
      if (address?.start === start && isForeign(text.slice(start, address.end))) return address.end
      const destination = destinationFrom(text, start)
      const isOut = destination?.start === start && leadsOut(text.slice(start, destination.end))
      return isOut ? destination.end : undefined
    },
  })
}

const NAMED: { readonly [name: string]: string } = {
  ...{ colon: ':', sol: '/', bsol: '\\', tab: '\t', newline: '\n', amp: '&', period: '.' },
  ...{ commat: '@', num: '#', quest: '?', lowbar: '_', hyphen: '-', nbsp: ' ' },
}

/** The addresses that a destination may be read as: with its entities, escapes and controls undone. */
function piecesOf(destination: string): string[] {
  const bare = destination
    .trim()
    .replace(/^<([\s\S]*?)>?$/, '$1')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?/gi, (entity, ten, hex, name) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? entity
      const code = ten === undefined ? Number.parseInt(hex, 16) : Number(ten)
      return code <= 0x10ffff ? String.fromCodePoint(code) : ''
    })
  return [bare, bare.replace(/\\([!-/:-@[-`{-~])/g, '$1')].flatMap(text => {
    // As browsers do: new lines and tabs are left out, controls and blanks at the beginning too.
    const whole = text.replace(/[\t\n\r]/g, '')
    return [whole, ...text.split(/[\s,;]+/)].map(piece =>
      piece.replace(/^[\0- ]+/, '').replace(/^url=/i, ''),
    )
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

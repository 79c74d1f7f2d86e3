import { addressFinder, destinationFinder } from './addresses.ts'
import type { Guardrail } from './guardrail.ts'
import { type Span, type TextRuleOptions, textRule } from './text-rule.ts'

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

/** What a browser takes for an address of its own, and not for one below that of the page. */
const ABSOLUTE =
  /^(?:(?:https?|wss?|ftp|javascript|vbscript|data|file|blob|mailto|tel):|[a-z][a-z0-9+.-]+:[\\/]|[\\/]{2})/i

/**
 * Finds addresses that are not on the list: plain ones, and those of links and images in markdown
 * and HTML, by which an answer can carry data to a stranger as soon as it is shown: also where
 * entities, escapes or blanks hide them. Default action: `rewrite`.
 */
export function urls(options: UrlsOptions): Guardrail {
  const isAllowed = allowance(options)
  const addressFrom = addressFinder()
  const destinationFrom = destinationFinder()
  const leadsOut = outwardness(isAllowed)
  const isForeign = (written: string) =>
    !/^(?:https?|wss?|ftp):[.,;:!?]*$/i.test(written) && !isAllowed(withoutEnd(written))
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
      const isOut = destination?.start === start && leadsOut(text, destination)
      return isOut ? destination.end : undefined
    },
  })
}

/** Whether an address is on the list. */
function allowance(options: UrlsOptions): (written: string) => boolean {
  const allowed = options.allow.map(readEntry)
  const hasPaths = options.allow.some(entry => /\/./.test(entry))
  const schemes = new Set(['http:', 'https:', ...(options.schemes ?? []).map(name => `${name}:`)])
  return written => {
    const whole = /^www\./i.test(written) ? `https://${written}` : written
    const url = parse(hasPaths ? whole : withoutPath(whole))
    if (!url || !schemes.has(url.protocol) || url.username !== '' || url.password !== '')
      return false
    return url.host === '' || allowed.some(entry => entry(url))
  }
}

/** An address up to the first character of its path, or all of it. */
const ORIGIN = /^(?:[a-z][a-z0-9+.-]*:)?[\\/]*[^\\/?#]*[\\/?#]/i
/** What is longer is not parsed to its end where nothing but its host matters. */
const LONG = 512

function withoutPath(written: string): string {
  return written.length > LONG ? (ORIGIN.exec(written.slice(0, LONG))?.[0] ?? written) : written
}

/** Without what ends a sentence, or an emphasis. */
function withoutEnd(written: string): string {
  let end = written.length
  while (end > 0 && '.,;:!?*_~'.includes(written[end - 1] ?? ' ')) end--
  return written.slice(0, end)
}

/**
 * Tells whether a destination leads to what is not allowed. Of one that begins inside of another and
 * ends with it only the beginning is read: the rest of it has been read with the other.
 */
function outwardness(isAllowed: (written: string) => boolean) {
  /** Where destinations begin that lead nowhere, by where they end. */
  let clean = { text: '', starts: new Map<number, number>() }
  return (text: string, { start, end }: Span): boolean => {
    if (clean.text !== text) clean = { text, starts: new Map() }
    const isRead = (clean.starts.get(end) ?? start) < start
    const written = text.slice(start, end)
    if (isRead && beginsInside(written, isAllowed)) return false
    const isOut = piecesOf(written).some(piece => ABSOLUTE.test(piece) && !isAllowed(piece))
    if (!isOut && !isRead) clean.starts.set(end, start)
    return isOut
  }
}

/** Characters of a destination within which nearly every one shows whether it is an address. */
const BEGINNING = 160
/** Characters at the end of a part of a text that may be half of an entity. */
const HALF = 12

/** Whether the beginning of a destination tells that none begins there that is not allowed. */
function beginsInside(written: string, isAllowed: (written: string) => boolean): boolean {
  return readingsOf(written.slice(0, BEGINNING)).every(reading => {
    const text = barePiece(reading.replace(/[\t\n\r]/g, ''))
    const sure = text.slice(0, -HALF)
    const mark = sure.search(/[^a-z0-9+.-]/i)
    if (mark === -1 || mark + 2 > sure.length) return false
    if (!ABSOLUTE.test(text)) return true
    const origin = ORIGIN.exec(sure)?.[0]
    return origin !== undefined && !/[\s,;]/.test(origin) && isAllowed(origin)
  })
}

const NAMED: { readonly [name: string]: string } = {
  ...{ colon: ':', sol: '/', bsol: '\\', tab: '\t', newline: '\n', amp: '&', period: '.' },
  ...{ commat: '@', num: '#', quest: '?', lowbar: '_', hyphen: '-', nbsp: ' ' },
}

/** A destination with its entities undone, and with its escapes undone too. */
function readingsOf(destination: string): readonly string[] {
  const bare = destination
    .trim()
    .replace(/^<([\s\S]*?)>?$/, '$1')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?/gi, (entity, ten, hex, name) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? entity
      const code = ten === undefined ? Number.parseInt(hex, 16) : Number(ten)
      return code <= 0x10ffff ? String.fromCodePoint(code) : ''
    })
  return [bare, bare.replace(/\\([!-/:-@[-`{-~])/g, '$1')]
}

/** The addresses that a destination may be read as: whole, and each part of a list. */
function piecesOf(destination: string): string[] {
  return readingsOf(destination).flatMap(text =>
    // As browsers do: new lines and tabs are left out.
    [text.replace(/[\t\n\r]/g, ''), ...text.split(/[\s,;]+/)].map(barePiece),
  )
}

/** Without controls and blanks at its beginning, as browsers read it. */
function barePiece(piece: string): string {
  return piece.replace(/^[\0- ]+/, '').replace(/^url=/i, '')
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

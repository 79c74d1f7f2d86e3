import { DIALECTS } from '../../src/conformance/ask.ts'
import { BACKS, type Backing, type Case, type Cell, reasonAgainst } from './case.ts'
import { CASES } from './cases/index.ts'
import { KNOWN } from './known.ts'

/** How the answers come: whole, or streamed and cut in one of these ways. */
export const WAYS = {
  whole: 'random',
  streamed: 'random',
  'streamed, one byte at a time': 'byte',
} as const
/** One of the ways in which an answer comes. */
export type Way = keyof typeof WAYS
/** All ways. */
export const WAY_NAMES: readonly Way[] = ['whole', 'streamed', 'streamed, one byte at a time']

/** The name of each protocol, for a reader. */
export const TITLES: { readonly [B in Backing]: string } = {
  'openai-chat': 'Chat Completions',
  'openai-responses': 'Responses',
  anthropic: 'Messages',
  gemini: 'generateContent',
  converse: 'Converse',
}

/** Names a cell of the table. */
export function cellKey(name: string, { front, back }: Pick<Cell, 'front' | 'back'>, way: Way) {
  return `${name} | ${front} | ${back} | ${way}`
}

/** Why a cell is not green, where it is listed. */
export function knownReason(name: string, cell: Pick<Cell, 'front' | 'back'>): string | undefined {
  return KNOWN.find(
    known => known.name === name && known.front === cell.front && known.back === cell.back,
  )?.reason
}

/** The matrix as a page; `failed` holds the keys of the cells that are not as they should be. */
export function renderMatrix(failed: ReadonlySet<string>): string {
  const notes = new Notes()
  const counts = { green: 0, unsaid: 0, known: 0, red: 0 }
  const tables = DIALECTS.map(front => {
    const rows = CASES.map(row => {
      const cells = BACKS.map(back => mark(row, { front, back }, failed, notes, counts))
      return `| ${row.name} | ${cells.join(' | ')} |`
    })
    return [
      `## Clients of ${TITLES[front]}`,
      '',
      `| case | ${BACKS.map(back => TITLES[back]).join(' | ')} |`,
      `| --- | ${BACKS.map(() => '---').join(' | ')} |`,
      ...rows,
      '',
    ].join('\n')
  })
  const { green, unsaid, known, red } = counts
  const total = green + unsaid + known + red
  return [
    '# The matrix',
    '',
    '<!-- Written by `npm run conformance -- --write` from what the tests found. Do not edit. -->',
    '',
    'Every client against every vendor, through the gateway, over HTTP. A client half that shares no',
    'code with the codecs holds each answer to the rules of its protocol; a twin that shares none',
    'either holds each request to those of its vendor. Columns are the vendors; Converse, which no client',
    'speaks, stands there with Claude. `✓` means: whole, streamed and cut at random, and streamed one byte',
    'at a time.',
    '',
    `**${total} cells: ${green} green, ${unsaid} that a protocol has no words for, ${known} listed as not green, ${red} red.**`,
    '',
    ...tables,
    '## Notes',
    '',
    ...notes.lines,
    '',
  ].join('\n')
}

function mark(
  row: Case,
  pair: Pick<Cell, 'front' | 'back'>,
  failed: ReadonlySet<string>,
  notes: Notes,
  counts: { green: number; unsaid: number; known: number; red: number },
): string {
  const against = reasonAgainst(row, { ...pair, stream: false })
  if (against !== undefined) {
    counts.unsaid += WAY_NAMES.length
    return `– [${notes.number(against)}]`
  }
  const known = knownReason(row.name, pair)
  if (known !== undefined) {
    counts.known += WAY_NAMES.length
    return `✗ [${notes.number(known)}]`
  }
  const red = WAY_NAMES.filter(way => failed.has(cellKey(row.name, pair, way)))
  counts.red += red.length
  counts.green += WAY_NAMES.length - red.length
  return red.length === 0 ? '✓' : `**red: ${red.join('; ')}**`
}

/** Numbered reasons. */
class Notes {
  readonly #numbers = new Map<string, number>()

  number(reason: string): number {
    const known = this.#numbers.get(reason) ?? this.#numbers.size + 1
    this.#numbers.set(reason, known)
    return known
  }

  get lines(): string[] {
    return [...this.#numbers].map(([reason, number]) => `${number}. ${reason}`)
  }
}

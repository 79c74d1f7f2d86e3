import { readFileSync, writeFileSync } from 'node:fs'
import { type Client, COLUMNS, clients } from './list.ts'

/** How one test ended. */
export interface Ran {
  /** Its full name, without the promise's id. */
  readonly name: string
  readonly passed: boolean
}

const PAGE = new URL('../../../docs/clients.md', import.meta.url)
const START = '<!-- Written by `npm run clients -- --write` from what ran. Do not edit. -->\n'
const END = '<!-- End of what was written. -->\n'

/** The table of the page, from tests that ran; `-` stands where none did. */
export function table(ran: readonly Ran[]): string {
  const head = ['client', 'protocol', 'what was run', ...COLUMNS.map(({ vendor }) => vendor)]
  const rows = clients().map(client => [
    client.packages.map(({ name, version }) => `${name} ${version}`).join(', '),
    client.protocol,
    client.ran,
    ...COLUMNS.map(({ models }) => cell(client, models, ran)),
  ])
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |\n`).join('')
}

function cell(client: Client, models: readonly string[], ran: readonly Ran[]): string {
  const own = ran.filter(
    ({ name }) => client.tests.test(name) && models.some(model => name.includes(model)),
  )
  if (own.length === 0) return '-'
  const passed = own.filter(test => test.passed).length
  return passed === own.length ? `✓ ${passed}` : `${passed} of ${own.length}`
}

/** Tests that are on no line of the page, or on more than one. */
export function misplaced(ran: readonly Ran[]): string[] {
  const known = clients()
  return ran.flatMap(({ name }) =>
    known.filter(client => client.tests.test(name)).length === 1 ? [] : [name],
  )
}

/** What stands in the page between its marks. @throws Error if the marks are not there. */
export function written(): string {
  return parts()[1]
}

/** Puts a table into the page. */
export function write(text: string): void {
  const [before, , after] = parts()
  writeFileSync(PAGE, `${before}${START}\n${text}\n${END}${after}`)
}

function parts(): [before: string, inside: string, after: string] {
  const page = readFileSync(PAGE, 'utf8')
  const [start, end] = [page.indexOf(START), page.indexOf(END)]
  if (start < 0 || end < start) throw new Error('docs/clients.md has lost its marks')
  const inside = page.slice(start + START.length, end).trim()
  return [page.slice(0, start), inside, page.slice(end + END.length)]
}

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'

const root = join(import.meta.dirname, '..')
const guides = join(root, 'docs/guides')
const scratch = mkdtempSync(join(tmpdir(), 'toolgate-guides-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** Guides whose code asks a model: test/loop/ runs it against twins. */
const WITH_MODEL = ['loop.md']

/** Files that a guide shows, under the names by which its code reads them. */
const SHOWN = [{ guide: 'guardrails.md', fence: 'yaml', name: 'toolgate.yaml' }]

/** A guide's code, with its files where they are written, and what it writes beside them. */
function placed(text: string): string {
  let next = text
  for (const { guide, fence, name } of SHOWN) {
    const file = join(scratch, name)
    const shown = new RegExp(`^\`\`\`${fence}\\n(.*?)^\`\`\`$`, 'ms').exec(
      readFileSync(join(guides, guide), 'utf8'),
    )
    writeFileSync(file, (shown?.[1] ?? '').replace('audit.jsonl', join(scratch, 'audit.jsonl')))
    next = next.replaceAll(`'${name}'`, JSON.stringify(file))
  }
  return next
}

/** The entries of the package, under the names that users import them by. */
const ENTRIES = { toolgate: 'src/index.ts', 'toolgate/gateway': 'src/gateway.ts' }

/** Code that imports the package from its source. */
function imported(text: string): string {
  return Object.entries(ENTRIES).reduce(
    (code, [name, entry]) =>
      code.replaceAll(`from '${name}'`, `from ${JSON.stringify(join(root, entry))}`),
    text,
  )
}

/** Each block of JavaScript of the other guides; it says, after an arrow, what it prints. */
const blocks = readdirSync(guides)
  .filter(name => name.endsWith('.md') && !WITH_MODEL.includes(name))
  .flatMap(name =>
    [...readFileSync(join(guides, name), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(
      (match, index) => ({ name: `${name} ${index + 1}`, text: match[1] ?? '' }),
    ),
  )

describe('the code of the guides', () => {
  it.each(blocks)('$name prints what it says', async ({ name, text }) => {
    const said = [...text.matchAll(/\/\/ → (.*)$/gm)].map(match => match[1])
    const file = join(scratch, `${name.replace(/\W+/g, '-')}.mjs`)
    writeFileSync(file, imported(placed(text)))
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
    try {
      await import(/* @vite-ignore */ file)
      expect(printed.mock.calls.map(words => words.join(' '))).toEqual(said)
      expect(said.length).toBeGreaterThan(0)
    } finally {
      printed.mockRestore()
    }
  })
})

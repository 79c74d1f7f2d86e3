import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { rehearsal } from '../../src/twins/rehearsal/index.ts'
import { startTwin } from '../../src/twins/server.ts'
import { SCENES } from './stage.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const guide = readFileSync(join(ROOT, 'docs', 'guides', 'loop.md'), 'utf8')
const blocks = [...guide.matchAll(/```js\n([\s\S]*?)```/g)].map(match => match[1] ?? '')
// Inside the project, so that its own name can be imported as a user would.
const folder = mkdtempSync(join(ROOT, 'test', 'loop', '.guide-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What each block of the guide prints. */
const PRINTS = [
  /^answered .*22/,
  /^read_page 7\nopening the book\n/,
  /^1 true\n$/,
  /^paused answered\n$/,
  /^true 1\n$/,
  /^chat gpt-4o\nexecute_tool get_time\nturn\nchat gpt-4o\nturn\ninvoke_agent clock\n$/,
]

describe('the guide of the loop', () => {
  it('has a test for every block', () => expect(blocks).toHaveLength(PRINTS.length))

  it.each(PRINTS.map((print, index) => [index + 1, print] as const))(
    'block %i runs',
    async (number, print) => {
      const [chat] = SCENES
      const twin = await startTwin({ vendor: chat.vendor, model: rehearsal() })
      const file = join(folder, `block-${number}.mjs`)
      // The rehearsal twin wants a key like its vendor; a user has one in the environment.
      const text = (blocks[number - 1] ?? '').replaceAll('baseUrl:', "key: 'sk-test', baseUrl:")
      writeFileSync(file, text.replace('const options = {', "const options = { key: 'sk-test',"))
      const journal = join(mkdtempSync(join(tmpdir(), 'toolgate-guide-')), 'run.jsonl')
      const child = spawn(process.execPath, [file], {
        env: { PATH: process.env.PATH ?? '', BASE_URL: `${twin.url}/v1`, JOURNAL: journal },
      })
      let out = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', chunk => {
          out += chunk
        })
      await new Promise(resolve => child.on('exit', resolve))
      await twin.close()
      expect(out).toMatch(print)
    },
  )
})

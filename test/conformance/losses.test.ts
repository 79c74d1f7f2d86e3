import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Answer, InBandError, Refused } from '../../src/conformance/ask.ts'
import { CLIENTS } from '../../src/conformance/clients/index.ts'
import { BACKS, type Backing } from './case.ts'
import { CORNERS, type Corner, turnAt } from './corners.ts'
import { MODELS, Stage } from './stage.ts'
import { TITLES } from './table.ts'
import { pageStands } from './written-page.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.build('random')
})
afterAll(() => stage.close())

/** What becomes of a corner at a vendor, in a few words. */
async function fateOf(corner: Corner, back: Backing): Promise<string> {
  if (corner.backs && !corner.backs.includes(back)) return ''
  const { front } = corner
  const cell = { front, back, stream: corner.stream === true }
  if (corner.fault) stage.spoil(back, corner.fault)
  const model = corner.models?.[back] ?? MODELS[back]
  const answers: Answer[] = []
  const fates = new Set<string>()
  for (const [step, ask] of corner.asks.entries()) {
    try {
      const { answer } = await stage.turn(
        cell,
        turnAt(corner, step),
        ask(answers),
        model,
        corner.next,
      )
      answers.push(answer)
      const losses = answer.headers['toolgate-losses']
      if (typeof losses === 'string') for (const loss of lossesIn(losses)) fates.add(loss)
    } catch (error) {
      if (error instanceof InBandError) return `in-band error: ${error.message.slice(0, 160)}`
      if (!(error instanceof Refused)) throw error
      const said = CLIENTS[front].errorText(error.body)
      if (said === undefined) throw error
      return `${error.status}: ${said.split('\n')[0]?.slice(0, 160)}`
    }
  }
  const last = answers.at(-1)
  const seen = corner.see && last ? corner.see(last) : ''
  return [seen, ...fates].filter(word => word !== '').join('; ') || 'taken'
}

/** The losses in the header; the path says what, the word after it what became of it. */
function lossesIn(header: string): string[] {
  return header
    .split('; ')
    .slice(1)
    .map(loss => `\`${loss.replace(/ (\w+)$/, '` $1')}`)
}

it('[G8.1] every corner is told as docs/losses.md says (npm run conformance -- --write)', async () => {
  const lines: string[] = [
    '# Where protocols do not meet',
    '',
    '<!-- Written by `npm run conformance -- --write` from what the gateway did. Do not edit. -->',
    '',
    'Each row was sent through the gateway to a twin of each vendor. A cell says what became of it:',
    '`taken`, with nothing lost that means anything (what is a mere hint, such as a mark for the',
    'cache, may be left out); the losses that the `toolgate-losses` header named (`dropped`,',
    '`approximated`, `emulated` or `repaired`; in strict mode one that changes the meaning is a 400);',
    'or the status and the words of a refusal. An empty cell: it does not concern that vendor. Over',
    'Converse the model is Claude; unless an account says so it goes by invoke, as Messages.',
    '',
  ]
  for (const { title, corners } of CORNERS) {
    lines.push(`## ${title}`, '')
    lines.push(`| what a client sends | client | ${BACKS.map(back => TITLES[back]).join(' | ')} |`)
    lines.push(`| --- | --- | ${BACKS.map(() => '---').join(' | ')} |`)
    for (const corner of corners) {
      const fates: string[] = []
      for (const back of BACKS) fates.push((await fateOf(corner, back)).replaceAll('|', '\\|'))
      lines.push(`| ${corner.corner} | ${TITLES[corner.front]} | ${fates.join(' | ')} |`)
    }
    lines.push('')
  }
  expect(pageStands('losses.md', lines.join('\n'))).toBe(true)
})

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { replay, resume, runTools, tool } from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'toolgate-loop-'))
const [chat] = SCENES
afterEach(closeTwins)

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean)
}

describe.each(SCENES)('a journal of a run over $protocol', scene => {
  const look = tool({ name: 'look', input: { type: 'object' }, run: () => 'seen' })

  it('replays the same requests, byte for byte, without a network [L3]', async () => {
    const journal = join(folder, `${scene.protocol}.jsonl`)
    const { twin, ...at } = await play(scene, [
      {
        reasoning: 'hm',
        text: 'Let me see.',
        calls: [{ name: 'look', arguments: { a: 1.0, b: 'é' } }],
      },
      {
        calls: [
          { name: 'look', arguments: '{"broken' },
          { name: 'nothing', arguments: {} },
        ],
      },
      { text: 'Seen.' },
      { text: 'Left over, where a broken call is a turn of its own.' },
    ])
    const result = await runTools({ ...at, prompt: 'Look.', tools: [look], journal })
    expect(result).toMatchObject({ ended: 'answered', reason: 'the model answered' })
    await twin.close()
    const again = await replay(journal)
    expect(again.same).toBe(true)
    expect(again.requests.map(({ body }) => JSON.parse(body))).toEqual(
      twin.requests.map(({ body }) => body),
    )
    await expectAccepted(result)
  })
})

describe('a journal', () => {
  const look = tool({ name: 'look', run: () => 'seen' })

  it('of a finished run gives its result again, and asks nobody [L3]', async () => {
    const journal = join(folder, 'finished.jsonl')
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'look', arguments: {} }] },
      { text: 'Seen.' },
    ])
    const first = await runTools({ ...at, prompt: 'Look.', tools: [look], journal })
    await twin.close()
    const second = await resume(journal, { tools: [look] })
    expect(second).toMatchObject({ ended: 'answered', text: 'Seen.', run: first.run })
    expect(second.messages).toEqual(first.messages)
  })

  it('of a failed run goes on when the model can be reached again [L3]', async () => {
    const journal = join(folder, 'failed.jsonl')
    const { twin, ...at } = await play(
      chat,
      [{ calls: [{ name: 'look', arguments: {} }] }, { text: 'Seen.' }],
      {
        faults: [{ kind: 'status', status: 400, times: 1 }],
      },
    )
    const first = await runTools({ ...at, prompt: 'Look.', tools: [look], journal })
    expect(first.ended).toBe('failed')
    expect(await resume(journal, { key: 'sk-test', tools: [look] })).toMatchObject({
      text: 'Seen.',
    })
    twin.finish()
  })

  it('with a line that was cut loses only that line; others are named', async () => {
    const journal = join(folder, 'cut.jsonl')
    const { twin: _, ...at } = await play(chat, [{ text: 'Seen.' }, { text: 'Seen again.' }])
    await runTools({ ...at, prompt: 'Look.', journal })
    const lines = linesOf(journal)
    writeFileSync(journal, `${lines.slice(0, 2).join('\n')}\n{"type":"answ`)
    expect(await resume(journal, { key: 'sk-test' })).toMatchObject({ text: 'Seen again.' })
    expect((await replay(journal)).same).toBe(true)
    writeFileSync(journal, `${lines[0]}\nnonsense\n${lines[1]}\n`)
    expect((await resume(journal, {})).reason).toContain('line 2: it is not JSON')
  })

  it('that is not there is said to be missing, and is not made [L3]', async () => {
    const missing = join(folder, 'none.jsonl')
    const { ended, reason } = await resume(missing, {})
    expect(ended).toBe('failed')
    expect(reason).toContain(`no such file`)
    expect(reason).toContain(missing)
    expect(existsSync(missing)).toBe(false)
  })

  it('whose first line was cut holds no run yet, and can be begun anew [L3]', async () => {
    const journal = join(folder, 'unbegun.jsonl')
    const { twin, ...at } = await play(chat, [{ text: 'Seen.' }])
    for (const left of ['{"ty', '{"type":"start","version":1,"run":"7'])
      for (const [text, words] of [
        [left, 'begin it anew'],
        [`${left}\n`, 'it is not JSON'],
      ] as const) {
        writeFileSync(journal, text)
        expect((await resume(journal, {})).reason).toContain(words)
      }
    for (const text of ['notes of mine', '{"type":"start","version":1}\n']) {
      writeFileSync(journal, text)
      expect((await runTools({ ...at, prompt: 'Look.', journal })).reason).toContain('holds a run')
      expect(readFileSync(journal, 'utf8')).toBe(text)
    }
    writeFileSync(journal, '{"type":"start","version":1,"run":"7')
    expect(await runTools({ ...at, prompt: 'Look.', journal })).toMatchObject({ text: 'Seen.' })
    expect((await replay(journal)).same).toBe(true)
    twin.finish()
  })

  it('is not held by a process that had the number of this one before it [L3]', async () => {
    const journal = join(folder, 'number.jsonl')
    const { twin, ...at } = await play(chat, [{ text: 'Seen.' }])
    const lock = `${journal}.lock`
    const began = Date.now() - process.uptime() * 1000
    writeFileSync(lock, `${process.pid} ${Math.round(began)}`)
    const refused = await runTools({ ...at, prompt: 'Look.', journal })
    expect(refused.reason).toContain(`process ${process.pid}; if that is something else, delete`)
    writeFileSync(lock, `${process.pid} ${Math.round(began - 60_000)}`)
    expect(await runTools({ ...at, prompt: 'Look.', journal })).toMatchObject({ text: 'Seen.' })
    expect(existsSync(lock)).toBe(false)
    twin.finish()
  })

  it('is not begun twice, nor written by two', async () => {
    const journal = join(folder, 'held.jsonl')
    const { twin: _, ...at } = await play(chat, [{ calls: [{ name: 'wait', arguments: {} }] }])
    const wait = tool({ name: 'wait', run: () => new Promise(() => {}) })
    const run = runTools({ ...at, prompt: 'Look.', tools: [wait], journal })
    for await (const event of run) if (event.type === 'call-start') break
    expect((await resume(journal, {})).reason).toContain('is written by process')
    run.abort()
    await run
    expect((await runTools({ ...at, prompt: 'Look.', journal })).reason).toContain(
      'holds a run already',
    )
  })

  it('holds no key', async () => {
    const journal = join(folder, 'key.jsonl')
    const { twin: _, ...at } = await play(chat, [{ text: 'Hi.' }])
    await runTools({ ...at, key: 'sk-very-secret', prompt: 'Hi.', journal })
    expect(readFileSync(journal, 'utf8')).not.toContain('very-secret')
  })
})

function callIdIn(text: string): string {
  return /"type":"call".*?"callId":"([^"]+)"/.exec(text)?.[1] ?? ''
}

describe('an irreversible call that was running', () => {
  it('is told to the model, or put to a person, and never run on a guess [L3]', async () => {
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'pay', arguments: {} }] },
      {
        text: 'It may have been paid.',
        expect: { last: { text: 'not known whether it happened' } },
      },
    ])
    const journal = join(folder, 'pay.jsonl')
    const hang = tool({ name: 'pay', effect: 'irreversible', run: () => new Promise(() => {}) })
    const run = runTools({ ...at, prompt: 'Pay.', tools: [hang], journal })
    for await (const event of run) if (event.type === 'call-start') break
    const text = readFileSync(journal, 'utf8')
    run.abort()
    await run
    let paid = 0
    const pay = tool({
      name: 'pay',
      effect: 'irreversible',
      run: () => {
        paid++
        return 'paid'
      },
    })
    writeFileSync(journal, text)
    const asked = await resume(journal, { key: 'sk', tools: [pay], unfinished: 'ask' })
    expect(asked).toMatchObject({ ended: 'paused', paused: { waiting: [{ tool: 'pay' }] } })
    // That a person agreed to the first start is no leave for another.
    const approved = text.replace(
      /^(?=\{"type":"call")/m,
      `${JSON.stringify({ type: 'approval', turn: 1, callId: callIdIn(text), step: 'approved' })}\n`,
    )
    expect(approved).not.toBe(text)
    writeFileSync(journal, approved)
    expect(await resume(journal, { key: 'sk', tools: [pay], unfinished: 'ask' })).toMatchObject({
      ended: 'paused',
    })
    expect(paid).toBe(0)
    writeFileSync(journal, text)
    const told = await resume(journal, { key: 'sk', tools: [pay] })
    expect(told).toMatchObject({ ended: 'answered', calls: [{ outcome: 'unfinished' }] })
    expect(paid).toBe(0)
    twin.finish()
    await expectAccepted(told)
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { file, image, output, type RunEvent, retryHint, runTools, tool } from '../../src/index.ts'
import { closeTwins, expectAccepted, play, SCENES } from './stage.ts'

afterEach(closeTwins)

const [chat] = SCENES

describe('results', () => {
  const matching = (text: string | RegExp) =>
    typeof text === 'string' ? text : expect.stringMatching(text)

  async function resultOf(answer: unknown, limit?: number) {
    const give = tool({ name: 'give', run: () => answer })
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'give', arguments: {} }] },
      { text: 'Ok.' },
    ])
    const run = runTools({
      ...at,
      prompt: 'Go.',
      tools: [give],
      ...(limit ? { maxResultBytes: limit } : {}),
    })
    const events: RunEvent[] = []
    for await (const event of run) events.push(event)
    const result = await run
    const message = result.messages.find(({ role }) => role === 'tool')
    const [part] = message?.content ?? []
    twin.finish()
    await expectAccepted(result)
    return { events, content: part?.type === 'tool-result' ? part.content : [], isError: part }
  }

  it('are text, JSON, or nothing', async () => {
    expect((await resultOf('words')).content).toEqual([{ type: 'text', text: 'words' }])
    expect((await resultOf({ a: [1] })).content).toEqual([{ type: 'text', text: '{"a":[1]}' }])
    expect((await resultOf(undefined)).content).toMatchObject([{ type: 'text' }])
  })

  it('that JSON cannot say are errors', async () => {
    const { content, isError } = await resultOf({ n: 1n })
    expect(content).toMatchObject([{ text: expect.stringContaining('cannot be said as JSON') }])
    expect(isError).toMatchObject({ isError: true })
  })

  it.each([
    ['an error', new Error('no such row'), 'Error: no such row', true],
    ['a map', new Map([['a', 1]]), '[["a",1]]', undefined],
    ['a set', new Set([1, 2]), '[1,2]', undefined],
    ['bytes', new Uint8Array([1]), /image\(\) or file\(\)/, true],
    ['a response', new Response('x'), /it is a Response/, true],
    ['no number', Number.NaN, 'NaN', undefined],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"', undefined],
  ])('are not lost for being %s', async (_, answer, text, isError) => {
    const { content, isError: part } = await resultOf(answer)
    expect(content).toEqual([{ type: 'text', text: matching(text) }])
    expect(part).toMatchObject(isError ? { isError } : {})
    if (!isError) expect(part).not.toHaveProperty('isError')
  })

  it.each([
    [file(Buffer.from('a,b'), 'text/csv', 'a.csv'), '[a.csv]\na,b'],
    [file(Buffer.from('{}'), 'application/json'), '{}'],
    [image(Buffer.from('<svg/>'), 'image/svg+xml'), '<svg/>'],
    [file(Buffer.from('PK'), 'application/zip', 'a.zip'), /A file is left out.*application\/zip/],
    [image(Buffer.from('x'), 'image/heic'), /A picture is left out.*image\/heic/],
    [image(Buffer.from('x'), 'png'), /A picture is left out: not every model takes png/],
    [image(new Uint8Array(), 'image/png'), /A picture is left out: it is empty/],
  ])('of kinds that a vendor refuses do not end the run', async (part, text) => {
    const { content } = await resultOf(output(['See:', part]))
    expect(content).toMatchObject([{ type: 'text' }, { text: matching(text) }])
  })

  it('may be pictures', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    const { content } = await resultOf(output(['A dot:', image(png, 'image/png')]))
    expect(content).toMatchObject([{ type: 'text' }, { type: 'image' }])
  })

  it('over the limit are cut at a character, with a note', async () => {
    const { content, events } = await resultOf('é'.repeat(3_000_000))
    expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(66_000)
    expect(content).toMatchObject([
      { text: 'é'.repeat(32_768) },
      { text: expect.stringContaining('6000000 bytes') },
    ])
    expect(events.find(({ type }) => type === 'call-end')).toMatchObject({
      cut: expect.any(String),
    })
  })

  it('may be streams of progress that end in a result', async () => {
    async function* count() {
      yield 1
      yield 2
      return 'three'
    }
    const { content, events } = await resultOf(count())
    expect(content).toEqual([{ type: 'text', text: 'three' }])
    const told = events.flatMap(event => (event.type === 'call-progress' ? [event.value] : []))
    expect(told).toEqual([1, 2])
  })

  it('may be streams that wait for nothing', async () => {
    function* count() {
      yield 1
      return 'two'
    }
    const { content, events } = await resultOf(count())
    expect(content).toEqual([{ type: 'text', text: 'two' }])
    expect(events).toContainEqual(expect.objectContaining({ type: 'call-progress', value: 1 }))
  })

  it('may be thrown, whatever it is, and do not end the run', async () => {
    const dead = Proxy.revocable({}, {})
    dead.revoke()
    const thrown = [undefined, null, 'text', dead.proxy]
    const tools = thrown.map((what, i) =>
      tool({
        name: `t${i}`,
        run: () => {
          throw what
        },
      }),
    )
    const { twin, ...at } = await play(chat, [
      { calls: tools.map(({ name }) => ({ name, arguments: {} })) },
      { text: 'Ok.' },
    ])
    const result = await runTools({ ...at, prompt: 'Go.', tools })
    expect(result).toMatchObject({ ended: 'answered', text: 'Ok.' })
    expect(result.calls.map(({ outcome }) => outcome)).toEqual(Array(4).fill('threw'))
    twin.finish()
    const afterTurn = () => {
      throw dead.proxy
    }
    const { twin: other, ...there } = await play(chat, [{ calls: [{ name: 't0', arguments: {} }] }])
    const hooked = await runTools({ ...there, prompt: 'Go.', tools, afterTurn })
    expect(hooked).toMatchObject({ ended: 'failed', reason: 'a value that cannot be said' })
    other.finish()
  })

  it('may ask the model to try again', async () => {
    const hint = tool({
      name: 'find',
      run: () => {
        throw retryHint('no such item; call search first')
      },
    })
    const { twin, ...at } = await play(chat, [
      { calls: [{ name: 'find', arguments: {} }] },
      { text: 'Ok.', expect: { last: { text: 'no such item; call search first' } } },
    ])
    expect((await runTools({ ...at, prompt: 'Go.', tools: [hint] })).ended).toBe('answered')
    twin.finish()
  })
})

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Span, Tracer } from '@opentelemetry/api'
import { beforeEach, describe, expect, it } from 'vitest'
import { runTools } from '../../src/index.ts'
import { play, SCENES } from './stage.ts'
import { Recorder } from './trace-stage.ts'
import { complaints, everything, listen, rejections, untraced, warnings } from './trace-unharmed.ts'

const recorder = new Recorder()
listen()
beforeEach(() => recorder.reset())

type Fault = (name: string, real: () => unknown) => unknown
const FAULTS: { readonly [name: string]: Fault } = {
  'throws before it does anything': name => {
    throw new Error(`${name} is broken`)
  },
  'throws when it is done': (name, real) => {
    real()
    throw new Error(`${name} is broken`)
  },
  'throws what cannot be said': () => {
    throw {
      toString() {
        throw new Error('never')
      },
    }
  },
  'answers with a promise that is rejected': rejects,
}
async function rejects(name: string, real: () => unknown): Promise<never> {
  real()
  throw new Error(`${name} is broken`)
}
const METHODS = ['setAttributes', 'setStatus', 'addEvent', 'end', 'spanContext'] as const

const POINTS = ['startSpan', ...METHODS]
/** The SDK asks a parent for its context as well, and drops the promise: nobody can hear that. */
function isHeard(fault: Fault, point: string): boolean {
  return fault !== rejects || point !== 'spanContext'
}

/** A real tracer, some uses of which go wrong; and what it was used for. */
function breakable(fault: Fault, isBroken: (name: string, use: number) => boolean) {
  let used = 0
  const names: string[] = []
  const through = (name: string, real: () => unknown): unknown => {
    used++
    names.push(name)
    return isBroken(name, used) ? fault(name, real) : real()
  }
  const tracer = new Proxy<Tracer>(recorder.tracer, {
    get(target, key) {
      if (key !== 'startSpan') return Reflect.get(target, key)
      return (...args: Parameters<Tracer['startSpan']>) =>
        through('startSpan', () => broken(target.startSpan(...args)))
    },
  })
  const broken = (span: Span): Span =>
    new Proxy<Span>(span, {
      get(target, key) {
        const found: unknown = Reflect.get(target, key, target)
        if (typeof found !== 'function') return found
        const method = (...args: unknown[]): unknown => Reflect.apply(found, target, args)
        const name = METHODS.find(one => one === key)
        return name ? (...args: unknown[]) => through(name, () => method(...args)) : method
      },
    })
  return { tracer, names }
}

describe('a tracer that fails [L9]', () => {
  describe.each(Object.entries(FAULTS))('%s', (_, fault) => {
    it.each(POINTS.filter(point => isHeard(fault, point)))('in each %s', async point => {
      const expected = await untraced()
      const { tracer, names } = breakable(fault, name => name === point)
      const { outcome } = await everything({ trace: { tracer } })
      expect(outcome).toEqual(expected)
      expect(names).toContain(point)
      expect(warnings).toHaveLength(1)
      expect(rejections).toEqual([])
      expect(complaints).toEqual([])
    })

    it('at any one moment of a run', async () => {
      const expected = await untraced()
      const { tracer: whole, names } = breakable(fault, () => false)
      await everything({ trace: { tracer: whole } })
      expect(warnings).toEqual([])
      expect(recorder.open).toEqual([])
      expect(names.length).toBeGreaterThan(20)
      for (const [point, name] of names.entries()) {
        if (!isHeard(fault, name)) continue
        recorder.reset()
        warnings.length = 0
        const { tracer } = breakable(fault, (_name, use) => use === point + 1)
        const { outcome } = await everything({ trace: { tracer } })
        expect(outcome, `${point + 1}: ${name}`).toEqual(expected)
        expect(warnings, `${point + 1}: ${name}`).toHaveLength(1)
        // What failed may be a start or an end; all other spans are ended, and each once.
        expect(recorder.open.length, `${point + 1}: ${name}`).toBeLessThan(2)
        expect(complaints).toEqual([])
      }
      expect(rejections).toEqual([])
    })
  })

  it('is said in words that name the run and the place, and no more', async () => {
    const { tracer } = breakable(
      () => {
        throw new Error('the disk is full')
      },
      name => name === 'end',
    )
    const { twin, ...at } = await play(SCENES[0], [{ text: 'Secret-word.' }, { text: 'b' }])
    const plain = await runTools({ ...at, prompt: 'Go.', trace: { tracer } })
    const telling = await runTools({ ...at, prompt: 'Go.', trace: { tracer, content: true } })
    twin.finish()
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(warnings).toEqual([
      `The run ${plain.run} goes on without a trace: its tracer failed in end (the disk is full).`,
      // What was said may be in an error's words where spans hold it.
      `The run ${telling.run} goes on without a trace: its tracer failed in end (Error).`,
    ])
  })

  it('fails one run, and the next is traced', async () => {
    const { tracer } = breakable(
      () => {
        throw new Error('once')
      },
      (_name, use) => use === 3,
    )
    const expected = await untraced()
    for (const spans of [undefined, 8]) {
      recorder.reset()
      const { outcome } = await everything({ trace: { tracer } })
      expect(outcome).toEqual(expected)
      if (spans !== undefined) expect(recorder.spans).toHaveLength(spans)
    }
    expect(warnings).toHaveLength(1)
  })
})

const NONSENSE: { readonly [name: string]: unknown } = {
  nothing: undefined,
  null: null,
  'a number': 7,
  'an object': {},
  'a promise of a span': Promise.resolve(recorder.tracer.startSpan('late')),
  'a promise that never settles': new Promise(() => {}),
  'half a span': { setAttributes() {}, end() {} },
  'a span that is not to be touched': new Proxy(
    {},
    {
      get() {
        throw new Error('not you')
      },
    },
  ),
}

describe('a tracer that answers nonsense [L9]', () => {
  it.each(Object.entries(NONSENSE))('in place of a span: %s', async (_, span) => {
    const expected = await untraced()
    const tracer = { startSpan: () => span } as const
    const { outcome } = await everything({ trace: { tracer } })
    expect(outcome).toEqual(expected)
    expect(warnings).toEqual([expect.stringContaining('startSpan')])
    expect(rejections).toEqual([])
  })

  it.each([
    ['no object', () => undefined],
    ['an empty one', () => ({})],
    ['other types', () => ({ traceId: 7, spanId: null, traceFlags: '\r\nx: y' })],
    [
      'flags that would be a header',
      () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: '\r\nx: y' }),
    ],
  ])('in place of the context of a span: %s', async (_, answer) => {
    const expected = await untraced()
    const { tracer } = breakable(answer, name => name === 'spanContext')
    const { outcome } = await everything({ trace: { tracer } })
    expect(outcome).toEqual(expected)
  })

  it('or has nothing to start a span with', async () => {
    const expected = await untraced()
    for (const tracer of [{}, { startSpan: 7 }, () => {}]) {
      warnings.length = 0
      const { outcome } = await everything({ trace: { tracer: tracer } })
      expect(outcome).toEqual(expected)
      expect(warnings).toEqual([expect.stringContaining('it has no startSpan')])
    }
  })
})

/** A run in a process that hears no rejection, with a tracer that is broken in every way. */
const ALONE = `
import { runTools } from 'toolgate'
const at = JSON.parse(process.argv[1])
const broken = async () => { throw new Error('broken') }
const span = { setAttributes: broken, setStatus: broken, addEvent: broken, end: broken, spanContext: broken }
const { ended } = await runTools({ ...at, prompt: 'Go.', trace: { tracer: { startSpan: () => span } } })
console.log(ended)
`

describe('a process in which a tracer fails [L9]', () => {
  it('is warned once, and lives', async () => {
    const { twin, ...at } = await play(SCENES[0], [{ text: 'a' }])
    const args = ['--input-type=module', '-e', ALONE, JSON.stringify(at)]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
    expect(stdout.trim()).toBe('answered')
    expect(stderr.match(/TOOLGATE_TRACE/g)).toHaveLength(1)
    expect(stderr).toMatch(
      /ToolgateWarning: The run [-0-9a-f]{36} goes on without a trace: .*broken/,
    )
    twin.finish()
  })
})

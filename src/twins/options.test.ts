import { describe, expect, it } from 'vitest'
import { FAULT_KINDS, FAULT_NAMES, type Fault } from './faults.ts'
import { formatFault, parseChunk, parseFault, parseTwinOptions, readFaults } from './options.ts'

describe('parseFault', () => {
  it.each<[string, Fault]>([
    ['429', { kind: 'status', status: 429 }],
    ['429:times=2,retryAfter=3', { kind: 'status', status: 429, times: 2, retryAfter: 3 }],
    ['503:times=3', { kind: 'status', status: 503, times: 3 }],
    ['status:529,rate=.25', { kind: 'status', status: 529, rate: 0.25 }],
    ['cut:120', { kind: 'cut', atByte: 120 }],
    ['cut:atByte=0,path=/v1/messages', { kind: 'cut', atByte: 0, path: '/v1/messages' }],
    ['cut-events:3', { kind: 'cut-events', after: 3 }],
    ['slow-first-byte:800', { kind: 'slow-first-byte', ms: 800 }],
    ['slow-headers:ms=50', { kind: 'slow-headers', ms: 50 }],
    ['in-band-error:4', { kind: 'in-band-error', after: 4 }],
    ['stall:2,times=0', { kind: 'stall', after: 2, times: 0 }],
    ['reset', { kind: 'reset' }],
    ['reset:times=2', { kind: 'reset', times: 2 }],
    ['malformed-arguments:rate=0.5', { kind: 'malformed-arguments', rate: 0.5 }],
    ['unknown-tool', { kind: 'unknown-tool' }],
    ['duplicate-id:id=abc', { kind: 'duplicate-id', id: 'abc' }],
    ['no-terminal-event', { kind: 'no-terminal-event' }],
    [
      '500:times=2,message=a, b=c: done',
      { kind: 'status', status: 500, times: 2, message: 'a, b=c: done' },
    ],
  ])('reads %s', (text, fault) => {
    expect(parseFault(text)).toEqual(fault)
    expect(parseFault(formatFault(fault))).toEqual(fault)
  })

  it.each([
    ['stal:2', 'fault "stal:2": unknown kind "stal"; did you mean "stall"?'],
    ['', 'fault "": unknown kind ""'],
    ['cut', 'fault "cut": "cut" needs a value for atByte: write cut:NUMBER'],
    ['cut:', 'fault "cut:": nothing follows the colon'],
    ['cut:ten', 'fault "cut:ten".atByte: expected a number, found "ten"'],
    ['cut:-1', 'fault "cut:-1".atByte: expected a number of at least 0, found -1'],
    ['cut:1.5', 'fault "cut:1.5".atByte: expected a whole number, found 1.5'],
    ['cut:1,2', 'fault "cut:1,2": "2" is not of the form name=value'],
    ['cut:1,atByte=2', 'fault "cut:1,atByte=2": atByte is said twice'],
    ['reset:3', 'fault "reset:3": "3" is not of the form name=value'],
    ['429:time=2', 'unknown field "time" of status; did you mean "times"?'],
    ['429:retryAfter=soon', '.retryAfter: expected a number, found "soon"'],
    ['429:status=500', 'the status is said twice'],
    ['200', 'fault "200".status: expected a number from 400 to 599, found 200'],
    ['stall:1,rate=2', '.rate: expected a number from 0 to 1, found 2'],
    ['429,times=2', 'unknown kind "429,times=2"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseFault(text)).toThrow(message)
  })
})

describe('readFaults', () => {
  it('takes objects and short forms', () => {
    expect(readFaults([{ kind: 'cut', atByte: 3, times: 0 }, '429'], 'faults')).toEqual([
      { kind: 'cut', atByte: 3, times: 0 },
      { kind: 'status', status: 429 },
    ])
  })

  it.each<[unknown, string]>([
    [{}, 'faults: expected an array, found object'],
    [[{}], 'faults[0].kind: expected a string, found nothing'],
    [['429', { kind: 'stall' }], 'faults[1].after: expected a number, found nothing'],
    [[{ kind: 'cut', atByte: 1, time: 2 }], 'faults[0].time: unknown key; did you mean "times"?'],
    [[{ kind: 'reset', message: 'x' }], 'faults[0].message: unknown key'],
    [[7], 'faults[0]: expected an object, found number'],
  ])('refuses %j', (value, message) => {
    expect(() => readFaults(value, 'faults')).toThrow(message)
  })
})

describe('FAULT_NAMES', () => {
  it('lists exactly the kinds of the table', () => {
    expect([...FAULT_NAMES].sort()).toEqual(Object.keys(FAULT_KINDS).sort())
  })
})

describe('parseTwinOptions', () => {
  it('has the defaults of startTwin', () => {
    expect(parseTwinOptions({})).toEqual({
      host: '127.0.0.1',
      port: 0,
      seed: 1,
      faults: [],
      transport: { chunk: 'event', gzip: false },
    })
  })

  it('reads everything', () => {
    const typed = {
      host: '0.0.0.0',
      port: '9000',
      seed: '42',
      fault: ['429', 'cut:7'],
      chunk: '16',
      delay: '5',
      firstByte: '300',
      gzip: true,
    }
    expect(parseTwinOptions(typed)).toEqual({
      host: '0.0.0.0',
      port: 9000,
      seed: 42,
      faults: [
        { kind: 'status', status: 429 },
        { kind: 'cut', atByte: 7 },
      ],
      transport: { chunk: 16, delayMs: 5, firstByteMs: 300, gzip: true },
    })
  })

  it.each([
    [{ port: '70000' }, '--port: expected a number from 0 to 65535, found 70000'],
    [{ port: 'x' }, '--port: expected a number, found "x"'],
    [{ seed: '1.5' }, '--seed: expected a whole number, found 1.5'],
    [{ delay: '-1' }, '--delay: expected a number from 0 to 2147483647, found -1'],
    [{ chunk: 'ramdom' }, '--chunk: unknown "ramdom"; did you mean "random"?'],
    [{ chunk: '0' }, '--chunk: expected a number of at least 1, found 0'],
    [{ fault: ['429', 'nonsense'] }, 'fault "nonsense": unknown kind'],
  ])('refuses %j', (typed, message) => {
    expect(() => parseTwinOptions(typed)).toThrow(message)
  })
})

describe('parseChunk', () => {
  it('knows the words', () => {
    expect(['event', 'burst', 'random', 'byte'].map(parseChunk)).toEqual([
      'event',
      'burst',
      'random',
      'byte',
    ])
  })
})

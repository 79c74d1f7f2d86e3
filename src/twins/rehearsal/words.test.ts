import { describe, expect, it } from 'vitest'
import { asDescribed, isoDate, isoTime, statedToday } from './dates.ts'
import { identifierWords, stem, stems } from './stem.ts'
import { tokenize } from './words.ts'

/** The tokens of a text that are not plain words or marks, as `kind:text`. */
function values(text: string): string[] {
  return tokenize(text)
    .filter(token => token.kind !== 'word' && token.kind !== 'mark')
    .map(token => `${token.kind}:${token.text}`)
}

function numbers(text: string): (number | undefined)[] {
  return tokenize(text)
    .filter(token => token.kind === 'number')
    .map(token => token.number)
}

describe('stem', () => {
  it.each([
    ['movies', 'movie'],
    ['cities', 'city'],
    ['calculating', 'calculate'],
    ['calculator', 'calculation'],
    ['planned', 'plans'],
    ['discoverer', 'discovered'],
    ['boxes', 'box'],
    ["user's", 'users'],
  ])('brings %s and %s together', (one, other) => {
    expect(stem(one)).toBe(stem(other))
  })

  it.each([
    ['news', 'new'],
    ['status', 'state'],
    ['bus', 'bu'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(stem(one)).not.toBe(stem(other))
  })
})

describe('identifierWords', () => {
  it.each([
    ['get_user_byID', ['get', 'user', 'by', 'id']],
    ['HTTPServer2.restartNow', ['http', 'server', '2', 'restart', 'now']],
    ['kebab-case name', ['kebab', 'case', 'name']],
  ])('takes %s apart', (name, words) => {
    expect(identifierWords(name)).toEqual(words)
  })

  it('reads scripts without spaces by pairs of letters', () => {
    expect(stems('天气预报')).toEqual(['天气', '气预', '预报'])
  })
})

describe('tokenize', () => {
  it.each([
    ['mail bob@x.org or see https://a.b/c?d=1.', ['email:bob@x.org', 'url:https://a.b/c?d=1']],
    [
      'open /etc/hosts, notes.txt and C:\\tmp\\a',
      ['path:/etc/hosts', 'path:notes.txt', 'path:C:\\tmp\\a'],
    ],
    ['order #12345, ABC-123, 6E123 and B1004', ['id:12345', 'id:ABC-123', 'id:6E123', 'id:B1004']],
    [`say "it's on" and 'don't stop'`, ["quoted:it's on", "quoted:don't stop"]],
    ['from 10:30 AM or 3pm', ['time:10:30 AM', 'time:3pm']],
    [
      'on 2025-03-14, March 13th, 2023 or next Friday',
      ['date:2025-03-14', 'date:March 13th, 2023', 'date:next Friday'],
    ],
    ['solve x^2 - 2x + 1', ['code:x^2 - 2x + 1']],
    ['version 1.2.3 of the 2nd kind', ['id:1.2.3', 'ordinal:2nd']],
    ['call +49 30 1234567', ['id:+49 30 1234567']],
    ["it's the dogs' bowl", []],
  ])('%s', (text, found) => {
    expect(values(text)).toEqual(found)
  })

  it('reads numbers however they are written', () => {
    expect(numbers('1,250.50 and -3 and five hundred twenty-two and 2.5 million and $5k')).toEqual([
      1250.5, -3, 522, 2_500_000, 5000,
    ])
    expect(numbers('which one, the one, one room')).toEqual([1])
    expect(numbers('20°C, 120bpm, 5m')).toEqual([20, 120, 5])
  })

  it('keeps what is written on a number', () => {
    const signs = tokenize('$20, 5%, 12 percent, €7')
      .map(token => token.sign)
      .filter(sign => sign !== undefined)
    expect(signs).toEqual(['$', '%', '%', '€'])
  })

  it('reads lists and objects in brackets', () => {
    const lists = tokenize(
      "[1, 2.5] and ['a', 'b'] and {\"k\": [true]} and (3, 4) and [x] (aside)",
    ).filter(token => token.kind === 'list')
    expect(lists.map(token => token.value)).toEqual([
      [1, 2.5],
      ['a', 'b'],
      { k: [true] },
      [3, 4],
      ['x'],
    ])
  })

  it('ends no sentence after a title or an initial', () => {
    const opening = tokenize('Ask Dr. Smith. Then J. Doe left.').filter(
      token => token.opening && token.kind === 'word',
    )
    expect(opening.map(token => token.text)).toEqual(['Ask', 'Then'])
  })

  it.each(['', ' ', '\n\n', '"', "'", '[', '{"a":', '((((', '```', '#', '\u{1F600}', '👩‍👩‍👧'])(
    'survives %j',
    text => {
      expect(() => tokenize(text)).not.toThrow()
    },
  )
})

describe('dates', () => {
  it.each([
    ['2025-3-4', '2025-03-04'],
    ['March 13th, 2023', '2023-03-13'],
    ['13 of March 2023', '2023-03-13'],
    ['12/25/2024', '2024-12-25'],
    ['25/12/2024', '2024-12-25'],
    ['25.12.2024', '2024-12-25'],
    ['July 2022', '2022-07-01'],
    ['February 30 2024', undefined],
    ['tomorrow', undefined],
  ])('%s is %s', (text, date) => {
    expect(isoDate(text)).toBe(date)
  })

  it('reads relative days from a stated today', () => {
    const now = statedToday('You are helpful. Today is Saturday, 2024-06-01.')
    expect(now).toBe('2024-06-01')
    expect(isoDate('tomorrow', now)).toBe('2024-06-02')
    expect(isoDate('next Friday', now)).toBe('2024-06-07')
    expect(isoDate('last Saturday', now)).toBe('2024-05-25')
    expect(isoDate('May 5th', now)).toBe('2024-05-05')
  })

  it('writes a date as a description wants it', () => {
    expect(asDescribed('March 3rd', 'Date as DD/MM/YYYY', undefined, '2025')).toBe('03/03/2025')
    expect(asDescribed('tomorrow', 'Date as YYYY-MM-DD', undefined, '2025')).toBe('tomorrow')
    expect(asDescribed('7:30 pm', 'Time, HH:MM', undefined, undefined)).toBe('19:30')
    expect(asDescribed('7:30 pm', 'Time', undefined, undefined)).toBe('7:30 pm')
  })

  it.each([
    ['12am', '00:00:00'],
    ['12:05 p.m.', '12:05:00'],
    ['25:00', undefined],
    ['noon', undefined],
  ])('%s is %s', (text, time) => {
    expect(isoTime(text)).toBe(time)
  })
})

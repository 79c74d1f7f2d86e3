import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFECTS, FAULTS } from './list.ts'

const here = import.meta.dirname
const files = readdirSync(here).filter(name => name.endsWith('.test.ts') && name !== 'list.test.ts')
const texts = [...files.map(name => join(here, name)), join(here, '../signature-defects.test.ts')]
const tests = texts.map(file => readFileSync(file, 'utf8')).join('\n')

/** Whether a title names a report: in quotes, before the colon. */
function isNamed(report: string): boolean {
  const exact = report.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`'(?:[^'\n:]*[ ,])?${exact}(?!\\d)[^'\n:]*: `).test(tests)
}

describe('the faults of other gateways [G12]', () => {
  it.each(DEFECTS.map(({ report, what }) => [report, what]))('%s has a test: %s', report => {
    expect(isNamed(report)).toBe(true)
  })

  it('are told apart from reports that nobody has tested', () => {
    expect(isNamed('litellm#1689')).toBe(false)
    expect(isNamed('bifrost#9999')).toBe(false)
  })

  it('are all there, each report once', () => {
    const numbers = new Set(DEFECTS.map(({ number }) => number))
    const missing = Array.from({ length: FAULTS }, (_, index) => index + 1)
    expect(missing.filter(number => !numbers.has(number))).toEqual([])
    const reports = DEFECTS.map(({ report }) => report)
    expect(new Set(reports).size).toBe(reports.length)
  })
})

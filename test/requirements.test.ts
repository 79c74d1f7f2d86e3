import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REQUIREMENTS } from './requirements.ts'

const root = join(import.meta.dirname, '..')
const texts = ['src', 'test']
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name =>
      join(root, folder, name),
    ),
  )
  .filter(file => file.endsWith('.test.ts'))
  .map(file => readFileSync(file, 'utf8'))

const cited = (id: string) => texts.some(text => text.includes(`[${id}]`))

describe('every promise', () => {
  it.each(REQUIREMENTS.filter(each => each.state === 'kept').map(each => [each.id, each.text]))(
    '%s is cited by a test: %s',
    id => expect(cited(id)).toBe(true),
  )
  it.each(REQUIREMENTS.filter(each => each.state === 'planned').map(each => [each.id]))(
    '%s is planned, and no test claims it',
    id => expect(cited(id)).toBe(false),
  )
  it('has an id of its own, and none is cited that does not exist', () => {
    const ids = REQUIREMENTS.map(each => each.id)
    expect(new Set(ids).size).toBe(ids.length)
    const found = texts.flatMap(text =>
      [...text.matchAll(/\[([GTL]\d+(?:\.\d+)?)\]/g)].map(m => m[1]),
    )
    expect(found.filter(id => id !== undefined && !ids.includes(id))).toEqual([])
  })
})

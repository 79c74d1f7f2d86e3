import { expect, it } from 'vitest'
import { clients } from './list.ts'
import { written } from './page.ts'

it('docs/clients.md tells of the versions that are installed, line by line', () => {
  const lines = written().split('\n').slice(2)
  const expected = clients().map(({ packages, protocol, ran }) => {
    const names = packages.map(({ name, version }) => `${name} ${version}`).join(', ')
    return `| ${names} | ${protocol} | ${ran} |`
  })
  expect(lines.map((line, i) => line.slice(0, expected[i]?.length))).toEqual(expected)
})

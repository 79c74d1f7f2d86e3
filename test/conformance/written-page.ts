import { readFileSync, writeFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)

/**
 * Holds a generated page of `docs/` to what it should say. With `TOOLGATE_WRITE=1` it is written
 * instead; with `TOOLGATE_PRINT=1` it is printed too.
 */
export function pageStands(name: string, text: string): boolean {
  const file = new URL(`docs/${name}`, root)
  if (process.env['TOOLGATE_PRINT'] === '1') process.stdout.write(`${text}\n`)
  if (process.env['TOOLGATE_WRITE'] === '1') writeFileSync(file, text)
  return readOr(file) === text
}

function readOr(file: URL): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { configJsonSchema } from './schema.ts'

it('is published as it is (node scripts/config-schema.mjs)', () => {
  const file = join(import.meta.dirname, '..', '..', 'schema', 'toolgate.schema.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(configJsonSchema())
})

// Writes schema/toolgate.schema.json, which editors complete toolgate.yaml by.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundled } from './bundle.mjs'
import { root } from './setup.mjs'

const { configJsonSchema } = await bundled('src/config/schema.ts')
mkdirSync(join(root, 'schema'), { recursive: true })
writeFileSync(
  join(root, 'schema', 'toolgate.schema.json'),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
)

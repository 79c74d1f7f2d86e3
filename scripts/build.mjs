// Compiles src/ to dist/ and writes the JSON Schema of the configuration file.
import { chmodSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

// Inside an installed package there is nothing to build: dist/ came with it.
if (process.argv.includes('--if-source') && !existsSync(join(root, 'node_modules', 'typescript'))) {
  process.exit(0)
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
run(process.execPath, [
  join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  '-p',
  'tsconfig.build.json',
])
const cli = join(root, 'dist', 'cli.js')
chmodSync(cli, 0o755)
const now = new Date()
utimesSync(cli, now, now)

// Makes a fresh clone ready: installs what is missing and builds what is stale. Plain JavaScript,
// because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a command in the project, its output shown on stderr; ends the process if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
    ...options,
  })
  if (error) {
    console.error(`toolgate: could not run ${command}: ${error.message}`)
    process.exit(1)
  }
  if (status !== 0) process.exit(status ?? 1)
}

/** Installs the dependencies if they are not there, or older than the lock file. */
export function install() {
  const stamp = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(stamp) && changed(stamp) >= changed(join(root, 'package-lock.json'))) return
  console.error('toolgate: installing dependencies …')
  run('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'])
}

/** Builds dist/ if a source is newer. */
export function build() {
  const built = join(root, 'dist', 'cli.js')
  if (existsSync(built) && changed(built) >= newest(join(root, 'src'))) return
  console.error('toolgate: building …')
  run(process.execPath, [join(root, 'scripts', 'build.mjs')])
}

function changed(file) {
  return statSync(file).mtimeMs
}

function newest(folder) {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.test.ts')) continue
    latest = Math.max(latest, changed(join(entry.parentPath ?? entry.path, entry.name)))
  }
  return latest
}

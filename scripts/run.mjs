// The entry of `npm start`, `npm test` and their like: sets up what is missing, then runs.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build, install, root } from './setup.mjs'

const [task, ...args] = process.argv.slice(2)
install()

/** Runs one of the installed programs to its end, and ends as it did. */
function exec(file, more, environment = {}) {
  const child = spawn(process.execPath, [join(root, 'node_modules', file), ...more], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}

/**
 * A signal to npm ends npm and the shell between us, but does not reach us: then end as it would.
 */
function followParent() {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  timer.unref()
}

/** Runs a test of chance at the length that its flags ask for, and lets it print its counts. */
function prove(test, prefix, defaults) {
  const options = Object.fromEntries(
    Object.keys(defaults).map(name => [name, { type: 'string', default: String(defaults[name]) }]),
  )
  let values
  try {
    values = parseArgs({ args, options }).values
  } catch (error) {
    console.error(error.message)
    process.exit(2)
  }
  for (const [name, value] of Object.entries(values)) {
    if (/^[0-9]{1,9}$/.test(value) && (name === 'seed' || Number(value) > 0)) continue
    console.error(`--${name} must be a whole number, and is '${value}'`)
    process.exit(2)
  }
  build()
  const environment = Object.entries(values).map(([name, value]) => [
    `${prefix}_${name.toUpperCase()}`,
    value,
  ])
  exec('vitest/vitest.mjs', ['run', test, '--silent=false'], Object.fromEntries(environment))
}

switch (task) {
  case 'start': {
    build()
    const cli = join(root, 'dist', 'cli.js')
    process.argv = [process.argv[0], cli, ...args]
    followParent()
    await import(pathToFileURL(cli).href)
    break
  }
  case 'test':
    build()
    exec('vitest/vitest.mjs', ['run', ...args])
    break
  case 'bench':
    build()
    process.argv = [process.argv[0], 'bench', ...args]
    await import(pathToFileURL(join(root, 'bench', 'run.mjs')).href)
    break
  case 'bench:loop':
    build()
    process.argv = [process.argv[0], 'bench:loop', ...args]
    await import(pathToFileURL(join(root, 'bench', 'loop', 'run.mjs')).href)
    break
  case 'conformance':
    build()
    exec('vitest/vitest.mjs', ['run', 'test/conformance', '--silent=false', '--reporter=dot'], {
      TOOLGATE_PRINT: '1',
      ...(args.includes('--write') ? { TOOLGATE_WRITE: '1' } : {}),
    })
    break
  case 'hostile':
    prove('test/loop/hostile.test.ts', 'TOOLGATE_HOSTILE', { runs: 10_000, seed: 1 })
    break
  case 'crash':
    prove('test/loop/crash-moments.test.ts', 'TOOLGATE_CRASH', { moments: 200, seed: 1 })
    break
  case 'clients':
    // A word chooses files by their path. Only all of them together make the page.
    exec(
      'vitest/vitest.mjs',
      [
        'run',
        '--config',
        'test/e2e/clients/vitest.config.ts',
        ...args.filter(arg => arg !== '--write'),
      ],
      args.includes('--write') ? { TOOLGATE_WRITE: '1' } : {},
    )
    break
  case 'recorded': {
    const folder = args[0]
    if (folder === undefined) {
      console.error('usage: npm run recorded -- FOLDER')
      process.exit(2)
    }
    exec(
      'vitest/vitest.mjs',
      ['run', '--config', 'test/recorded/vitest.config.ts', ...args.slice(1)],
      {
        TOOLGATE_RECORDED: resolve(folder),
      },
    )
    break
  }
  default:
    console.error(`unknown task ${task}`)
    process.exit(2)
}

// The entry of `npm start`, `npm test` and their like: sets up what is missing, then runs.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
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

// Processes under measurement: started, asked for their address, and read from the operating system.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Starts a process and waits for its line `listening on URL`. */
export async function start(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  let text = ''
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', chunk => {
      text += chunk
      const found = /^listening on (\S+)$/m.exec(text)
      if (found) {
        text = ''
        resolve(found[1])
      }
      if (text.length > 65_536) text = ''
    })
    child.on('exit', code => reject(new Error(`${command} ended with ${code}: ${text}`)))
  })
  return {
    url,
    pid: child.pid,
    stop: () =>
      new Promise(done => {
        child.once('exit', done)
        child.kill('SIGKILL')
      }),
  }
}

/**
 * CPU milliseconds, user and system, that a process and its children have used, all threads that
 * are alive counted. From the scheduler, which counts in nanoseconds: the ticks of `stat` are 10 ms.
 */
export function cpuMs(pid) {
  let ns = 0
  for (const each of [pid, ...childrenOf(pid)]) {
    for (const thread of readdirSync(`/proc/${each}/task`))
      ns += Number(readFileSync(`/proc/${each}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  }
  return ns / 1e6
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid) {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line[1]) * 1024
}

function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}

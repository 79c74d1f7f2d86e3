// Processes under measurement: started, asked for their address, and read from the operating system.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10 // USER_HZ is 100 on Linux

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

/** CPU milliseconds, user and system, that a process and its children have used. */
export function cpuMs(pid) {
  let ticks = 0
  for (const each of [pid, ...childrenOf(pid)]) {
    const fields = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1].split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks * TICK_MS
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

import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { LeftOver } from './left-over.ts'

describe('what hostile runs are searched for', () => {
  it('is found while it is open, also where it keeps no process alive', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const leftOver = new LeftOver()
    leftOver.mark()
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
    const worker = new Worker('setTimeout(() => {}, 60_000)', { eval: true })
    const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
    for (const one of [child, worker, socket]) one.unref()
    const timer = setTimeout(() => {}, 60_000)
    const kinds = ['process', 'worker', 'socket', 'timer'] as const
    expect(await leftOver.list(kinds)).toEqual(kinds.map(kind => `1 ${kind}`))
    child.kill('SIGKILL')
    await worker.terminate()
    socket.destroy()
    clearTimeout(timer)
    expect(await leftOver.list(kinds)).toEqual([])
    leftOver.stop()
    server.close()
  })
})

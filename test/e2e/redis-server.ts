import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis that tests may use and stop. */
export interface TestRedis {
  readonly url: string
  stop(): Promise<void>
}

/** A free port of this machine. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

const isInstalled = spawnSync('redis-server', ['--version']).status === 0

/**
 * A Redis on a port of its own: the real server, and where a machine has none a stand-in that knows
 * four commands of its protocol, and says so.
 */
export function startRedis(port: number): Promise<TestRedis> {
  if (isInstalled) return startReal(port)
  console.warn('redis-server is not installed: a stand-in takes its place in these tests')
  return startStandIn(port)
}

async function startReal(port: number): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'toolgate-redis-'))
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve()
    })
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startStandIn(port: number): Promise<TestRedis> {
  const values = new Map<string, { text: string; ends: number }>()
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    let text = ''
    socket.on('data', bytes => {
      text += bytes.toString('utf8')
      for (let next = readCommand(text); next; next = readCommand(text)) {
        text = text.slice(next.length)
        socket.write(answer(next.words, values))
      }
    })
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** The first whole command of a text: `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`. Lengths count ASCII here. */
function readCommand(text: string): { words: string[]; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text)
  if (!head) return undefined
  let at = head[0].length
  const words: string[] = []
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at))
    if (!size) return undefined
    const from = at + size[0].length
    at = from + Number(size[1]) + 2
    if (text.length < at) return undefined
    words.push(text.slice(from, at - 2))
  }
  return { words, length: at }
}

function answer(words: string[], values: Map<string, { text: string; ends: number }>): string {
  const [command = '', key = '', text = '', , ttl = '0'] = words
  switch (command.toLowerCase()) {
    case 'get': {
      const value = values.get(key)
      const found = value && value.ends > Date.now() ? value.text : undefined
      return found === undefined ? '$-1\r\n' : bulk(found)
    }
    case 'set':
      values.set(key, { text, ends: Date.now() + Number(ttl) })
      return '+OK\r\n'
    case 'del':
      return `:${values.delete(key) ? 1 : 0}\r\n`
    case 'info':
      return bulk('redis_version:7.0.0\r\nloading:0\r\n')
    default:
      return '+OK\r\n'
  }
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}

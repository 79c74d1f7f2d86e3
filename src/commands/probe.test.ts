import { createServer, type RequestListener } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { forbidRealModels } from '../core/reach.ts'
import { isGateway } from './probe.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A server on every address of this machine: its port, and the paths that it was asked for. */
async function serve(listener: RequestListener): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    listener(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '0.0.0.0', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, asked }
}

it.each([
  [200, true],
  [401, true],
  [404, false],
  [500, false],
])('takes an answer of %i for a gateway: %s', async (status, is) => {
  const { port, asked } = await serve((_, response) => response.writeHead(status).end('{}'))
  expect(await isGateway(`http://127.0.0.1:${port}`)).toBe(is)
  expect(asked).toEqual(['/v1/models'])
})

it('[T8] asks nobody where real models are forbidden, but for loopback', async () => {
  const { port, asked } = await serve((_, response) => response.end('{}'))
  const elsewhere = `http://0.0.0.0:${port}`
  closers.push(forbidRealModels())
  expect(await isGateway(elsewhere)).toBe(false)
  expect(asked).toEqual([])
  expect(await isGateway(`http://127.0.0.1:${port}`)).toBe(true)
  closers.push(forbidRealModels({ allow: ['0.0.0.0'] }))
  expect(await isGateway(elsewhere)).toBe(true)
})

it('follows no redirect', async () => {
  const target = await serve((_, response) => response.end('{}'))
  const location = `http://0.0.0.0:${target.port}/v1/models`
  const { port } = await serve((_, response) => response.writeHead(307, { location }).end())
  expect(await isGateway(`http://127.0.0.1:${port}`)).toBe(false)
  expect(target.asked).toEqual([])
})

it.each<[string, RequestListener]>([
  ['does not answer', () => {}],
  ['does not end', (_, response) => response.writeHead(404).write('a beginning')],
  ['breaks off', (_, response) => response.destroy()],
])('does not wait long for one that %s', async (_name, listener) => {
  const { port } = await serve(listener)
  const began = performance.now()
  expect(await isGateway(`http://127.0.0.1:${port}`)).toBe(false)
  expect(performance.now() - began).toBeLessThan(3000)
})

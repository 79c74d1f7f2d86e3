// What an open, idle stream costs in memory.
import { request } from 'undici'
import { chatRequest } from './bodies.mjs'
import { residentBytes } from './process.mjs'

/** Opens `count` streams that stay silent after their first event, and prints the growth. */
export async function memoryOfIdleStreams(gateway, count) {
  const body = chatRequest({ model: 'gpt-4o', stream: true, idle: true })
  const open = async () => {
    const { body: stream } = await request(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
      body,
    })
    await new Promise(resolve => stream.once('data', resolve))
    return stream
  }
  const settle = () => new Promise(resolve => setTimeout(resolve, 2000))
  await settle()
  const before = residentBytes(gateway.pid)
  const streams = []
  for (let i = 0; i < count; i += 50)
    streams.push(...(await Promise.all(Array.from({ length: 50 }, open))))
  await settle()
  const each = (residentBytes(gateway.pid) - before) / count
  console.log(`${count} idle streams: ${(each / 1024).toFixed(1)} KB each (target under 60)`)
  for (const stream of streams) {
    stream.on('error', () => {})
    stream.destroy()
  }
}

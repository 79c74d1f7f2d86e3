// A vendor that answers from memory, over both protocols, whole and streamed. Not a twin: it checks
// nothing, so that its own cost stays out of the way.
import { createServer } from 'node:http'
import { chatEvents, chatWhole, messagesEvents, messagesWhole } from './bodies.mjs'

const whole = {
  '/v1/chat/completions': Buffer.from(JSON.stringify(chatWhole)),
  '/v1/messages': Buffer.from(JSON.stringify(messagesWhole)),
}
const events = {
  '/v1/chat/completions': chatEvents().map(text => Buffer.from(text)),
  '/v1/messages': messagesEvents().map(text => Buffer.from(text)),
}
const STREAM = Buffer.from('"stream":true')

const server = createServer((request, reply) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    if (!body.includes(STREAM)) {
      const answer = whole[request.url]
      reply.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
      reply.end(answer)
      return
    }
    reply.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const list = events[request.url]
    if (request.headers['user-agent'] === undefined || !body.includes('hold the line')) {
      // A turn of the event loop between events, so that each travels on its own.
      let at = 0
      const next = () => {
        if (reply.destroyed) return
        reply.write(list[at++])
        if (at < list.length) setImmediate(next)
        else reply.end()
      }
      next()
    } else reply.write(list[0]) // an idle stream: opened, and then silent
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
)

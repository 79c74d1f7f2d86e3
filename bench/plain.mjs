// What a gateway must cost at least on Node: node:http in, undici out, and nothing of function
// calling. Mode `json` parses the request once and forwards its bytes; `events` also parses and
// writes again every event of a stream.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [upstream, mode] = process.argv.slice(2)
const pool = new Pool(upstream, { pipelining: 1 })

const server = createServer((request, reply) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', async () => {
    const body = Buffer.concat(chunks)
    const parsed = JSON.parse(body.toString())
    const answer = await pool.request({
      path: request.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer key',
        'user-agent': 'plain',
      },
      body,
    })
    if (!parsed.stream) {
      const text = Buffer.from(await answer.body.arrayBuffer())
      JSON.parse(text.toString())
      reply.writeHead(answer.statusCode, {
        'content-type': 'application/json',
        'content-length': text.length,
      })
      reply.end(text)
      return
    }
    reply.writeHead(answer.statusCode, { 'content-type': 'text/event-stream' })
    let rest = ''
    for await (const chunk of answer.body) {
      let out = chunk
      if (mode === 'events') {
        const pieces = (rest + chunk.toString()).split('\n\n')
        rest = pieces.pop()
        out = ''
        for (const piece of pieces) {
          const at = piece.indexOf('data: ') + 6
          const data = piece.slice(at)
          out += `${piece.slice(0, at)}${data === '[DONE]' ? data : JSON.stringify(JSON.parse(data))}\n\n`
        }
      }
      if (!reply.write(out)) await new Promise(resolve => reply.once('drain', resolve))
    }
    reply.end()
  })
})
server.listen(0, '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
)

// In a web server: POST a question, and the answer streams back as text. A client that leaves ends
// the run.
import { createServer } from 'node:http'
import { runTools, tool } from 'toolgate'
import { z } from 'zod'

const getTime = tool({
  name: 'get_time',
  description: 'Get the current time in a city.',
  input: z.object({ city: z.string() }),
  run: ({ city }, { context }) => `It is ${context.clock()} in ${city}.`,
})

const server = createServer(async (request, response) => {
  let prompt = ''
  for await (const chunk of request) prompt += chunk
  const left = new AbortController()
  response.on('close', () => left.abort(new Error('the client left')))
  const run = runTools({
    model: 'gpt-4o',
    baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8665/v1',
    key: process.env.API_KEY,
    prompt,
    tools: [getTime],
    context: { clock: () => '12:00' },
    signal: left.signal,
    budget: { turns: 6, ms: 60_000 },
  })
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  for await (const text of run.texts()) response.write(text)
  const { ended, reason } = await run
  response.end(ended === 'answered' ? '\n' : `\n[${ended}: ${reason}]\n`)
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
)

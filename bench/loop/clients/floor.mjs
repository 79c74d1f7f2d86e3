// What any loop pays: the same exchanges with nothing around them. No checks, no errors, no types.
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true })

export async function run({ url, protocol, tools }) {
  const anthropic = protocol === 'anthropic'
  const messages = [{ role: 'user', content: 'Go.' }]
  const execute = new Map(tools.map(tool => [tool.name, tool.execute]))
  const fixed = anthropic
    ? { model: 'claude-sonnet-4-5', max_tokens: 4096, tools: tools.map(anthropicTool) }
    : { model: 'gpt-4o', tools: tools.map(openaiTool) }
  for (;;) {
    const answer = await ask(url + (anthropic ? '/v1/messages' : '/v1/chat/completions'), {
      ...fixed,
      messages,
    })
    if (anthropic) {
      const calls = answer.content.filter(block => block.type === 'tool_use')
      if (calls.length === 0) return { text: answer.content[0].text, outcome: {} }
      const results = calls.map(async ({ id, name, input }) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: await execute.get(name)(input),
      }))
      messages.push({ role: 'assistant', content: answer.content })
      messages.push({ role: 'user', content: await Promise.all(results) })
    } else {
      const { message } = answer.choices[0]
      if (!message.tool_calls) return { text: message.content, outcome: {} }
      const results = message.tool_calls.map(async ({ id, function: { name, arguments: text } }) => ({
        role: 'tool',
        tool_call_id: id,
        content: await execute.get(name)(JSON.parse(text)),
      }))
      messages.push({ role: 'assistant', content: null, tool_calls: message.tool_calls })
      messages.push(...(await Promise.all(results)))
    }
  }
}

const openaiTool = ({ name, description, schema }) => ({
  type: 'function',
  function: { name, description, parameters: schema },
})
const anthropicTool = ({ name, description, schema }) => ({
  name,
  description,
  input_schema: schema,
})

function ask(url, body) {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      authorization: 'Bearer bench',
      'x-api-key': 'bench',
      'anthropic-version': '2023-06-01',
    }
    const sent = request(url, { method: 'POST', agent, headers }, async incoming => {
      let text = ''
      incoming.setEncoding('utf8')
      for await (const chunk of incoming) text += chunk
      if (incoming.statusCode === 200) resolve(JSON.parse(text))
      else reject(new Error(`${incoming.statusCode}: ${text}`))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

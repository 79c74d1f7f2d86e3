// What any loop pays: the same exchanges with nothing around them. No checks, no errors, no types.
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true })

export function connect({ url, protocol, tools }) {
  const execute = new Map(tools.map(tool => [tool.name, tool.execute]))
  if (protocol === 'anthropic') {
    const fixed = { model: 'claude-opus-4-8', max_tokens: 4096, tools: tools.map(anthropicTool) }
    return () => overMessages(`${url}/v1/messages`, fixed, execute)
  }
  const fixed = { model: 'gpt-4o', tools: tools.map(openaiTool) }
  return () => overChat(`${url}/v1/chat/completions`, fixed, execute)
}

async function overChat(url, fixed, execute) {
  const messages = [{ role: 'user', content: 'Go.' }]
  for (;;) {
    const { choices } = await ask(url, { ...fixed, messages })
    const { content, tool_calls } = choices[0].message
    if (!tool_calls) return { text: content, outcome: {} }
    const results = tool_calls.map(async call => ({
      role: 'tool',
      tool_call_id: call.id,
      content: await execute.get(call.function.name)(JSON.parse(call.function.arguments)),
    }))
    messages.push({ role: 'assistant', content, tool_calls }, ...(await Promise.all(results)))
  }
}

async function overMessages(url, fixed, execute) {
  const messages = [{ role: 'user', content: 'Go.' }]
  for (;;) {
    const { content } = await ask(url, { ...fixed, messages })
    const calls = content.filter(block => block.type === 'tool_use')
    if (calls.length === 0) return { text: content[0].text, outcome: {} }
    const results = calls.map(async ({ id, name, input }) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: await execute.get(name)(input),
    }))
    messages.push({ role: 'assistant', content })
    messages.push({ role: 'user', content: await Promise.all(results) })
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

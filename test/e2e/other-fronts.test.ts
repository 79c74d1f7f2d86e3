import OpenAI from 'openai'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../src/start.ts'

let gateway: RunningGateway
beforeAll(async () => {
  gateway = await startGateway(loadConfig({ port: '0', log: 'silent' }, {}))
})
afterAll(() => gateway.close())

const MODELS = ['gpt-4o', 'claude-sonnet-4-5', 'gemini-3-flash-preview', 'deepseek-chat']
const parameters = {
  type: 'object',
  properties: {
    recipient: { type: 'string', description: 'E-mail address' },
    subject: { type: 'string' },
  },
  required: ['recipient', 'subject'],
}
const description = 'Sends an e-mail'
const question = "Send an email to ann@example.com with the subject 'Lunch on Friday'"
const wanted = { recipient: 'ann@example.com', subject: 'Lunch on Friday' }

describe.each(MODELS)('the openai package over Responses with %s', model => {
  const client = () => new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  const tools: OpenAI.Responses.Tool[] = [
    { type: 'function', name: 'send_email', description, parameters, strict: false },
  ]
  it.each([false, true])('calls a tool and answers, streamed: %s', async stream => {
    const ask = async (input: OpenAI.Responses.ResponseInput) => {
      const body = { model, input, tools, store: false }
      return stream
        ? client().responses.stream(body).finalResponse()
        : client().responses.create(body)
    }
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: question }]
    const first = await ask(input)
    expect(first.status).toBe('completed')
    const output: OpenAI.Responses.ResponseOutputItem[] = first.output
    const call = output.find(isCall)
    if (!call) throw new Error('no call')
    expect(JSON.parse(call.arguments)).toEqual(wanted)
    for (const item of first.output) {
      // The package adds a field to what it has parsed, and the vendor refuses it.
      if (item.type === 'function_call') {
        const { type, call_id, name, arguments: text, id } = item
        input.push({ type, call_id, name, arguments: text, ...(id === undefined ? {} : { id }) })
      } else if (item.type === 'reasoning') input.push(item)
    }
    input.push({
      type: 'function_call_output',
      call_id: call.call_id,
      output: 'sent as number 5521',
    })
    const second = await ask(input)
    expect(second.output_text).toContain('5521')
    expect(second.usage?.total_tokens).toBeGreaterThan(0)
  })
  it('refuses an output without its call in the words of the vendor', async () => {
    const orphan = client().responses.create({
      model,
      input: [
        { role: 'user', content: 'x' },
        { type: 'function_call_output', call_id: 'call_none', output: 'y' },
      ],
    })
    await expect(orphan).rejects.toThrow(
      /No tool call found for function call output with call_id call_none/,
    )
  })
})

function isCall(
  item: OpenAI.Responses.ResponseOutputItem,
): item is OpenAI.Responses.ResponseFunctionToolCall {
  return item.type === 'function_call'
}

interface Part {
  text?: string
  functionCall?: { name: string; args: object; id?: string }
  functionResponse?: object
  thoughtSignature?: string
}

describe.each(MODELS)('a client of generateContent with %s', model => {
  const tools = [
    {
      functionDeclarations: [{ name: 'send_email', description, parametersJsonSchema: parameters }],
    },
  ]
  async function ask(contents: object[], stream: boolean): Promise<Part[]> {
    const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    const answer = await request(`${gateway.url}/v1beta/models/${model}:${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': 'any' },
      body: JSON.stringify({ contents, tools }),
    })
    const text = await answer.body.text()
    expect(answer.statusCode, text).toBe(200)
    const chunks = stream
      ? text
          .split('\r\n\r\n')
          .filter(line => line !== '')
          .map(line => JSON.parse(line.replace('data: ', '')))
      : [JSON.parse(text)]
    expect(chunks.at(-1).candidates[0].finishReason).toBe('STOP')
    return chunks.flatMap(chunk => chunk.candidates?.[0]?.content?.parts ?? [])
  }
  it.each([false, true])('calls a function and answers, streamed: %s', async stream => {
    const contents: object[] = [{ role: 'user', parts: [{ text: question }] }]
    const parts = await ask(contents, stream)
    const call = parts.find(part => part.functionCall)?.functionCall
    expect(call).toMatchObject({ name: 'send_email', args: wanted })
    contents.push({ role: 'model', parts })
    contents.push({
      role: 'user',
      parts: [
        {
          functionResponse: {
            name: 'send_email',
            id: call?.id,
            response: { output: 'sent as number 5521' },
          },
        },
      ],
    })
    const final = await ask(contents, stream)
    expect(final.map(part => part.text ?? '').join('')).toContain('5521')
  })
  it('refuses what is wrong in the envelope of the vendor', async () => {
    const answer = await request(`${gateway.url}/v1beta/models/${model}:generateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        contents: [{ role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] }],
      }),
    })
    expect(answer.statusCode).toBe(400)
    expect(await answer.body.json()).toMatchObject({
      error: { code: 400, status: 'INVALID_ARGUMENT' },
    })
  })
})

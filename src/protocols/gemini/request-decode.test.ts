import { describe, expect, it } from 'vitest'
import { isToolgateError } from '../../core/error.ts'
import { isObject } from '../../core/json.ts'
import type { ModelRequest } from '../../core/request.ts'
import { parseJson, stringifyJson } from '../../wire/json.ts'
import { gemini } from './index.ts'

const HELLO = { role: 'user', parts: [{ text: 'hi' }] }

function decode(body: object, model = 'gemini-3'): ModelRequest {
  return gemini.decodeRequest(parseJson(JSON.stringify(body)), { headers: {}, model })
}

function again(body: object): unknown {
  const { body: wire, losses } = gemini.encodeRequest(decode(body), {})
  expect(losses).toEqual([])
  return JSON.parse(stringifyJson(wire))
}

function refusal(body: object): string {
  try {
    decode(body)
  } catch (error) {
    if (!isToolgateError(error)) throw error
    const { body: said, status } = gemini.encodeError(error, 'r')
    expect(status).toBe(400)
    const inner = isObject(said) ? said['error'] : undefined
    return isObject(inner) ? String(inner['message']) : ''
  }
  throw new Error('it was taken')
}

describe('a request', () => {
  it('reads model and stream from the call, and every field in either spelling', () => {
    const camel = {
      systemInstruction: { parts: [{ text: 'be kind' }] },
      contents: [HELLO],
      generationConfig: {
        maxOutputTokens: '9',
        topP: 0.5,
        topK: 4,
        stopSequences: ['x'],
        thinkingConfig: { includeThoughts: true, thinkingLevel: 'low' },
      },
    }
    const snake = {
      system_instruction: { parts: { text: 'be kind' } },
      contents: HELLO,
      generation_config: {
        max_output_tokens: 9,
        top_p: 0.5,
        top_k: 4,
        stop_sequences: ['x'],
        thinking_config: { include_thoughts: true, thinking_level: 'LOW' },
      },
    }
    expect(decode(camel)).toEqual(decode(snake))
    expect(decode(camel)).toMatchObject({
      model: 'gemini-3',
      stream: false,
      maxTokens: 9,
      topP: 0.5,
      topK: 4,
      stop: ['x'],
      reasoning: { effort: 'low', display: 'summarized' },
      messages: [
        { role: 'system', at: -1 },
        { role: 'user', at: 0 },
      ],
    })
    const call = { headers: {}, model: 'models/a/b', stream: true }
    expect(gemini.decodeRequest({ contents: [HELLO] }, call)).toMatchObject({
      model: 'a/b',
      stream: true,
    })
  })

  it('gives calls without ids an id from their place, and finds results by name and order', () => {
    const call = (name: string, args?: object) => ({
      functionCall: { name, ...(args && { args }) },
    })
    const result = (name: string, output: string) => ({
      functionResponse: { name, response: { output } },
    })
    const body = {
      contents: [
        HELLO,
        { role: 'model', parts: [call('f', { a: 1 }), call('g'), call('f', { a: 2 })] },
        { role: 'user', parts: [result('f', '1'), result('f', '3'), result('g', '2')] },
      ],
    }
    const { messages } = decode(body)
    const [, assistant, tool] = messages
    const calls = assistant?.role === 'assistant' ? assistant.content : []
    const ids = calls.map(part => (part.type === 'tool-call' ? part.id : ''))
    expect(new Set(ids).size).toBe(3)
    expect(calls[1]).toMatchObject({ name: 'g', arguments: '{}' })
    expect(tool?.role === 'tool' && tool.content.map(part => part.callId)).toEqual([
      ids[0],
      ids[2],
      ids[1],
    ])
    expect(decode(body)).toEqual(decode(body))
    expect(again(body)).toMatchObject({ contents: [HELLO, {}, body.contents[2]] })
  })

  it('keeps ids that the client gave, and a result of nothing is an orphan', () => {
    const body = {
      contents: [
        HELLO,
        { role: 'model', parts: [{ functionCall: { name: 'f', args: {}, id: 'w71i0cbt' } }] },
        {
          role: 'user',
          parts: [{ functionResponse: { name: 'f', id: 'w71i0cbt', response: {} } }],
        },
      ],
    }
    expect(again(body)).toEqual(body)
    const orphan = decode({ contents: [{ parts: [{ functionResponse: { name: 'f' } }] }] })
    expect(orphan.messages).toMatchObject([{ role: 'tool', content: [{ content: [] }] }])
  })

  it('keeps what a response holds, word for word', () => {
    const responses = [
      { output: 'text' },
      { output: '{"a":1}' },
      { result: 'text' },
      { output: { a: 1 } },
      { result: [1, 2] },
      { error: 'no' },
      { error: { code: 1 } },
      { a: 1, output: 'x' },
      { temperature: 20 },
      {},
    ]
    for (const response of responses) {
      const body = {
        contents: [
          HELLO,
          { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
          { role: 'user', parts: [{ functionResponse: { name: 'f', response } }] },
        ],
      }
      expect(again(body)).toEqual(body)
      const last = decode(body).messages.at(-1)
      const isError = last?.role === 'tool' && last.content[0]?.isError === true
      expect(isError).toBe('error' in response)
    }
  })

  it('keeps big numbers and the order of keys', () => {
    const text = `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"b":12345678901234567890,"1":1.0}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"n":1.50}}}]}]}`
    const request = gemini.decodeRequest(parseJson(text), { headers: {}, model: 'm' })
    const call = request.messages[1]?.content[0]
    expect(call).toMatchObject({ arguments: '{"b":12345678901234567890,"1":1.0}' })
    expect(stringifyJson(gemini.encodeRequest(request, {}).body)).toBe(
      text.replace('"name":"f","args"', '"name":"f","args"'),
    )
  })

  it('lifts schemas of the own dialect, and says them again as they were', () => {
    const parameters = {
      type: 'OBJECT',
      properties: { a: { type: 'STRING', nullable: true }, b: { type: 'ARRAY', minItems: '1' } },
      propertyOrdering: ['a', 'b'],
    }
    const body = {
      contents: [HELLO],
      tools: [{ functionDeclarations: [{ name: 'f', parameters }] }, { googleSearch: {} }],
    }
    const { tools } = decode(body)
    expect(tools).toMatchObject([
      {
        kind: 'function',
        parameters: {
          type: 'object',
          properties: { a: { type: ['string', 'null'] }, b: { type: 'array', minItems: 1 } },
        },
      },
      { kind: 'server', type: 'googleSearch' },
    ])
    expect(again(body)).toEqual(body)
  })

  it('reads the modes of calling, and writes them again', () => {
    const choice = (functionCallingConfig: object) => {
      const body = {
        contents: [HELLO],
        tools: [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }] }],
        toolConfig: { functionCallingConfig },
      }
      expect(again(body)).toEqual(body)
      return decode(body).toolChoice
    }
    expect(choice({ mode: 'AUTO' })).toEqual({ mode: 'auto' })
    expect(choice({ mode: 'NONE' })).toEqual({ mode: 'none' })
    expect(choice({ mode: 'ANY' })).toEqual({ mode: 'required' })
    expect(choice({ mode: 'ANY', allowedFunctionNames: ['f'] })).toEqual({
      mode: 'tool',
      name: 'f',
    })
    const both = ['f', 'g']
    expect(choice({ mode: 'ANY', allowedFunctionNames: both })).toEqual({
      mode: 'required',
      allowed: both,
    })
    expect(choice({ mode: 'VALIDATED', allowedFunctionNames: ['f'] })).toEqual({
      mode: 'auto',
      allowed: ['f'],
    })
  })

  it('carries what only the vendor knows, and lists it', () => {
    const body = {
      contents: [
        { role: 'user', parts: [{ fileData: { fileUri: 'gs://x/y.mp4', mimeType: 'video/mp4' } }] },
        { role: 'model', parts: [{ executableCode: { language: 'PYTHON', code: '1' } }] },
        { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AA+/' } }] },
      ],
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/1',
      labels: { a: 'b' },
      generationConfig: {
        candidateCount: 2,
        presencePenalty: 1,
        responseMimeType: 'application/json',
        responseSchema: { type: 'OBJECT' },
      },
    }
    expect(again(body)).toEqual(body)
    const request = decode(body)
    expect(request.output).toEqual({ type: 'json-schema', schema: { type: 'object' } })
    const weights = Object.fromEntries(request.bound.map(({ path, weight }) => [path, weight]))
    expect(weights).toEqual({
      safetySettings: 'meaning',
      cachedContent: 'required',
      labels: 'hint',
      'generationConfig.candidateCount': 'required',
      'generationConfig.presencePenalty': 'meaning',
    })
  })

  it('keeps every signature on its part', () => {
    const body = {
      contents: [
        HELLO,
        {
          role: 'model',
          parts: [
            { text: 'hm', thought: true, thoughtSignature: 'AAA=' },
            { text: '', thoughtSignature: 'BBB=' },
            { functionCall: { name: 'f', args: {} }, thoughtSignature: 'CCC=' },
          ],
        },
        {
          role: 'user',
          parts: [{ functionResponse: { name: 'f', response: { output: 'x' } } }, { text: 'and' }],
        },
      ],
    }
    expect(again(body)).toEqual(body)
    expect(decode(body).messages.map(message => [message.role, message.at])).toEqual([
      ['user', 0],
      ['assistant', 1],
      ['tool', 2],
      ['user', 2],
    ])
  })

  it('makes the thought of another vendor whole that was streamed in pieces', () => {
    const state = Buffer.from('tg1.anthropic.signature..SIG').toString('base64')
    const parts = [
      { text: 'I need ', thought: true },
      { text: 'it.', thought: true },
      { text: '', thought: true, thoughtSignature: state },
      { functionCall: { name: 'f', args: {} } },
    ]
    const { messages } = decode({ contents: [HELLO, { role: 'model', parts }] })
    expect(messages[1]?.content).toMatchObject([
      { type: 'reasoning', text: 'I need it.', state: { family: 'anthropic', data: 'SIG' } },
      { type: 'tool-call', name: 'f' },
    ])
  })

  it('refuses in the vendor’s words', () => {
    expect(refusal({})).toBe('* GenerateContentRequest.contents: contents is not specified')
    expect(refusal({ contents: [HELLO, { role: 'system', parts: [{ text: 'x' }] }] })).toBe(
      'Please use a valid role: user, model.',
    )
    expect(refusal({ contents: [{ role: 'user', parts: [] }] })).toBe(
      '* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.',
    )
    expect(refusal({ contents: [{ role: 'user', parts: [{}] }] })).toBe(
      "* GenerateContentRequest.contents[0].parts[0].data: required oneof field 'data' must have one initialized field",
    )
    expect(refusal({ contents: [{ parts: [{ text: 1 }] }] })).toBe(
      "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING): expected a string, found an integer",
    )
    const named = { functionDeclarations: [{ name: '1 bad' }] }
    expect(refusal({ contents: [HELLO], tools: [named] })).toContain(
      '* GenerateContentRequest.tools[0].function_declarations[0].name: Invalid function name.',
    )
    expect(refusal({ contents: [HELLO], $version: 1 })).toContain('Unknown name "$version"')
  })
})

describe('contents of the model that stand together', () => {
  const calls = [
    { functionCall: { name: 'f', args: { n: 1 } }, thoughtSignature: 'c2ln' },
    { functionCall: { name: 'f', args: { n: 2 } } },
  ]
  const results = [1, 2].map(n => ({
    functionResponse: { name: 'f', response: { output: `${n}` } },
  }))
  const apart = calls.map(call => ({ role: 'model', parts: [call] }))

  it('are one turn, with its results in the order of its calls', () => {
    const said = { role: 'model', parts: [{ text: 'I look.' }] }
    const contents = [HELLO, said, ...apart, { role: 'user', parts: results }]
    const { messages, mustEncode } = decode({ contents })
    expect(mustEncode).toBe(true)
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
    const [, turn, answers] = messages
    const ids = turn?.content.flatMap(part => (part.type === 'tool-call' ? [part.id] : []))
    expect(ids).toHaveLength(2)
    expect(answers).toMatchObject({ content: ids?.map(callId => ({ callId })) })
  })

  it('are written as one content, signatures where they were', () => {
    const contents = [HELLO, ...apart, { role: 'user', parts: results }]
    expect(again({ contents })).toMatchObject({
      contents: [HELLO, { role: 'model', parts: calls }, { role: 'user', parts: results }],
    })
  })

  it('are followed by results that are written as one content, as the vendor asks', () => {
    const lone = results.map(result => ({ role: 'user', parts: [result] }))
    const contents = [HELLO, { role: 'model', parts: calls }, ...lone]
    expect(decode({ contents }).mustEncode).toBe(true)
    expect(again({ contents })).toMatchObject({
      contents: [HELLO, { role: 'model', parts: calls }, { role: 'user', parts: results }],
    })
    const whole = [HELLO, { role: 'model', parts: calls }, { role: 'user', parts: results }]
    expect(decode({ contents: whole }).mustEncode).toBeUndefined()
  })

  it('are no reason to write a request anew where they hold no call', () => {
    const words = ['It ', 'rains.'].map(text => ({ role: 'model', parts: [{ text }] }))
    const { messages, mustEncode } = decode({ contents: [HELLO, ...words, HELLO] })
    expect(mustEncode).toBeUndefined()
    expect(messages).toHaveLength(3)
  })
})

import { z } from 'zod'
import {
  type Answer,
  type Ask,
  type AskMessage,
  type AskResult,
  type Block,
  type Client,
  InBandError,
} from '../ask.ts'
import { type Event, eventsOf, must, post } from './http.ts'
import { objectTexts } from './source-text.ts'

const part = z.strictObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.base64().optional(),
  functionCall: z
    .strictObject({
      name: z.string().min(1),
      args: z.record(z.string(), z.unknown()).optional(),
      id: z.string().min(1).optional(),
    })
    .optional(),
})
type Part = z.infer<typeof part>
const count = z.int().min(0).optional()
const usage = z.looseObject({
  promptTokenCount: count,
  cachedContentTokenCount: count,
  candidatesTokenCount: count,
  thoughtsTokenCount: count,
  toolUsePromptTokenCount: count,
  totalTokenCount: count,
})
const content = z.looseObject({ role: z.literal('model'), parts: z.array(part).min(1).optional() })
const candidate = z.looseObject({
  content: content.optional(),
  finishReason: z.string().optional(),
  index: z.literal(0).optional(),
})
const response = z.looseObject({
  candidates: z.tuple([candidate]).optional(),
  promptFeedback: z.looseObject({ blockReason: z.string() }).optional(),
  usageMetadata: usage.optional(),
  modelVersion: z.string().min(1),
  responseId: z.string().min(1),
})
type Response = z.infer<typeof response>

const failure = z.strictObject({
  error: z.looseObject({ code: z.int(), message: z.string(), status: z.string() }),
})

/** Gemini's generateContent, as the vendor documents it. */
export const gemini: Client = {
  dialect: 'gemini',
  errorText(body) {
    return failure.safeParse(body).data?.error.message
  },
  async ask(door, model, ask, stream) {
    const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    const { text, headers } = await post(
      door,
      `${door.prefixes?.gemini ?? ''}/v1beta/models/${model}:${method}`,
      { 'x-goog-api-key': door.key, ...ask.headers },
      bodyOf(ask),
    )
    const chunks = stream ? readChunks(eventsOf(text, '\r\n')) : [response.parse(JSON.parse(text))]
    return { ...fold(chunks, objectTexts(text, 'args')), headers }
  },
}

function bodyOf(ask: Ask): object {
  const first = ask.messages[0]
  const system = first?.role === 'system' ? first.text : undefined
  const rest = system === undefined ? ask.messages : ask.messages.slice(1)
  const declarations = ask.tools?.map(tool => ({
    name: tool.name,
    description: tool.description,
    parametersJsonSchema: tool.parameters,
  }))
  const tools = [
    ...(declarations ? [{ functionDeclarations: declarations }] : []),
    ...(ask.moreTools?.gemini ?? []),
  ]
  const config = {
    maxOutputTokens: ask.maxTokens,
    stopSequences: ask.stop,
    thinkingConfig: ask.thinking && { includeThoughts: true, thinkingLevel: 'LOW' },
    ...(ask.schema ? { responseMimeType: 'application/json', responseJsonSchema: ask.schema } : {}),
  }
  return {
    systemInstruction: system === undefined ? undefined : { parts: [{ text: system }] },
    contents: contentsOf(rest),
    tools: tools.length === 0 ? undefined : tools,
    toolConfig: choiceOf(ask),
    generationConfig: config,
    ...ask.more?.gemini,
  }
}

function choiceOf({ choice, tools }: Ask): unknown {
  const strict = tools?.some(tool => tool.strict)
  const config = (mode: string, allowed?: readonly string[]) => ({
    functionCallingConfig: { mode, ...(allowed ? { allowedFunctionNames: allowed } : {}) },
  })
  switch (choice?.mode) {
    case undefined:
      return strict ? config('VALIDATED') : undefined
    case 'auto':
      return choice.allowed ? config('VALIDATED', choice.allowed) : config('AUTO')
    case 'required':
      return config('ANY', choice.allowed)
    case 'tool':
      return config('ANY', [choice.name])
    case 'none':
      return config('NONE')
  }
}

function contentsOf(messages: readonly AskMessage[]): unknown[] {
  let turn: Part[] = []
  const content = (said: AskMessage): unknown => {
    switch (said.role) {
      case 'system':
        throw new Error('the protocol has no system message inside the conversation')
      case 'user': {
        const blob = (mimeType: string, data: string) => ({ inlineData: { mimeType, data } })
        const parts: unknown[] = [{ text: said.text }]
        if (said.image) parts.push(blob('image/png', said.image))
        if (said.document) parts.push(blob('application/pdf', said.document))
        return { role: 'user', parts }
      }
      case 'echo':
        turn = z.array(part).parse(said.answer.raw)
        if (said.stripped) turn = turn.filter(one => !one.thought).map(withoutState)
        return { role: 'model', parts: turn }
      case 'results':
        return { role: 'user', parts: responsesOf(said.results, turn) }
    }
  }
  return messages.map(content)
}

function withoutState({ thoughtSignature: _, ...rest }: Part): Part {
  return rest
}

/** One response for each call, with its name; without ids they are matched by their order. */
function responsesOf(results: readonly AskResult[], turn: readonly Part[]): unknown[] {
  const calls = turn.flatMap(one => (one.functionCall ? [one.functionCall] : []))
  const placed = results.map(result => {
    const at = calls.findIndex((call, i) => (call.id ?? nameless(i)) === result.callId)
    const call = calls[at]
    const output = result.text ?? ''
    const blob = { inlineData: { mimeType: 'image/png', data: result.image } }
    const functionResponse = {
      name: call?.name ?? 'unknown',
      id: call ? call.id : result.callId,
      response: result.isError ? { error: output } : { output },
      parts: result.image === undefined ? undefined : [blob],
    }
    return { at, hasId: call?.id !== undefined, functionResponse }
  })
  if (!placed.every(({ hasId }) => hasId)) placed.sort((a, b) => a.at - b.at)
  return placed.map(({ functionResponse }) => ({ functionResponse }))
}

/** What stands for the id of a call that has none. */
function nameless(position: number): string {
  return `#${position}`
}

function readChunks(events: Event[]): Response[] {
  return events.map(({ event, data }) => {
    must(event === undefined, 'events have no names')
    const json: unknown = JSON.parse(data)
    const error = failure.safeParse(json).data
    if (error) throw new InBandError(error.error.message)
    return response.parse(json)
  })
}

/** Appends the parts of all chunks, and holds the stream to the rules of the vendor's reference. */
function fold(chunks: readonly Response[], texts: readonly string[]): Omit<Answer, 'headers'> {
  const parts: Part[] = []
  let end: string | undefined
  let used: z.infer<typeof usage> = {}
  const [head] = chunks
  must(head, 'there is an answer')
  for (const chunk of chunks) {
    must(chunk.responseId === head.responseId, 'responseId stays the same')
    must(chunk.modelVersion === head.modelVersion, 'modelVersion stays the same')
    // A field that a chunk leaves out keeps its last value.
    used = { ...used, ...chunk.usageMetadata }
    const one = chunk.candidates?.[0]
    const block = chunk.promptFeedback?.blockReason
    must(one || block !== undefined || chunk.usageMetadata, 'a chunk says something')
    if (block !== undefined) {
      must(!one && parts.length === 0, 'a blocked prompt has no candidates')
      end = `blocked: ${block}`
    }
    if (one?.content?.parts) {
      must(end === undefined, 'nothing follows the finish reason')
      parts.push(...one.content.parts)
    }
    end = one?.finishReason ?? end
  }
  must(end !== undefined, 'an answer has a finish reason, or says why the prompt was blocked')
  return read(parts, texts, end, used)
}

function read(
  parts: readonly Part[],
  texts: readonly string[],
  end: string,
  used: z.infer<typeof usage>,
): Omit<Answer, 'headers'> {
  const blocks: Block[] = []
  const ids = new Set<string>()
  let nth = 0
  let withArguments = 0
  for (const one of parts) {
    const kinds = [one.text, one.functionCall].filter(value => value !== undefined)
    must(kinds.length === 1, 'a part holds one thing')
    if (one.functionCall) {
      const { name, args, id } = one.functionCall
      const known = id ?? nameless(nth)
      nth++
      must(!ids.has(known), 'ids of calls are unique')
      ids.add(known)
      const text = args === undefined ? '{}' : (texts[withArguments++] ?? JSON.stringify(args))
      blocks.push({ type: 'call', id: known, name, arguments: text })
    } else if (one.text) append(blocks, one.thought ? 'thinking' : 'text', one.text)
  }
  const prompt = (used.promptTokenCount ?? 0) + (used.toolUsePromptTokenCount ?? 0)
  const output = (used.candidatesTokenCount ?? 0) + (used.thoughtsTokenCount ?? 0)
  must((used.totalTokenCount ?? 0) === prompt + output, 'total is the sum')
  return { blocks, end, usage: { input: prompt, output }, raw: joined(parts) }
}

function append(blocks: Block[], type: 'text' | 'thinking', text: string): void {
  const last = blocks.at(-1)
  if (last?.type === type) blocks[blocks.length - 1] = { type, text: last.text + text }
  else blocks.push({ type, text })
}

/** The parts for the history: unsigned neighbours of a kind are one, a signed one stays apart. */
function joined(parts: readonly Part[]): Part[] {
  const history: Part[] = []
  for (const one of parts) {
    const last = history.at(-1)
    const plain = one.text !== undefined && last?.text !== undefined && last.thought === one.thought
    if (plain && !last.thoughtSignature && !one.thoughtSignature)
      history[history.length - 1] = { ...last, text: `${last.text}${one.text}` }
    else if (one.text !== '' || one.thoughtSignature) history.push(one)
  }
  return history
}

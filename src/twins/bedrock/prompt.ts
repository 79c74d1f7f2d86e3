import { isObject, type JsonDocument, type JsonObject } from '../anthropic/json.ts'
import type { TwinMessage, TwinPrompt } from '../model.ts'
import type { ModelFacts } from './door.ts'
import { listAt, objectAt, wordAt } from './shape.ts'

/** Reduces a request to what a twin's model is told. */
export function toPrompt(body: JsonObject, document: JsonDocument, model: ModelFacts): TwinPrompt {
  const config = objectAt(body, 'toolConfig')
  const tools = (config ? listAt(config, 'tools') : []).flatMap(tool => {
    const spec = objectAt(tool, 'toolSpec')
    if (!spec) return []
    const parameters = objectAt(spec, 'inputSchema')?.['json']
    return [{ name: wordAt(spec, 'name'), description: wordAt(spec, 'description'), parameters }]
  })
  const inference = objectAt(body, 'inferenceConfig') ?? {}
  const most = inference['maxTokens']
  const system = textsOf(listAt(body, 'system').filter(isObject))
  return {
    model: model.id,
    tools,
    choice: choiceOf(config, tools.length),
    parallel: true,
    reasoning: asksForThinking(body),
    ...(typeof most === 'number' ? { maxTokens: most } : {}),
    stop: listAt(inference, 'stopSequences').filter(word => typeof word === 'string'),
    messages: [
      ...(system === '' ? [] : [{ role: 'system' as const, text: system }]),
      ...listAt(body, 'messages').flatMap(message => messagesOf(message, document)),
    ],
  }
}

/** Whether the model is asked to think. */
export function asksForThinking(body: JsonObject): boolean {
  const thinking = objectAt(objectAt(body, 'additionalModelRequestFields'), 'thinking')
  return thinking !== undefined && thinking['type'] !== 'disabled'
}

function choiceOf(config: JsonObject | undefined, tools: number): TwinPrompt['choice'] {
  const choice = objectAt(config, 'toolChoice') ?? {}
  if ('tool' in choice) return { mode: 'tool', name: wordAt(choice['tool'], 'name') }
  if ('any' in choice) return { mode: 'required' }
  return { mode: tools === 0 ? 'none' : 'auto' }
}

function messagesOf(message: unknown, document: JsonDocument): TwinMessage[] {
  if (!isObject(message)) return []
  const blocks = listAt(message, 'content').filter(isObject)
  if (message['role'] === 'assistant') {
    const calls = blocks.flatMap(block => {
      const call = objectAt(block, 'toolUse')
      const input = objectAt(call, 'input')
      if (!call || !input) return []
      const [id, name] = [wordAt(call, 'toolUseId'), wordAt(call, 'name')]
      return [{ id, name, arguments: document.sourceOf(input) }]
    })
    return [{ role: 'assistant', text: textsOf(blocks), calls }]
  }
  const results = blocks.flatMap(block => {
    const result = objectAt(block, 'toolResult')
    return result ? [resultOf(result)] : []
  })
  const rest = blocks.filter(block => !('toolResult' in block))
  if (rest.length === 0) return results
  const count = (kind: string) => rest.filter(block => kind in block).length
  const spoken = { text: textsOf(rest), images: count('image'), documents: count('document') }
  return [...results, { role: 'user', ...spoken }]
}

function resultOf(result: JsonObject): TwinMessage {
  const parts = listAt(result, 'content').filter(isObject)
  return {
    role: 'tool',
    callId: wordAt(result, 'toolUseId'),
    text: textsOf(parts),
    images: parts.filter(part => 'image' in part).length,
    isError: result['status'] === 'error',
  }
}

function textsOf(blocks: readonly JsonObject[]): string {
  const texts = blocks.flatMap(block => {
    if (typeof block['text'] === 'string') return [block['text']]
    return 'json' in block ? [JSON.stringify(block['json'])] : []
  })
  return texts.join('\n')
}

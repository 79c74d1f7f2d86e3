import type { TwinCall, TwinMessage, TwinPrompt, TwinTool } from '../model.ts'
import { isList, isObject, type Json } from './json.ts'
import type { Block, DeclaredTool, Message, MessagesRequest } from './request.ts'
import { asksForThinking, blocksOf, objectOf, textOf } from './request.ts'
import { wordsOf } from './rules-messages.ts'

/**
 * Reduces a request to what a twin's model is told. Tools that the vendor runs itself are left out,
 * because nobody runs them here; deferred tools are left out until the conversation names them.
 */
export function toPrompt(request: MessagesRequest): TwinPrompt {
  const { system, messages, maxTokens, stopSequences, choice, model } = request
  const output = outputOf(request)
  return {
    model: model.id,
    tools: toolsOf(request),
    choice: choiceOf(request),
    parallel: choice?.isParallel ?? true,
    reasoning: asksForThinking(request),
    ...(output && { output }),
    ...(maxTokens !== undefined && { maxTokens }),
    stop: stopSequences,
    messages: [
      ...(system.length > 0 ? [{ role: 'system' as const, text: textsOf(system) }] : []),
      ...messages.flatMap(message => messagesOf(message, request)),
    ],
  }
}

function choiceOf({ choice, tools }: MessagesRequest): TwinPrompt['choice'] {
  if (choice?.type === 'tool' && choice.name !== undefined) {
    return { mode: 'tool', name: choice.name }
  }
  if (choice?.type === 'any') return { mode: 'required' }
  return { mode: choice?.type === 'none' || tools.length === 0 ? 'none' : 'auto' }
}

function outputOf({ body }: MessagesRequest): TwinPrompt['output'] | undefined {
  const config = objectOf(body, 'output_config')
  const format = (config && objectOf(config, 'format')) ?? objectOf(body, 'output_format')
  return format && { schema: format['schema'] }
}

/** Tools of the vendor's making that the client runs. */
const CLIENT_TOOLS = /^(?:bash|computer|memory|text_editor)_\d+$/

function toolsOf({ tools, messages }: MessagesRequest): TwinTool[] {
  const named = new Set(messages.flatMap(({ blocks }) => blocks.flatMap(namesIn)))
  return tools.flatMap(tool => {
    const isHidden = tool.isDeferred && !(tool.name !== undefined && named.has(tool.name))
    return isHidden ? [] : toolOf(tool)
  })
}

function toolOf({ type, name, at }: DeclaredTool): TwinTool[] {
  if (name === undefined) return []
  if (type === 'custom') {
    return [{ name, description: textOf(at, 'description') ?? '', parameters: at['input_schema'] }]
  }
  return CLIENT_TOOLS.test(type)
    ? [{ name, description: `Built-in tool ${type}`, parameters: { type: 'object' } }]
    : []
}

/** The names of tools that a search result or a system message brings into the conversation. */
function namesIn({ at }: Block): string[] {
  const found: string[] = []
  const look = (value: Json | undefined): void => {
    if (isList(value)) for (const item of value) look(item)
    if (!isObject(value)) return
    if (value['type'] === 'tool_reference') {
      const name = textOf(value, 'tool_name') ?? textOf(value, 'name')
      if (name !== undefined) found.push(name)
    }
    for (const member of Object.values(value)) look(member)
  }
  look(at)
  return found
}

function messagesOf({ role, blocks }: Message, request: MessagesRequest): TwinMessage[] {
  if (role === 'system') {
    const text = textsOf(blocks)
    return text === '' ? [] : [{ role, text }]
  }
  if (role === 'assistant') {
    return [{ role, text: textsOf(blocks), calls: blocks.flatMap(block => callOf(block, request)) }]
  }
  const results = blocks.filter(({ type }) => type === 'tool_result')
  const rest = blocks.filter(({ type }) => type !== 'tool_result')
  const spoken: TwinMessage = {
    role,
    text: textsOf(rest),
    images: amountOf(rest, 'image'),
    documents: amountOf(rest, 'document'),
  }
  return [...results.map(resultOf), ...(rest.length > 0 ? [spoken] : [])]
}

function callOf(block: Block, { document }: MessagesRequest): TwinCall[] {
  const input = objectOf(block.at, 'input')
  if (block.type !== 'tool_use' || !input) return []
  return [
    {
      id: wordsOf(block, 'id'),
      name: wordsOf(block, 'name'),
      arguments: document.sourceOf(input),
    },
  ]
}

function resultOf(block: Block): TwinMessage {
  const parts = blocksOf(block.at, 'content')
  return {
    role: 'tool',
    callId: wordsOf(block, 'tool_use_id'),
    text: textsOf(parts),
    images: amountOf(parts, 'image'),
    isError: block.at['is_error'] === true,
  }
}

/** The texts of blocks, one a line; a search result counts with its title and its parts. */
function textsOf(blocks: readonly Block[]): string {
  const texts = blocks.flatMap(block => {
    if (block.type === 'text') return [wordsOf(block)]
    if (block.type !== 'search_result') return []
    return [wordsOf(block, 'title'), textsOf(blocksOf(block.at, 'content'))]
  })
  return texts.join('\n')
}

function amountOf(blocks: readonly Block[], type: string): number {
  return blocks.filter(block => block.type === type).length
}

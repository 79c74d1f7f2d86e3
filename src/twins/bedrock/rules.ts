import { isObject, type JsonObject } from '../anthropic/json.ts'
import { isGenuine, isGenuineRedacted } from '../anthropic/signature.ts'
import type { ModelFacts } from './door.ts'
import { member, Rejection } from './error.ts'
import { checkTools } from './rules-tools.ts'
import { checkName, listAt, type Message, objectAt, wordAt } from './shape.ts'

const IMAGES = ['png', 'jpeg', 'gif', 'webp']
const DOCUMENTS = ['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']

/**
 * Checks what a well-formed request may say. Texts: protocol notes of 2026 where they are quoted in
 * issues of public projects, else general knowledge.
 *
 * @throws Rejection
 */
export function checkRules(body: JsonObject, model: ModelFacts): void {
  const messages = listAt(body, 'messages').map(message => ({
    role: wordAt(message, 'role'),
    blocks: isObject(message) ? listAt(message, 'content').filter(isObject) : [],
  }))
  checkOrder(messages, model)
  for (const [i, message] of messages.entries()) checkBlocks(message, i, model)
  checkPairs(messages)
  checkTools(body, messages, model)
  checkThinking(body, messages, model)
}

function checkOrder(messages: readonly Message[], model: ModelFacts): void {
  const [first] = messages
  if (!first) throw new Rejection('The messages field must not be empty.')
  for (const [i, { role, blocks }] of messages.entries()) {
    if (role !== 'user' && role !== 'assistant')
      throw member(
        `messages.${i + 1}.member.role`,
        role,
        'Member must satisfy enum value set: [user, assistant]',
      )
    if (blocks.length === 0)
      throw new Rejection(
        `The content field in the Message object at messages.${i} is empty. Add a ContentBlock object to the content field and try again.`,
      )
    if (model.mustAlternate && messages[i - 1]?.role === role)
      throw new Rejection(
        'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
      )
  }
  if (first.role !== 'user')
    throw new Rejection(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    )
}

function checkBlocks({ role, blocks }: Message, i: number, model: ModelFacts): void {
  for (const [j, block] of blocks.entries()) {
    const at = `messages.${i}.content.${j}`
    if (typeof block['text'] === 'string' && block['text'].trim() === '')
      throw new Rejection(
        `The text field in the ContentBlock object at ${at} is blank. Add text to the text field, and try again.`,
      )
    checkMedia(block, at)
    if ('cachePoint' in block) checkPoint(block, at, model)
    const { toolUse, toolResult } = block
    if (isObject(toolUse)) {
      checkName(`${at}.toolUse.toolUseId`, wordAt(toolUse, 'toolUseId'))
      checkName(`${at}.toolUse.name`, wordAt(toolUse, 'name'))
    }
    if (isObject(toolResult)) checkResult(toolResult, at, model)
  }
  const documents = blocks.filter(block => 'document' in block)
  if (role === 'user' && documents.length > 0 && !blocks.some(block => 'text' in block))
    throw new Rejection(
      `A text block is required when including documents in messages.${i}.content.`,
    )
}

function checkMedia(block: JsonObject, at: string): void {
  const image = objectAt(block, 'image')
  const document = objectAt(block, 'document')
  const format = wordAt(image ?? document, 'format')
  if (image && !IMAGES.includes(format))
    throw member(
      `${at}.image.format`,
      format,
      `Member must satisfy enum value set: [${IMAGES.join(', ')}]`,
    )
  if (document && !DOCUMENTS.includes(format))
    throw member(
      `${at}.document.format`,
      format,
      `Member must satisfy enum value set: [${DOCUMENTS.join(', ')}]`,
    )
  const source = objectAt(image ?? document, 'source')
  const isWhole =
    'bytes' in (source ?? {}) ? isBase64(wordAt(source, 'bytes')) : 's3Location' in (source ?? {})
  if ((image || document) && !isWhole)
    throw new Rejection(`The source at ${at} is not valid: bytes must be base64.`)
  if (document && !/^(?!.*\s{2})[A-Za-z0-9\s\-()[\]]{1,200}$/.test(wordAt(document, 'name')))
    throw new Rejection(
      'The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can’t contain more than one consecutive whitespace character.',
    )
}

function isBase64(text: string): boolean {
  return (
    text !== '' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
  )
}

function checkPoint(block: JsonObject, at: string, model: ModelFacts): void {
  const type = wordAt(block['cachePoint'], 'type')
  if (type !== 'default')
    throw member(`${at}.cachePoint.type`, type, 'Member must satisfy enum value set: [default]')
  if (!model.takesCachePoints)
    throw new Rejection(
      'You invoked an unsupported model or your request did not allow prompt caching.',
      403,
      'AccessDeniedException',
    )
}

function checkResult(result: JsonObject, at: string, model: ModelFacts): void {
  checkName(`${at}.toolResult.toolUseId`, wordAt(result, 'toolUseId'))
  const status = result['status']
  if (status === undefined) return
  if (status !== 'success' && status !== 'error')
    throw member(
      `${at}.toolResult.status`,
      JSON.stringify(status),
      'Member must satisfy enum value set: [success, error]',
    )
  if (!model.takesStatus)
    throw new Rejection("This model doesn't support the status field. Remove status and try again.")
  if (status === 'error' && listAt(result, 'content').length === 0)
    throw new Rejection(
      `The content field at ${at}.toolResult cannot be empty when status value is error.`,
    )
}

/** Every call of a turn is answered at the beginning of the next, and nothing else is. */
function checkPairs(messages: readonly Message[]): void {
  let called: readonly string[] = []
  for (const [i, { role, blocks }] of messages.entries()) {
    const first = blocks.findIndex(block => !('toolResult' in block))
    const leading = first < 0 ? blocks : blocks.slice(0, first)
    const answered = leading.map(block => wordAt(block['toolResult'], 'toolUseId'))
    const results = blocks.filter(block => 'toolResult' in block).length
    const missing = called.filter(id => !answered.includes(id))
    if (missing.length > 0)
      throw new Rejection(
        `messages.${i}: Did not find ${missing.length} tool_result block(s) at the beginning of this message. Messages following tool_use blocks must begin with a matching number of tool_result blocks.`,
      )
    if (results > called.length)
      throw new Rejection(
        `The number of toolResult blocks at messages.${i}.content exceeds the number of toolUse blocks of previous turn.`,
      )
    if (new Set(answered).size < results)
      throw new Rejection(`messages.${i}.content contains duplicate Ids in toolResult blocks.`)
    called =
      role === 'assistant'
        ? blocks
            .filter(block => 'toolUse' in block)
            .map(block => wordAt(block['toolUse'], 'toolUseId'))
        : []
    if (new Set(called).size < called.length)
      throw new Rejection(`The toolUse blocks at messages.${i}.content contain duplicate Ids.`)
  }
  if (called.length > 0)
    throw new Rejection(
      `Expected toolResult blocks at messages.${messages.length}.content for the following Ids: ${called.join(', ')}`,
    )
}

/** The model's own rules, in its own words behind the house's. */
function checkThinking(body: JsonObject, messages: readonly Message[], model: ModelFacts): void {
  const refuse = (text: string) => new Rejection(`The model returned the following errors: ${text}`)
  for (const [i, { blocks }] of messages.entries()) {
    for (const [j, block] of blocks.entries()) {
      const reasoning = objectAt(block, 'reasoningContent')
      if (!reasoning) continue
      if (!model.isClaude)
        throw new Rejection(
          "This model doesn't support the reasoningContent field. Remove reasoningContent and try again.",
        )
      const shown = objectAt(reasoning, 'reasoningText')
      const isWhole = shown
        ? isGenuine(wordAt(shown, 'text'), wordAt(shown, 'signature'), model.family)
        : isGenuineRedacted(wordAt(reasoning, 'redactedContent'), model.family)
      if (!isWhole)
        throw refuse(`messages.${i}.content.${j}: Invalid \`signature\` in \`thinking\` block`)
    }
  }
  const thinking = objectAt(objectAt(body, 'additionalModelRequestFields'), 'thinking')
  if (thinking?.['type'] !== 'enabled') return
  const budget = thinking['budget_tokens']
  const most = objectAt(body, 'inferenceConfig')?.['maxTokens']
  if (typeof budget !== 'number' || budget < 1024)
    throw refuse('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  if (typeof most === 'number' && budget >= most)
    throw refuse('`max_tokens` must be greater than `thinking.budget_tokens`.')
  const choice = objectAt(objectAt(body, 'toolConfig'), 'toolChoice') ?? {}
  if ('any' in choice || 'tool' in choice)
    throw refuse('Thinking may not be enabled when tool_choice forces tool use.')
  const last = messages.findLast(({ role }) => role === 'assistant')
  const isLoop = messages.at(-1)?.blocks.some(block => 'toolResult' in block)
  if (isLoop && last && !('reasoningContent' in (last.blocks[0] ?? {})))
    throw refuse(
      `messages.${messages.indexOf(last)}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${'text' in (last.blocks[0] ?? {}) ? 'text' : 'tool_use'}\`.`,
    )
}

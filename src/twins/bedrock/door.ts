import type { TwinRequest } from '../vendor.ts'
import { BAD_MODEL, Rejection } from './error.ts'
import { checkSignature } from './signature.ts'

/** What a request asks for. */
export interface Target {
  readonly model: ModelFacts
  readonly isStream: boolean
  /** Whether the model is spoken to in its maker's own protocol. */
  readonly isInvoked: boolean
}

/** What is known of a model; the rules and the answers read it, never the name. */
export interface ModelFacts {
  readonly id: string
  /** Whether it signs what it thinks, and takes nothing back that it has not signed. */
  readonly isClaude: boolean
  /** Whether the root of a tool's schema may hold three keywords alone. */
  readonly isNova: boolean
  /** The name that signatures are bound to. */
  readonly family: string
  /** The forms of `toolChoice` that it takes. */
  readonly choices: readonly ('auto' | 'any' | 'tool')[]
  /** Whether a result may have a status. */
  readonly takesStatus: boolean
  /** Whether tools may be held to their schemas. */
  readonly takesStrict: boolean
  /** Whether users and assistants must take turns; Titan took two users in a row, 2026. */
  readonly mustAlternate: boolean
  /** Whether cache points are known. */
  readonly takesCachePoints: boolean
}

const PATH = /^\/model\/([^/]+)\/(converse|converse-stream|invoke|invoke-with-response-stream)$/
const PROFILE = '(?:(?:us|eu|apac|jp|au|ca|us-gov|global)\\.)?'
const ID = new RegExp(
  `^${PROFILE}(amazon|anthropic|meta|mistral|cohere|ai21|deepseek|openai|qwen|google|nvidia|minimax|moonshot|moonshotai|zai|writer)\\.([a-z0-9][a-z0-9.-]*(?::\\d+[a-z0-9:]*)?)$`,
)

/** Finds what is asked for. @throws Rejection */
export function findTarget({ method, path }: TwinRequest): Target {
  const [, id = '', operation] = PATH.exec(path) ?? []
  if (operation === undefined || method !== 'POST')
    throw new Rejection(
      'Unable to determine service/operation name to be authorized',
      403,
      'AccessDeniedException',
    )
  return {
    model: factsOf(decodeURIComponent(id)),
    isStream: operation.endsWith('-stream'),
    isInvoked: operation.startsWith('invoke'),
  }
}

function factsOf(id: string): ModelFacts {
  const [, maker, name = ''] = ID.exec(id) ?? []
  if (maker === undefined) throw new Rejection(BAD_MODEL)
  const isClaude = maker === 'anthropic'
  const isNova = maker === 'amazon' && name.startsWith('nova')
  const isLarge = maker === 'mistral' && name.includes('large')
  return {
    id,
    isClaude,
    isNova,
    family: name.replace(/-\d{8}.*$|-v\d.*$/, ''),
    choices: isClaude || isNova ? ['auto', 'any', 'tool'] : isLarge ? ['auto', 'any'] : ['auto'],
    takesStatus: isClaude || isNova,
    takesStrict: isClaude
      ? !/claude-3|(?:opus|sonnet)-4-\d{8}/.test(name)
      : !['amazon', 'meta', 'cohere', 'ai21'].includes(maker),
    mustAlternate: !(maker === 'amazon' && name.startsWith('titan')),
    takesCachePoints: isClaude || isNova,
  }
}

/** Checks who asks: with a key of Bedrock's own, or with a signature. @throws Rejection */
export function checkCaller(request: TwinRequest, now: number): void {
  const authorization = request.headers['authorization']
  if (authorization === undefined)
    throw new Rejection('Missing Authentication Token', 403, 'MissingAuthenticationTokenException')
  if (authorization.startsWith('AWS4-')) {
    checkSignature(request, authorization, now)
    return
  }
  const key = /^Bearer (\S+)$/.exec(authorization)?.[1]
  if (key === undefined || /invalid/i.test(key))
    throw new Rejection(
      'Authentication failed: Please make sure your API Key is valid.',
      403,
      'AccessDeniedException',
    )
}
